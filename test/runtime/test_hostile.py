"""What no browser sends: each server refuses it, or it is harmless, and the server goes on."""

import contextlib
import socket
import time

import pytest

from conftest import HOST, SERVERS


def head(*lines, method="GET", path="/questions"):
    own = [f"Host: {HOST}", "X-Forwarded-Proto: https", "Connection: close"]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *own, *lines, "", ""]).encode("latin-1")


def say(port, data, seconds=20):
    """All that a server answers, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as sock:
        # A server that has heard enough closes before it has read all.
        with contextlib.suppress(OSError):
            sock.sendall(data)
        answer = b""
        with contextlib.suppress(OSError):
            while len(answer) < 1_000_000:
                part = sock.recv(65536)
                if not part:
                    break
                answer += part
        return answer


def statuses(answer):
    """The status of each answer, of which a request has one at most."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


FORM = "Content-Type: application/x-www-form-urlencoded"
NEXT = f"GET /livez HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
HOSTILE = {
    "a header of 200 kB": head(f"X-Long: {'a' * 200_000}"),
    "20,000 headers": head(*(f"X-{number}: 1" for number in range(20_000))),
    "a path of 200 kB": head(path=f"/questions?{'a' * 200_000}"),
    "a host with a path": head().replace(HOST.encode(), b"evil.example/questions?"),
    "two hosts": head("Host: evil.example"),
    "a host of another site": head().replace(HOST.encode(), b"evil.example"),
    "two lengths": head(FORM, "Content-Length: 3", "Content-Length: 30", method="POST") + b"a=b",
    "a length that is none": head(FORM, "Content-Length: +3", method="POST") + b"a=b",
    "a length below zero": head(FORM, "Content-Length: -1", method="POST") + b"a=b",
    "a header without a name": head(": x"),
    "a name with a space": head("X-Forwarded-Proto : http"),
    "a NUL in a header": head("X-Nul: a\0b"),
    "no request at all": b"\x16\x03\x01\x02\x00" + b"\x00" * 512,
}


SMUGGLED = {
    "a length and chunks": head(
        FORM, f"Content-Length: {5 + len(NEXT)}", "Transfer-Encoding: chunked", method="POST"
    ),
    "chunks of two names": head(
        FORM, "Transfer-Encoding: chunked", "Transfer-Encoding: identity", method="POST"
    ),
    "chunks by another name": head(FORM, "Transfer-Encoding: xchunked", method="POST"),
}
BODY = b"a=" + b"b" * 3_000_000
TOO_LARGE = head(FORM, f"Content-Length: {len(BODY)}", method="POST") + BODY
# Granian takes them, up to some 400 kB.
TAKEN = ("a header of 200 kB", "a path of 200 kB")
# Each has a thread of gunicorn until it goes on. Routers read headers before they connect.
SILENT = {"wsgi": 3}


@pytest.mark.parametrize("each", SERVERS)
def test_what_no_browser_sends(serve, migrated, each):
    """Each request is refused, or is one request to a public page. The next visitor is answered."""
    server = serve(each, **migrated)
    within = {title: data + b"0\r\n\r\n" + NEXT.encode() for title, data in SMUGGLED.items()}
    answered = {}
    for title, data in {**HOSTILE, **within, "a form of 3 MB": TOO_LARGE}.items():
        answered[title] = statuses(say(server.port, data, 5))
        assert server.get("/questions").status == 200, title
    # What a router may take for a body is no second request. 501 is for an unknown encoding.
    wrong = {
        title: found
        for title, found in answered.items()
        if len(found) > 1 or (found[:1] not in ([], [501]) and found[0] >= 500)
    }
    assert wrong == {}, answered
    through = {title for title, found in answered.items() if found and found[0] < 400}
    assert through <= {"20,000 headers", "two hosts", "a header without a name", *TAKEN}, answered
    if not each.startswith("granian"):
        assert not through & {"20,000 headers", *TAKEN}, answered
    with contextlib.ExitStack() as stack:
        for _ in range(SILENT.get(each, 20)):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
            sock.sendall(head()[:40])
        begin = time.monotonic()
        assert server.get("/questions").status == 200
        assert time.monotonic() - begin < 10
