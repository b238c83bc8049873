"""Settings of development, with what the documentation of each package asks for."""

import os

REDIS = os.environ.get("CACHE_URL", "redis://localhost:6379/0")
SECRET_KEY = "insecure"
DEBUG = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_tasks",
    "django_tasks_db",
    "django_rq",
    "django_q",
    "django_dramatiq",
    "huey.contrib.djhuey",
    "procrastinate.contrib.django",
    "jobs",
]
MIDDLEWARE = []
ROOT_URLCONF = "mysite.urls"
WSGI_APPLICATION = "mysite.wsgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
RQ_QUEUES = {"default": {"URL": REDIS}}
Q_CLUSTER = {"name": "jobs", "orm": "default", "workers": 1, "timeout": 120, "retry": 200, "poll": 1}
DRAMATIQ_BROKER = {
    "BROKER": "dramatiq.brokers.redis.RedisBroker",
    "OPTIONS": {"url": REDIS},
    "MIDDLEWARE": [
        "dramatiq.middleware.TimeLimit",
        "dramatiq.middleware.ShutdownNotifications",
        "django_dramatiq.middleware.DbConnectionsMiddleware",
    ],
}
HUEY = {"huey_class": "huey.RedisHuey", "name": "jobs", "immediate": False, "url": REDIS}
