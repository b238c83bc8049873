"""A collector of traces that keeps what it is sent: OTLP over HTTP, as protobuf."""

import contextlib
import gzip
import http.server
import os
import sys
import threading
import time

FOLDER = os.environ.get("RUNTIME_TEST_TELEMETRY")


class Span:
    def __init__(self, resource, span):
        self.resource = resource
        self.name = span.name
        self.trace = span.trace_id.hex()
        self.id = span.span_id.hex()
        self.parent = span.parent_span_id.hex()
        # As OTLP numbers them.
        self.kind = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}.get(
            span.kind
        )
        self.attributes = values_of(span.attributes)
        self.is_error = span.status.code == 2

    def __repr__(self):
        return f"<{self.kind} {self.name} {self.trace[:4]}/{self.id[:4]} of {self.parent[:4]}>"


def values_of(attributes):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


class Collector:
    def __init__(self):
        self.spans = []
        self.headers = []
        self.asked = []
        self.status = 200
        # Cleared, it takes what it is sent, and does not answer.
        self.answers = threading.Event()
        self.answers.set()
        self.server = None

    def received(self, body, headers):
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

        self.answers.wait(120)
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.headers.append(dict(headers))
        if self.status != 200:
            return
        message = trace_service_pb2.ExportTraceServiceRequest.FromString(body)
        for resource_spans in message.resource_spans:
            resource = values_of(resource_spans.resource.attributes)
            for scope in resource_spans.scope_spans:
                self.spans += [Span(resource, span) for span in scope.spans]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def variables(self):
        return variables(self.url)

    def named(self, name):
        return [span for span in self.spans if span.name == name]

    def wait_for(self, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < deadline, self.spans
            time.sleep(0.05)


def variables(endpoint):
    """What the manifests give to a pod, and the packages of an image that has them."""
    from conftest import PROJECT, RUNTIME

    return {
        "CDK8S_DJANGO_TRACES": "true",
        "PYTHONPATH": os.pathsep.join(map(str, filter(None, [RUNTIME, PROJECT, FOLDER]))),
        "OTEL_SERVICE_NAME": "polls",
        "OTEL_RESOURCE_ATTRIBUTES": "service.version=2026.11,k8s.pod.name=polls-7d-x2",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        # So that tests need not wait.
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }


@contextlib.contextmanager
def collecting():
    collector = Collector()
    sys.path.append(FOLDER)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.received(body, self.headers)
            with contextlib.suppress(OSError):
                self.send_response(collector.status if self.path == "/v1/traces" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def do_GET(self):
            """Another service, which is told of the trace."""
            collector.asked.append(self.headers.get("traceparent"))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    collector.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=collector.server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        collector.answers.set()
        collector.server.shutdown()
        collector.server.server_close()
        sys.path.remove(FOLDER)
