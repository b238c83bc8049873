"""The first middleware: health endpoints and internal paths, before anything can refuse them."""

import os

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotFound, JsonResponse

from cdk8s_django.environment import LIVE_PATH, READY_PATH, STARTED_PATH, items
from cdk8s_django.health import Readiness, Started
from cdk8s_django.logs import TRACE, log_format


class FirstMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
        # Live never asks the database: a restart would not bring it back.
        self.probes = {LIVE_PATH: dict, READY_PATH: Readiness(), STARTED_PATH: Started()}
        self.internal = tuple(items("CDK8S_DJANGO_INTERNAL_PATHS"))
        self.traced = bool(log_format())

    def __call__(self, request):
        path = request.path_info
        if path in self.probes:
            return self.answer_async(request) if self.is_async else self.answer(request)
        if path.startswith(self.internal) and self.is_internal(path):
            if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
                return self.not_found() if self.is_async else HttpResponseNotFound()
            treat_as_routed(request)
        if self.traced:
            TRACE.set(request.META.get("HTTP_TRACEPARENT"))
        return self.get_response(request)

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


def from_the_pod(request):
    """Whether the request comes from inside the pod itself, and through no proxy."""
    return (
        request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1", "::ffff:127.0.0.1")
        and "HTTP_X_FORWARDED_FOR" not in request.META
        and "HTTP_FORWARDED" not in request.META
    )


def treat_as_routed(request):
    """Gives a request by pod IP the host and the scheme that the route would give it."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "*"
    if host != "*":
        request.META["HTTP_HOST"] = host
    if settings.SECURE_PROXY_SSL_HEADER:
        header, secure = settings.SECURE_PROXY_SSL_HEADER
        request.META[header] = secure
