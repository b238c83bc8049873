"""The request that sent a task, in the lines that its worker writes of it."""

from celery import signals

from cdk8s_django import request_ids

BEFORE = "cdk8s_django_before"


def connect():
    request_ids.connect()
    signals.task_prerun.connect(begin, weak=False)
    signals.task_postrun.connect(end, weak=False)


def begin(task, **_):
    """A task without a sender is of the task in whose midst it runs, or of nobody."""
    request = request_ids.sender_of(task.request.get(request_ids.SENT_BY))
    if request:
        setattr(task.request, BEFORE, (request, request_ids.CURRENT.get()))
        request_ids.CURRENT.set(request)


def end(task, **_):
    request, before = task.request.get(BEFORE) or (None, None)
    if request:
        request.end()
        request_ids.CURRENT.set(before)
