"""Reads from a streaming replica: which ones, and what becomes of them when it is late or dead."""

import http.cookies
import sys
import threading
import time

import pytest
from replica_process import Replica

from conftest import SERVE, WSGI, last_line, python, sql

ROUTER = "cdk8s_django.replicas.ReplicaRouter"
MIDDLEWARE = "cdk8s_django.replicas.ReplicaMiddleware"
SETTINGS = {"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.replica_settings"}
PLACE = {
    "DATABASE_HOST": "db",
    "DATABASE_NAME": "django",
    "DATABASE_USER": "django",
    "DATABASE_REPLICA_HOST": "db-ro",
}


def test_the_replica_is_another_alias_of_the_same_database(load):
    own = {"default": {"ENGINE": "django.db.backends.postgresql", "ATOMIC_REQUESTS": True}}
    values = load({"DATABASES": own, "DATABASE_ROUTERS": ["own.Router"]}, **PLACE)
    default, replica = values["DATABASES"]["default"], values["DATABASES"]["replica"]
    assert (default["HOST"], replica["HOST"], replica["PORT"]) == ("db", "db-ro", "5432")
    assert (default["ATOMIC_REQUESTS"], replica["ATOMIC_REQUESTS"]) == (True, False)
    assert replica["TEST"] == {"MIRROR": "default"}
    assert replica["OPTIONS"]["connect_timeout"] == 2
    assert default["OPTIONS"]["connect_timeout"] == 5
    assert values["DATABASE_ROUTERS"] == ["own.Router", ROUTER]
    assert values["MIDDLEWARE"][1] == MIDDLEWARE


def test_nothing_is_laid_without_one(load):
    values = load(**{**PLACE, "DATABASE_REPLICA_HOST": None})
    assert list(values["DATABASES"]) == ["default"]
    assert not values.get("DATABASE_ROUTERS")
    assert MIDDLEWARE not in values["MIDDLEWARE"]


def test_a_replica_of_the_application_stays_its_own(load, capsys):
    values = load({"DATABASES": {"replica": {"NAME": "own"}}}, **PLACE)
    assert values["DATABASES"]["replica"] == {"NAME": "own"}
    assert not values.get("DATABASE_ROUTERS")
    assert MIDDLEWARE not in values["MIDDLEWARE"]


