"""The first middleware: health endpoints and internal paths, before anything can refuse them."""

import os
import sys

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseNotFound, JsonResponse

from cdk8s_django.both_modes import Middleware
from cdk8s_django.environment import LIVE_PATH, READY_PATH, STARTED_PATH, items, number, text
from cdk8s_django.health import Readiness, Started
from cdk8s_django.routed import (
    from_the_pod,
    is_forwarded,
    names_an_address,
    strip_prefix,
    take_visitors_address,
    treat_as_routed,
)


class FirstMiddleware(Middleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        instruments = sys.modules.get("cdk8s_django.instruments")
        if instruments:
            self.get_response = instruments.counted(get_response, self.is_async)
        # Live never asks the database: a restart would not bring it back.
        self.probes = {LIVE_PATH: dict, READY_PATH: Readiness(), STARTED_PATH: Started()}
        self.prefix = text("CDK8S_DJANGO_PATH_PREFIX")
        self.internal = tuple(self.own_paths("CDK8S_DJANGO_INTERNAL_PATHS"))
        # Pages that a probe asks for: everybody may, and a probe may by the pod's address.
        self.probed = self.own_paths("CDK8S_DJANGO_PROBED_PATHS")
        self.proxies = number("CDK8S_DJANGO_TRUSTED_PROXIES", 0)

    def __call__(self, request):
        if self.prefix:
            strip_prefix(request, self.prefix)
        path = request.path_info
        if path in self.probes:
            return self.answer_async(request) if self.is_async else self.answer(request)
        if path.startswith(self.internal) and self.is_internal(path):
            if is_forwarded(request):
                return self.not_found() if self.is_async else HttpResponseNotFound()
            treat_as_routed(request)
        elif path in self.probed and names_an_address(request) and not is_forwarded(request):
            treat_as_routed(request)
        if self.proxies:
            take_visitors_address(request, self.proxies)
        return self.get_response(request)

    def own_paths(self, variable):
        return [
            path[len(self.prefix) :] if self.is_below(path) else path for path in items(variable)
        ]

    def is_below(self, path):
        return bool(self.prefix) and path.startswith(f"{self.prefix}/")

    def answer(self, request):
        failures = self.probes[request.path_info]()
        status = 503 if failures else 200
        if from_the_pod(request):
            detail = {"ok": not failures, "failures": failures, "pid": os.getpid()}
            response = JsonResponse(detail, status=status)
        else:
            response = HttpResponse(
                "unavailable" if failures else "ok", status=status, content_type="text/plain"
            )
        response["Cache-Control"] = "no-store"
        # Django would log, and mail to ADMINS, every 503; health.py logs each change once.
        response._has_been_logged = True
        return response

    async def answer_async(self, request):
        return await sync_to_async(self.answer, thread_sensitive=False)(request)

    async def not_found(self):
        return HttpResponseNotFound()

    def is_internal(self, path):
        return any(path == own or path.startswith(own.rstrip("/") + "/") for own in self.internal)
