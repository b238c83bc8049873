"""Tasks as Django's documentation has them written."""

import os
import time

try:
    from django.tasks import task
except ImportError:
    from django_tasks import task


def write(line):
    with open(os.environ["TEST_NOTES"], "a") as notes:
        notes.write(f"{line}\n")


@task
def note(text, seconds=0):
    write(f"{text}:{os.getpid()}")
    time.sleep(seconds)
    write(f"{text}:done")
    return text


@task
def fail():
    raise ValueError("as it should")
