"""What Celery's documentation has a Django project write."""

import logging
import os
import time

from celery import Celery

log = logging.getLogger("polls")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

app = Celery("mysite")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task
def note(text):
    with open(os.environ["TEST_NOTES"], "a") as notes:
        notes.write(f"{text}\n")


@app.task
def relay(text):
    """A task that sends one, and has one done in its midst."""
    note.delay(text)
    note.apply((f"{text}-now",))
    log.info("%s is relayed", text)


@app.task
def slow_note(text):
    time.sleep(5)
    note(text)
