"""OpenTelemetry's middleware for Django, which does not serve asynchronously by itself.

And whose work is most of what traces cost: a request that is not sampled has a span that keeps
nothing, and is spared the rest.
"""

import importlib
from random import getrandbits

from django.http import HttpResponse
from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.propagate import extract, get_global_textmap
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import SpanKind, get_current_span, set_span_in_context

from cdk8s_django import request_ids, traces
from cdk8s_django.both_modes import Middleware
from cdk8s_django.trace_sampling import NEXT
from cdk8s_django.trace_spans import KEY, LeftOut

# The class that the instrumentation has put among the settings.
PATH = []


def variable(header):
    return "HTTP_" + header.upper().replace("-", "_")


class Headers(Getter):
    def get(self, carrier, key):
        value = carrier.get(variable(key))
        return None if value is None else [value]

    def keys(self, carrier):
        return [name[5:].lower().replace("_", "-") for name in carrier if name[:5] == "HTTP_"]


HEADERS = Headers()


class TracedMiddleware(Middleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        module, _, name = PATH[0].rpartition(".")
        self.inner = getattr(importlib.import_module(module), name)(get_response)
        # It would look for the view once more: `request_ends` gives the span its name.
        self.inner._get_span_name = traces.method_of
        self.provider = traces.deciding()
        self.ids = getattr(self.provider, "id_generator", None)
        self.bound = self.provider.sampler.bound if self.ids and self.ids.are_plain else None
        # Most requests have none of these, and are spared the search for what they say.
        self.variables = {*map(variable, get_global_textmap().fields)}

    def __call__(self, request):
        if self.is_async:
            return self.call_async(request)
        token = self.leave_out(request)
        if token:
            try:
                return self.get_response(request)
            finally:
                detach(token)
        self.inner.process_request(request)
        return self.ended(request, self.get_response(request))

    async def call_async(self, request):
        """On the event loop: Django would give a thread to each request for such a middleware."""
        token = self.leave_out(request)
        if token:
            try:
                return await self.get_response(request)
            finally:
                detach(token)
        self.inner.process_request(request)
        try:
            response = await self.get_response(request)
        except BaseException:
            # The client has gone.
            self.inner.process_response(request, HttpResponse(status=499))
            raise
        return self.ended(request, response)

    def ended(self, request, response):
        # Before the view it would cost each request a call, or a thread.
        self.inner.process_view(request, None)
        return self.inner.process_response(request, response)

    def process_exception(self, request, exception):
        if hasattr(request, traces.TRACED_REQUEST):
            self.inner.process_exception(request, exception)

    def leave_out(self, request):
        """Of a request that is not sampled what to detach at its end; None for others."""
        if self.provider is None:
            return None
        context = get_current()
        is_asked = not self.variables.isdisjoint(request.META)
        # Most are in no context, and have no parent: then their id says all.
        if self.bound is None or context or is_asked:
            return self.leave_out_of(context, request.META if is_asked else None)
        trace = getrandbits(128) or 1
        if trace & TraceIdRatioBased.TRACE_ID_LIMIT < self.bound:
            NEXT.set(trace)
            return None
        span = LeftOut(trace, self.ids)
        request_ids.traced(span)
        return attach(Context({KEY: span}))

    def leave_out_of(self, context, headers):
        if context and get_current_span(context).get_span_context().is_valid:
            return None
        if headers:
            context = extract(headers, getter=HEADERS)
        parent = get_current_span(context).get_span_context()
        trace = parent.trace_id if parent.is_valid else self.ids.generate_trace_id()
        result = self.provider.sampler.should_sample(context, trace, "", SpanKind.SERVER)
        if result.decision.is_recording():
            NEXT.set(None if parent.is_valid else trace)
            return None
        span = LeftOut(trace, self.ids, parent.trace_state)
        request_ids.traced(span)
        return attach(set_span_in_context(span, context))
