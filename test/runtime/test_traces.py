"""What is traced, by which processes, and what a collector that is away costs: nothing."""

import asyncio
import contextlib
import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import iscoroutinefunction

from cdk8s_django import traces

collector_module = pytest.importorskip("collector")
pytest.importorskip("psycopg", reason="one Python is enough")
if not collector_module.FOLDER:
    pytest.skip("two Pythons have the packages", allow_module_level=True)
from test_celery import Celery  # noqa: E402
from test_metrics import children  # noqa: E402

from conftest import PROJECT, RUNTIME, SERVERS, free_port  # noqa: E402

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def celery(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Celery(tmp_path, stack)


def lines_of(server):
    return [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("kind", list(SERVERS))
def test_a_request_its_queries_and_its_lines_are_one_trace(traced, collector, kind):
    # So long that what arrives was sent at the end of the process.
    server = traced(kind, OTEL_BSP_SCHEDULE_DELAY="60000")
    assert server.get("/query/7?text=first").status == 200
    assert server.get("/async?text=second", traceparent=TRACEPARENT).status == 200
    assert server.get("/fails").status == 500
    assert server.probe("/readyz").status == 200
    server.stop()
    (span,) = collector.named("GET query/<int:number>")
    assert span.kind == "server" and not span.parent
    assert span.resource["service.name"] == "polls"
    assert span.resource["service.version"] == "2026.11"
    assert span.resource["k8s.pod.name"] == "polls-7d-x2"
    assert span.attributes["http.route"] == "query/<int:number>"
    of_trace = [one for one in collector.spans if one.trace == span.trace]
    (counted,) = [one for one in of_trace if one.name == "count"]
    assert counted.parent == span.id
    queries = [one for one in of_trace if one.kind == "client"]
    assert any("SELECT %s" in str(one.attributes) for one in queries), of_trace
    assert "secret-7" not in str([one.attributes for one in queries])
    (second,) = collector.named("GET async")
    assert (second.trace, second.parent) == (TRACE, "00f067aa0ba902b7")
    (failed,) = collector.named("GET fails")
    assert failed.is_error
    # Probes are not traced, nor what they ask the database for.
    assert len([one for one in collector.spans if not one.parent]) == 2, collector.spans
    assert {one.trace for one in collector.spans} == {span.trace, TRACE, failed.trace}
    said = lines_of(server)
    line = {entry["message"]: entry for entry in said}
    assert line["first begin"]["trace_id"] == span.trace
    assert line["first begin"]["span_id"] == span.id
    assert line["first counted"]["span_id"] == counted.id
    assert line["second begin"]["span_id"] == second.id
    assert line["first begin"]["request_id"] != span.trace
    for path, of in (("/query/7?text=first", span), ("/async?text=second", second)):
        access = line[f"GET {path} 200"]
        assert (access["trace_id"], access["span_id"]) == (of.trace, of.id), access
    assert line["Internal Server Error: /fails"]["trace_id"] == failed.trace
    assert not [entry for entry in said if "otelTraceID" in entry]


@pytest.mark.parametrize("kind", ["wsgi", "asgi", "granian"])
def test_each_process_traces_also_one_in_the_place_of_a_killed_one(traced, collector, kind):
    server = traced(kind, "--processes", "2")

    def ask(text):
        with ThreadPoolExecutor(8) as pool:
            for status in pool.map(lambda _: server.get(f"/plain?{text}").status, range(40)):
                assert status == 200

    wait_for(lambda: "2 processes" in server.log or "processes use" in server.log, 5)
    ask("first")
    collector.wait_for(lambda _: len(collector.named("GET plain")) == 40)
    if kind == "granian":
        # It does not start another one.
        return
    killed = children(server.process.pid)[-1]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: killed not in children(server.process.pid) and in_turn(server))
    collector.spans.clear()
    ask("second")
    collector.wait_for(lambda _: len(collector.named("GET plain")) == 40)
    assert not [span for span in collector.spans if not span.parent and span.kind == "client"]


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def in_turn(server):
    return len(children(server.process.pid)) >= 2


def test_a_part_of_all_traces_is_sampled_and_lines_have_ids_all_the_same(traced, collector):
    ratio = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}
    server = traced("wsgi", **ratio, OTEL_EXPORTER_OTLP_HEADERS="api-key=the%20key")
    for _ in range(5):
        assert server.get("/query/1?text=left").status == 200
    outgoing = f"/outgoing?url={collector.url}/"
    assert server.get(outgoing).status == 200
    assert server.get(outgoing, traceparent=TRACEPARENT).status == 200
    server.stop()
    assert [span.name for span in collector.spans if span.kind == "server"] == ["GET outgoing"]
    assert {span.trace for span in collector.spans} == {TRACE}
    # The other service is told of both, and that the first is not sampled.
    (call,) = [span for span in collector.spans if span.name == "GET"]
    first, second = collector.asked
    assert second == f"00-{TRACE}-{call.id}-01"
    assert first.endswith("-00")
    assert first.split("-")[1] in {entry.get("trace_id") for entry in lines_of(server)}
    assert collector.headers[0]["api-key"] == "the key"
    begun = [entry for entry in lines_of(server) if entry["message"] == "left begin"]
    assert len({entry["trace_id"] for entry in begun}) == 5
    (access, *_) = [entry for entry in lines_of(server) if "GET /query" in entry["message"]]
    assert access["trace_id"] in {entry["trace_id"] for entry in begun}


