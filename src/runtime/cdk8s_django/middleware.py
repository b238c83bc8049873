"""The first middleware: health endpoints and internal paths, before anything can refuse them."""

import os
import sys
from urllib.parse import unquote

from asgiref.sync import sync_to_async
from django.http import (
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseNotFound,
    JsonResponse,
)

from cdk8s_django.both_modes import Middleware
from cdk8s_django.environment import (
    LIVE_PATH,
    READY_PATH,
    STARTED_PATH,
    items,
    mapping,
    number,
    text,
)
from cdk8s_django.health import Readiness, Started
from cdk8s_django.routed import (
    Networks,
    forget_what_no_router_said,
    forget_what_underscores_said,
    forget_who_signed_in,
    from_the_pod,
    is_forwarded,
    names_an_address,
    names_one_of,
    strip_prefix,
    take_visitors_address,
    treat_as_routed,
)

ROUTER_ADDRESSES = "CDK8S_DJANGO_ROUTER_ADDRESSES"
RESTRICTED = "CDK8S_DJANGO_RESTRICTED_PATHS"


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
        addresses = items(ROUTER_ADDRESSES)
        self.routers = Networks(ROUTER_ADDRESSES, addresses) if addresses else None
        self.restricted = [
            (self.without_prefix(unquote(path)).rstrip("/"), Networks(RESTRICTED, ranges))
            for path, ranges in mapping(RESTRICTED).items()
        ]
        self.sign_in_hosts = items("CDK8S_DJANGO_SIGN_IN_HOSTS")
        self.sign_in_paths = [
            unquote(path).rstrip("/") for path in self.own_paths("CDK8S_DJANGO_SIGN_IN_PATHS")
        ]

    def __call__(self, request):
        if self.prefix:
            strip_prefix(request, self.prefix)
        path = request.path_info
        if path in self.probes:
            return self.answer_async(request) if self.is_async else self.answer(request)
        # Before anything is forgotten: whoever came by a router never sees an internal path.
        forwarded = is_forwarded(request)
        forget_what_underscores_said(request)
        if self.routers:
            forget_what_no_router_said(request, self.routers)
        # Before the host and the visitor's address are changed.
        if (self.sign_in_hosts or self.sign_in_paths) and not self.is_signed_in(request):
            forget_who_signed_in(request)
            if is_one_of(path, self.sign_in_paths):
                return self.refusal(HttpResponseForbidden)
        if path.startswith(self.internal) and self.is_internal(path):
            if forwarded:
                return self.refusal(HttpResponseNotFound)
            treat_as_routed(request)
        elif path in self.probed and names_an_address(request) and not forwarded:
            treat_as_routed(request)
        if self.proxies:
            take_visitors_address(request, self.proxies)
        if self.restricted and self.is_closed(path, request.META.get("REMOTE_ADDR", "")):
            return self.refusal(HttpResponseForbidden)
        return self.get_response(request)

    def own_paths(self, variable):
        return [self.without_prefix(path) for path in items(variable)]

    def without_prefix(self, path):
        return path[len(self.prefix) :] if self.is_below(path) else path

    def is_below(self, path):
        below = path == self.prefix or path.startswith(f"{self.prefix}/")
        return bool(self.prefix) and below

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

    def refusal(self, kind):
        return self.refusal_async(kind) if self.is_async else kind()

    async def refusal_async(self, kind):
        return kind()

    def is_closed(self, path, visitor):
        """Whether a path is for others than a visitor."""
        return any(
            is_one_of(path, [own]) and not networks.has(visitor)
            for own, networks in self.restricted
        )

    def is_signed_in(self, request):
        """Whether a request came by a route whose router has visitors sign in."""
        from_router = not self.routers or self.routers.has(request.META.get("REMOTE_ADDR", ""))
        return from_router and names_one_of(request, self.sign_in_hosts)

    def is_internal(self, path):
        return any(path == own or path.startswith(own.rstrip("/") + "/") for own in self.internal)


def is_one_of(path, paths):
    """Whether a path is one of some, or below one."""
    return any(path == own or path.startswith(f"{own}/") for own in paths)
