"""A request that takes its time."""

import asyncio
from pathlib import Path

from django.http import HttpResponse


async def slow(request):
    Path("/tmp/in-progress").touch()
    await asyncio.sleep(int(request.GET["seconds"]))
    return HttpResponse("done")