def test_an_application_that_traces_itself_is_left_alone(traced, collector):
    serve = ["-m", "cdk8s_django.serve", "gunicorn", "mysite.traces_itself:application"]
    server = traced(serve)
    assert server.get("/plain").status == 200
    assert server.get("/query/1?text=own").status == 200
    server.stop()
    assert collector.spans == []
    assert "the application traces itself" in server.log
    own = dict(re.findall(r"own span: (GET \S+) (\w{32})", server.log))
    assert server.log.count("own span: GET plain") == 1
    (line,) = [entry for entry in lines_of(server) if entry["message"] == "own begin"]
    assert line["trace_id"] == own["GET query/<int:number>"]


def test_without_the_packages_a_line_names_them_and_the_application_works(traced):
    alone = os.pathsep.join(map(str, (RUNTIME, PROJECT)))
    server = traced("wsgi", "--processes", "2", PYTHONPATH=alone)
    assert server.get("/plain").status == 200
    server.stop()
    (line,) = [entry for entry in lines_of(server) if "nothing is traced" in entry["message"]]
    assert line["level"] == "WARNING"
    assert "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http" in line["message"]
    assert "opentelemetry-instrumentation-django" in line["message"]


def test_what_an_image_lacks_is_named_once(pod, capfd, monkeypatch):
    lacks = ("opentelemetry.instrumentation.psycopg", "opentelemetry.instrumentation.asgi")
    monkeypatch.setattr(traces, "is_there", lambda module: module not in (*lacks, "psycopg2"))
    pod(CDK8S_DJANGO_TRACES="true")
    traces.say_missing(is_asgi=True)
    assert capfd.readouterr().err == (
        "cdk8s-django: traces lack SQL and requests: pip install "
        "opentelemetry-instrumentation-psycopg opentelemetry-instrumentation-asgi\n"
    )
    monkeypatch.setattr(traces, "is_there", lambda module: True)
    traces.say_missing(is_asgi=True)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"CDK8S_DJANGO_TRACES": "true", "OTEL_SDK_DISABLED": "true"},
        {"CDK8S_DJANGO_TRACES": "true", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_traced_unless_it_is_asked_for(pod, variables, monkeypatch):
    for name in ("OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER"):
        monkeypatch.delenv(name, raising=False)
    pod(**variables)
    assert not traces.wanted()


@pytest.mark.parametrize("answers", [False, True])
def test_a_collector_that_is_away_or_slow_costs_no_request(traced, collector, answers):
    """One that answers does so after the test: a request that waited for it would never end."""
    closed = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    collector.answers.clear()
    small = {"OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "5"}
    server = traced("wsgi", **small, **({} if answers else closed))
    for number in range(30):
        assert server.get(f"/query/{number}").status == 200
    wait_for(lambda: "spans are dropped" in server.log)
    server.stop()
    said = [entry["message"] for entry in lines_of(server)]
    dropped = [message for message in said if "spans are dropped" in message]
    assert len(dropped) == 1, dropped
    assert f"dropped, {'' if answers else closed['OTEL_EXPORTER_OTLP_ENDPOINT']}" in dropped[0]
    assert "Traceback" not in server.log
    # The SDK says itself, at most every 20 seconds, that its queue is full.
    assert len([message for message in said if "Queue full" in message]) < 5, said


def test_a_collector_that_comes_back_has_traces_again(traced, collector):
    collector.status = 400
    server = traced("wsgi")
    server.get("/plain")
    wait_for(lambda: "spans are dropped" in server.log)
    collector.status = 200
    server.get("/plain")
    wait_for(lambda: "traces arrive again" in server.log)
    assert "traces arrive again" in server.log
    assert len(collector.named("GET plain")) == 1


def test_a_task_of_celery_is_of_the_trace_that_sent_it(traced, collector, celery):
    """From a request through the broker to a process of a pool, and to a task that it sends."""
    celery.broker()
    variables = {**collector.variables, "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    worker = celery.worker(**variables)
    wait_for(lambda: celery.probe("ready"), 60)
    server = traced("wsgi", **celery.variables)
    assert server.get("/task?text=sent", X_Request_ID="the-request").status == 200
    wait_for(lambda: len(celery.noted()) == 2, 60)
    worker.terminate()
    assert worker.wait(30) == 0
    server.stop()
    (request,) = collector.named("GET task")
    (sent,) = collector.named("apply_async/mysite.celery.relay")
    (run,) = collector.named("run/mysite.celery.relay")
    assert (sent.parent, run.parent) == (request.id, sent.id)
    assert (sent.kind, run.kind) == ("producer", "consumer")
    (second,) = [
        span for span in collector.named("run/mysite.celery.note") if span.parent != run.id
    ]
    assert {request.trace} == {span.trace for span in collector.spans}, collector.spans
    assert second.resource["service.name"] == "polls"
    # The message on its way to the broker.
    assert [span for span in collector.spans if span.name == "LPUSH" and span.parent == sent.id]
    # The worker's own connections to the broker begin no trace.
    entries = [json.loads(line) for line in celery.log.read_text().splitlines() if line[:1] == "{"]
    (line,) = [entry for entry in entries if entry["message"] == "sent is relayed"]
    assert (line["trace_id"], line["span_id"]) == (run.trace, run.id)
    assert line["request_id"] == "the-request"


def test_an_asynchronous_request_has_no_thread_of_its_own(monkeypatch):
    """The middleware of the instrumentation is synchronous: Django would call it in a thread."""
    monkeypatch.syspath_prepend(collector_module.FOLDER)
    from cdk8s_django import trace_middleware

    monkeypatch.setattr(trace_middleware, "PATH", ["test_traces.Synchronous"])

    async def answer(request):
        return "answer"

    made = trace_middleware.TracedMiddleware(answer)
    assert iscoroutinefunction(made)
    # Of a method that there is Django makes a call in a thread.
    assert not hasattr(made, "process_view")
    assert asyncio.run(made("request")) == "ANSWER of REQUEST, seen"


class Synchronous:
    """As the instrumentation's."""

    begun = viewed = None

    def __init__(self, get_response):
        pass

    def process_request(self, request):
        self.begun = request.upper()

    def process_view(self, request, view):
        self.viewed = "seen"

    def process_response(self, request, response):
        return f"{response.upper()} of {self.begun}, {self.viewed}"
