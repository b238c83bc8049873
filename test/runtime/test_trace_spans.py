"""What a request that is not sampled is spared, and what is told of it all the same."""

import pytest

collector_module = pytest.importorskip("collector")
if not collector_module.FOLDER:
    pytest.skip("two Pythons have the packages", allow_module_level=True)

TRACE = 0x4BF92F3577B34DA6A3CE929D0E0E4736


@pytest.fixture
def spans(monkeypatch):
    monkeypatch.syspath_prepend(collector_module.FOLDER)
    from cdk8s_django import trace_spans

    return trace_spans


class Sampler:
    """Leaves each trace out, and notes what it is asked about."""

    def __init__(self):
        self.asked = []

    def should_sample(self, parent_context, trace_id, name, *arguments, **named):
        from opentelemetry.sdk.trace.sampling import Decision, SamplingResult

        self.asked.append(name)
        return SamplingResult(Decision.DROP)

    def get_description(self):
        return "none"


def at(is_remote=False, sampled=False):
    """In a span of the trace that this process, or another one, has begun."""
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, use_span

    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    return use_span(NonRecordingSpan(SpanContext(TRACE, 7, is_remote, flags)))


def tracer_of(spans, sampler):
    return spans.SparingProvider(sampler=sampler, shutdown_on_exit=False).get_tracer("test")


def told():
    from opentelemetry.propagate import inject

    headers = {}
    inject(headers)
    return headers.get("traceparent")


def test_below_a_span_that_is_left_out_none_is_made_and_others_are_told_of_the_trace(spans):
    sampler = Sampler()
    tracer = tracer_of(spans, sampler)
    with at() as span:
        assert tracer.start_span("query") is span
        with tracer.start_as_current_span("call") as current:
            assert current is span
            assert told() == f"00-{TRACE:032x}-0000000000000007-00"
    assert sampler.asked == []


@pytest.mark.parametrize("parent", [{"is_remote": True}, {"sampled": True}])
def test_of_a_trace_that_others_have_begun_or_that_is_sampled_the_sampler_decides(spans, parent):
    sampler = Sampler()
    with at(**parent):
        tracer_of(spans, sampler).start_span("task")
    tracer_of(spans, sampler).start_span("first")
    assert sampler.asked == ["task", "first"]


def test_a_function_that_is_decorated_in_such_a_request_is_decided_at_each_call(spans):
    sampler = Sampler()
    with at():
        decorated = tracer_of(spans, sampler).start_as_current_span("work")(lambda: "done")
    assert decorated() == "done"
    assert sampler.asked == ["work"]


def test_a_context_that_is_given_becomes_the_current_one(spans):
    from opentelemetry.context import Context

    sampler = Sampler()
    other = tracer_of(spans, sampler).start_as_current_span("other", Context())
    with at() as span, other as current:
        assert current.get_span_context().trace_id != span.get_span_context().trace_id
    assert sampler.asked == ["other"]


def test_queries_of_such_a_request_are_not_looked_at(spans, monkeypatch):
    from opentelemetry.instrumentation import dbapi
    from opentelemetry.instrumentation.utils import suppress_instrumentation

    monkeypatch.setattr(dbapi, "is_instrumentation_enabled", dbapi.is_instrumentation_enabled)
    spans.spare_silent()
    with at():
        assert not dbapi.is_instrumentation_enabled()
    assert dbapi.is_instrumentation_enabled()
    with suppress_instrumentation():
        assert not dbapi.is_instrumentation_enabled()


def test_ids_of_a_request_that_is_left_out_are_made_once_and_only_if_they_are_asked_for(spans):
    from opentelemetry.context import attach, detach, get_current
    from opentelemetry.trace import set_span_in_context

    class Ids:
        made = 0

        def generate_span_id(self):
            self.made += 1
            return 7

    ids, sampler = Ids(), Sampler()
    tracer = tracer_of(spans, sampler)
    span = spans.LeftOut(TRACE, ids)
    token = attach(set_span_in_context(span, get_current()))
    try:
        assert tracer.start_span("query") is span
        assert spans.left_out() is span
        assert ids.made == 0
        assert told() == str(span) == f"00-{TRACE:032x}-0000000000000007-00"
        assert ids.made == 1
    finally:
        detach(token)
    assert sampler.asked == []
    assert not span.is_recording()


@pytest.mark.parametrize("ratio", [0, 0.000001, 0.1, 0.5, 1])
@pytest.mark.parametrize("is_by_parent", [True, False])
def test_what_is_decided_without_the_sampler_is_what_the_sampler_says(spans, ratio, is_by_parent):
    import random

    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    from cdk8s_django.trace_sampling import OfRequests

    sampler = TraceIdRatioBased(ratio)
    of_requests = OfRequests(ParentBased(sampler) if is_by_parent else sampler)
    for _ in range(2000):
        trace = random.getrandbits(128)
        said = of_requests.should_sample(None, trace, "").decision.is_sampled()
        assert (trace & TraceIdRatioBased.TRACE_ID_LIMIT < of_requests.bound) is said
    assert OfRequests(Sampler()).bound is None
