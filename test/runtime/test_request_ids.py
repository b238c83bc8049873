"""A request is found by its id: in each line of its log, in its answer, and nowhere else."""

import asyncio
import contextlib
import http.client
import json
import logging
import logging.handlers
import pickle
import queue
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cdk8s_django import request_ids
from cdk8s_django.logs import JsonFormatter
from conftest import HOST, SERVERS

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
ROOT = "1-67891233-abcdef012345678912345678"
NEW = re.compile(r"[0-9a-f]{32}")
HEADERS = {"Host": HOST, "X-Forwarded-Proto": "https"}
# What is taken from which headers; None: a new id.
TAKEN = [
    ({"X-Request-ID": "7F000001:8296_0001/a+b=@c.d-e"}, "7F000001:8296_0001/a+b=@c.d-e"),
    ({"X-Request-ID": "a" * 128, "traceparent": TRACEPARENT}, "a" * 128),
    ({"traceparent": TRACEPARENT, "X-Amzn-Trace-Id": f"Root={ROOT}"}, ROOT),
    ({"X-Amzn-Trace-Id": f"Self=1-67891233-12456789abcdef012345678f;Root={ROOT};x=y"}, ROOT),
    ({"traceparent": TRACEPARENT}, TRACE),
    ({"X-Cloud-Trace-Context": f"{TRACE}/67667974448284343;o=1"}, TRACE),
    ({"X-Request-ID": "a" * 129, "traceparent": TRACEPARENT}, TRACE),
    ({"X-Request-ID": "a b"}, None),
    ({"X-Request-ID": 'a"};alert(1)'}, None),
    ({"X-Request-ID": "caf\xe9"}, None),
    ({"X-Request-ID": ""}, None),
    ({"traceparent": "00-short-01", "X-Amzn-Trace-Id": "Root=1"}, None),
    ({"X-Cloud-Trace-Context": "x"}, None),
    ({}, None),
]


