import asyncio
import os
import signal
import time

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse


def ok(request):
    return HttpResponse("ok")


def breaks(request):
    raise ValueError("broken")


def answers(request, status):
    return HttpResponse(status=status)


def sleep(request):
    time.sleep(float(request.GET["seconds"]))
    return JsonResponse({"pid": os.getpid()})


@transaction.non_atomic_requests
async def asleep(request):
    await asyncio.sleep(float(request.GET["seconds"]))
    return HttpResponse("slept")


def streams(request):
    def parts():
        time.sleep(1)
        yield b"streamed"

    return StreamingHttpResponse(parts())


def cached(request):
    """Three keys are not there, and three are."""
    cache.clear()
    found = [cache.get("a"), cache.get_many(iter(["a", "b"]))]
    cache.set("a", 0)
    found += [cache.get("a", 7), cache.get("a", default=7, version=None)]
    found += [cache.get_many(["a"])]
    return JsonResponse({"found": found})


def twice(request):
    try:
        with transaction.atomic():
            Group.objects.create(name="one")
            Group.objects.create(name="one")
    except IntegrityError:
        return HttpResponse("refused", status=409)


def nonsense(request):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT nonsense")
    except ProgrammingError:
        return HttpResponse("refused", status=409)


def ends(request):
    os.kill(os.getpid(), signal.SIGKILL)
