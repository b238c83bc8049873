"""Django's own Tasks: what the overlay sets, and workers as the pods run them, which are killed."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import collector
import pytest
from django.core.exceptions import ImproperlyConfigured

from conftest import POSTGRES, PROJECT, WORKER, environment, free_port, gives_sign, python, sql

pytest.importorskip("django_tasks_db")

TABLE = "django_tasks_database_dbtaskresult"
ENQUEUE = """
import django, sys
django.setup()
from cdk8s_django import request_ids
from mysite import background
request_ids.connect()
if sys.argv[2]:
    request_ids.CURRENT.set(request_ids.Request(sys.argv[2]))
for text in sys.argv[3:]:
    background.note.enqueue(text, float(sys.argv[1]))
"""
DATABASE_BACKEND = {"BACKEND": "django_tasks_db.DatabaseBackend"}
DJANGO = "django.tasks.backends"


# --- the overlay


@pytest.mark.parametrize("module", ["django.tasks", "django_tasks"])
def test_the_immediate_backend_becomes_the_database(load, module):
    immediate = {"default": {"BACKEND": f"{module}.backends.immediate.ImmediateBackend"}}
    for own in ({}, {"TASKS": {}}, {"TASKS": immediate}):
        values = load({**own, "INSTALLED_APPS": ["polls"]}, CDK8S_DJANGO_TASKS="true")
        assert values["TASKS"] == {"default": DATABASE_BACKEND}
        assert values["INSTALLED_APPS"][0] == "polls"
        assert values["INSTALLED_APPS"][-1] == "django_tasks_db"


def test_what_the_application_says_of_its_queues_stays(load):
    own = {
        "default": {"BACKEND": f"{DJANGO}.immediate.ImmediateBackend", "QUEUES": ["a", "b"]},
        "other": {"BACKEND": f"{DJANGO}.dummy.DummyBackend"},
    }
    values = load({"TASKS": own}, CDK8S_DJANGO_TASKS="true")
    assert values["TASKS"] == {**own, "default": {**DATABASE_BACKEND, "QUEUES": ["a", "b"]}}


@pytest.mark.parametrize(
    "backend", [f"{DJANGO}.dummy.DummyBackend", "django_tasks_rq.RQBackend", "shop.tasks.Backend"]
)
def test_another_backend_is_an_explicit_choice(load, backend):
    own = {"TASKS": {"default": {"BACKEND": backend}}, "INSTALLED_APPS": ["polls"]}
    values = load(own, CDK8S_DJANGO_TASKS="true")
    assert {name: values[name] for name in own} == own


@pytest.mark.parametrize(
    "app", ["django_tasks_db", "django_tasks_db.apps.TasksAppConfig"], ids=["module", "class"]
)
def test_the_app_of_the_backend_is_installed_once(load, app):
    own = {"INSTALLED_APPS": ["django_tasks", app], "TASKS": {"default": DATABASE_BACKEND}}
    assert load(own, CDK8S_DJANGO_TASKS="true")["INSTALLED_APPS"] == ["django_tasks", app]


def test_nothing_is_set_where_no_worker_is_asked_for(load):
    assert "TASKS" not in load({"INSTALLED_APPS": ["polls"]})


def test_kept_settings_stay(load):
    values = load({}, CDK8S_DJANGO_TASKS="true", CDK8S_DJANGO_KEEP="TASKS")
    assert "TASKS" not in values


def test_a_missing_package_is_named(load, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="package 'django-tasks-db', missing from"):
        load({}, CDK8S_DJANGO_TASKS="true", CDK8S_DJANGO_SERVE_STATIC="false")


# --- workers


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


# The program, and the same with a third of its times.
PROGRAM = ("-m", "cdk8s_django.task_worker")
HURRIED = (
    "-c",
    "import sys; from cdk8s_django import task_keeper, task_worker\n"
    "task_keeper.FENCE = task_worker.FENCE = 7; task_keeper.TAKE_OVER = 11; task_keeper.LOOK = 3\n"
    "task_keeper.INTERVAL = task_worker.INTERVAL = 1\n"
    "sys.exit(task_worker.main(sys.argv[1:]))",
)


class Pod:
    """The container of a worker's pod."""

    def __init__(self, workers, name, program, arguments):
        self.folder = workers.folder / name
        self.folder.mkdir(exist_ok=True)
        self.log = self.folder / "log"
        self.heartbeat = free_port()
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                env=environment(
                    **workers.variables,
                    HOSTNAME=name,
                    CDK8S_DJANGO_HEARTBEAT_PORT=str(self.heartbeat),
                ),
                cwd=PROJECT,
                stdout=output,
                stderr=output,
            )

    def children(self):
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(path) as found:
            return [int(pid) for pid in found.read().split()]

    @property
    def keeper(self):
        return self.children()[0]

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def is_ready(self):
        return gives_sign(self.heartbeat, "ready")


