"""Logs as one JSON object a line, in the keys of the platform. Standard library only."""

import contextvars
import json
import logging
import os
import re
import sys
import time

from cdk8s_django.environment import HEALTH_PATHS, text

# The trace header of the request being served; set by FirstMiddleware.
TRACE = contextvars.ContextVar("cdk8s_django_trace", default=None)

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "server_time"}
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def log_format():
    """'json', 'gke', or '' to leave logging alone."""
    name = text("CDK8S_DJANGO_LOG_FORMAT").lower()
    return name if name in ("json", "gke") else ""


class JsonFormatter(logging.Formatter):
    """The generic keys, or those that Google Cloud's logging agent knows."""

    def __init__(self, platform="json"):
        super().__init__()
        self.gke = platform == "gke"

    def format(self, record):
        message = record.getMessage()
        stack = self.formatException(record.exc_info) if record.exc_info else record.exc_text
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
        entry.update(self.trace())
        request = getattr(record, "request", None)
        if hasattr(request, "path"):
            entry["method"] = request.method
            entry["path"] = request.path
        for key, value in vars(record).items():
            if key == "data" and record.name.startswith("celery."):
                continue  # the arguments of a task, which may be personal
            if key not in STANDARD and key not in entry:
                entry[key] = value
        return json.dumps(entry, default=str, ensure_ascii=False)

    def trace(self):
        match = TRACEPARENT.match(TRACE.get() or "")
        if not match:
            return {}
        trace, span, flags = match.groups()
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


class NotHealth(logging.Filter):
    """Drops uvicorn's access lines of probes: they say nothing and come every few seconds."""

    def filter(self, record):
        if record.name != "uvicorn.access" or len(record.args or ()) < 3:
            return True
        return str(record.args[2]).partition("?")[0] not in HEALTH_PATHS


def lay(values):
    platform = log_format()
    if not platform:
        return
    level = text("CDK8S_DJANGO_LOG_LEVEL", "INFO").upper()
    # The levels that the application chose stay; its handlers go (a file, a coloured console).
    loggers = {}
    for name, config in values.get("LOGGING", {}).get("loggers", {}).items():
        kept = {key: config[key] for key in ("level", "propagate") if key in config}
        # Without a handler a logger must propagate or its lines are lost.
        loggers[name] = {**kept, "handlers": [], "propagate": True}
    loggers.setdefault("django", {"level": level, "handlers": []})
    handlers = {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
            "filters": ["not_health"],
        }
    }
    if values.get("ADMINS"):
        handlers["mail_admins"] = {
            "level": "ERROR",
            "class": "django.utils.log.AdminEmailHandler",
        }
        loggers["django"]["handlers"] = ["mail_admins"]
    for name in ("django.server", "uvicorn", "uvicorn.error", "uvicorn.access", "daphne"):
        loggers.setdefault(name, {"handlers": [], "propagate": True, "level": level})
    values["LOGGING"] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "cdk8s_django.logs.JsonFormatter", "platform": platform}},
        "filters": {"not_health": {"()": "cdk8s_django.logs.NotHealth"}},
        "handlers": handlers,
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": loggers,
    }


def note(message, level="WARNING"):
    """One line on stderr, before logging is configured."""
    line = f"cdk8s-django: {message}"
    if log_format():
        record = logging.makeLogRecord(
            {"msg": line, "levelname": level, "name": "cdk8s_django", "process": os.getpid()}
        )
        line = JsonFormatter(log_format()).format(record)
    print(line, file=sys.stderr, flush=True)