def test_where_no_requests_are_served_nothing_is_routed(load, monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    without = lambda name, *more: None if name.endswith(".replicas") else find(name, *more)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", without)
    values = load(**PLACE)
    assert "replica" in values["DATABASES"]
    assert not values.get("DATABASE_ROUTERS")


@pytest.mark.parametrize(
    "statement, writes",
    [
        ("SELECT 1", False),
        ("  (SELECT 1) UNION (SELECT 2)", False),
        ("/* SELECT */ INSERT INTO polls_note DEFAULT VALUES", True),
        ("-- SELECT\nDELETE FROM polls_note", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", False),
        ("WITH a AS (DELETE FROM b RETURNING c) SELECT * FROM a", True),
        ("SAVEPOINT a", False),
        ("SELECTED", True),
        ('UPDATE "django_session" SET session_data = 1', False),
        ("TRUNCATE polls_note", True),
        (b"SELECT 1", True),
    ],
)
def test_writes_are_told_from_reads(statement, writes):
    code = f"""
import django
django.setup()
from cdk8s_django.replicas import is_write
print(is_write({statement!r}))
"""
    done = python("-c", code, **SETTINGS, **PLACE)
    assert last_line(done.stdout) == str(writes), done.stderr


@pytest.fixture(scope="module")
def replica(migrated):
    one = Replica()
    try:
        one.start()
        yield one
    finally:
        one.stop()


@pytest.fixture
def pods(replica, migrated):
    """The variables of pods with both servers."""
    if replica.process.poll() is not None:
        replica.start()
    replica.sql("SELECT pg_wal_replay_resume()")
    # How late a replica is can be told from the first transaction on that it has repeated.
    sql("SELECT txid_current()")
    replica.catch_up()
    return {**migrated, **replica.variables, **SETTINGS}


def cookies(answer):
    found = http.cookies.SimpleCookie()
    for header in answer.headers.get_all("Set-Cookie") or []:
        found.load(header)
    return found


def cookie_header(answer):
    return "; ".join(f"{name}={one.value}" for name, one in cookies(answer).items())


def test_reads_go_to_the_replica(serve, pods, kind):
    server = serve(kind, **pods)
    assert server.get("/read/").json()["database"] == "replica"
    assert server.get("/read-async/").json()["database"] == "replica"
    assert server.get("/others/").json() == {"own": "replica", "user": "replica"}


def test_own_writes_are_read_back(serve, pods, kind, replica):
    server = serve(
        kind,
        **pods,
        CDK8S_DJANGO_REPLICA_STICKINESS="30",
        CDK8S_DJANGO_REPLICA_MAX_LAG="1000",
    )
    replica.sql("SELECT pg_wal_replay_pause()")
    path = f"?author={kind}-own"
    for view, before, texts in (
        ("/write/", "default", ["written"]),
        ("/write-raw/", "replica", ["written", "raw"]),
    ):
        method = "POST" if view == "/write/" else "GET"
        written = server.get(view + path, method=method)
        assert written.headers["X-Before"] == before
        assert written.json() == {"database": "default", "texts": texts}
        (cookie,) = [one for one in cookies(written).values() if "primary" in one.key]
        assert (cookie["max-age"], cookie["httponly"], cookie["secure"]) == ("30", True, True)
        # The next request of the same visitor, and one of another, who sees what the replica has.
        seen = server.get("/read/" + path, Cookie=cookie_header(written)).json()
        assert seen == {"database": "default", "texts": texts}
    assert server.get("/read/" + path).json() == {"database": "replica", "texts": []}


def test_what_was_read_from_the_replica_is_written_to_the_primary(serve, pods, replica):
    server = serve(**pods)
    server.get("/write/?author=update", method="POST")
    replica.catch_up()
    changed = server.get("/update/?author=update")
    assert changed.headers["X-Before"] == "replica"
    assert changed.json() == {"database": "default", "texts": ["changed"]}


def test_transactions_and_locks_stay_on_the_primary(serve, pods):
    server = serve(**pods)
    server.get("/write/?author=locks", method="POST")
    inside = server.get("/transaction/?author=locks").json()
    assert inside == {"inside": "default", "locked": 1, "lock": "default", "after": "default"}


def test_requests_in_transactions_read_from_the_primary(serve, pods):
    server = serve(
        **{**pods, "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.settings"},
        TEST_URLCONF="mysite.replica_urls",
    )
    assert server.get("/read/").json()["database"] == "default"


def test_sessions_are_on_the_primary_and_cost_no_cookie(serve, pods, replica):
    server = serve(**pods, CDK8S_DJANGO_REPLICA_MAX_LAG="1000")
    replica.sql("SELECT pg_wal_replay_pause()")
    first = server.get("/session/")
    assert first.json() == {"seen": 1, "database": "replica"}
    assert list(cookies(first)) == ["sessionid"]
    second = server.get("/session/", Cookie=cookie_header(first))
    assert second.json() == {"seen": 2, "database": "replica"}


def test_the_admin_is_on_the_primary(serve, pods):
    server = serve(**pods)
    assert server.get("/admin/login/").status == 200
    code = """
import django
django.setup()
from django.contrib import admin
from django.test import RequestFactory
from cdk8s_django import replicas
from types import SimpleNamespace
middleware = replicas.ReplicaMiddleware(lambda request: None)
request = RequestFactory().get("/admin/")
request.resolver_match = SimpleNamespace(app_names=["admin"])
reading = replicas.begin(request)
replicas.current.set(reading)
middleware.process_view(request, None, (), {})
print(reading.primary)
"""
    done = python("-c", code, **pods)
    assert last_line(done.stdout) == "True", done.stderr


def test_a_router_of_the_application_comes_first(serve, pods):
    server = serve(**pods, TEST_OWN_ROUTER="yes")
    assert server.get("/others/").json() == {"own": "default", "user": "replica"}


def test_commands_and_migrations_read_from_the_primary(pods):
    code = """
import django
django.setup()
from polls.models import Note
print(Note.objects.all().db, Note.objects.using("replica").count() >= 0)
"""
    done = python("-c", code, **pods)
    assert last_line(done.stdout) == "default True", done.stderr
    done = python("-m", "cdk8s_django.migrate", **pods)
    assert done.returncode == 0, done.stderr


def test_a_late_replica_is_left_alone(serve, pods, replica):
    server = serve(**pods, CDK8S_DJANGO_REPLICA_MAX_LAG="1", CDK8S_DJANGO_REPLICA_STICKINESS="0")
    assert server.get("/read/").json()["database"] == "replica"
    replica.sql("SELECT pg_wal_replay_pause()")
    server.get("/write/?author=late", method="POST")
    deadline = time.monotonic() + 30
    while server.get("/read/?author=late").json()["texts"] != ["written"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "s late" in server.log
    replica.sql("SELECT pg_wal_replay_resume()")
    while server.get("/read/").json()["database"] != "replica":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "Reads go to the replica again" in server.log


class Load:
    """Reads at a constant rate, until it is told to stop."""

    def __init__(self, server, rate=40):
        self.answers, self.acting = [], True
        self.server, self.rate = server, rate
        self.threads = [threading.Thread(target=self.ask) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def ask(self):
        while self.acting:
            began = time.monotonic()
            try:
                answer = self.server.get("/read/")
                place = answer.json()["database"] if answer.status == 200 else answer.status
            except Exception as error:
                place = repr(error)
            self.answers.append((began, time.monotonic() - began, place))
            time.sleep(max(0.0, 4 / self.rate - (time.monotonic() - began)))

    def stop(self):
        self.acting = False
        for thread in self.threads:
            thread.join()


def test_reads_go_on_while_a_replica_is_killed(serve, pods, replica, kind):
    server = serve(kind, **pods)
    server.get("/read/")
    load = Load(server)
    time.sleep(2)
    killed = time.monotonic()
    replica.kill()
    time.sleep(6)
    replica.start()
    started = time.monotonic()
    deadline = started + 30
    while load.answers[-1][2] != "replica" and time.monotonic() < deadline:
        time.sleep(0.1)
    load.stop()
    failed = [one for one in load.answers if one[2] not in ("default", "replica")]
    after = [one for one in load.answers if one[0] > killed]
    from_primary = [one for one in after if one[2] == "default"]
    back = next(one[0] for one in after if one[0] > started and one[2] == "replica")
    print(
        f"{kind}: {len(load.answers)} reads, {len(failed)} failed when the replica was killed, "
        f"{len(from_primary)} by the primary, the slowest took "
        f"{max(one[1] for one in after):.2f} s, back on the replica "
        f"{back - started:.1f} s after its start",
        file=sys.stderr,
    )
    assert len(from_primary) > 50
    # What was on its way to it.
    assert len(failed) <= 4
    assert max(one[1] for one in after) < 5


def test_a_write_after_a_quiet_time_does_not_make_it_late(serve, pods, replica):
    server = serve(**pods, CDK8S_DJANGO_REPLICA_MAX_LAG="1", CDK8S_DJANGO_REPLICA_STICKINESS="0")
    server.get("/write/?author=quiet", method="POST")
    replica.catch_up()
    time.sleep(2)
    for number in range(30):
        server.get(f"/write/?author=quiet{number}", method="POST")
        assert server.get("/read/").json()["database"] == "replica"


def test_a_replica_that_never_answers_costs_little(serve, pods):
    server = serve([*SERVE, "gunicorn", WSGI], **{**pods, "DATABASE_REPLICA_PORT": "1"})
    began = time.monotonic()
    for _ in range(20):
        assert server.get("/read/").json()["database"] == "default"
    assert time.monotonic() - began < 8
    assert server.log.count("Reads go to the primary") == 1
