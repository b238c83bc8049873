"""A worker and a beat as the pods run them, and what the overlay tells Celery and Channels.

That a killed worker loses no task is shown on a cluster, with a real Redis: the one here keeps the
lock under which lost tasks are looked for.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django import heartbeat
from conftest import PROJECT, RUNTIME, environment, free_port, gives_sign, python

BROKER = """
import sys
from fakeredis import TcpFakeServer
TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_type="redis").serve_forever()
"""
SEND = "import django, sys; django.setup(); from mysite import celery; celery.{}.delay(sys.argv[1])"


def wait_for(condition, seconds=90, what=lambda: None):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


class Celery:
    """The processes of one test, in a folder of its own."""

    def __init__(self, folder, stack):
        self.folder = folder
        self.stack = stack
        self.port = free_port()
        self.heartbeat = free_port()
        self.log = folder / "log"
        self.notes = folder / "notes"
        self.variables = {
            "CDK8S_DJANGO_CELERY_APP": "mysite.celery:app",
            "CDK8S_DJANGO_LOG_FORMAT": "json",
            "CDK8S_DJANGO_HEARTBEAT_PORT": str(self.heartbeat),
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.port}/0",
            # The tests may run as root, which Celery warns of.
            "C_FORCE_ROOT": "1",
            "TEST_NOTES": str(self.notes),
        }

    def start(self, *arguments, **variables):
        with self.log.open("a") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env=environment(**{**self.variables, **variables}),
                cwd=PROJECT,
                stdout=output,
                stderr=output,
                # Its children, which outlive a main process that is killed, are ended with it.
                start_new_session=True,
            )
        self.stack.callback(end, process)
        return process

    def broker(self):
        process = self.start("-c", BROKER, str(self.port))
        return process

    def worker(self, **variables):
        celery = ("-m", "celery", "--app", "cdk8s_django.celery_app")
        options = ("--concurrency", "1", "--without-gossip")
        return self.start(*celery, "worker", *options, **variables)

    def beat(self):
        celery = ("-m", "celery", "--app", "cdk8s_django.celery_app")
        schedule = str(self.folder / "schedule")
        return self.start(*celery, "beat", "--schedule", schedule, "--pidfile=")

    def send(self, task, text):
        done = python("-c", SEND.format(task), text, **self.variables)
        assert done.returncode == 0, done.stderr

    def noted(self):
        return self.notes.read_text().split() if self.notes.exists() else []

    def probe(self, sign, seconds=8):
        return gives_sign(self.heartbeat, sign, seconds)


def end(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


@pytest.fixture
def celery(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Celery(tmp_path, stack)


def test_a_worker_is_alive_without_its_broker_and_ready_with_it(celery):
    celery.worker()
    wait_for(lambda: celery.probe("alive"))
    assert not celery.probe("ready")

    broker = celery.broker()
    wait_for(lambda: celery.probe("ready"))
    celery.send("note", "first")
    wait_for(lambda: celery.noted() == ["first"])

    end(broker)
    wait_for(lambda: not celery.probe("ready"))
    # Longer than a sign of life would last.
    time.sleep(10)
    assert celery.probe("alive")

    celery.broker()
    wait_for(lambda: celery.probe("ready"))
    celery.send("note", "second")
    wait_for(lambda: celery.noted() == ["first", "second"])


def test_a_worker_whose_main_loop_hangs_is_not_alive(celery):
    celery.broker()
    worker = celery.worker()
    wait_for(lambda: celery.probe("ready"))
    os.kill(worker.pid, signal.SIGSTOP)
    wait_for(lambda: not celery.probe("alive") and not celery.probe("ready"))
    os.kill(worker.pid, signal.SIGCONT)
    wait_for(lambda: celery.probe("ready"))


def test_a_worker_that_is_told_to_stop_finishes_its_task(celery):
    celery.broker()
    worker = celery.worker()
    wait_for(lambda: celery.probe("ready"))
    celery.send("slow_note", "finished")
    wait_for(lambda: "slow_note" in celery.log.read_text())
    worker.terminate()
    assert worker.wait(20) == 0
    assert celery.noted() == ["finished"]
    assert not celery.probe("ready")


def test_the_log_of_a_worker_is_json_without_the_arguments_of_tasks(celery):
    celery.broker()
    celery.worker()
    wait_for(lambda: celery.probe("ready"))
    celery.send("note", "personal")
    wait_for(lambda: "succeeded" in celery.log.read_text())
    lines = [line for line in celery.log.read_text().splitlines() if "mysite.celery.note[" in line]
    assert lines
    for line in lines:
        assert re.match(r'\{"time": ".*", "level": "INFO", "message": "Task mysite', line)
        assert "personal" not in line


OF_REQUESTS = """
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
import django; django.setup()
from cdk8s_django import request_ids
from mysite import celery
request_ids.connect()
for identity in ("first", "second"):
    request = request_ids.Request(identity, TRACE)
    request_ids.CURRENT.set(request)
    celery.relay.delay(identity)
    request.end()