class Workers:
    """The workers of one test, and its database."""

    def __init__(self, folder, stack, database):
        self.folder = folder
        self.stack = stack
        self.database = database["DATABASE_NAME"]
        self.notes_file = folder / "notes"
        self.variables = {
            **database,
            "CDK8S_DJANGO_TASKS": "true",
            "CDK8S_DJANGO_LOG_FORMAT": "json",
            "TEST_NOTES": str(self.notes_file),
        }

    def start(self, name="pod-1", program=PROGRAM, **options):
        arguments = [part for key, value in options.items() for part in (f"--{key}", str(value))]
        pod = Pod(self, name, program, [argument.replace("_", "-") for argument in arguments])
        self.stack.callback(pod.kill)
        return pod

    def enqueue(self, *texts, seconds=0, request=""):
        done = python("-c", ENQUEUE, str(seconds), request, *texts, **self.variables)
        assert done.returncode == 0, done.stderr

    def rows(self, columns="status"):
        return sql(f"SELECT {columns} FROM {TABLE} ORDER BY enqueued_at", self.database)

    def statuses(self):
        return [status for (status,) in self.rows()]

    def notes(self):
        return self.notes_file.read_text().split() if self.notes_file.exists() else []

    def running(self):
        """The process of the only task that has begun, once one has."""
        return wait_for(lambda: [line for line in self.notes() if "done" not in line])[-1]

    def done(self, text):
        return self.notes().count(f"{text}:done")


@pytest.fixture(scope="module")
def with_tasks():
    """A database with every migration, those of the backend too."""
    name = f"migrated_with_tasks{WORKER}"
    sql(f'CREATE DATABASE "{name}"')
    variables = {**POSTGRES, "DATABASE_NAME": name}
    done = python("-m", "cdk8s_django.migrate", **variables, CDK8S_DJANGO_TASKS="true")
    assert done.returncode == 0, done.stderr
    yield variables
    sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def workers(tmp_path, with_tasks):
    name = f"{with_tasks['DATABASE_NAME']}_copy"
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{with_tasks["DATABASE_NAME"]}"')
    with contextlib.ExitStack() as stack:
        stack.callback(sql, f'DROP DATABASE "{name}" WITH (FORCE)')
        yield Workers(tmp_path, stack, {**with_tasks, "DATABASE_NAME": name})


def test_tasks_are_done_and_workers_end_when_they_are_told_to(workers):
    pod = workers.start(processes=2)
    workers.enqueue("a", "b", request="id-of-the-request")
    wait_for(lambda: workers.statuses() == ["SUCCESSFUL"] * 2)
    workers.enqueue("c")
    wait_for(lambda: workers.statuses() == ["SUCCESSFUL"] * 3)
    wait_for(pod.is_ready)
    pod.process.terminate()
    assert pod.process.wait(10) == 0
    # Lines of a task have the id of the request that sent it; no other line has one.
    lines = [json.loads(line) for line in pod.log.read_text().splitlines()]
    said = {line["message"]: line.get("request_id") for line in lines if line["logger"] == "polls"}
    assert said == {
        "a is done": "id-of-the-request",
        "b is done": "id-of-the-request",
        "c is done": None,
    }
    of_others = [line for line in lines if not re.search("Task id=|is done", line["message"])]
    assert not [line for line in of_others if "request_id" in line]


