"""Traces of OpenTelemetry, made by the packages that the image has.

Each process starts them by itself, after the fork and after the application was set up: threads
and connections do not outlive a fork, and an application that traces itself is seen by then.
"""

import atexit
import functools
import importlib
import importlib.metadata
import importlib.util
import multiprocessing.util
import os
import threading

from cdk8s_django import request_ids
from cdk8s_django.environment import flag, items, text
from cdk8s_django.errors import reason
from cdk8s_django.logs import note

FIRST = "cdk8s_django.middleware.FirstMiddleware"
INSTRUMENTATION = "opentelemetry.instrumentation"
# Without these there are no traces: modules, and the packages that have them.
NEEDED = {
    "opentelemetry.sdk.trace": "opentelemetry-sdk",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter": (
        "opentelemetry-exporter-otlp-proto-http"
    ),
}
# What is traced of the libraries that an image has, by the instrumentation of that name.
TRACED = {
    "django": "requests",
    "psycopg": "SQL",
    "psycopg2": "SQL",
    "redis": "caches and brokers",
    "celery": "tasks",
}
# The first would write the ids once more, under other names. The second makes metrics alone.
LEFT_OUT = ("logging", "system_metrics")
# Seconds for all that is left when a process ends.
LAST_SECONDS = 3
# Those that decide by the trace alone, whatever its first span is called.
SAMPLERS = ("", "always_on", "always_off", "traceidratio")
# Others are one, as in the instrumentation: a visitor may send any.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
# What a request has that is traced.
TRACED_REQUEST = "_cdk8s_django_traced"
# The provider of this process, by the process that has it: a fork has none.
STARTED = {}


def wanted():
    if not flag("CDK8S_DJANGO_TRACES"):
        return False
    disabled = text("OTEL_SDK_DISABLED").lower() == "true"
    return not disabled and text("OTEL_TRACES_EXPORTER").lower() != "none"


