"""What an application counts by prometheus_client, in several processes."""

import os

import prometheus_client
from django.http import HttpResponse
from prometheus_client import multiprocess

COUNTED = prometheus_client.Counter("polls_counted", "Visits")


def count(request):
    COUNTED.inc()
    return HttpResponse("counted")


def show(request):
    registry = prometheus_client.REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = prometheus_client.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return HttpResponse(prometheus_client.generate_latest(registry))
