"""Which spans begin a trace, and with which id. It needs OpenTelemetry's SDK."""

from contextvars import ContextVar

from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import SpanKind, get_current_span

# The id of the trace that the next span begins: that by which its sampling was decided.
NEXT = ContextVar("cdk8s_django_trace", default=None)


class OfRequests(Sampler):
    """A call that nothing traced has asked for begins no trace.

    So the queries of probes are none, nor those by which a worker waits for tasks. Of all others
    the sampler decides that OTEL_TRACES_SAMPLER names.
    """

    def __init__(self, sampler):
        self.sampler = sampler

    def should_sample(self, parent_context, trace_id, name, kind=None, *arguments, **named):
        parent = get_current_span(parent_context).get_span_context()
        if kind is SpanKind.CLIENT and not parent.is_valid:
            return SamplingResult(Decision.DROP)
        return self.sampler.should_sample(parent_context, trace_id, name, kind, *arguments, **named)

    def get_description(self):
        return self.sampler.get_description()

    @property
    def bound(self):
        """Which ids of traces that begin here are sampled: those whose end is less.

        None where another release of the SDK, or another sampler, has to be asked.
        """
        root = getattr(self.sampler, "_root", self.sampler)
        return root.bound if type(root) is TraceIdRatioBased else None


class Ids(IdGenerator):
    """Those of another generator, except the id that was decided by."""

    def __init__(self, ids):
        self.ids = ids

    def generate_span_id(self):
        return self.ids.generate_span_id()

    def generate_trace_id(self):
        decided = NEXT.get()
        if decided is None:
            return self.ids.generate_trace_id()
        NEXT.set(None)
        return decided

    @property
    def are_plain(self):
        """Whether an id is nothing but bits of chance."""
        return type(self.ids) is RandomIdGenerator

    def is_trace_id_random(self):
        return self.ids.is_trace_id_random()
