"""The gate of a pod waits in place, cheaply, and says what to do."""

import contextlib
import re
import subprocess
import sys
import time

import pytest
from test_migrate import BREAKING, MIGRATE, NEXT, check

from conftest import PROJECT, environment, python, sql

NEWER = {"TEST_MIGRATIONS": BREAKING, "TEST_CHANGE": "removes a column"}
JOB = {"CDK8S_DJANGO_MIGRATION": "polls-migrate-5555555555"}
WAY_OUT = (
    ". Job polls-migrate-5555555555 migrates. If it has failed or is complete (kubectl get job "
    "polls-migrate-5555555555), delete it (kubectl delete job polls-migrate-5555555555) and apply "
    "the manifests of this release again"
)


def hurried(*arguments, pause=0.2, minute=1):
    """The program of the gate, in which a minute is shorter."""
    return (
        "-c",
        f"from cdk8s_django import gate, migrate; gate.MINUTE = {minute}; "
        f"gate.LONGEST_PAUSE = gate.FIRST_PAUSE = {pause}; "
        f"migrate.run(lambda _: migrate.main({['--wait', *arguments]}))",
    )


@contextlib.contextmanager
def gate(*arguments, **variables):
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(**variables),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_f53_the_gate_of_a_rollback_sees_that_the_schema_was_taken_back(migrated_copy):
    """[F53]"""
    assert python(*MIGRATE, **migrated_copy, **NEWER).returncode == 0
    with gate(*MIGRATE, "--wait", **migrated_copy) as waiting:
        assert "this code cannot run on it" in waiting.stdout.readline()
        taken_back = python("manage.py", "migrate", "polls", "0001", **migrated_copy, **NEWER)
        assert taken_back.returncode == 0, taken_back.stderr
        output, _ = waiting.communicate(timeout=30)
        # Before, it had ended with an error, and the kubelet started it again minutes later.
        assert waiting.returncode == 0
        assert output.endswith("ok: every migration of this code is applied\n")


def test_f53_the_gate_names_the_job_that_has_to_be_made_again(migrated_copy):
    """[F53] Forward again: the Job is complete, and the schema was taken back."""
    with gate(*hurried(), **migrated_copy, **NEXT, **JOB) as waiting:
        lacking = "database 'default' lacks 1 migrations: polls.0002_votes"
        assert waiting.stdout.readline() == f"waiting: {lacking}\n"
        assert re.fullmatch(
            re.escape("waiting for X min: ").replace("X", r"\d+") + re.escape(lacking + WAY_OUT),
            waiting.stdout.readline().strip(),
        )
        assert python(*MIGRATE, **migrated_copy, **NEXT).returncode == 0
        waiting.communicate(timeout=30)
        assert waiting.returncode == 0


def test_f53_while_a_migration_runs_nobody_is_told_to_make_it_again(migrated_copy):
    """[F53]"""
    slow = {**migrated_copy, **NEXT, "TEST_MIGRATION_SECONDS": "6"}
    with gate(*MIGRATE, **slow) as migrating:
        for line in migrating.stdout:
            if "Running migrations" in line:
                break
        with gate(*hurried(minute=2), **migrated_copy, **NEXT, **JOB) as waiting:
            output, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert "kubectl" not in output


def test_the_gate_ends_once_so_that_the_status_has_the_reason(migrated_copy, tmp_path):
    once = ("--tell", str(tmp_path / "told"))
    told = python(*hurried(*once, "--timeout", "50"), **migrated_copy, **NEXT, **JOB)
    lacking = f"database 'default' lacks 1 migrations: polls.0002_votes{WAY_OUT}"
    assert (told.returncode, told.stderr) == (1, f"error: {lacking}\n")
    assert told.stdout.count("waiting") <= 2
    # The next start waits in place.
    started = time.monotonic()
    again = hurried(*once, "--timeout", "4")
    assert python(*again, **migrated_copy, **NEXT, **JOB).returncode == 1
    assert time.monotonic() - started >= 4


def test_the_gate_tells_of_a_wrong_password_too(migrated_copy, tmp_path):
    wrong = {**migrated_copy, "DATABASE_PASSWORD": "do-not-print"}
    told = python(*hurried("--tell", str(tmp_path / "told")), **wrong, **JOB)
    assert told.returncode == 1
    assert told.stderr.endswith('password authentication failed for user "postgres"\n')


def test_the_gate_tells_at_once_of_a_schema_that_its_code_cannot_run_on(migrated_copy, tmp_path):
    assert python(*MIGRATE, **migrated_copy, **NEWER).returncode == 0
    told = python(*MIGRATE, "--wait", "--tell", str(tmp_path / "told"), **migrated_copy)
    assert told.returncode == 1
    assert "this code cannot run on it" in told.stderr


def test_f40_a_gate_costs_two_seconds_of_cpu_in_a_quarter_of_an_hour(database):
    """[F40] The looks of 15 minutes, one every 4 s, without the pauses."""
    looks = 15 * 60 // 4
    program = (
        "import resource, time; from cdk8s_django import gate, migrate; looks = [0]\n"
        "def sleep(seconds):\n"
        "    looks[0] += 1\n"
        f"    if looks[0] == {looks}:\n"
        "        used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "        raise SystemExit(f'cpu {used.ru_utime + used.ru_stime}')\n"
        "gate.time.sleep = sleep\n"
        "migrate.main(['--wait'])"
    )
    done = python("-c", program, **database)
    assert float(re.search(r"cpu (\S+)", done.stderr)[1]) < 2, done.stderr


