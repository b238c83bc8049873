"""Tasks through a Sentinel, while another server becomes the primary: none fails to be sent."""

import contextlib
import shutil
import subprocess
import time

import kombu.transport
import pytest
import redis
from celery import Celery

from cdk8s_django import sentinels
from conftest import free_port

DOWN_MILLISECONDS = 500


class Servers:
    """A primary and a replica, which both refuse writes without a replica, and one Sentinel."""

    def __init__(self, folder, stack):
        self.folder = folder
        self.stack = stack
        self.program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert self.program, "redis-server is needed, or valkey-server"
        self.ports = [free_port(), free_port()]
        self.sentinel = free_port()
        self.processes = {}
        self.start(self.ports[0])
        self.start(self.ports[1], replica_of=self.ports[0])
        (folder / "sentinel.conf").write_text(
            f"port {self.sentinel}\n"
            f"sentinel monitor queue 127.0.0.1 {self.ports[0]} 1\n"
            f"sentinel down-after-milliseconds queue {DOWN_MILLISECONDS}\n"
            "sentinel failover-timeout queue 3000\n"
        )
        self.run("sentinel", str(folder / "sentinel.conf"), "--sentinel")
        self.until(lambda: self.state().get("num-slaves") == 1)

    def start(self, port, replica_of=None):
        options = {
            "port": port,
            "dir": self.folder,
            "save": "",
            "repl-diskless-sync-delay": 0,
            "min-replicas-to-write": 1,
        }
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        if replica_of:
            arguments += ["--replicaof", "127.0.0.1", str(replica_of)]
        self.run(port, *arguments)

    def run(self, name, *arguments):
        self.processes[name] = subprocess.Popen(
            [self.program, *arguments], stdout=subprocess.DEVNULL, cwd=self.folder
        )
        self.stack.callback(self.processes[name].kill)

    def kill(self, port):
        self.processes[port].kill()
        self.processes[port].wait()

    def state(self):
        with contextlib.suppress(redis.RedisError):
            return redis.Redis(port=self.sentinel).sentinel_master("queue")
        return {}

    def until(self, holds):
        ends = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < ends
            time.sleep(0.05)

    def celery(self):
        app = Celery(broker=f"sentinel://127.0.0.1:{self.sentinel}/0")
        app.conf.broker_transport_options = {"master_name": "queue"}
        app.conf.task_ignore_result = True
        return app


@pytest.fixture
def servers(tmp_path, monkeypatch):
    name = "cdk8s_django.sentinels:Transport"
    monkeypatch.setitem(kombu.transport.TRANSPORT_ALIASES, "sentinel", name)
    with contextlib.ExitStack() as stack:
        yield Servers(tmp_path, stack)


def test_a_task_waits_for_the_next_primary_and_until_that_has_a_replica(servers):
    app = servers.celery()
    first, second = servers.ports
    app.send_task("before")
    servers.until(lambda: redis.Redis(port=second).llen("celery") == 1)
    servers.kill(first)
    # A replica of the next primary, without which that refuses writes, comes after it is one.
    servers.start(free_port(), replica_of=second)
    began = time.monotonic()
    app.send_task("after")
    assert time.monotonic() - began > DOWN_MILLISECONDS / 1000
    assert servers.state()["port"] == second
    assert redis.Redis(port=second).llen("celery") == 2


def test_a_connection_finds_the_next_primary_when_the_last_one_is_its_replica(servers):
    app = servers.celery()
    first, second = servers.ports
    app.send_task("before")
    servers.until(lambda: redis.Redis(port=second).llen("celery") == 1)
    redis.Redis(port=second).replicaof("no", "one")
    redis.Redis(port=first).replicaof("127.0.0.1", second)
    # By itself a Sentinel would make the first one the primary again.
    sentinel = redis.Redis(port=servers.sentinel)
    sentinel.execute_command("SENTINEL", "REMOVE", "queue")
    sentinel.execute_command("SENTINEL", "MONITOR", "queue", "127.0.0.1", str(second), "1")
    app.send_task("after")
    assert redis.Redis(port=second).llen("celery") == 2


def test_without_a_primary_sending_fails_after_a_while(servers, monkeypatch):
    monkeypatch.setattr(sentinels, "PATIENCE", 1)
    app = servers.celery()
    app.send_task("before")
    for port in servers.ports:
        servers.kill(port)
    began = time.monotonic()
    with pytest.raises(Exception, match=r"no primary of the broker took it|No master found"):
        app.send_task("after", retry=False)
    assert time.monotonic() - began < 15


def test_an_error_of_the_command_is_not_tried_again(servers):
    connection = servers.celery().connection_for_write()
    began = time.monotonic()
    with pytest.raises(redis.ResponseError, match="wrong number"):
        connection.default_channel.client.execute_command("LPUSH", "celery")
    assert time.monotonic() - began < 1


def test_patience_has_an_end_also_when_each_connection_begins_it_anew():
    backoff = sentinels.Backoff()
    backoff.reset()
    assert all(0 < backoff.compute(failures) <= 1 for failures in range(sentinels.MOST))
    with pytest.raises(sentinels.ConnectionError):
        backoff.compute(sentinels.MOST + 1)
