"""Tasks on a real Redis: none is lost, and what waits is where an autoscaler counts it.

Here workers are killed, rolled and taken away. test/cluster/celery.test.ts does it with pods.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

import own_celery
import pytest
import redis
from celery import VERSION
from test_celery import Celery, end, wait_for

from conftest import PROJECT, RUNTIME, free_port, python

TASKS = 1000
CONCURRENCY = 4
# Each has a number, of which the application keeps a set: done at least once. `may` is the number
# of those that may be done, where a test wants to act in the midst of them.
COUNT = """
@app.task
def count(number, seconds=0.01):
    time.sleep(seconds)
    import redis
    numbers = redis.Redis.from_url(os.environ["TEST_DONE"])
    while numbers.zcard("done") >= int(numbers.get("may") or 1e9):
        time.sleep(0.05)
    numbers.zincrby("done", 1, number)
"""
SEND = """
import django, sys; django.setup()
from own_celery_app import app, count, killed, wait
{}
"""


class Own(Celery):
    """Workers of an application of the test's own, on a real Redis."""

    def __init__(self, folder, stack, **settings):
        super().__init__(folder, stack)
        own_celery.write(folder, **settings)
        with (folder / "own_celery_app.py").open("a") as app:
            app.write(COUNT)
        self.variables.update(
            PYTHONPATH=f"{RUNTIME}{os.pathsep}{PROJECT}{os.pathsep}{folder}",
            CDK8S_DJANGO_SETTINGS_MODULE="own_settings",
            CDK8S_DJANGO_CELERY_APP="own_celery_app:app",
            CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT="15",
            TEST_DONE=f"redis://127.0.0.1:{self.port}/1",
        )
        self.redis = redis.Redis(port=self.port)
        self.numbers = redis.Redis(port=self.port, db=1)

    def broker(self):
        server = shutil.which("redis-server") or shutil.which("valkey-server")
        assert server, "redis-server is needed, or valkey-server"
        options = ("--port", str(self.port), "--save", "", "--dir", str(self.folder))
        with self.log.open("a") as output:
            process = subprocess.Popen([server, *options], stdout=output, stderr=output)
        self.stack.callback(process.kill)
        wait_for(self.answers)

    def answers(self):
        with contextlib.suppress(redis.ConnectionError):
            return self.redis.ping()

    def worker(self, *options, concurrency=CONCURRENCY):
        celery = ("-m", "celery", "--app", "cdk8s_django.celery_app", "worker")
        # Each its own, or another worker would say that this one is ready.
        number = self.heartbeat = free_port()
        self.variables["CDK8S_DJANGO_HEARTBEAT_PORT"] = str(self.heartbeat)
        name = ("--hostname", f"worker{number}@test", "--loglevel", "INFO")
        process = self.start(
            *celery, *name, "--concurrency", str(concurrency), "--without-gossip", *options
        )
        wait_for(lambda: self.probe("ready"), seconds=60)
        return process

    def run(self, program):
        done = python("-c", SEND.format(program), **self.variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def done(self):
        return self.numbers.zcard("done")

    def waiting(self):
        return self.redis.llen("celery")

    def state(self):
        return {
            "done": self.done(),
            "waiting": self.waiting(),
            "unacknowledged": self.redis.hlen("unacked"),
            "seconds that one may look for them": self.redis.ttl("unacked_mutex"),
        }


@pytest.fixture
def own(tmp_path):
    """own(settings, **environment): a broker, and an application that uses it."""
    with contextlib.ExitStack() as stack:

        def own(settings=None, **variables):
            made = Own(tmp_path, stack, **(settings or {}))
            made.variables.update(variables)
            made.broker()
            return made

        yield own


def test_1000_tasks_are_each_done_through_kills_a_rollout_and_a_scale_down(own):
    app = own(CDK8S_DJANGO_CELERY_ACKS_LATE="true")
    workers = [app.worker(), app.worker()]
    app.numbers.set("may", 0)
    app.run(f"for number in range({TASKS}): count.delay(number, 0.02)")
    # What a worker took and did not note yet is lost with it (celery/kombu#305). So each has all
    # that it may take, and takes no more.
    wait_for(lambda: app.redis.hlen("unacked") == 2 * CONCURRENCY, what=app.state)
    # The whole pod, as a node that is lost: main process and pool.
    end(workers.pop())
    workers.append(app.worker())
    app.numbers.set("may", 300)
    wait_for(lambda: app.done() >= 300, what=app.state)
    # A rollout: the new one is there, the old one is told to end, and finishes what it has.
    workers.append(app.worker())
    app.numbers.delete("may")
    ends(workers.pop(0))
    wait_for(lambda: app.done() > 500, what=app.state)
    # A scale-down.
    ends(workers.pop(0))
    # Older releases of kombu look for what nobody acknowledges each 100 s.
    wait_for(lambda: app.done() == TASKS, seconds=150, what=app.state)
    wait_for(lambda: app.redis.hlen("unacked") == 0 and app.waiting() == 0, what=app.state)
    counts = [count for _, count in app.numbers.zrange("done", 0, -1, withscores=True)]
    # Twice at most what three workers had when they were killed or told to end.
    assert sum(count > 1 for count in counts) <= 3 * CONCURRENCY


def ends(worker):
    worker.terminate()
    # A process of the pool waits 30 s for its last result to be read (billiard 4.2), and Celery
    # does not always read those of tasks that end just then.
    assert worker.wait(60) == 0


@pytest.mark.parametrize("asked", ["ACKS_LATE", "SEES_QUEUE"])
def test_what_an_autoscaler_counts_is_what_waits_but_for_what_runs(own, asked):
    app = own(
        CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT="3600", **{f"CDK8S_DJANGO_CELERY_{asked}": "true"}
    )
    app.worker()
    app.run("for number in range(60): count.delay(number, 0.3)")
    # Before 5.6 a worker that acknowledges early takes as many more as it runs.
    beyond = 2 * CONCURRENCY if VERSION < (5, 6) and "SEES" in asked else CONCURRENCY
    wait_for(lambda: app.done() >= 5)
    looked = 0
    while app.done() < 45:
        waiting, done = app.waiting(), app.done()
        assert 60 - done - beyond - 2 <= waiting <= 60 - done, (waiting, done)
        looked += 1
        time.sleep(0.1)
    assert looked > 1
    wait_for(lambda: app.done() == 60)


def test_a_worker_of_an_application_that_was_not_asked_takes_as_many_as_celery_says_f46(own):
    app = own(CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT="3600")
    app.worker(concurrency=2)
    app.run("for number in range(30): count.delay(number, 1)")
    wait_for(lambda: app.done() > 0)
    assert app.waiting() <= 30 - 2 * 4


def test_a_limit_of_the_settings_does_not_undo_that_of_the_program_f22(own):
    limits = {"task_time_limit": 60, "task_soft_time_limit": 50}
    app = own(limits, CDK8S_DJANGO_CELERY_TASK_TIME_LIMIT="1")
    app.worker("--soft-time-limit", "1", "--time-limit", "11")
    # The message has the limits of the settings.
    app.run("wait.delay(20)")
    wait_for(lambda: app.noted() == ["began", "soft"])


def test_a_task_whose_process_is_killed_each_time_ends_as_failed(own):
    app = own({"task_default_retry_delay": 0}, CDK8S_DJANGO_CELERY_ACKS_LATE="true")
    with (app.folder / "own_celery_app.py").open("a") as module:
        module.write("killed.max_retries = 2; killed.default_retry_delay = 1\n")
    app.worker(concurrency=1)
    app.notes.touch()
    app.run("killed.delay(99)")
    count = 3
    wait_for(lambda: app.noted().count("began") >= count)
    assert re.search(r"exited with 'signal 9 \(SIGKILL\)'", app.log.read_text())
    if VERSION >= (5, 7):
        wait_for(lambda: app.redis.hlen("unacked") == 0 and app.waiting() == 0)
        time.sleep(3)
        assert app.noted().count("began") == count
        assert "WorkerLostError" in app.log.read_text()


@pytest.mark.parametrize("pool", ["threads", "gevent", "solo"])
def test_pools_do_tasks_give_signs_of_life_meanwhile_and_end_gracefully_f22(own, pool):
    app = own({"worker_pool": pool} if pool == "solo" else {})
    chosen = () if pool == "solo" else ("--pool", pool)
    worker = app.worker(*chosen, "--time-limit", "60")
    wait_for(lambda: app.probe("ready"))
    app.run("wait.delay(14)")
    wait_for(lambda: app.noted() == ["began"])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert app.probe("alive", 8), pool
        time.sleep(1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(40) == 0
    assert app.noted() == ["began", "ended"]


def test_a_task_of_gevent_is_ended_at_its_limit_f22(own):
    app = own(CDK8S_DJANGO_CELERY_TASK_TIME_LIMIT="2")
    app.worker("--pool", "gevent", "--time-limit", "2")
    app.run("wait.delay(20)")
    wait_for(lambda: "Hard time limit (2" in app.log.read_text())
    assert app.noted() == ["began"]


def test_two_applications_of_one_database_do_not_take_each_others_tasks(own, tmp_path):
    app = own()
    options = '{"global_keyprefix": "%s:"}'
    app.variables["CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS"] = options % "shop"
    app.run("count.delay(1)")
    app.variables["CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS"] = options % "blog"
    app.run("count.delay(2)")
    # Where an autoscaler looks.
    assert app.redis.llen("shop:celery") == app.redis.llen("blog:celery") == 1
    app.worker()
    wait_for(lambda: app.done() == 1)
    time.sleep(2)
    assert app.numbers.zrange("done", 0, -1) == [b"2"]
    assert app.redis.llen("shop:celery") == 1


def test_a_result_is_where_the_application_keeps_it(own):
    app = own()
    app.variables["CELERY_RESULT_BACKEND"] = f"redis://127.0.0.1:{app.port}/2"
    app.worker()
    assert app.run("print(count.delay(1).get(timeout=30) is None)").strip() == "True"
    keys = redis.Redis(port=app.port, db=2).keys()
    assert any(key.startswith(b"celery-task-meta-") for key in keys)
