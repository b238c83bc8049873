"""Three databases: a router writes polls to its own one, and nothing to the third."""

import os

from mysite.settings import *  # noqa: F403

DATABASES["polls"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["TEST_POLLS"]}  # noqa: F405
DATABASES["legacy"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["TEST_LEGACY"]}  # noqa: F405
DATABASE_ROUTERS = ["mysite.routed_settings.Router"]


class Router:
    def db_for_write(self, model, **hints):
        return "polls" if model._meta.app_label == "polls" else None

    db_for_read = db_for_write

    def allow_migrate(self, db, app_label, **hints):
        return (app_label == "polls") == (db == "polls")
