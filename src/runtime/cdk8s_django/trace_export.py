"""Sends spans to a collector, and says when that fails."""

import importlib
import logging
import time

from cdk8s_django.environment import text
from cdk8s_django.errors import reason
from cdk8s_django.logs import note

EXPORTER_LOG = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
# Seconds: for one batch, and between two complaints.
TIMEOUT = 3
QUIET_SECONDS = 60


def exporter(export):
    """That of the image; one that fails says so in a line now and then, without a traceback."""
    http = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    named = ("OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")
    given = any(map(text, named))
    inner = http.OTLPSpanExporter(**({} if given else {"timeout": TIMEOUT}))
    said = Said()
    logging.getLogger(EXPORTER_LOG).addFilter(said)

    class Exporter(export.SpanExporter):
        dropped = 0
        complained = None

        def export(self, spans):
            try:
                result = inner.export(spans)
            except Exception as error:
                said.last = reason(error)
                result = export.SpanExportResult.FAILURE
            if result is export.SpanExportResult.SUCCESS:
                self.worked()
            else:
                self.failed(len(spans))
            return result

        def failed(self, count):
            self.dropped += count
            now = time.monotonic()
            if self.complained is None or now - self.complained > QUIET_SECONDS:
                self.complained = now
                place = text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or text(
                    "OTEL_EXPORTER_OTLP_ENDPOINT"
                )
                note(f"{self.dropped} spans are dropped, {place}: {said.last}")

        def worked(self):
            if self.dropped:
                note(f"traces arrive again; {self.dropped} spans were dropped", level="INFO")
            self.dropped, self.complained = 0, None

        def shutdown(self):
            inner.shutdown()

        def force_flush(self, timeout_millis=30000):
            return True

    return Exporter()


class Said(logging.Filter):
    """Keeps what the exporter says: as many lines as batches fail would bury all others."""

    last = "the collector does not answer"

    def filter(self, record):
        if record.levelno >= logging.WARNING:
            self.last = record.getMessage().splitlines()[0][:300]
        return False
