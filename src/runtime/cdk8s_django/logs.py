"""Logs as one JSON object a line, in the keys of the platform. Standard library only."""

import contextlib
import importlib
import json
import logging
import math
import sys
import threading
import time
import types
import warnings

from cdk8s_django import log_config, masks, own_formatters, request_ids
from cdk8s_django.environment import HEALTH_PATHS, text
from cdk8s_django.log_config import JsonLogging

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "server_time"}
# Levels of an entry beyond which it is text.
DEEPEST = 20


def log_format():
    """'json', 'gke', or '' to leave logging alone."""
    name = text("CDK8S_DJANGO_LOG_FORMAT").lower()
    return name if name in ("json", "gke") else ""


class JsonFormatter(logging.Formatter):
    """The generic keys, or those that Google Cloud's logging agent knows."""

    def __init__(self, platform="json"):
        super().__init__()
        self.gke = platform == "gke"
        # What the application's formatter does to texts.
        self.own = None
        # Of each line.
        known = {"release": text("CDK8S_DJANGO_RELEASE"), "commit": text("CDK8S_DJANGO_COMMIT")}
        self.fixed = {key: value for key, value in known.items() if value}

    def format(self, record):
        message, fields = self.message_of(record)
        stack = self.stack_of(record, fields)
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        stamp = f"{seconds}.{int(record.msecs):03d}Z"
        if self.gke:
            # Error Reporting finds a stack only inside the message.
            entry = {
                "severity": record.levelname,
                "time": stamp,
                "message": f"{message}\n{stack}" if stack else message,
            }
        else:
            entry = {"time": stamp, "level": record.levelname, "message": message}
            if stack:
                entry["exception"] = stack
        entry["logger"] = record.name
        identity, trace = request_ids.facts_of(record) or (None, None)
        if trace:
            entry.update(self.trace(trace))
        request = getattr(record, "request", None)
        if hasattr(request, "path"):
            entry["method"] = request.method
            entry["path"] = request.path
        if record.stack_info:
            entry["stack"] = record.stack_info
        for key, value in fields.items():
            # What begins with "_" libraries pass to each other.
            if key not in entry and not str(key).startswith("_"):
                entry[key] = value
        # That of the application's own middleware or filter counts.
        if identity:
            entry.setdefault("request_id", identity)
        for key, value in self.fixed.items():
            entry.setdefault(key, value)
        return line_of(masks.cleaned(entry))

    def message_of(self, record):
        """The message and the fields, as the application's formatter lets them be seen."""
        extra = extra_of(record)
        if self.own:
            # A line that it cannot format is not lost.
            with contextlib.suppress(Exception):
                return self.own.message_of(record, extra)
        message, fields = message_of(record)
        return message, {**extra, **fields}

    def stack_of(self, record, fields):
        raised = record.exc_info or fields.pop("exc_info", None)
        if isinstance(raised, BaseException):
            raised = (type(raised), raised, raised.__traceback__)
        elif raised and not isinstance(raised, tuple):
            raised = sys.exc_info()
        if raised and raised[0]:
            stack = self.formatException(raised)
            return self.own.stack_of(stack) if self.own else stack
        return record.exc_text or fields.pop("exception", None)

    def trace(self, traceparent):
        trace, span, flags = request_ids.TRACEPARENT.match(traceparent).groups()
        if not self.gke:
            return {"trace_id": trace, "span_id": span}
        project = text("CDK8S_DJANGO_GCP_PROJECT")
        return {
            "logging.googleapis.com/trace": f"projects/{project}/traces/{trace}"
            if project
            else trace,
            "logging.googleapis.com/spanId": span,
            "logging.googleapis.com/trace_sampled": int(flags, 16) & 1 == 1,
        }


def extra_of(record):
    # The arguments of a task of Celery may be personal.
    hidden = {*STANDARD, "data"} if str(record.name).startswith("celery.") else STANDARD
    return {key: value for key, value in vars(record).items() if key not in hidden}


def message_of(record):
    """The message, and the fields of one that is a dictionary, as structlog hands it over."""
    if isinstance(record.msg, dict):
        fields = dict(record.msg)
        for key in ("event", "message", "msg"):
            if key in fields:
                return str(fields.pop(key)), fields
        return "", fields
    try:
        return record.getMessage(), {}
    except Exception:
        # Arguments that do not fit the message: logging would write a traceback in its place.
        return f"{record.msg} {record.args}", {}


def line_of(entry):
    """JSON that every reader takes: keys are strings, and there is no NaN and no half character."""
    try:
        line = json.dumps(entry, default=masked_text, ensure_ascii=False, allow_nan=False)
        line.encode()
    except Exception:
        line = json.dumps(plain(entry))
    return line


