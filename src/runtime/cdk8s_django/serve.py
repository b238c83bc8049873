"""python -m cdk8s_django.serve gunicorn|uvicorn|daphne|granian OPTION… mysite.wsgi:application

Starts the web server of a pod, with the options that it has for these. Each server listens on the
addresses that the pod has, and finds the folder of its metrics. With CDK8S_DJANGO_METRICS_PORT the
processes count what they do, and this one shows it there.
"""

import argparse
import importlib
import importlib.util
import os
import sys

from cdk8s_django import metrics
from cdk8s_django.environment import flag, number
from cdk8s_django.errors import Failure, reason
from cdk8s_django.logs import note

SERVERS = ("gunicorn", "uvicorn", "daphne", "granian")


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.serve")
    parser.add_argument("program", choices=SERVERS)
    parser.add_argument("application")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1)
    # Seconds: for requests when it is told to stop; for connections that nobody uses.
    parser.add_argument("--graceful-timeout", type=int, default=30)
    parser.add_argument("--keep-alive", type=int, default=65)
    # Those that not every server has.
    parser.add_argument("--worker-class")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--max-requests", type=int)
    return parser.parse_args(arguments)


def main(arguments):
    options = options_of(arguments)
    try:
        if importlib.util.find_spec(options.program) is None:
            raise Failure(
                f"the package '{options.program}' is missing from the image: install it, or give "
                "the DjangoApp another wsgiServer or asgiServer"
            )
        metrics.make_folder(is_first=True)
        if number("CDK8S_DJANGO_METRICS_PORT"):
            page = importlib.import_module("cdk8s_django.metric_page")
            page.tell(options.program, page.waiting)
        if flag("CDK8S_DJANGO_TRACES"):
            traces = importlib.import_module("cdk8s_django.traces")
            traces.say_missing(is_asgi=flag("CDK8S_DJANGO_ASGI"))
        say_ignored(options)
        server = importlib.import_module(f"cdk8s_django.{options.program}_server")
        server.serve(options)
    except Failure as error:
        note(f"the web server cannot start: {reason(error)}", level="ERROR")
        sys.exit(1)


def say_ignored(options):
    """The image's own variables for this server which count nowhere, because pods are told."""
    prefix = f"{options.program.upper()}_"
    ignored = [name for name in sorted(os.environ) if is_option(options.program, prefix, name)]
    count = os.environ.get("WEB_CONCURRENCY", "").strip()
    if count and options.program != "daphne" and count != str(options.processes):
        ignored.append("WEB_CONCURRENCY")
        if not count.isdecimal():
            # gunicorn trips over it.
            del os.environ["WEB_CONCURRENCY"]
    if ignored:
        have = "have" if len(ignored) > 1 else "has"
        note(
            f"{', '.join(ignored)} of the image {have} no effect: the manifests say how "
            f"{options.program} is started (processes: {options.processes})"
        )


def is_option(program, prefix, name):
    """Whether it is a variable of the server's command line, which is not used."""
    module = {"uvicorn": "uvicorn.main", "granian": "granian.cli"}.get(program)
    if not module or not name.startswith(prefix):
        return False
    found = vars(importlib.import_module(module)).values()
    commands = [one for one in found if isinstance(getattr(one, "params", None), list)]
    return name[len(prefix) :] in {one.name.upper() for each in commands for one in each.params}


if __name__ == "__main__":
    main(sys.argv[1:])
