"""Traces of tasks, in each process of a worker that runs some, and in a beat."""

from celery import signals

from cdk8s_django import celery_pool, traces


def connect():
    """After the application is there: what it connects itself comes first, and is left alone."""
    signals.celeryd_init.connect(begins, weak=False)
    signals.beat_init.connect(beat_begins, weak=False)
    signals.worker_init.connect(worker_is_made, weak=False)
    signals.worker_process_init.connect(process_begins, weak=False)
    # A process of a pool ends without what Python does at an end.
    signals.worker_process_shutdown.connect(ends, weak=False)
    signals.worker_shutdown.connect(ends, weak=False)


def begins(**_):
    traces.say_missing()
    # Before processes are forked.
    traces.load()


def beat_begins(**_):
    traces.say_missing()
    traces.start()


def worker_is_made(sender, **_):
    # The main process of others runs no task, and no thread is there when it forks.
    if celery_pool.name_of(sender.pool_cls) != "prefork":
        traces.start()


def process_begins(**_):
    traces.start()


def ends(**_):
    traces.flush()
