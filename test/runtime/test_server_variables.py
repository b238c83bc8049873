"""[F21] Variables of web servers in an image: what counts, and a line for what does not."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT, SERVERS, environment, free_port

LISTS = Path(__file__).parents[2] / "src" / "django-app" / "server-variables.ts"


def children(server):
    with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children") as found:
        return found.read().split()


@pytest.mark.parametrize(
    "arguments, says",
    [
        ("--bind 127.0.0.1:1 --workers=3", "bind, workers"),
        ("--reload --threads 9 -k sync", "reload, threads, worker_class"),
        ("--daemon --pid /nowhere/pid", "daemon, pidfile"),
        ("--check-config --user 1", "check_config, user"),
        ("--certfile /nowhere --keyfile /nowhere", "certfile, keyfile"),
        ("--worker-tmp-dir /nowhere --logger-class no.Such", "logger_class, worker_tmp_dir"),
        ("--proxy-protocol --timeout 1 --keep-alive 1", "keepalive, proxy_protocol, timeout"),
    ],
)
def test_f21_what_breaks_a_pod_does_not_count_and_is_named(serve, migrated, arguments, says):
    server = serve(**migrated, GUNICORN_CMD_ARGS=arguments)
    assert server.get("/questions").status == 200
    assert len(children(server)) == 1
    said = "cdk8s-django: GUNICORN_CMD_ARGS is read; the pod's own values win for "
    [line] = [line for line in server.log.splitlines() if said in line]
    assert re.sub(r"proxy_protocol \w+", "proxy_protocol", line) == said + says


def test_f21_what_is_fine_counts(serve, migrated, tmp_path):
    own = tmp_path / "deploy.py"
    own.write_text("def post_fork(server, worker):\n    print('own post_fork', flush=True)\n")
    arguments = f"--config {own} --access-logformat 'own %(s)s' --preload --max-requests 5000"
    server = serve(**migrated, GUNICORN_CMD_ARGS=arguments, CDK8S_DJANGO_LOG_FORMAT=None)
    assert server.get("/questions").status == 200
    server.stop()
    assert "own post_fork" in server.log
    assert "own 200" in server.log
    assert "GUNICORN_CMD_ARGS is read\n" in server.log
    assert f"{own} is read\n" in server.log


@pytest.mark.parametrize("conf", ["threads = 4\n", "daemon = False\nthreads = 4\nreload = True\n"])
def test_f20_threads_of_the_projects_file_make_no_other_class(serve, migrated, tmp_path, conf):
    (tmp_path / "gunicorn.conf.py").write_text(conf)
    sync = [*SERVERS["wsgi"][:3], "--worker-class", "sync", SERVERS["wsgi"][-1]]
    server = serve(sync, cwd=tmp_path, **migrated)
    assert "Using worker: sync" in server.log
    wins = "reload, threads" if "reload" in conf else "threads"
    assert f"gunicorn.conf.py is read; the pod's own values win for {wins}\n" in server.log


@pytest.mark.parametrize(
    "variables, line",
    [
        (
            {"GUNICORN_CMD_ARGS": "--no-such-option"},
            "GUNICORN_CMD_ARGS cannot be read: unrecognized arguments: --no-such-option",
        ),
        ({"GUNICORN_CMD_ARGS": "--config /nowhere.py"}, "nowhere.py cannot be read: "),
        ({"GUNICORN_CMD_ARGS": "--env 'A"}, "GUNICORN_CMD_ARGS cannot be read: ValueError: "),
    ],
)
def test_f21_what_cannot_be_read_ends_the_start_in_one_line(variables, line):
    done = subprocess.run(
        [sys.executable, *SERVERS["wsgi"], "--port", str(free_port())],
        env=environment(**variables),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"the web server cannot start: {line}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("count", ["3", "auto"])
@pytest.mark.parametrize("kind", SERVERS)
def test_f21_a_number_of_processes_in_the_image_does_not_count(serve, kind, count):
    server = serve(kind, WEB_CONCURRENCY=count)
    said = "WEB_CONCURRENCY of the image has no effect: the manifests say how"
    assert (said in server.log) == (kind != "daphne")
    if "wsgi" in kind:
        assert len(children(server)) == 1


@pytest.mark.parametrize(
    "kind, variables",
    [
        ("asgi", {"UVICORN_WORKERS": "3", "UVICORN_HOST": "127.0.0.2", "UVICORN_RELOAD": "true"}),
        ("granian", {"GRANIAN_WORKERS": "3", "GRANIAN_PORT": "1", "GRANIAN_RELOAD": "true"}),
    ],
)
def test_f21_variables_of_a_command_line_that_is_not_used_are_named(serve, kind, variables):
    own = {f"{SERVERS[kind][2].upper()}_OWN": "1"}
    server = serve(kind, **variables, **own)
    names = ", ".join(sorted(variables))
    assert f"cdk8s-django: {names} of the image have no effect: the manifests say" in server.log


@pytest.mark.parametrize("kind", ["asgi", "wsgi", "daphne", "granian"])
def test_f21_nothing_is_said_of_variables_of_others(serve, kind):
    other = {"UVICORN_WORKERS": "2", "GRANIAN_WORKERS": "2", "GUNICORN_CMD_ARGS": "--workers 2"}
    own = {"asgi": "UVICORN_WORKERS", "wsgi": "GUNICORN_CMD_ARGS", "granian": "GRANIAN_WORKERS"}
    other.pop(own.get(kind), None)
    server = serve(kind, **other, WEB_CONCURRENCY="1", PORT="1")
    assert "no effect" not in server.log
    assert "is read" not in server.log


@pytest.mark.parametrize(
    "program, module, command",
    [("uvicorn", "uvicorn.main", "main"), ("granian", "granian.cli", "cli")],
)
def test_f21_synth_knows_the_options_of_these_servers(program, module, command):
    """Of the newest release; older ones have fewer."""
    params = getattr(importlib.import_module(module), command).params
    text = re.search(rf"  {program}: words\(([^)]+)\)", LISTS.read_text())[1]
    known = set(re.findall(r"\w+", text))
    names = {one.name.upper() for one in params}
    assert names <= known
    if sys.version_info >= (3, 12) and os.environ.get("RUNTIME_TEST_TELEMETRY"):
        assert names == known
