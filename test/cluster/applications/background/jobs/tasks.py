"""One task for each package: all do the same."""

import socket
import time
from pathlib import Path

import django_rq
import dramatiq
from django_tasks import task
from huey.contrib.djhuey import db_task
from procrastinate.contrib.django import app


def work(name, seconds):
    from jobs.models import Step

    Step.objects.create(task=name, name="begun", host=socket.gethostname())
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.1)
        Path("/tmp/alive").touch()
    Step.objects.create(task=name, name="done", host=socket.gethostname())
    return name


@task
def in_database(name, seconds):
    return work(name, seconds)


@django_rq.job("default", timeout=120)
def in_rq(name, seconds):
    return work(name, seconds)


@dramatiq.actor
def in_dramatiq(name, seconds):
    work(name, seconds)


@db_task()
def in_huey(name, seconds):
    return work(name, seconds)


@app.task
def in_procrastinate(name, seconds):
    return work(name, seconds)


def send(kind, name, seconds):
    if kind == "django-q2":
        from django_q.tasks import async_task

        async_task("jobs.tasks.work", name, seconds)
    elif kind == "rq":
        in_rq.delay(name, seconds)
    elif kind == "dramatiq":
        in_dramatiq.send(name, seconds)
    elif kind == "huey":
        in_huey(name, seconds)
    elif kind == "procrastinate":
        in_procrastinate.defer(name=name, seconds=seconds)
    else:
        in_database.enqueue(name, seconds)
