"""Starts gunicorn, whose options on the command line win over those of gunicorn_conf."""

import os
import sys

from gunicorn.app.wsgiapp import run

from cdk8s_django import command_line, listen
from cdk8s_django.errors import Failure

# Older ones keep each connection of a client that has gone.
OLDEST_FOR_ASGI = (26, 1)


# What the image or the program gives in GUNICORN_CMD_ARGS, which would win over gunicorn_conf.
GIVEN = []


def serve(options):
    GIVEN.append(os.environ.pop("GUNICORN_CMD_ARGS", ""))
    if options.worker_class == "asgi":
        check_version()
    binds = (("--bind", f"fd://{sock.detach()}") for sock in listen.sockets(options.port))
    jitter = options.max_requests and round(options.max_requests / 10)
    graceful = options.graceful_timeout
    named = {
        "--worker-class": options.worker_class,
        "--workers": options.processes,
        "--threads": options.threads,
        "--timeout": graceful,
        "--graceful-timeout": graceful,
        "--keep-alive": options.keep_alive,
        "--max-requests": options.max_requests,
        "--max-requests-jitter": jitter,
    }
    given = [(name, str(value)) for name, value in named.items() if value is not None]
    sys.argv = [
        command_line.program("gunicorn"),
        *("--config", "python:cdk8s_django.gunicorn_conf"),
        *(word for pair in [*binds, *given] for word in pair),
        options.application,
    ]
    run(prog="gunicorn")


def check_version():
    from gunicorn import __version__, version_info

    if version_info[:2] < OLDEST_FOR_ASGI:
        raise Failure(
            f"gunicorn {__version__} leaks connections under ASGI: the image needs 26.1 or newer"
        )
