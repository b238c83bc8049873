"""OpenTelemetry's middleware for Django, which does not serve asynchronously by itself."""

import importlib

from django.http import HttpResponse

from cdk8s_django.both_modes import Middleware

# The class that the instrumentation has put among the settings.
PATH = []


class TracedMiddleware(Middleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        module, _, name = PATH[0].rpartition(".")
        self.inner = getattr(importlib.import_module(module), name)(get_response)
        self.process_exception = self.inner.process_exception
        if not self.is_async:
            self.process_view = self.inner.process_view

    def __call__(self, request):
        return self.call_async(request) if self.is_async else self.inner(request)

    async def call_async(self, request):
        """On the event loop: Django would give a thread to each request for such a middleware."""
        self.inner.process_request(request)
        try:
            response = await self.get_response(request)
        except BaseException:
            # The client has gone.
            self.inner.process_response(request, HttpResponse(status=499))
            raise
        self.inner.process_view(request, None)
        return self.inner.process_response(request, response)