def test_a_task_that_has_begun_is_finished_when_the_worker_is_told_to_end(workers):
    pod = workers.start()
    workers.enqueue("long", "waiting", seconds=6)
    workers.running()
    pod.process.terminate()
    assert pod.process.wait(30) == 0
    assert workers.statuses() == ["SUCCESSFUL", "READY"]


def test_a_task_that_does_not_end_within_its_limit_is_put_back_at_the_end_of_the_pod(workers):
    pod = workers.start(time_limit=3)
    workers.enqueue("long", seconds=60)
    workers.running()
    time.sleep(1)
    pod.process.terminate()
    pod.process.wait(15)
    assert workers.statuses() in (["FAILED"], ["READY"])


def test_a_task_over_its_limit_fails_and_the_next_one_is_done(workers):
    workers.start(time_limit=2)
    workers.enqueue("endless", seconds=60)
    workers.enqueue("next")
    wait_for(lambda: workers.statuses() == ["FAILED", "SUCCESSFUL"])
    assert workers.rows("exception_class_path")[0] == ("cdk8s_django.tasks.TimeLimitExceeded",)


def test_a_task_whose_process_was_killed_is_put_back_at_once(workers):
    workers.start()
    workers.enqueue("a", seconds=-60)
    os.kill(int(workers.running().split(":")[1]), signal.SIGKILL)
    wait_for(lambda: workers.statuses() == ["SUCCESSFUL"])
    [(attempts,)] = workers.rows("jsonb_array_length(worker_ids)")
    assert attempts == 2


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_task_that_kills_its_worker_is_failed_after_so_many_attempts(workers, attempts):
    workers.start(attempts=attempts)
    workers.enqueue("deadly", seconds=60)
    for attempt in range(attempts):
        wait_for(lambda attempt=attempt: len(workers.notes()) > attempt)
        os.kill(int(workers.notes()[-1].split(":")[1]), signal.SIGKILL)
    wait_for(lambda: workers.statuses() == ["FAILED"])
    assert len(workers.notes()) == attempts
    [row] = workers.rows("exception_class_path, traceback, finished_at IS NOT NULL")
    assert row[0] == "cdk8s_django.tasks.WorkerLost"
    assert row[1].startswith("WorkerLost: worker cdk8s.pod-1.")
    assert row[2]
    result = (
        "import django; django.setup()\nfrom django_tasks_db.models import DBTaskResult\n"
        "print(DBTaskResult.objects.get().task_result.errors[0].exception_class)"
    )
    assert "WorkerLost" in python("-c", result, **workers.variables).stdout


def test_a_task_of_a_killed_container_is_put_back_by_the_next_one_of_the_pod(workers):
    first = workers.start()
    workers.enqueue("a", seconds=-60)
    process = int(workers.running().split(":")[1])
    first.kill()
    wait_for(lambda: not os.path.exists(f"/proc/{process}"))
    workers.start()
    wait_for(lambda: workers.statuses() == ["SUCCESSFUL"])
    assert workers.done("a") == 1


def test_a_task_of_a_killed_pod_is_put_back_soon_and_not_before_its_fence(workers):
    first = workers.start("pod-1", HURRIED)
    workers.enqueue("a", seconds=-60)
    workers.running()
    workers.start("pod-2", HURRIED)
    first.kill()
    killed = time.monotonic()
    wait_for(lambda: workers.statuses() == ["SUCCESSFUL"], 40)
    assert time.monotonic() - killed > 7
    assert workers.done("a") == 1


def test_what_is_taken_over_has_no_worker_any_more():
    """A minute is what the documentation says."""
    from cdk8s_django import task_keeper

    assert task_keeper.LOOK >= 2 * task_keeper.INTERVAL
    assert task_keeper.FENCE + task_keeper.LOOK < task_keeper.TAKE_OVER
    assert task_keeper.TAKE_OVER + 2 * task_keeper.LOOK < 60


def test_a_lost_session_does_not_make_a_task_run_twice(workers):
    """A hiccup of the connection: the lock is there again in time, and nobody takes the task."""
    workers.start("pod-1", HURRIED)
    workers.enqueue("a", seconds=16)
    workers.running()
    workers.start("pod-2", HURRIED)
    time.sleep(1)
    sql(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database "
        "WHERE locktype = 'advisory' AND datname = %s",
        parameters=[workers.database],
    )
    wait_for(lambda: workers.statuses() == ["SUCCESSFUL"], 40)
    assert len(workers.notes()) == 2


