"""A worker's pool: as many processes as have memory, and a main loop with signs of life."""

import threading
import time

from celery import signals

from cdk8s_django import heartbeat, memory
from cdk8s_django.environment import flag
from cdk8s_django.logs import note


def name_of(pool):
    """`prefork`, `solo`, `thread`, `gevent`, `eventlet`, by the class or an object of it."""
    return getattr(pool, "__module__", "").rpartition(".")[2]


def fit(sender, **_):
    """Before the pool is made: the application is loaded, and each process will be as large."""
    limit = memory.limit()
    if not limit or name_of(sender.pool_cls) != "prefork":
        return
    asked = sender.concurrency
    each = memory.used()
    fitting = max(1, limit // each - 1)
    if fitting < asked and flag("CDK8S_DJANGO_CELERY_FIT_MEMORY"):
        sender.concurrency = fitting
    processes = sender.concurrency + 1
    text = (
        f"{sender.concurrency} processes and the main one use {processes * each // memory.MEBIBYTE}"
        f" of {limit // memory.MEBIBYTE}Mi"
    )
    if sender.concurrency < asked:
        note(f"{text}: {asked} would not fit")
    elif fitting < asked:
        note(f"{text}: {fitting} would fit. Raise memoryLimit or lower concurrency of the worker")
    else:
        note(text, level="INFO")


class Kills(memory.Kills):
    """Celery itself says SIGKILL."""

    def tell(self, count):
        note(f"{count} processes were killed: the memory of the container was full", "ERROR")


class SoloLife:
    """The pool `solo` runs a task in the main loop, which stands still meanwhile.

    A thread gives the signs of life then, for as long as a task may take.
    """

    until = None

    def __init__(self, limit):
        self.limit = limit
        signals.task_prerun.connect(self.began, weak=False)
        signals.task_postrun.connect(self.ended, weak=False)
        threading.Thread(target=self.beat, daemon=True).start()

    def began(self, **_):
        self.until = time.monotonic() + self.limit

    def ended(self, **_):
        self.until = None

    def beat(self):
        while True:
            if self.until is not None and time.monotonic() < self.until:
                heartbeat.beat("alive", "ready")
            time.sleep(heartbeat.INTERVAL)