celery.note.delay("nobody")
"""


def test_lines_of_a_task_have_the_request_that_sent_it_and_no_others(celery, tmp_path):
    celery.broker()
    celery.log = tmp_path / "log-of-celery"
    worker = celery.worker()
    wait_for(lambda: celery.probe("ready"))
    done = python("-c", OF_REQUESTS, **celery.variables)
    assert done.returncode == 0, done.stderr
    noted = ["first", "first-now", "nobody", "second", "second-now"]
    wait_for(lambda: sorted(celery.noted()) == noted)
    worker.terminate()
    worker.wait(20)
    lines = [json.loads(line) for line in celery.log.read_text().splitlines()]
    of = {
        identity: [line for line in lines if line.get("request_id") == identity]
        for identity in ("first", "second")
    }
    for identity, found in of.items():
        messages = [line["message"].partition("[")[0] for line in found]
        succeeded = ["Task mysite.celery.note", "Task mysite.celery.relay"]
        assert set(messages) == {f"{identity} is relayed", *succeeded}
        assert {line["trace_id"] for line in found} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
        # Of both: what was sent and what was done at once. That a message came is said elsewhere.
        assert len([line for line in found if "succeeded" in line["message"]]) == 3
    others = [line for line in lines if line not in [*of["first"], *of["second"]]]
    assert not [line for line in others if "request_id" in line]
    assert [line for line in others if "succeeded" in line["message"]]


def test_a_beat_sends_tasks_and_gives_signs_of_life(celery):
    celery.broker()
    celery.beat()
    celery.worker(CDK8S_DJANGO_HEARTBEAT_PORT=str(free_port()))
    wait_for(lambda: celery.noted()[:2] == ["tick", "tick"])
    assert celery.probe("alive")
    assert celery.probe("ready")


def test_a_beat_is_alive_while_its_scheduler_waits_for_the_lock_of_another():
    """celery-redbeat waits for it before the first tick, for up to 25 minutes."""
    code = (
        "import time, types\nfrom cdk8s_django import heartbeat\n"
        "heartbeat.INTERVAL = 0.1\nfrom cdk8s_django import celery_app\n"
        "beat = types.SimpleNamespace(scheduler=types.SimpleNamespace(tick=lambda: 300))\n"
        "celery_app.beat_init(beat)\ntime.sleep(1.5)\n"
        "print(heartbeat.age('alive') < 1, heartbeat.age('ready'))\n"
        "print(beat.scheduler.tick(), heartbeat.age('ready') < 1)\ntime.sleep(1.5)\n"
        "print(heartbeat.age('alive') > 1)\n"
    )
    done = python(
        *("-c", code),
        CDK8S_DJANGO_CELERY_APP="mysite.celery:app",
        CDK8S_DJANGO_HEARTBEAT_PORT=str(free_port()),
    )
    assert done.stdout == "True None\n0.1 True\nTrue\n", done.stderr


def test_a_beat_is_alive_without_its_broker(celery):
    celery.beat()
    wait_for(lambda: celery.probe("alive"))
    time.sleep(10)
    assert celery.probe("alive")
    assert not celery.probe("ready")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("mysite.celery", "CDK8S_DJANGO_CELERY_APP is 'mysite.celery': it must be like"),
        ("mysite.celery:other", "module 'mysite.celery' has no 'other'"),
        ("mysite.jobs:app", "no module named 'mysite.jobs': it is missing from the image"),
    ],
)
def test_an_application_that_is_not_there_is_said_in_one_line(celery, name, line):
    celery.variables["CDK8S_DJANGO_CELERY_APP"] = name
    worker = celery.worker()
    assert worker.wait(30) == 1
    assert f"cdk8s-django: Celery cannot start: {line}" in celery.log.read_text()
    assert "Traceback" not in celery.log.read_text()


def test_a_sign_counts_for_the_seconds_that_a_probe_says(monkeypatch):
    assert heartbeat.problem("/alive/60") == "not alive yet"
    heartbeat.beat("alive", "ready")
    assert heartbeat.problem("/alive/60") == ""
    monkeypatch.setitem(heartbeat.LAST, "alive", time.monotonic() - 61)
    assert heartbeat.problem("/alive/60") == "not alive for 61 seconds"
    heartbeat.forget("alive", "ready")
    heartbeat.forget("alive")
    assert heartbeat.problem("/ready/15") == "not ready yet"
    for path in ("", "/", "/alive", "/alive/soon", "/alive/-1"):
        assert heartbeat.problem(path) == "no such sign"


def test_no_probe_of_a_worker_starts_a_program_and_a_command_of_celery_takes_no_port(celery):
    """Starved node: an interpreter takes many seconds to start there."""
    celery.broker()
    celery.worker()
    wait_for(lambda: celery.probe("ready"))
    module = ("-m", "celery", "--app", "cdk8s_django.celery_app")
    done = python(*module, "inspect", "ping", "--timeout", "5", **celery.variables)
    assert done.returncode == 0, done.stderr
    assert celery.probe("alive")


def test_celery_is_told_where_its_broker_is_and_nothing_else_f46(load):
    values = load(
        CELERY_BROKER_URL="redis://:p@ss#@queue:6379/0",
        CELERY_BROKER_PASSWORD="p@ss#",
        CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT="60",
    )
    assert values["CELERY_BROKER_URL"] == "redis://:p%40ss%23@queue:6379/0"
    assert os.environ["CELERY_BROKER_URL"] == values["CELERY_BROKER_URL"]
    assert values["CELERY_BROKER_TRANSPORT_OPTIONS"]["visibility_timeout"] == 60
    assert sorted(name for name in values if name.startswith("CELERY_")) == [
        "CELERY_BROKER_TRANSPORT_OPTIONS",
        "CELERY_BROKER_URL",
    ]


def test_what_the_application_says_of_its_broker_itself_stays(load):
    values = load(
        {"CELERY_BROKER_TRANSPORT_OPTIONS": {"global_keyprefix": "polls"}},
        CELERY_BROKER_URL="redis://queue",
    )
    assert values["CELERY_BROKER_TRANSPORT_OPTIONS"]["global_keyprefix"] == "polls"
    assert values["CELERY_BROKER_TRANSPORT_OPTIONS"]["visibility_timeout"] == 3600


def test_without_a_broker_nothing_is_said_of_celery(load):
    assert [name for name in load() if name.startswith("CELERY_")] == []


def test_channels_are_told_of_their_layer(load):
    url = "redis://:p%2Fw@channels:6379/1"
    variables = {
        "CHANNEL_LAYER_URL": "redis://:p/w@channels:6379/1",
        "CHANNEL_LAYER_PASSWORD": "p/w",
    }
    in_memory = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    assert load({"CHANNEL_LAYERS": in_memory}, **variables)["CHANNEL_LAYERS"]["default"] == {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [url]},
    }
    own = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": ["redis://elsewhere"], "prefix": "polls"},
    }
    assert load({"CHANNEL_LAYERS": {"default": own}}, **variables)["CHANNEL_LAYERS"] == {
        "default": {**own, "CONFIG": {"hosts": [url], "prefix": "polls"}}
    }


def test_missing_channels_redis(load, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="package 'channels_redis' is missing"):
        load(CHANNEL_LAYER_URL="redis://channels")


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_f38_each_line_of_a_worker_and_of_beat_is_json(celery, tmp_path, kind):
    """From the first one on: no banner, and no warning as plain text."""
    (tmp_path / "warning_settings.py").write_text(
        "import warnings\nwarnings.warn('from settings')\nfrom mysite.settings import *\n"
    )
    celery.variables["PYTHONPATH"] = os.pathsep.join([str(RUNTIME), str(PROJECT), str(tmp_path)])
    celery.variables["CDK8S_DJANGO_SETTINGS_MODULE"] = "warning_settings"
    celery.broker()
    celery.log = tmp_path / "log-of-celery"
    getattr(celery, kind)()
    wait_for(lambda: celery.probe("ready"))
    lines = celery.log.read_text().splitlines()
    messages = [json.loads(line)["message"] for line in lines]
    assert "UserWarning: from settings" in messages
    if kind == "worker" and os.getuid() == 0:
        assert any("superuser" in message for message in messages)