class Visitor:
    """Keeps its connection, as a router does."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def get(self, path, **headers):
        headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        answer.text = answer.read().decode()
        return answer


def identity(answer):
    (found,) = answer.headers.get_all("X-Request-ID")
    return found


def test_each_line_of_a_request_has_its_id_and_no_other(serve, migrated, kind):
    server = serve(kind, **migrated, CDK8S_DJANGO_LOG_FORMAT="json", TEST_URLCONF="mysite.ids_urls")
    wanted = {}
    visitor = Visitor(server)
    for number, (headers, taken) in enumerate(TAKEN):
        text = f"taken{number}x"
        answer = visitor.get(f"/sync?text={text}", **headers)
        wanted[text] = identity(answer)
        # The application sees the same.
        assert (answer.status, answer.text) == (200, wanted[text])
        if taken:
            assert wanted[text] == taken, headers
        else:
            assert NEW.fullmatch(wanted[text]), headers
    assert len(set(wanted.values())) == len(TAKEN) - 3

    # Many at once, each of them over a connection that it keeps.
    def visit(number):
        visitor = Visitor(server)
        for turn in range(3):
            text = f"many{number}n{turn}x"
            path = "async" if (number + turn) % 2 else "sync"
            given = {"X-Request-ID": f"id-of-{text}"} if turn % 2 else {}
            answer = visitor.get(f"/{path}?text={text}&seconds=0.05", **given)
            wanted[text] = identity(answer)
            assert answer.text == wanted[text]
            assert not given or wanted[text] == given["X-Request-ID"]
        visitor.connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(8)))
    assert len(wanted) == len(TAKEN) + 8 * 3

    # What Django, a stream and the server say, and answers that no view makes.
    for path, status in (("/nothing?text=nowherex", 404), ("/fails?text=failsx", 500)):
        answer = visitor.get(path, X_Request_ID=f"id-{status}")
        assert (answer.status, identity(answer)) == (status, f"id-{status}")
    wanted["nowherex"], wanted["failsx"] = "id-404", "id-500"
    wanted["streamedx"] = identity(visitor.get("/streamed?text=streamedx"))
    assert identity(server.probe("/livez"))
    # An id of the application's own is the answer's, and that of its line in the access log.
    answer = visitor.get("/own?text=ownx&own=header-of-its-own")
    assert identity(answer) == "header-of-its-own"
    # A thread without the context of its request is of none.
    visitor.get("/pooled?text=pooledx", X_Request_ID="id-of-poolx")
    asgi = kind not in ("wsgi", "granian")
    if asgi:
        wanted["longx"] = identity(visitor.get("/async?text=longx&later"))
        wait_for(server, "longx outlived")
        # It is told to end in the midst of this one.
        thread = threading.Thread(target=end_of, args=(server, "/async?text=lastx&seconds=1&busy"))
        thread.start()
        wait_for(server, "lastx begin")
    # gunicorn would wait for what else it may be asked over it.
    visitor.connection.close()
    server.stop()
    if asgi:
        thread.join(30)
    wanted["lastx"] = "id-of-the-last"

    logged = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    lines = {text: [] for text in wanted}
    for entry in logged:
        found = re.search(r"(?<![a-z0-9])(taken\d+|many\d+n\d+|[a-z]+)x\b", entry["message"])
        text = found and found[0]
        if text in wanted:
            lines[text].append(entry)
            if "outlived" not in entry["message"]:
                assert entry.get("request_id") == wanted[text], entry
    for text, found in lines.items():
        messages = [entry["message"] for entry in found]
        if text.startswith(("taken", "many")):
            count = 6 if "GET /async" in messages[-1] else 5
            assert len(messages) == count, (text, messages)
    access = [entry for entry in logged if entry["message"].startswith("GET /")]
    assert {entry["request_id"] for entry in access} >= {*wanted.values()} - {"id-of-the-last"}
    said = {entry["message"]: entry for entry in logged}
    assert said["Not Found: /nothing"]["request_id"] == "id-404"
    assert said["Internal Server Error: /fails"]["request_id"] == "id-500"
    assert len([entry for entry in lines["streamedx"] if "part" in entry["message"]]) == 2
    assert said["ownx own"]["request_id"] == "field-of-its-own"
    (line,) = [entry for entry in access if "/own" in entry["message"]]
    assert line["request_id"] == "header-of-its-own"
    assert "request_id" not in said["pooledx pool"]
    if asgi:
        assert "request_id" not in said["longx outlived"]
    # Lines of nobody's request are of none: from the start, and at the end.
    for entry in logged:
        if entry["logger"] in ("uvicorn", "uvicorn.error", "gunicorn.error", "_granian"):
            assert "request_id" not in entry, entry
        if entry["logger"].startswith(("daphne", "asyncio")) and entry["logger"] != "daphne.access":
            assert "request_id" not in entry, entry
    # Traces stay what they were.
    first = lines["taken4x"][0]
    assert (first["trace_id"], first["span_id"]) == (TRACE, "00f067aa0ba902b7")
    assert lines["taken5x"][0]["span_id"] == f"{67667974448284343:016x}"
    assert all("trace_id" not in entry for entry in lines["taken0x"])


@pytest.mark.skipif("gunicorn-asgi" not in SERVERS, reason="one Python is enough for an old class")
@pytest.mark.filterwarnings("ignore")
def test_an_asgi_application_of_a_class_of_uvicorn_has_ids(serve, migrated):
    worker_class = ["--worker-class", "uvicorn.workers.UvicornWorker"]
    server = serve(
        ["-m", "cdk8s_django.serve", "gunicorn", *worker_class, "mysite.asgi:application"],
        **migrated,
        CDK8S_DJANGO_ASGI="true",
        CDK8S_DJANGO_LOG_FORMAT="json",
        TEST_URLCONF="mysite.ids_urls",
    )
    answer = Visitor(server).get("/async?text=classx", X_Request_ID="id-of-class")
    assert (answer.status, identity(answer), answer.text) == (200, "id-of-class", "id-of-class")


@pytest.mark.parametrize("make", [list, tuple, iter])
def test_headers_of_a_wsgi_application_stay_its_own(make):
    own = [("Content-Type", "text/plain")]
    answered = []

    def application(environ, start_response):
        start_response(status="200 OK", response_headers=make(own), exc_info=None)
        return [request_ids.facts()[0].encode()]

    def start_response(status, headers):
        answered.append(dict(headers)["X-Request-ID"])

    identified = request_ids.of_wsgi(application)
    token = request_ids.CURRENT.set(None)
    try:
        bodies = [
            identified({"HTTP_X_REQUEST_ID": given}, start_response) for given in ("one", "two")
        ]
    finally:
        request_ids.CURRENT.reset(token)
    assert answered == ["one", "two"]
    assert bodies == [[b"one"], [b"two"]]
    assert own == [("Content-Type", "text/plain")]


def wait_for(server, message):
    deadline = time.monotonic() + 30
    while message not in server.log:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def end_of(server, path):
    # daphne cancels it.
    with contextlib.suppress(OSError, http.client.HTTPException):
        Visitor(server).get(path, X_Request_ID="id-of-the-last")


@pytest.fixture(params=list(SERVERS))
def kind(request):
    return request.param


def scope_of(kind, *headers):
    return {"type": kind, "headers": [(b"host", b"polls"), *headers]}


def test_what_else_an_asgi_application_is_called_for():
    """WebSockets, the life of the server, what it says of an error, and two ids at once."""
    seen, sent = [], []

    async def application(scope, receive, send):
        request = request_ids.facts()
        seen.append((request and request[0], dict(scope.get("headers", ()))))
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200})
            raise ValueError("in the midst")

    async def send(message):
        sent.append(message)

    async def main():
        identified = request_ids.of_asgi(application)
        await identified({"type": "lifespan"}, None, send)
        await identified(scope_of("websocket", (b"x-request-id", b"one")), None, send)
        assert request_ids.facts() is None
        twice = [(b"x-request-id", b"one"), (b"x-request-id", b"two")]
        with pytest.raises(ValueError, match="in the midst"):
            await identified(scope_of("http", *twice), None, send)
        # The server says so now, and from then on the request is over.
        assert request_ids.facts()[0] == seen[2][0]
        await asyncio.sleep(0)
        assert request_ids.facts() is None

    asyncio.run(main())
    assert [identity for identity, _ in seen[:2]] == [None, "one"]
    new, headers = seen[2]
    assert NEW.fullmatch(new)
    assert headers[b"x-request-id"] == new.encode()
    assert sent[0]["headers"] == [(b"x-request-id", new.encode())]


def test_a_record_knows_its_request_in_another_thread_and_is_read_without_the_package():
    factory = logging.getLogRecordFactory()
    request_ids.mark_records()
    request_ids.mark_records()
    waiting = queue.SimpleQueue()
    logger = logging.Logger("polls")
    logger.addHandler(logging.handlers.QueueHandler(waiting))
    token = request_ids.CURRENT.set(request_ids.Request("one", TRACEPARENT))
    try:
        logger.warning("in it", extra={"order": 7})
        logger.warning("of its own", extra={"request_id": "own"})
        # Of structlog.
        bound = logging.makeLogRecord({"msg": {"event": "bound", "request_id": "own"}})
        assert json.loads(JsonFormatter().format(bound))["request_id"] == "own"
        request_ids.end()
        logger.warning("after it")
        unmarked = logging.LogRecord("polls", 30, "", 0, "unmarked", (), None)
        request_ids.CURRENT.set(request_ids.Request("two"))
        assert json.loads(JsonFormatter().format(unmarked))["request_id"] == "two"
        others = logging.makeLogRecord({"name": "asyncio", "levelname": "ERROR"})
        assert "request_id" not in json.loads(JsonFormatter().format(others))
    finally:
        request_ids.CURRENT.reset(token)
        logging.setLogRecordFactory(factory)
    records = [waiting.get() for _ in range(3)]
    assert b"cdk8s_django.request" not in pickle.dumps(vars(records[0]))
    lines = [json.loads(JsonFormatter().format(record)) for record in records]
    assert [line.get("request_id") for line in lines] == ["one", "own", None]
    assert (lines[0]["trace_id"], lines[0]["order"]) == (TRACE, 7)
    assert "trace_id" not in lines[2]


@pytest.mark.parametrize("text", [None, 7, "", "a b c", "caf\xe9", "a" * 129, "a\n"])
def test_what_names_no_sender_is_of_nobody(text):
    found = request_ids.sender_of(text)
    assert found is None or (found.id, found.trace) == ("a", None)


def test_what_a_request_sends_names_it():
    request = request_ids.begun("one", TRACEPARENT, None, None)
    token = request_ids.CURRENT.set(request)
    try:
        headers = {}
        request_ids.note_celery(headers)
        found = request_ids.sender_of(headers[request_ids.SENT_BY])
        assert (found.id, found.trace) == ("one", TRACEPARENT)
        # Messages of Celery's first protocol have none.
        request_ids.note_celery(None)
        request.end()
        headers = {}
        request_ids.note_celery(headers)
        assert headers == {}
    finally:
        request_ids.CURRENT.reset(token)
