"""What workers and beat show of tasks: of Celery on a real Redis, and of Django's own Tasks."""

import contextlib
import os
import signal
import time
from datetime import datetime, timedelta, timezone

import pytest
import test_celery_tasks
from scrapes import Scrape, Scraper, wait_for, wait_for_sum

from cdk8s_django import celery_metrics, instruments
from conftest import free_port, python, sql

RUNS = "django_task_runs_total"
FINISHED = "django_tasks_finished_total"
LENGTH = "django_queue_length"
AGE = "django_queue_age_seconds"

# --- Celery

TASKS = """
from celery.exceptions import Ignore, Reject

@app.task
def fails():
    raise ValueError("as it should")

@app.task(bind=True, max_retries=2, default_retry_delay=0)
def retried(self):
    raise self.retry(exc=ValueError("again"), countdown=0)

@app.task
def ignored():
    raise Ignore()

@app.task(time_limit=1)
def endless():
    time.sleep(60)
"""
# A process that counts, such as one of a web server.
SEND = """
import django; django.setup()
from own_celery_app import *
from cdk8s_django import instruments
instruments.loaded()
{}
"""


@pytest.fixture
def celery(tmp_path, monkeypatch):
    """An application on a broker, whose workers count."""
    monkeypatch.setattr(test_celery_tasks, "SEND", SEND)
    with contextlib.ExitStack() as stack:
        own = test_celery_tasks.Own(tmp_path, stack)
        with (tmp_path / "own_celery_app.py").open("a") as app:
            app.write(TASKS)
            app.write("from cdk8s_django import celery_metrics\ncelery_metrics.INTERVAL = 1\n")
        own.broker()

        def worker(*options, **named):
            port = free_port()
            own.variables["CDK8S_DJANGO_METRICS_PORT"] = str(port)
            own.variables["CDK8S_DJANGO_METRICS_FOLDER"] = str(tmp_path / f"numbers-{port}")
            process = test_celery_tasks.Own.worker(own, *options, **named)
            # A sender of tasks is in another pod.
            own.variables["CDK8S_DJANGO_METRICS_FOLDER"] = str(tmp_path / "of-the-sender")
            return process, Scraper(port)

        own.measured_worker = worker
        yield own


POOLS = [("--pool", "prefork"), ("--pool", "solo"), ("--pool", "threads"), ("--pool", "gevent")]


@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool[1])
def test_runs_of_tasks_are_counted_by_name_and_end(celery, pool):
    _, scrape = celery.measured_worker(*pool, concurrency=2)
    before = scrape()
    # Series are there before the first event.
    for state in ("success", "failure", "retry", "other"):
        assert before.values(FINISHED, state=state) == [0]
        assert before.values(RUNS, task="own_celery_app.fails", state=state) == [0]
    celery.run("for n in range(20): count.delay(n, 0)\nfails.delay(); ignored.delay()")
    celery.run("retried.delay()")
    wait_for_sum(scrape, FINISHED, 25)
    shown = scrape()
    assert shown.sum(RUNS, task="own_celery_app.count", state="success") == 20
    assert shown.sum(RUNS, task="own_celery_app.fails", state="failure") == 1
    assert shown.sum(RUNS, task="own_celery_app.retried", state="retry") == 2
    assert shown.sum(RUNS, task="own_celery_app.retried", state="failure") == 1
    assert shown.sum(RUNS, task="own_celery_app.ignored", state="other") == 1
    assert shown.sum("django_task_duration_seconds_count") == 25
    assert shown.sum("django_tasks_in_progress") == shown.sum("django_tasks_lost_total") == 0
    assert shown.sum("django_task_capacity") == (1 if "solo" in pool else 2)
    assert shown.sum("django_processes") == (2 if "prefork" in pool else 1)
    assert shown.sum("django_worker_ready") == 1
    # Retries are sent by a worker, which says when, too.
    assert shown.sum("django_task_wait_seconds_count") == 25
    assert shown.sum("django_task_wait_seconds_sum") < 25 * 60
    assert not shown.values("django_http_responses_total")


def test_the_length_and_the_age_of_queues_are_known(celery):
    _, scrape = celery.measured_worker("--queues", "celery,other", concurrency=1)
    wait_for(lambda: scrape().values(LENGTH, queue="celery") == [0])
    # It asks for one queue after the other.
    wait_for(lambda: scrape().values(AGE, queue="other"))
    assert scrape().values(AGE, queue="other")[0] < 1
    celery.run("for n in range(9): count.delay(n, 4)")
    wait_for(lambda: scrape().sum(LENGTH, queue="celery") > 1)
    first = scrape().sum(AGE, queue="celery")
    time.sleep(3)
    assert scrape().sum(AGE, queue="celery") > first + 1
    assert scrape().values(LENGTH, queue="other") == [0]
    # Of what was sent by a process that does not count, no age is known.
    celery.redis.delete("celery")
    celery.run(
        "from celery import signals\n"
        "signals.before_task_publish.disconnect(instruments.note_time)\n"
        "for n in range(9): count.delay(n, 4)"
    )
    wait_for(lambda: scrape().sum(LENGTH, queue="celery") > 1)


