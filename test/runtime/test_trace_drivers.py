"""Traces with each driver of PostgreSQL, and of an application with channels."""

import asyncio

import pytest

collector_module = pytest.importorskip("collector")
if not collector_module.FOLDER:
    pytest.skip("two Pythons have the packages", allow_module_level=True)
from test_websockets import APPLICATION, connect  # noqa: E402

from conftest import SERVE  # noqa: E402

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_queries_of_a_request_are_spans_of_its_trace_with_either_driver(traced, collector, kind):
    server = traced(kind)
    assert server.get("/query/7?text=first", traceparent=TRACEPARENT).status == 200
    assert server.probe("/readyz").status == 200
    for path in ("/plain", "/nothing"):
        server.get(path, method="BREW", traceparent=TRACEPARENT)
    server.stop()
    served = {span.name: span for span in collector.spans if span.kind == "server"}
    # Names have a bound: a visitor may send any method, and any path.
    assert sorted(served) == ["GET query/<int:number>", "HTTP", "HTTP plain"]
    request = served["GET query/<int:number>"]
    assert (request.trace, request.parent) == (TRACE, "00f067aa0ba902b7")
    queries = [span for span in collector.spans if span.kind == "client"]
    asked = [span for span in queries if "SELECT %s" in str(span.attributes)]
    assert [span.parent for span in asked] == [request.id], collector.spans
    assert "secret-7" not in str(asked[0].attributes)
    # Those of the probe, and what the driver asks when it connects, begin no trace.
    assert {span.trace for span in collector.spans} == {TRACE}
    assert "traces lack" not in server.log


def test_a_websocket_is_no_span_and_what_it_asks_for_begins_no_trace(traced, collector):
    server = traced([*SERVE, "uvicorn", APPLICATION], CDK8S_DJANGO_ASGI="true")

    async def talk():
        async with connect(server) as socket:
            await socket.send("one")
            assert await asyncio.wait_for(socket.recv(), 20) == "one"

    asyncio.run(talk())
    assert server.get("/plain").status == 200
    server.stop()
    assert [span.name for span in collector.spans] == ["GET plain"]
