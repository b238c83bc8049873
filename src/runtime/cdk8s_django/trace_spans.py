"""What is below a span that is not sampled, and needs no span. It needs OpenTelemetry's SDK."""

import sys

from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import (
    INVALID_SPAN,
    NonRecordingSpan,
    SpanContext,
    Tracer,
    set_span_in_context,
)

from cdk8s_django import traces

# Under which a context has its span.
(KEY,) = set_span_in_context(INVALID_SPAN, Context())
# These tell nobody of the trace: with a span that is not sampled they have nothing to do.
SILENT = ("opentelemetry.instrumentation.dbapi", "opentelemetry.instrumentation.redis")


class LeftOut(NonRecordingSpan):
    """That of a request which is not sampled. Most are asked for no ids, and make none."""

    def __init__(self, trace, ids, state=None):
        self.trace = trace
        self.ids = ids
        self.state = state

    def get_span_context(self):
        made = self.__dict__.get("made")
        if made is None:
            made = SpanContext(self.trace, self.ids.generate_span_id(), False, None, self.state)
            # Of two threads of a request both get that of the first.
            made = self.__dict__.setdefault("made", made)
        return made

    def __str__(self):
        return traces.traceparent(self)

    __repr__ = __str__


def left_out(context=None):
    """The span of this moment, if it was begun here and is not sampled.

    What is below it is not sampled either, and may tell others of it as well as of a span of its
    own: so a call of another service, or the sending of a task, can do without one.
    """
    span = (get_current() if context is None else context).get(KEY)
    kind = type(span)
    if kind is LeftOut:
        return span
    if kind is NonRecordingSpan:
        parent = span.get_span_context()
        if parent.is_valid and not parent.is_remote and not parent.trace_flags.sampled:
            return span
    return None


class Sparing(Tracer):
    """That of the SDK, which is not asked for spans that would record nothing."""

    def __init__(self, tracer):
        self.tracer = tracer

    def start_span(self, name, context=None, *arguments, **named):
        return left_out(context) or self.tracer.start_span(name, context, *arguments, **named)

    def start_as_current_span(self, name, context=None, *arguments, **named):
        # A span of a context that is given would have to become the current one.
        span = left_out() if context is None else None
        if span is None:
            return self.tracer.start_as_current_span(name, context, *arguments, **named)
        return Spared(
            span, lambda: self.tracer.start_as_current_span(name, context, *arguments, **named)
        )

    def __getattr__(self, name):
        return getattr(self.tracer, name)


class Spared:
    """A span that stays the current one. Of a function that this decorates each call decides."""

    __slots__ = ("begin", "span")

    def __init__(self, span, begin):
        self.span = span
        self.begin = begin

    def __enter__(self):
        return self.span

    def __exit__(self, *_):
        return None

    def __call__(self, function):
        return self.begin()(function)


class SparingProvider(TracerProvider):
    def get_tracer(self, *arguments, **named):
        return Sparing(super().get_tracer(*arguments, **named))


def spare_silent():
    """Queries have no look at what their span would be called, if there is none."""
    for module in filter(None, map(sys.modules.get, SILENT)):
        # Another release may ask by another name, and then costs more.
        enabled = getattr(module, "is_instrumentation_enabled", None)
        if enabled:
            module.is_instrumentation_enabled = unless_left_out(enabled)


def unless_left_out(enabled):
    return lambda: left_out() is None and enabled()
