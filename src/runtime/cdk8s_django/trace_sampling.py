"""Which spans begin a trace. It needs OpenTelemetry's SDK."""

from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import SpanKind, get_current_span


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
