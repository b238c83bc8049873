"""What metrics, traces and logs say of WebSockets: they last, and are no requests."""

import asyncio
import json

import pytest
from scrapes import Scraper, wait_for_sum

from conftest import HOST, SERVE, free_port

websockets = pytest.importorskip("websockets.asyncio.client")
APPLICATION = "mysite.sockets:application"
SERVERS = ["uvicorn", "daphne"]
ALL, OPEN = "django_websockets_total", "django_websockets_open"
REQUESTS, DURATION = "django_http_requests_total", "django_http_request_duration_seconds_count"


@pytest.fixture
def start(serve, migrated, tmp_path):
    def start(server, **variables):
        port = free_port()
        variables = {
            **migrated,
            "CDK8S_DJANGO_ASGI": "true",
            "CDK8S_DJANGO_LOG_FORMAT": "json",
            "CDK8S_DJANGO_METRICS_PORT": str(port),
            "CDK8S_DJANGO_METRICS_FOLDER": str(tmp_path / "numbers"),
            "TEST_URLCONF": "mysite.traced_urls",
            **variables,
        }
        return serve([*SERVE, server, APPLICATION], **variables), Scraper(port)

    return start


def connect(server, query=""):
    headers = {"X-Request-ID": "the-socket", "X-Forwarded-Proto": "https"}
    url = f"ws://127.0.0.1:{server.port}/echo{query}"
    return websockets.connect(url, additional_headers=headers, origin=f"https://{HOST}")


async def talk(server, scrape):
    async with connect(server) as first, connect(server) as second:
        for socket, text in ((first, "one"), (second, "two"), (second, "three")):
            await socket.send(text)
            assert await asyncio.wait_for(socket.recv(), 20) == text
        shown = scrape()
        assert shown.sum(OPEN) == 2
        assert shown.sum(ALL, result="accepted") == 2
        assert shown.sum(ALL, result="refused") == 0
        assert shown.sum("django_http_requests_in_progress") == 0
    with pytest.raises(Exception, match="403"):
        await connect(server, "?refuse").__aenter__()


@pytest.mark.parametrize("kind", SERVERS)
def test_websockets_are_counted_apart_and_are_no_requests(start, kind):
    server, scrape = start(kind)
    assert server.get("/plain").status == 200
    asyncio.run(talk(server, scrape))
    wait_for_sum(scrape, OPEN, 0)
    # The visitor has the answer before it is counted.
    wait_for_sum(scrape, ALL, 1, result="refused")
    shown = scrape()
    assert shown.sum(ALL, result="accepted") == 2
    assert shown.sum(REQUESTS) == shown.sum(DURATION) == 1
    # Queries are counted, whoever asks.
    assert shown.sum("django_database_query_duration_seconds_count") >= 3
    server.stop()
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    said = [line for line in lines if line["message"].startswith("socket ")]
    assert [line["request_id"] for line in said] == ["the-socket"] * 3
