from django.conf import settings
from django.test import override_settings

# Hashed names exist only after collectstatic, which a test run should not need: the tests of
# pages use plain names, and test_static.py tests the storage of production.
plain_static_files = override_settings(
    STORAGES={
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
    WHITENOISE_AUTOREFRESH=True,
)