def is_there(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def say_missing(is_asgi=False):
    """In the first process of a container: one line, and the application works all the same."""
    if not wanted():
        return
    needed = [package for module, package in NEEDED.items() if not is_there(module)]
    if needed:
        every = " ".join([*needed, *(package for package, _ in missing(is_asgi))])
        note(f"nothing is traced: the image lacks packages: pip install {every}")
        return
    lacks = missing(is_asgi)
    if lacks:
        whats = " and ".join(dict.fromkeys(what for _, what in lacks))
        packages = " ".join(package for package, _ in lacks)
        note(f"traces lack {whats}: pip install {packages}")


def missing(is_asgi):
    """Pairs of a package that the image lacks and what is not traced for it."""
    found = [
        (f"opentelemetry-instrumentation-{name}", what)
        for name, what in TRACED.items()
        if is_there(name) and not is_there(f"{INSTRUMENTATION}.{name}")
    ]
    if is_asgi and not is_there(f"{INSTRUMENTATION}.asgi"):
        found.append(("opentelemetry-instrumentation-asgi", "requests"))
    return found


def load():
    """Imports what `start` needs: before a fork, so that all processes share it."""
    if wanted() and all(map(is_there, NEEDED)):
        for module in NEEDED:
            importlib.import_module(module)


def prepare():
    """In a process that serves requests, before the application is loaded."""
    if not wanted() or not all(map(is_there, NEEDED)):
        return
    from django.core.handlers.base import BaseHandler

    load_middleware = BaseHandler.load_middleware

    @functools.wraps(load_middleware)
    def load_traced(self, is_async=False):
        # The settings are there, each app is ready, and no middleware is made yet.
        start(serves=True)
        keep_first()
        load_middleware(self, is_async)

    BaseHandler.load_middleware = load_traced


def keep_first():
    """What an application adds before the first middleware would refuse probes by their host."""
    from django.conf import settings

    middleware = list(getattr(settings, "MIDDLEWARE", None) or ())
    if FIRST in middleware[1:]:
        middleware.remove(FIRST)
        settings.MIDDLEWARE = [FIRST, *middleware]


def start(serves=False):
    """In each process, once; an application that traces itself is left alone."""
    if not wanted() or not all(map(is_there, NEEDED)) or os.getpid() in STARTED:
        return
    try:
        STARTED[os.getpid()] = provider = own_provider()
        request_ids.SPANS = current()
        if provider:
            instrument(serves)
            if decides_by_trace():
                importlib.import_module("cdk8s_django.trace_spans").spare_silent()
            atexit.register(flush)
            # Processes that multiprocessing forks end without what atexit knows.
            multiprocessing.util.Finalize(None, flush, exitpriority=10)
    except Exception as error:
        note(f"nothing is traced: {reason(error)}", level="ERROR")


def own_provider():
    """The provider that is set as the process' own; None where the application has set one."""
    trace = importlib.import_module("opentelemetry.trace")
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        note("the application traces itself, and the library leaves it to that", level="INFO")
        return None
    sdk = importlib.import_module("opentelemetry.sdk.trace")
    export = importlib.import_module("opentelemetry.sdk.trace.export")
    sampling = importlib.import_module("cdk8s_django.trace_sampling")
    exporter = importlib.import_module("cdk8s_django.trace_export").exporter(export)
    spans = importlib.import_module("cdk8s_django.trace_spans")
    kind = spans.SparingProvider if decides_by_trace() else sdk.TracerProvider
    provider = kind(shutdown_on_exit=False)
    provider.sampler = sampling.OfRequests(provider.sampler)
    provider.id_generator = sampling.Ids(provider.id_generator)
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider


def deciding():
    """The provider whose sampler can be asked before there is a span; None for another sampler."""
    return STARTED.get(os.getpid()) if decides_by_trace() else None


def decides_by_trace():
    return text("OTEL_TRACES_SAMPLER").lower().replace("parentbased_", "", 1) in SAMPLERS


def instrument(serves):
    """As `opentelemetry-instrument` does: with each instrumentation that is installed."""
    left_out = {*LEFT_OUT, *items("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS")}
    if "*" in left_out:
        return
    found = importlib.metadata.entry_points()
    group = "opentelemetry_instrumentor"
    for entry in found.select(group=group) if hasattr(found, "select") else found.get(group, ()):
        if entry.name in left_out or (entry.name == "django" and not serves):
            continue
        try:
            instrumentor = entry.load()()
            # The application's own word.
            if instrumentor.is_instrumented_by_opentelemetry:
                continue
            if entry.name == "django":
                instrument_django(instrumentor)
            else:
                instrumentor.instrument(raise_exception_on_conflict=True)
        except ModuleNotFoundError:
            continue  # of a library that the image does not have
        except Exception as error:
            if type(error).__name__ != "DependencyConflictError":
                note(f"traces lack {entry.name}: {reason(error)}")


def instrument_django(instrumentor):
    """After the first middleware, which answers probes: these are not traced."""
    from django.conf import settings

    before = list(settings.MIDDLEWARE)
    instrumentor.instrument(
        middleware_position=1 if FIRST in before[:1] else 0,
        request_hook=request_begins,
        response_hook=request_ends,
    )
    middleware = list(settings.MIDDLEWARE)
    added = [name for name in middleware if name not in before]
    if len(added) == 1:
        importlib.import_module("cdk8s_django.trace_middleware").PATH.append(added[0])
        own = "cdk8s_django.trace_middleware.TracedMiddleware"
        settings.MIDDLEWARE = [own if name in added else name for name in middleware]


def request_begins(span, request):
    """Of the request's lines each has its ids, also those that a server writes afterwards."""
    request_ids.traced(traceparent(span))
    setattr(request, TRACED_REQUEST, True)


def request_ends(span, request, response):
    """By the URLconf that the request had: below a prefix the instrumentation finds no route."""
    match = getattr(request, "resolver_match", None)
    name = getattr(match, "route", None) or getattr(match, "url_name", None)
    if name and span.is_recording():
        span.update_name(f"{method_of(request)} {name}")


def method_of(request):
    return request.method if request.method in METHODS else "HTTP"


def traceparent(span):
    context = span.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def current():
    """What tells the span of a moment, as a traceparent."""
    get_current_span = importlib.import_module("opentelemetry.trace").get_current_span
    return lambda: traceparent(get_current_span())


def flush():
    """When a process ends: what it has is sent, as far as the collector takes it at once."""
    provider = STARTED.get(os.getpid())
    if not provider:
        return
    STARTED[os.getpid()] = None
    thread = threading.Thread(target=provider.shutdown, daemon=True)
    thread.start()
    thread.join(LAST_SECONDS)