def test_f40_a_gate_says_a_line_a_minute_and_the_pause_grows_to_less_than_five_seconds():
    """[F40]"""
    program = (
        "from cdk8s_django import gate; from cdk8s_django.errors import Failure; now = [0.0]\n"
        "pauses = []\n"
        "def sleep(seconds):\n"
        "    pauses.append(seconds); now[0] += seconds\n"
        "gate.time = type('Clock', (), {'monotonic': lambda: now[0], 'sleep': sleep})\n"
        "gate.first = lambda views: gate.Reason('schema', 'the reason')\n"
        "try:\n"
        "    gate.wait([], 900, None)\n"
        "except Failure:\n"
        "    print(len(pauses), min(pauses), max(pauses), pauses == sorted(pauses))"
    )
    *lines, last = python("-c", program).stdout.splitlines()
    assert len(lines) == 15
    assert lines[0] == "waiting: the reason"
    assert lines[1].startswith("waiting for 1 min: the reason")
    count, shortest, longest, grow = last.split()
    assert (float(shortest), grow) == (0.5, "True")
    assert float(longest) < 5 and int(count) < 250


def test_f33_a_database_that_is_the_pods_own_is_migrated_in_the_pod(database, tmp_path):
    """[F33] A queue in /tmp: the Job's pod has another file of that name."""
    routed = {**database, "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.routed_settings"}
    own = {}
    for pod in ("job", "first", "second"):
        (tmp_path / pod).mkdir()
        files = {"TEST_POLLS": tmp_path / pod / "polls", "TEST_LEGACY": tmp_path / pod / "legacy"}
        own[pod] = {**routed, **{name: str(path) for name, path in files.items()}}
    done = python(*MIGRATE, **own["job"])
    assert done.returncode == 0, done.stderr
    for pod in ("first", "second"):
        assert "database 'polls' lacks" in check(**own[pod]).stderr
        passed = python(*MIGRATE, "--wait", "--timeout", "0", **own[pod])
        assert passed.returncode == 0, passed.stderr
        assert "database 'polls': migrated in" in passed.stdout
        assert check(**own[pod]).returncode == 0
        # A container that is started again finds nothing to do.
        again = python(*MIGRATE, "--wait", "--timeout", "0", **own[pod])
        assert "database 'polls': nothing to do" in again.stdout


def test_f33_pods_that_share_a_file_migrate_it_in_turn(tmp_path):
    """[F33]"""
    shared = {"TEST_SQLITE": str(tmp_path / "default")}
    with contextlib.ExitStack() as stack:
        pods = [stack.enter_context(gate(*MIGRATE, "--wait", **shared)) for _ in range(3)]
        outputs = [pod.communicate(timeout=60) for pod in pods]
    assert [pod.returncode for pod in pods] == [0, 0, 0], outputs
    assert sum("Applying polls.0001_initial... OK" in output for output, _ in outputs) == 1


@pytest.mark.parametrize("option", ["--check", "--wait", None])
def test_f8_the_application_sees_the_arguments_of_manage_py_migrate(database, option):
    """[F8]"""
    looks = {**database, "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.argument_settings"}
    done = python(*MIGRATE, *([option] if option else []), "--timeout", "0", **looks)
    assert done.stdout.splitlines()[0] == "arguments: manage.py migrate"


CONCURRENT = {"TEST_MIGRATIONS": "polls.migrations_concurrent", "CDK8S_DJANGO_LOCK_TIMEOUT": "1"}


def is_valid(database):
    rows = sql(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('polls_question_text')",
        database["DATABASE_NAME"],
    )
    return [valid for (valid,) in rows]


@contextlib.contextmanager
def slow_report(database):
    """A transaction that is older than the index, which has to wait for its end."""
    from conftest import administrator

    with administrator(database["DATABASE_NAME"]) as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM polls_note")
        yield
        cursor.execute("COMMIT")


def until_index_waits(database):
    for _ in range(200):
        if is_valid(database) == [False]:
            return
        time.sleep(0.1)
    raise AssertionError("the index is not being built")


def test_f2_an_index_built_concurrently_waits_for_a_slow_report(migrated_copy):
    """[F2] The limit for locks holds for it too, and would cancel it."""
    with gate(*MIGRATE, **migrated_copy, **CONCURRENT) as migrating:
        with slow_report(migrated_copy):
            until_index_waits(migrated_copy)
            time.sleep(2.5)
            assert migrating.poll() is None
        _, stderr = migrating.communicate(timeout=60)
        assert migrating.returncode == 0, stderr
    assert is_valid(migrated_copy) == [True]


@pytest.mark.parametrize("way", ["django", "sql", "below"])
def test_f2_an_index_that_a_killed_try_left_is_made_anew(migrated_copy, way):
    """[F2]"""
    variables = {**migrated_copy, **CONCURRENT, "TEST_WAY": way}
    with slow_report(migrated_copy), gate(*MIGRATE, **variables) as migrating:
        until_index_waits(migrated_copy)
        sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND query "
            "LIKE 'CREATE INDEX%%'",
            parameters=[migrated_copy["DATABASE_NAME"]],
        )
        _, stderr = migrating.communicate(timeout=60)
        assert migrating.returncode == 1
    assert "DROP INDEX CONCURRENTLY polls_question_text" in stderr
    assert is_valid(migrated_copy) == [False]
    again = python(*MIGRATE, **variables)
    assert again.returncode == 0, again.stderr
    assert "dropping index polls_question_text, which an earlier try did not finish" in again.stdout
    assert is_valid(migrated_copy) == [True]