def test_a_run_that_ends_with_its_process_is_lost(celery):
    worker, scrape = celery.measured_worker(concurrency=1)
    celery.run("count.delay(1, 30)")
    wait_for_sum(scrape, "django_tasks_in_progress", 1)
    for pid in children(worker.pid):
        os.kill(pid, signal.SIGKILL)
    wait_for_sum(scrape, "django_tasks_lost_total", 1)
    wait_for_sum(scrape, "django_processes", 1)
    assert scrape().sum("django_tasks_lost_total") == 1


def test_a_run_beyond_its_time_limit_has_failed(celery):
    _, scrape = celery.measured_worker(concurrency=1)
    celery.run("endless.delay()")
    wait_for_sum(scrape, RUNS, 1, task="own_celery_app.endless", state="failure")
    wait_for_sum(scrape, "django_processes", 1)
    assert scrape().sum("django_tasks_in_progress") == 0


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as found:
        return [int(child) for child in found.read().split()]


def test_a_worker_without_its_broker_is_not_ready(celery):
    _, scrape = celery.measured_worker(concurrency=1)
    assert scrape().values("django_worker_ready") == [1]
    celery.redis.shutdown(nosave=True)
    wait_for_sum(scrape, "django_worker_ready", 0)
    # What was known of the queues is shown no longer than it counts.
    assert scrape().values(LENGTH) in ([0], [])


def test_the_last_tick_of_beat_is_known(celery):
    port = free_port()
    celery.variables.update(
        CDK8S_DJANGO_METRICS_PORT=str(port),
        CDK8S_DJANGO_METRICS_FOLDER=str(celery.folder / "numbers"),
        CDK8S_DJANGO_HEARTBEAT_PORT=str(free_port()),
    )
    celery.heartbeat = int(celery.variables["CDK8S_DJANGO_HEARTBEAT_PORT"])
    beat = celery.beat()
    wait_for(lambda: celery.probe("ready"))
    last = "django_beat_last_tick_timestamp_seconds"
    wait_for(lambda: abs(Scrape(port).sum(last) - time.time()) < 8)
    os.kill(beat.pid, signal.SIGSTOP)
    os.kill(beat.pid, signal.SIGCONT)
    assert not Scrape(port).values("django_worker_ready")


@pytest.mark.parametrize(
    ("sent", "eta", "least", "most"),
    [(-10, None, 9, 12), (-10, 5, -7, -3), (-10, -60, 9, 12), ("yesterday", None, None, None)],
)
def test_a_task_waits_from_when_it_can_begin(sent, eta, least, most):
    now = datetime.now(timezone.utc)
    known = {instruments.SENT: now.timestamp() + sent if isinstance(sent, int) else sent}

    class Request:
        get = staticmethod(known.get)

    Request.eta = eta and (now + timedelta(seconds=eta)).isoformat()
    waited = celery_metrics.waited(Request)
    assert waited is None if least is None else least <= waited <= most


# --- Django's own Tasks


@pytest.fixture
def workers(tmp_path, migrated_copy):
    test_tasks = pytest.importorskip("test_tasks")
    variables = {**migrated_copy, "CDK8S_DJANGO_TASKS": "true"}
    assert python("-m", "cdk8s_django.migrate", **variables).returncode == 0
    with contextlib.ExitStack() as stack:
        made = test_tasks.Workers(tmp_path, stack, migrated_copy)
        port = free_port()
        made.variables.update(
            CDK8S_DJANGO_METRICS_PORT=str(port),
            CDK8S_DJANGO_METRICS_FOLDER=str(tmp_path / "numbers"),
        )
        made.scrape = Scraper(port)
        yield made


def test_runs_of_tasks_in_the_database_are_counted(workers):
    workers.enqueue("one", "two")
    fail = "import django; django.setup(); from mysite import background as b; b.fail.enqueue()"
    assert python("-c", fail, **workers.variables).returncode == 0
    pod = workers.start(processes=2)
    wait_for(lambda: pod.is_ready())
    wait_for_sum(workers.scrape, FINISHED, 3)
    shown = workers.scrape()
    assert shown.sum(RUNS, task="mysite.background.note", state="success") == 2
    assert shown.sum(RUNS, task="mysite.background.fail", state="failure") == 1
    assert shown.sum("django_task_duration_seconds_count") == 3
    assert shown.sum("django_task_wait_seconds_count") == 3
    assert shown.sum("django_processes") == shown.sum("django_task_capacity") == 2
    assert shown.sum("django_worker_ready") == 1
    assert shown.sum("django_tasks_in_progress") == 0
    wait_for(lambda: workers.scrape().values(LENGTH, queue="default") == [0])
    # Two wait behind two that run, and one of them is killed with its process.
    workers.enqueue("a", "b", "c", "d", seconds=60)
    wait_for_sum(workers.scrape, "django_tasks_in_progress", 2)
    wait_for_sum(workers.scrape, LENGTH, 2)
    assert 0 < workers.scrape().sum(AGE, queue="default") < 60
    # Those of the future do not wait.
    sql(
        "UPDATE django_tasks_database_dbtaskresult SET run_after = now() + interval '1 hour' "
        "WHERE status = 'READY'",
        workers.database,
    )
    wait_for_sum(workers.scrape, LENGTH, 0)
    os.kill(pod.children()[-1], signal.SIGKILL)
    wait_for_sum(workers.scrape, "django_tasks_lost_total", 1)
    wait_for_sum(workers.scrape, "django_processes", 2)
