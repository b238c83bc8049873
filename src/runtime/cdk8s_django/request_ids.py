"""The id of the request that a process works at: in its log lines, its answer and its tasks.

A request without one gets it before the application is called, and not by a middleware: so what
stands beside Django in asgi.py has ids too. Standard library only.
"""

import asyncio
import contextlib
import contextvars
import importlib
import logging
import os
import re
import sys

from cdk8s_django.environment import text

NAME = "X-Request-ID"
LOWER = NAME.lower()
LOWER_BYTES = LOWER.encode()
# The request of this thread, greenlet or asynchronous task, and of those that these ask for help.
CURRENT = contextvars.ContextVar("cdk8s_django_request", default=None)
# Of a record of the log. Libraries pass each other names like this one, which no line has.
FACTS = "_cdk8s_django_request"
# A header of Celery's messages, and a key beside the arguments of a task of Django's.
SENT_BY = "cdk8s_django_request"
# A visitor may have written it, so it cannot be long and is no text that a console would act on.
SANE = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}")
# What routers write, best first. The last two are of AWS and of Google.
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
ROOT = re.compile(r"(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)")
CLOUD = re.compile(r"([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([0-9]))?")
HEADERS = (LOWER, "traceparent", "x-amzn-trace-id", "x-cloud-trace-context")
VARIABLES = tuple("HTTP_" + name.upper().replace("-", "_") for name in HEADERS)
PLACES = {name.encode(): place for place, name in enumerate(HEADERS)}
# What tells the span of this moment as a traceparent, or None, where requests are traced.
SPANS = None


class Request:
    """Shared by all contexts that are copies of the one in which the request began."""

    __slots__ = ("id", "is_over", "trace")

    def __init__(self, identity, trace=None):
        self.id = identity
        # As a traceparent, or what is one as text.
        self.trace = trace
        self.is_over = False

    def end(self):
        self.is_over = True

    def answer(self, value):
        """The application has an id of its own, by which its visitor will ask."""
        if SANE.fullmatch(value):
            self.id = value


def new_id():
    return os.urandom(16).hex()


def begun(given, trace, root, cloud):
    """The request that these headers, or None, belong to; its id is theirs, or a new one."""
    identity = given if given and SANE.fullmatch(given) else None
    match = TRACEPARENT.match(trace) if trace else None
    trace = match[0] if match else None
    if cloud and not trace:
        match = CLOUD.fullmatch(cloud)
        if match:
            span = int(match[2] or 0) % 2**64
            trace = f"00-{match[1]}-{span:016x}-0{int(match[3] or 0) & 1}"
    if identity is None:
        match = ROOT.search(root) if root else None
        identity = match[1] if match else trace[3:35] if trace else new_id()
    return Request(identity, trace)


def named_in(headers, lower=LOWER):
    """The id among headers of an answer."""
    for name, value in headers:
        if len(name) == len(lower) and name.lower() == lower:
            return value
    return None


def of_wsgi(application):
    """The application, whose requests have ids. They end by Django's word: see `end`."""

    def identified(environ, start_response):
        request = begun(*map(environ.get, VARIABLES))
        CURRENT.set(request)
        environ[VARIABLES[0]] = request.id

        # The list may be the same for each request, so it stays as it is.
        def start(status, response_headers, exc_info=None):
            headers = list(response_headers)
            own = named_in(headers)
            if own is None:
                headers.append((NAME, request.id))
            else:
                request.answer(own)
            return start_response(status, headers, *filter(None, [exc_info]))

        return application(environ, start)

    return identified


