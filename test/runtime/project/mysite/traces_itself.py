"""A wsgi.py that sets up OpenTelemetry as its documentation says."""

import os
import sys

from django.core.wsgi import get_wsgi_application
from opentelemetry import trace
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")


def line_of(span):
    return f"own span: {span.name} {span.context.trace_id:032x}\n"


provider = TracerProvider()
own = ConsoleSpanExporter(out=sys.stderr, formatter=line_of)
provider.add_span_processor(SimpleSpanProcessor(own))
trace.set_tracer_provider(provider)
DjangoInstrumentor().instrument()
application = get_wsgi_application()
