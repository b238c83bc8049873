"""What a process of a web server does around the loading of the application."""

import contextlib
import os
import sys

from cdk8s_django import metrics
from cdk8s_django.environment import flag
from cdk8s_django.errors import Failure, reason
from cdk8s_django.logs import note

# As the pod has it: the application's own module may set another one.
SETTINGS_MODULE = os.environ.get("DJANGO_SETTINGS_MODULE")


@contextlib.contextmanager
def loading():
    """Around the import of the application: a failure ends the process, and a line says why."""
    metrics.count_as_one_of_few()
    try:
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