def plain(value, above=()):
    """A copy that json takes; what holds itself, or is too deep, is text."""
    if isinstance(value, (dict, list, tuple)) and id(value) not in above and len(above) < DEEPEST:
        above = (*above, id(value))
        if isinstance(value, dict):
            return {text_of(key): plain(item, above) for key, item in value.items()}
        return [plain(item, above) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value.bit_length() < 1024:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return text_of(value)


def masked_text(value):
    return masks.masked(str(value))


def text_of(value):
    try:
        return masked_text(value).encode(errors="replace").decode()
    except Exception:
        return f"<{type(value).__name__}>"


class NotHealth(logging.Filter):
    """Drops uvicorn's access lines of probes: they say nothing and come every few seconds."""

    def filter(self, record):
        if record.name != "uvicorn.access" or len(record.args or ()) < 3:
            return True
        return str(record.args[2]).partition("?")[0] not in HEALTH_PATHS


class Stdout(logging.StreamHandler):
    """A line of JSON for each record, however many handlers of the application it comes to."""

    def __init__(self):
        super().__init__(sys.stdout)
        super().setFormatter(JsonFormatter(log_format()))
        self.addFilter(NotHealth())

    def setFormatter(self, formatter):
        """The application's, of the handler that this one replaces."""
        self.formatter.own = own_formatters.own(formatter)

    def emit(self, record):
        if not getattr(record, "_cdk8s_django_written", False):
            record._cdk8s_django_written = True
            super().emit(record)


def adapted(made_by, **options):
    """What the application makes its handler by; in place of one that writes lines, Stdout."""
    module, _, attribute = made_by.rpartition(".")
    factory = getattr(importlib.import_module(module), attribute)
    if isinstance(factory, type) and issubclass(factory, logging.StreamHandler):
        return Stdout()
    handler = factory(**options)
    return Stdout() if isinstance(handler, logging.StreamHandler) else handler


def lay(values):
    if log_format():
        if not values.get("LOGGING_CONFIG", True) and not log_config.CONFIGURED:
            # It leaves logging to nobody, or to what comes later.
            del values["LOGGING_CONFIG"]
        config = JsonLogging(values.get("LOGGING") or {})
        values["LOGGING"] = config.config(mails=bool(values.get("ADMINS")))
        values.setdefault("DEFAULT_EXCEPTION_REPORTER", "cdk8s_django.mails.Reporter")


def capture():
    """Python's warnings as lines of the log, also before the application configured it.

    And of each record, in which request it was made.
    """
    if log_format():
        warnings.showwarning = show_warning
        log_config.capture()
        request_ids.mark_records()
        # Unless the application, or an agent beside it, has hooks of its own.
        if sys.excepthook is sys.__excepthook__:
            sys.excepthook = show_exception
        if isinstance(threading.excepthook, types.BuiltinFunctionType):
            threading.excepthook = show_exception_of_thread


def show_warning(message, category, filename, lineno, file=None, line=None):
    if file is not None:
        file.write(warnings.formatwarning(message, category, filename, lineno, line))
        return
    said, place = f"{category.__name__}: {message}", f"{filename}:{lineno}"
    record = record_of("py.warnings", said, "WARNING", place=place)
    logger = logging.getLogger(record.name)
    if not logging.root.handlers:
        write(line_of_record(record), sys.stdout)
    elif logger.isEnabledFor(record.levelno):
        logger.handle(record)


def show_exception(kind, error, trace, message="the process ends"):
    """What nobody catches, in one line, as it would be in the log of a request."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    said, raised = f"{message}: {kind.__name__}: {error}", (kind, error, trace)
    write(line_for("cdk8s_django", said, "ERROR", exc_info=raised), sys.stderr)


def show_exception_of_thread(args):
    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else "?"
        show_exception(*args[:3], message=f"thread {name} ends")


def note(message, level="WARNING"):
    """One line on stderr, before logging is configured."""
    line = f"cdk8s-django: {masks.masked(message)}"
    if log_format():
        line = line_for("cdk8s_django", line, level)
    write(line, sys.stderr)


def write(line, stream):
    """At once: print writes its end apart, and another process may write before it."""
    stream.write(f"{line}\n")
    stream.flush()


def record_of(logger, message, level, **more):
    number = logging.getLevelName(level)
    return logging.makeLogRecord(
        {"name": logger, "msg": message, "levelname": level, "levelno": number, **more}
    )


def line_of_record(record):
    return JsonFormatter(log_format()).format(record)


def line_for(logger, message, level, **more):
    """The line that a logger would write if logging were configured."""
    return line_of_record(record_of(logger, message, level, **more))
