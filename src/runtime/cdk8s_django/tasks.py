"""Django's own Tasks: the backend of the package django-tasks-db, where workers are asked for."""

import importlib.util

import django
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django.environment import flag

PACKAGE = "django_tasks_db"
BACKEND = "django_tasks_db.DatabaseBackend"
IMMEDIATE = "immediate.ImmediateBackend"


class WorkerLost(Exception):
    """The worker that ran a task was killed, more often than the task may be begun."""


class TimeLimitExceeded(Exception):
    """A task took longer than it may."""


def lay(values):
    """TASKS and INSTALLED_APPS, unless the application has decided on another backend."""
    if not flag("CDK8S_DJANGO_TASKS"):
        return
    tasks = values.get("TASKS") or {}
    own = tasks.get("default", {})
    if own.get("BACKEND", IMMEDIATE).endswith(IMMEDIATE):
        own = {**own, "BACKEND": BACKEND}
        values["TASKS"] = {**tasks, "default": own}
    if not own["BACKEND"].startswith(f"{PACKAGE}."):
        return
    if importlib.util.find_spec(PACKAGE) is None:
        raise ImproperlyConfigured(
            "workers of Django's Tasks need the package 'django-tasks-db', missing from the image"
        )
    needed = [PACKAGE] if django.VERSION >= (6, 0) else ["django_tasks", PACKAGE]
    apps = list(values.get("INSTALLED_APPS", []))
    # An application may name the class of its configuration.
    missing = [app for app in needed if not any(f"{own}.".startswith(f"{app}.") for own in apps)]
    if missing:
        values["INSTALLED_APPS"] = [*apps, *missing]
