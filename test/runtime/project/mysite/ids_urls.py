"""Views that log in each way that a request can."""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from asgiref.sync import async_to_sync, sync_to_async
from django.db.transaction import non_atomic_requests
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

log = logging.getLogger("polls")
LONG = set()


def said(request):
    return HttpResponse(request.META["HTTP_X_REQUEST_ID"])


def sync(request):
    """By itself, on an event loop, and in a thread that has its context."""
    text = request.GET["text"]
    log.info("%s begin", text)
    time.sleep(float(request.GET.get("seconds", 0)))
    async_to_sync(say)(f"{text} loop")
    context = copy_context()
    thread = threading.Thread(target=context.run, args=(log.info, f"{text} thread"))
    thread.start()
    thread.join()
    log.info("%s end", text)
    return said(request)


async def say(text):
    log.info(text)


@non_atomic_requests
async def asynchronous(request):
    """By itself, in a thread, and in tasks, one of which outlives the request."""
    text = request.GET["text"]
    log.info("%s begin", text)
    if "busy" in request.GET:
        # A signal that comes meanwhile is handled in the context of the request.
        until = time.monotonic() + 1
        while time.monotonic() < until:
            pass
    await asyncio.sleep(float(request.GET.get("seconds", 0)))
    await sync_to_async(log.info)("%s thread", text)
    await asyncio.gather(say(f"{text} one"), say(f"{text} two"))
    if "later" in request.GET:
        LONG.add(asyncio.create_task(later(text)))
    log.info("%s end", text)
    return said(request)


async def later(text):
    await asyncio.sleep(0.5)
    log.info("%s outlived", text)


def streamed(request):
    def parts():
        for part in ("one", "two"):
            log.info("%s part %s", request.GET["text"], part)
            yield part

    return StreamingHttpResponse(parts())


def own(request):
    """As the middleware of another package: a header and a field of its own."""
    log.info("%s own", request.GET["text"], extra={"request_id": "field-of-its-own"})
    return HttpResponse("own", headers={"X-Request-ID": request.GET["own"]})


def fails(request):
    raise ValueError(request.GET["text"])


def pooled(request):
    """Threads that are made in one request and serve others have no id of their own."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(log.info, "%s pool", request.GET["text"]).result()
    return said(request)


urlpatterns = [
    path("sync", sync),
    path("async", asynchronous),
    path("streamed", streamed),
    path("own", own),
    path("fails", fails),
    path("pooled", pooled),
]