def test_a_worker_that_cannot_have_its_lock_is_ended_before_another_takes_its_task(workers):
    """The keeper stands still, as in a partition: the worker goes before the task begins anew."""
    first = workers.start("pod-1", HURRIED)
    workers.enqueue("a", seconds=300)
    process = int(workers.running().split(":")[1])
    workers.start("pod-2", HURRIED)
    os.kill(first.keeper, signal.SIGSTOP)
    wait_for(lambda: not os.path.exists(f"/proc/{process}"), 20)
    assert len(workers.notes()) == 1
    # The server ends the session that gives no sign, and then the other takes the task.
    wait_for(lambda: len(workers.notes()) == 2, 40)


def test_workers_of_other_kinds_are_left_alone(workers):
    """Somebody's own db_worker has no lock: its tasks are its own."""
    workers.enqueue("a")
    sql(
        f"UPDATE {TABLE} SET status = 'RUNNING', worker_ids = '[\"somebody\"]'",
        workers.database,
    )
    workers.start()
    time.sleep(3)
    assert workers.statuses() == ["RUNNING"]


def test_a_worker_comes_back_after_the_database_was_away(workers):
    pod = workers.start()
    wait_for(pod.is_ready)
    sql(f'ALTER DATABASE "{workers.database}" ALLOW_CONNECTIONS false')
    sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        parameters=[workers.database],
    )
    time.sleep(3)
    sql(f'ALTER DATABASE "{workers.database}" ALLOW_CONNECTIONS true')
    workers.enqueue("a")
    wait_for(lambda: workers.statuses() == ["SUCCESSFUL"], 40)
    assert pod.process.poll() is None


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"DATABASE_HOST": None}, "task workers need PostgreSQL"),
        ({"DATABASE_TRANSACTION_POOLER": "true"}, "task workers need a session of their own"),
        ({"CDK8S_DJANGO_TASKS": "false"}, "has the backend"),
        ({"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.setings"}, "no module named 'mysite.setings'"),
    ],
)
def test_a_worker_that_cannot_work_says_why_and_ends(workers, variables, line):
    workers.variables.update(variables)
    pod = workers.start()
    assert pod.process.wait(20) == 1
    assert line in pod.log.read_text()


@pytest.mark.skipif(not collector.FOLDER, reason="one Python has the packages of OpenTelemetry")
def test_a_task_is_of_the_trace_that_sent_it(workers, serve):
    """From a request through the row of the task to its worker, which tells of a failure too."""
    with collector.collecting() as collected:
        workers.variables.update(collected.variables, OTEL_BSP_SCHEDULE_DELAY="60000")
        pod = workers.start(processes=1)
        server = serve("wsgi", **workers.variables, TEST_URLCONF="mysite.traced_urls")
        headers = {"X_Request_ID": "the-request"}
        assert server.get("/enqueue?text=sent", **headers).status == 200
        wait_for(lambda: sorted(workers.statuses()) == ["FAILED", "SUCCESSFUL"])
        pod.process.terminate()
        assert pod.process.wait(20) == 0
        server.stop()
    (request,) = collected.named("GET enqueue")
    (run,) = collected.named("run/mysite.background.note")
    (failed,) = collected.named("run/mysite.background.fail")
    assert [run.parent, failed.parent] == [request.id] * 2
    assert {span.trace for span in collected.spans} == {request.trace}, collected.spans
    assert (run.kind, run.is_error, failed.is_error) == ("consumer", False, True)
    assert run.attributes["messaging.destination.name"] == "default"
    ids = {str(identity) for (identity,) in workers.rows("id")}
    assert {run.attributes["messaging.message.id"]} < ids
    # What its worker writes to the row is of the run; what it looks for before begins no trace.
    entries = [json.loads(line) for line in pod.log.read_text().splitlines() if line[:1] == "{"]
    (line,) = [entry for entry in entries if entry["message"] == "sent is done"]
    assert (line["trace_id"], line["span_id"]) == (run.trace, run.id)
    assert line["request_id"] == "the-request"
