"""Static files with hashed names, as production settings have them."""

import os

from mysite.settings import *  # noqa: F403

STATIC_URL = os.environ.get("TEST_STATIC_URL", "static/")
MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": MANIFEST},
}
if os.environ.get("TEST_WHITENOISE"):
    MIDDLEWARE = [*MIDDLEWARE[:1], "django.middleware.gzip.GZipMiddleware", *MIDDLEWARE[1:]]  # noqa: F405
    MIDDLEWARE.insert(2, "whitenoise.middleware.WhiteNoiseMiddleware")