def of_asgi(application):
    """The application, whose requests and WebSockets have ids until it has done with them."""

    async def identified(scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await application(scope, receive, send)
        found = [None] * len(HEADERS)
        given = scope.get("headers", ())
        for name, value in given:
            place = PLACES.get(name)
            if place is not None:
                value = value.decode("latin-1")
                # Of two nobody knows which is right.
                found[place] = value if found[place] is None else ","
        request = begun(*found)
        CURRENT.set(request)
        identity = request.id.encode()
        if request.id != found[0]:
            others = [pair for pair in given if pair[0] != LOWER_BYTES]
            scope = {**scope, "headers": [*others, (LOWER_BYTES, identity)]}

        def answer(message):
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                own = named_in(headers, LOWER_BYTES)
                if own is None:
                    message = {**message, "headers": [*headers, (LOWER_BYTES, identity)]}
                else:
                    request.answer(own.decode("latin-1"))
            return send(message)

        try:
            await application(scope, receive, answer)
        except Exception:
            # The server is about to write a line of it.
            asyncio.get_running_loop().call_soon(request.end)
            raise
        except BaseException:
            request.end()
            raise
        request.end()

    return identified


def end():
    request = CURRENT.get()
    if request is not None:
        request.end()


def traced(trace):
    """The request is traced, by a span of its own."""
    request = CURRENT.get()
    if request is not None and trace:
        request.trace = trace


def facts(is_over_too=False):
    """Id and traceparent of the request, or None: outside of one, and when it is over."""
    request = CURRENT.get()
    if request is None or (request.is_over and not is_over_too):
        return None
    span = SPANS() if SPANS else None
    return request.id, span or (request.trace and str(request.trace))


def facts_of_line():
    """The same; of what is traced and belongs to no request the trace alone."""
    if SPANS and CURRENT.get() is None:
        span = SPANS()
        return span and (None, span)
    return facts()


def mark_records():
    """Each record of the log knows the request in which it was made: a queue takes it elsewhere."""
    make = logging.getLogRecordFactory()
    if getattr(make, "marks_requests", False):
        return

    def made(name, *arguments, **named):
        record = make(name, *arguments, **named)
        setattr(record, FACTS, facts_of_line())
        return record

    made.marks_requests = True
    logging.setLogRecordFactory(made)


def facts_of(record):
    """Those of a record; of one that nobody marked, those of this moment."""
    # It tells of tasks that nobody waits for, when it comes upon them: in any request.
    if record.name == "asyncio":
        return None
    known = vars(record)
    return known[FACTS] if FACTS in known else facts_of_line()


@contextlib.contextmanager
def answered(headers, environ):
    """Around the line that a server writes afterwards, when the context may be another one."""
    identity, request = named_in(headers), None
    if identity is not None:
        given = identity if SANE.fullmatch(identity) else environ.get(VARIABLES[0])
        request = begun(given, *map(environ.get, VARIABLES[1:]))
        current = CURRENT.get()
        if current is not None and current.id == request.id:
            # It may be traced by now.
            request.trace = current.trace
    token = CURRENT.set(request)
    try:
        yield
    finally:
        CURRENT.reset(token)


def sent_by():
    """The request as what it sends names it: its id, and the trace if it has one."""
    return " ".join(filter(None, facts() or ()))


def sender_of(text):
    """The request that `sent_by` named, for what it sent; None for anything else."""
    identity, _, trace = text.partition(" ") if isinstance(text, str) else ("", "", "")
    if not SANE.fullmatch(identity):
        return None
    return Request(identity, trace if TRACEPARENT.fullmatch(trace) else None)


def note_celery(headers, **_):
    """In each message of Celery."""
    if isinstance(headers, dict) and facts():
        headers[SENT_BY] = sent_by()


def note_task(instance, **_):
    """In the row of a task of django-tasks-db, beside the arguments that its worker reads."""
    if instance._state.adding and isinstance(instance.args_kwargs, dict) and facts():
        instance.args_kwargs[SENT_BY] = sent_by()


def connect():
    """In a process whose application is loaded: what requests begin knows them, and they end."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.signals import request_finished

    def finished(sender, **_):
        # Under ASGI a request ends with its application.
        if isinstance(sender, type) and issubclass(sender, WSGIHandler):
            end()

    request_finished.connect(finished, weak=False)
    # An application with a broker imports Celery, if only in its first view.
    if "celery" in sys.modules or text("CELERY_BROKER_URL"):
        with contextlib.suppress(ImportError):
            importlib.import_module("celery.signals").before_task_publish.connect(note_celery)
    if "django_tasks_db.models" in sys.modules:
        models = importlib.import_module("django_tasks_db.models")
        importlib.import_module("django.db.models.signals").pre_save.connect(
            note_task, sender=models.DBTaskResult
        )
