"""What Celery's documentation has a Django project write."""

import os
import time

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

app = Celery("mysite")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task
def note(text):
    with open(os.environ["TEST_NOTES"], "a") as notes:
        notes.write(f"{text}\n")


@app.task
def slow_note(text):
    time.sleep(5)
    note(text)
