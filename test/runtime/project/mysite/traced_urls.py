"""Views that a test traces."""

import logging
import time

from django.db import connection
from django.db.transaction import non_atomic_requests
from django.http import HttpResponse
from django.urls import path

log = logging.getLogger("polls")


def answer(text):
    from opentelemetry import trace

    # A span of the application's own.
    with trace.get_tracer("polls").start_as_current_span("count"):
        log.info("%s counted", text)
    return HttpResponse(text)


def query(request, number):
    log.info("%s begin", request.GET.get("text"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [f"secret-{number}"])
    return answer(request.GET.get("text", ""))


@non_atomic_requests
async def asynchronous(request):
    log.info("%s begin", request.GET.get("text"))
    return answer(request.GET.get("text", ""))


def task(request):
    """Sends a task."""
    from mysite import celery

    celery.relay.delay(request.GET["text"])
    return HttpResponse("sent")


def enqueue(request):
    """Sends a task of Django's own, and one that fails."""
    from mysite import background

    background.note.enqueue(request.GET["text"])
    background.fail.enqueue()
    return HttpResponse("sent")


def outgoing(request):
    """Asks another service."""
    import requests

    return HttpResponse(str(requests.get(request.GET["url"], timeout=30).status_code))


def fails(request):
    raise ValueError("in the view")


@non_atomic_requests
def plain(request):
    time.sleep(float(request.GET.get("seconds", 0)))
    return HttpResponse("plain")


urlpatterns = [
    path("query/<int:number>", query),
    path("async", asynchronous),
    path("task", task),
    path("enqueue", enqueue),
    path("outgoing", outgoing),
    path("fails", fails),
    path("plain", plain),
]
