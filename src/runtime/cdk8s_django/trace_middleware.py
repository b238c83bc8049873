"""OpenTelemetry's middleware for Django, which does not serve asynchronously by itself.

And whose work is most of what traces cost: a request that is not sampled has a span that keeps
nothing, and is spared the rest.
"""

import importlib

from django.http import HttpResponse
from opentelemetry.context import attach, detach, get_current
from opentelemetry.propagate import extract, get_global_textmap
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    get_current_span,
    set_span_in_context,
)

from cdk8s_django import request_ids, traces
from cdk8s_django.both_modes import Middleware
from cdk8s_django.trace_sampling import NEXT

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
        self.provider = traces.deciding()
        # Most requests have none of these, and are spared the search for what they say.
        self.variables = {*map(variable, get_global_textmap().fields)}
        if not self.is_async:
            # Asynchronously it would cost each request a thread.
            self.process_view = self.view_begins

    def __call__(self, request):
        if self.is_async:
            return self.call_async(request)
        token = self.leave_out(request)
        if not token:
            return self.inner(request)
        try:
            return self.get_response(request)
        finally:
            detach(token)

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
        self.inner.process_view(request, None)
        return self.inner.process_response(request, response)

    def view_begins(self, request, view, *arguments):
        if hasattr(request, traces.TRACED_REQUEST):
            self.inner.process_view(request, view)

    def process_exception(self, request, exception):
        if hasattr(request, traces.TRACED_REQUEST):
            self.inner.process_exception(request, exception)

    def leave_out(self, request):
        """Of a request that is not sampled what to detach at its end; None for others."""
        context = get_current()
        # Most are in no context.
        is_begun = context and get_current_span(context).get_span_context().is_valid
        if not self.provider or is_begun:
            return None
        if not self.variables.isdisjoint(request.META):
            context = extract(request.META, getter=HEADERS)
        parent = get_current_span(context).get_span_context()
        ids = self.provider.id_generator
        trace = parent.trace_id if parent.is_valid else ids.generate_trace_id()
        result = self.provider.sampler.should_sample(context, trace, "", SpanKind.SERVER)
        if result.decision.is_recording():
            NEXT.set(None if parent.is_valid else trace)
            return None
        state = parent.trace_state
        span = NonRecordingSpan(SpanContext(trace, ids.generate_span_id(), False, None, state))
        request_ids.traced(traces.traceparent(span))
        return attach(set_span_in_context(span, context))
