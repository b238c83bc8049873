"""Tasks as Django's documentation has them written."""

import logging
import os
import time
from pathlib import Path

try:
    from django.tasks import task
except ImportError:
    from django_tasks import task


def write(line):
    with open(os.environ["TEST_NOTES"], "a") as notes:
        notes.write(f"{line}\n")


@task
def note(text, seconds=0):
    """Takes so long, and when it is negative, so long only the first time."""
    notes = Path(os.environ["TEST_NOTES"])
    again = notes.exists() and f"{text}:" in notes.read_text()
    write(f"{text}:{os.getpid()}")
    time.sleep(0 if seconds < 0 and again else abs(seconds))
    write(f"{text}:done")
    logging.getLogger("polls").info("%s is done", text)
    return text


@task
def fail():
    raise ValueError("as it should")
