"""[F8] Applications decide by sys.argv what they do: they see what they would see by hand."""

import os
import subprocess
import sys

import pytest
from test_celery import wait_for

from conftest import ASGI, PROJECT, SERVERS, WSGI, environment, free_port, python

SETTINGS = {"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.argument_settings"}
BIN = os.path.dirname(sys.executable)


def seen(log):
    """The arguments that each process of the application has seen."""
    lines = [line for line in log.splitlines() if line.startswith("arguments: ")]
    return [line.split()[1:] for line in lines]


def by_hand(*arguments):
    """What a process of the application sees that somebody starts at a command line."""
    process = subprocess.Popen(
        [os.path.join(BIN, arguments[0]), *arguments[1:]],
        env=environment(**SETTINGS),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in process.stdout:
            if line.startswith("arguments: "):
                return line.split()[1:]
        raise AssertionError("the application was not loaded")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def looks(arguments):
    """What applications derive from them."""
    return {
        "program": arguments[0],
        "server": any(
            name in arguments[0] for name in ("gunicorn", "uvicorn", "daphne", "granian")
        ),
        "manage": arguments[0].endswith("manage.py"),
        "command": arguments[1:2] in (["migrate"], ["test"], ["runserver"]),
        "runserver": "runserver" in arguments,
        "serves": any(word in (WSGI, ASGI) for word in arguments),
        "ours": any("cdk8s" in word for word in arguments),
    }


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("kind", SERVERS)
def test_f8_under_a_server_as_by_hand(serve, kind, processes):
    """[F8]"""
    several = [] if kind == "daphne" else ["--processes", processes]
    server = serve(kind, *several, **SETTINGS)
    program = SERVERS[kind][2]
    is_asgi = ASGI in SERVERS[kind]
    options = {
        "gunicorn": ["--worker-class", "asgi" if is_asgi else "gthread", "--bind"],
        "uvicorn": ["--port"],
        "daphne": ["--port"],
        "granian": ["--interface", "asgi" if is_asgi else "wsgi", "--port"],
    }[program]
    port = free_port()
    where = f"127.0.0.1:{port}" if program == "gunicorn" else str(port)
    expected = looks(by_hand(program, *options, where, ASGI if is_asgi else WSGI))
    if program == "gunicorn":
        expected["ours"] = True  # the file of its settings
    assert expected["program"] == os.path.join(BIN, program)
    # Processes beside the first are started when it has loaded the application.
    wait_for(lambda: len(seen(server.log)) >= (int(processes) if several else 1))
    for arguments in seen(server.log):
        assert looks(arguments) == expected


@pytest.mark.parametrize(
    "module, arguments",
    [
        (["command", "--deadline", "50", "check", "--tag", "models"], "check --tag models"),
        (["create_superuser"], "createsuperuser"),
        (["keep_static"], "collectstatic"),
    ],
)
def test_f8_in_jobs_and_init_containers_as_manage_py(migrated, module, arguments):
    """[F8]"""
    done = python("-m", f"cdk8s_django.{module[0]}", *module[1:], **migrated, **SETTINGS)
    assert seen(done.stdout) == [["manage.py", *arguments.split()]]


def test_f8_under_celery_as_by_hand(tmp_path):
    """[F8] Applications ask: sys.argv[0].endswith("celery") and "worker" in sys.argv."""
    done = python(
        *("-m", "celery", "--app", "cdk8s_django.celery_app", "inspect", "ping", "--timeout", "1"),
        **SETTINGS,
        CDK8S_DJANGO_CELERY_APP="mysite.celery:app",
        CELERY_BROKER_URL="redis://127.0.0.1:1/0",
    )
    [arguments] = seen(done.stdout)
    assert arguments[0] == os.path.join(BIN, "celery")
    assert arguments[1:4] == ["--app", "cdk8s_django.celery_app", "inspect"]
