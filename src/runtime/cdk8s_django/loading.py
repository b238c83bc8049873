"""What a process of a web server does around the loading of the application."""

import contextlib
import importlib
import os
import sys

from cdk8s_django import metrics, request_ids
from cdk8s_django.environment import flag, number
from cdk8s_django.errors import Failure, reason
from cdk8s_django.logs import log_format, note

# As the pod has it: the application's own module may set another one.
SETTINGS_MODULE = os.environ.get("DJANGO_SETTINGS_MODULE")


def begin(capacity=None):
    """Before the application is loaded: the process counts from now on, where metrics are shown."""
    metrics.count_as_one_of_few()
    if flag("CDK8S_DJANGO_TRACES"):
        importlib.import_module("cdk8s_django.traces").prepare()
    if number("CDK8S_DJANGO_METRICS_PORT"):
        importlib.import_module("cdk8s_django.instruments").start(capacity)


@contextlib.contextmanager
def loading():
    """Around the import of the application: a failure ends the process, and a line says why."""
    try:
        begin(number("CDK8S_DJANGO_REQUEST_CAPACITY"))
        yield
        loaded()
    except (Exception, SystemExit) as error:
        note(f"the web server cannot start: {reason(error)}", level="ERROR")
        sys.exit(3)


def loaded():
    """The process serves afterwards: what the first request would import is there already."""
    check_settings_module()
    from django.urls import get_resolver

    # What is wrong with it is the startup probe's to say.
    with contextlib.suppress(Exception):
        list(get_resolver().url_patterns)
    instruments = sys.modules.get("cdk8s_django.instruments")
    if instruments:
        instruments.loaded()
    if log_format():
        request_ids.connect()


def flush_traces():
    """Before the process ends."""
    traces = sys.modules.get("cdk8s_django.traces")
    if traces:
        traces.flush()


def served(application, is_asgi):
    """What the server calls: the application, whose requests have ids where logs are JSON."""
    if is_asgi and "cdk8s_django.instruments" in sys.modules:
        application = importlib.import_module("cdk8s_django.websocket_metrics").counted(application)
    if not log_format():
        return application
    return request_ids.of_asgi(application) if is_asgi else request_ids.of_wsgi(application)


def check_settings_module():
    """Without the overlay every probe would fail, and nothing would say why."""
    from django.conf import settings

    name = getattr(settings, "SETTINGS_MODULE", None)
    if SETTINGS_MODULE and name != SETTINGS_MODULE:
        raise Failure(
            f"it uses the settings module '{name}' in spite of DJANGO_SETTINGS_MODULE: "
            f"let {'asgi.py' if flag('CDK8S_DJANGO_ASGI') else 'wsgi.py'} call "
            "os.environ.setdefault()"
        )
