"""Traces of Django's own Tasks: each run is a span of the trace in whose midst it was sent.

OpenTelemetry has no package for them, so the span is the library's own. It is called as those of
Celery are.
"""

import importlib
import os

from cdk8s_django import request_ids, traces


def connect(compat):
    """In a worker, when its application is there and the request is known that sent a task."""
    traces.start()
    if traces.STARTED.get(os.getpid()):
        runs = Runs()
        compat.task_started.connect(runs.began, weak=False)
        compat.task_finished.connect(runs.ended, weak=False)


class Runs:
    """A worker runs one task at a time."""

    span = token = None

    def __init__(self):
        self.context = importlib.import_module("opentelemetry.context")
        self.propagate = importlib.import_module("opentelemetry.propagate")
        self.trace = importlib.import_module("opentelemetry.trace")
        self.tracer = self.trace.get_tracer("cdk8s_django.tasks")

    def began(self, task_result, **_):
        request = request_ids.CURRENT.get()
        sent_in = {"traceparent": request.trace} if request and request.trace else {}
        parent = self.propagate.extract(sent_in, self.context.Context())
        self.span = self.tracer.start_span(
            f"run/{task_result.task.module_path}",
            parent,
            self.trace.SpanKind.CONSUMER,
            {
                "messaging.message.id": str(task_result.id),
                "messaging.destination.name": task_result.task.queue_name,
            },
        )
        self.token = self.context.attach(self.trace.set_span_in_context(self.span, parent))

    def ended(self, task_result, **_):
        if self.span is None:
            return
        if str(task_result.status) == "FAILED":
            errors = [error.exception_class_path for error in task_result.errors[-1:]]
            self.span.set_status(self.trace.StatusCode.ERROR, *errors)
        self.span.end()
        self.context.detach(self.token)
        self.span = self.token = None
