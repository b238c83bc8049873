# Imported with Django, so that the tasks of all apps belong to this Celery application.
from .celery import app as celery_app

__all__ = ["celery_app"]
