"""Serves uploaded files to everybody who knows their path, where the application serves nothing.

The last middleware, as if it were the last pattern of the URLconf: what the application routes is
the application's, and a middleware that lets nobody in without a login holds for files too.
"""

import os
import re

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpResponseNotFound
from django.urls import Resolver404, resolve
from django.utils._os import safe_join

from cdk8s_django.both_modes import Middleware
from cdk8s_django.files import asks_for_file, file_response
from cdk8s_django.logs import note
from cdk8s_django.url_prefixes import local_prefix

# What a browser shows itself and cannot run as a script of this site.
SHOWN = re.compile(r"(image/(?!svg)|audio/|video/|application/pdf$|text/plain$)")


class MediaMiddleware(Middleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        self.prefix = local_prefix(settings.MEDIA_URL) if settings.MEDIA_ROOT else None
        self.told = set()

    def __call__(self, request):
        if not asks_for_file(request, self.prefix) or self.is_routed(request):
            return self.get_response(request)
        return self.respond_async(request) if self.is_async else self.respond(request)

    async def respond_async(self, request):
        return await sync_to_async(self.respond)(request)

    def is_routed(self, request):
        try:
            # By the URLconf that a middleware may have chosen for this request.
            route = resolve(request.path_info, getattr(request, "urlconf", None)).route
        except Resolver404:
            return False
        if route not in self.told:
            self.told.add(route)
            note(f"the URLconf routes '{route}' below MEDIA_URL: MEDIA_ROOT is not served there")
        return True

    def respond(self, request):
        try:
            path = safe_join(settings.MEDIA_ROOT, request.path_info[len(self.prefix) :])
            # A link could lead out of the folder.
            root = os.path.realpath(settings.MEDIA_ROOT)
            inside = os.path.realpath(path).startswith(root + os.sep)
        except (SuspiciousFileOperation, ValueError):
            return HttpResponseNotFound()
        if not inside or not os.path.isfile(path):
            return HttpResponseNotFound()
        response = file_response(request, path, self.is_async)
        # Users upload media: what could run as a script of this site is only downloaded.
        if not SHOWN.match(response["Content-Type"]):
            response["Content-Disposition"] = "attachment"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
