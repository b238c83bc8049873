"""An ordinary development settings module; it knows nothing of Kubernetes."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).parent.parent
SECRET_KEY = "django-insecure-of-the-settings-module-0123456789-abcdefghij"
DEBUG = "TEST_DEBUG" in os.environ
ALLOWED_HOSTS = []
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "polls",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
if os.environ.get("TEST_URLCONF") == "mysite.guarded_urls":
    MIDDLEWARE.append("mysite.tenants.middleware")
ROOT_URLCONF = os.environ.get("TEST_URLCONF", "mysite.urls")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("TEST_SQLITE", ":memory:"),
        "ATOMIC_REQUESTS": True,
        "OPTIONS": {"timeout": 3},
    }
}
STATIC_URL = "static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
# The tests sign in often; a hash that is slow to make would only slow them.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if os.environ.get("TEST_MIGRATIONS"):
    MIGRATION_MODULES = {"polls": os.environ["TEST_MIGRATIONS"]}
# Every second, so that a test need not wait.
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "mysite.celery.note", "schedule": 1, "args": ("tick",)},
}
