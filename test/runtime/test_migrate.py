"""Migrations: once, under a lock, past the pooler; the gate; each error line."""

import concurrent.futures
import contextlib
import re
import socket
import subprocess
import sys
import threading
import time
from ast import literal_eval

import pytest

from conftest import PROJECT, administrator, environment, free_port, last_line, python, sql

NEXT = {"TEST_MIGRATIONS": "polls.migrations_next"}
MIGRATE = ("-m", "cdk8s_django.migrate")


def check(**variables):
    return python(*MIGRATE, "--check", **variables)


def test_first_and_second_run(database):
    first = python(*MIGRATE, **database)
    assert first.returncode == 0, first.stderr
    lines = first.stdout.splitlines()
    assert re.fullmatch(r"database 'default': \d+ migrations to apply:", lines[0])
    assert "  polls.0001_initial" in lines
    # The plan is printed before anything runs.
    assert lines.index("  polls.0001_initial") < lines.index("Running migrations:")
    assert re.fullmatch(r"database 'default': migrated in \d+\.\d s", lines[-1])

    second = python(*MIGRATE, **database)
    assert second.returncode == 0
    assert second.stdout == "database 'default': nothing to do, every migration is applied\n"


def test_races_are_serialised(migrated_copy):
    # The lock, not luck: the migration takes longer than a process needs to start.
    slow = {**migrated_copy, **NEXT, "TEST_MIGRATION_SECONDS": "3"}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: python(*MIGRATE, **slow), range(3)))
    assert [process.returncode for process in done] == [0, 0, 0], [p.stderr for p in done]
    output = sorted(process.stdout for process in done)
    assert sum("Applying polls.0002_votes... OK" in text for text in output) == 1
    idle = [text for text in output if "Applying" not in text]
    assert idle == 2 * [
        "waiting: another process is migrating this database\n"
        "database 'default': nothing to do, every migration is applied\n"
    ]


def test_rollback_to_older_code(migrated_copy):
    assert python(*MIGRATE, **migrated_copy, **NEXT).returncode == 0
    older = check(**migrated_copy)
    assert (older.returncode, older.stdout) == (0, "ok: every migration of this code is applied\n")
    # Its own migration Job has nothing to do either.
    assert "nothing to do" in python(*MIGRATE, **migrated_copy).stdout


BREAKING = "polls.migrations_breaking"


@pytest.mark.parametrize(
    "change, reason",
    [
        ("removes a column", "no column polls_question.text"),
        ("renames a column", "no column polls_question.text"),
        ("removes a table", "no table polls_question"),
        ("demands a value", "a column polls_question.votes that has to be given a value"),
        ("demands what may be null", "a column polls_note.author that must not be null"),
        ("demands it with a default", "a column polls_note.author that must not be null"),
        ("shortens a text", "a column polls_note.author that takes 20 characters at most"),
        ("limits a text", "a column polls_note.text that takes 20 characters at most"),
        ("makes text of a number", "a column polls_note.stars that holds text, no whole numbers"),
        ("makes a number of text", "a column polls_note.author that holds whole numbers, no text"),
        (
            "makes a date of a number",
            "a column polls_note.stars that holds dates, no whole numbers",
        ),
    ],
)
def test_rollback_to_code_that_cannot_run_is_refused(migrated_copy, change, reason):
    newer = {"TEST_MIGRATIONS": BREAKING, "TEST_CHANGE": change}
    done = python(*MIGRATE, **migrated_copy, **newer)
    assert done.returncode == 0, done.stderr
    assert check(**migrated_copy, **newer).returncode == 0
    # What the schema lacks is one check of all three; that each makes it, one change shows.
    others = ([], ["--wait", "--timeout", "0"]) if change == "demands what may be null" else ()
    for option in (["--check"], *others):
        older = python(*MIGRATE, *option, **migrated_copy)
        assert older.returncode == 1
        assert older.stderr == (
            "error: database 'default' has polls.0002_change, which this release does not know, "
            f"and {reason}: this code cannot run on it. Release newer code, or take the schema "
            "back with the newer release: manage.py migrate polls 0001_initial (and delete its "
            "migration Job, or releasing it again would not migrate)\n"
        )


@pytest.mark.parametrize(
    "change",
    [
        "adds a table",
        "adds a column that may be null",
        "adds an index",
        "lengthens a text",
        "takes the limit off a text",
        "widens a number",
        "widens the key",
        "makes a time of a date",
        "lets text be null",
        "demands what code fills",
        "demands what Django fills",
        "makes a type that is not known",
        "makes a number of another kind",
    ],
)
def test_rollback_over_what_code_can_run_on_is_accepted(migrated_copy, change):
    newer = {"TEST_MIGRATIONS": BREAKING, "TEST_CHANGE": change}
    done = python(*MIGRATE, **migrated_copy, **newer)
    assert done.returncode == 0, done.stderr
    older = check(**migrated_copy)
    assert (older.returncode, older.stderr) == (0, "")


def test_older_schema_is_refused(migrated_copy):
    newer = check(**migrated_copy, **NEXT)
    assert newer.returncode == 1
    assert newer.stdout == ""
    assert newer.stderr == "error: database 'default' lacks 1 migrations: polls.0002_votes\n"


def test_wait_goes_on_until_the_schema_is_there(database):
    waiting = subprocess.Popen(
        [sys.executable, *MIGRATE, "--wait", "--timeout", "40"],
        env=environment(**database),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert re.fullmatch(
        r"waiting: database 'default' lacks \d+ migrations: .* more\n", waiting.stdout.readline()
    )
    time.sleep(2.5)
    assert python(*MIGRATE, **database).returncode == 0
    output, _ = waiting.communicate(timeout=20)
    assert waiting.returncode == 0
    # The reason was said once, though it was looked at several times.
    lines = output.splitlines()
    assert len(lines) == len(set(lines))
    assert lines[-1] == "ok: every migration of this code is applied"


def test_wait_ends_at_its_timeout(database):
    done = python(*MIGRATE, "--wait", "--timeout", "0", **database)
    assert done.returncode == 1
    assert re.fullmatch(r"error: database 'default' lacks \d+ migrations: .*\n", done.stderr)


def test_migrate_waits_for_the_database(database):
    """A port on which the database appears only when it was asked for in vain."""
    port = free_port()
    variables = {**database, "DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(port)}
    migrating = subprocess.Popen(
        [sys.executable, *MIGRATE],
        env=environment(**variables),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    first = migrating.stdout.readline()
    assert first.startswith(f"waiting: database 127.0.0.1:{port}/{database['DATABASE_NAME']}: ")
    assert "Connection refused" in first

    def appear():
        with socket.create_server(("127.0.0.1", port)) as listener:
            while True:
                client, _ = listener.accept()
                target = socket.create_connection(("localhost", int(database["DATABASE_PORT"])))
                for pair in ((client, target), (target, client)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=appear, daemon=True).start()
    output, _ = migrating.communicate(timeout=60)
    assert migrating.returncode == 0
    assert output.splitlines()[0].endswith("migrations to apply:")


def pump(source, target):
    with contextlib.suppress(OSError), source, target:
        while data := source.recv(65536):
            target.sendall(data)


def test_wrong_password(database):
    wrong = {**database, "DATABASE_PASSWORD": "do-not-print"}
    done = python(*MIGRATE, "--timeout", "0", **wrong)
    assert done.returncode == 1
    place = f"localhost:{database['DATABASE_PORT']}/{database['DATABASE_NAME']}"
    assert last_line(done.stderr) == (
        f'error: database {place}: password authentication failed for user "postgres"'
    )
    assert "do-not-print" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("mode", [(), ("--check",), ("--wait",)])
def test_unreachable_database(mode, database):
    nowhere = {**database, "DATABASE_HOST": "no-such-host.invalid"}
    done = python(*MIGRATE, *mode, "--timeout", "0", **nowhere)
    assert done.returncode == 1
    assert re.fullmatch(r"error: database no-such-host\.invalid:\d+/test\d+: .*\n", done.stderr)


def test_a_job_tells_of_its_database_long_before_its_timeout(database):
    module = "from cdk8s_django import migrate; migrate.DATABASE_SECONDS = 0; "
    program = module + "migrate.run(lambda _: migrate.main(['--timeout', '3600']))"
    done = python("-c", program, **{**database, "DATABASE_NAME": "nothing"})
    assert last_line(done.stderr).endswith('database "nothing" does not exist')


def test_missing_database(database):
    done = python(*MIGRATE, "--timeout", "0", **{**database, "DATABASE_NAME": "nothing"})
    assert done.stderr == (
        f"error: database localhost:{database['DATABASE_PORT']}/nothing: "
        'database "nothing" does not exist\n'
    )


def test_lock_timeout(migrated_copy):
    """A migration gives up rather than make every query of the table wait behind it."""
    with administrator(migrated_copy["DATABASE_NAME"]) as holder:
        cursor = holder.cursor()
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE polls_question")
        done = python(*MIGRATE, **migrated_copy, **NEXT, CDK8S_DJANGO_LOCK_TIMEOUT="1")
    assert done.returncode == 1
    assert done.stderr == ("error: database 'default': canceling statement due to lock timeout\n")
    assert "Applying polls.0002_votes..." in last_line(done.stdout)
    assert python(*MIGRATE, **migrated_copy, **NEXT).returncode == 0


LOST_CLIENT = """
import django
django.setup()
from django.db import connection
from django.db.backends.signals import connection_created
from cdk8s_django import steps
connection_created.connect(steps.prepare)
with connection.cursor() as cursor:
    cursor.execute(
        "SELECT name, setting FROM pg_settings "
        "WHERE name LIKE 'tcp_keepalives%' OR name = 'tcp_user_timeout' ORDER BY name"
    )
    print(dict(cursor.fetchall()))
"""


def test_a_migration_that_is_lost_with_its_node_is_noticed(migrated_copy):
    """By the system's own values, the server keeps its locks for more than two hours."""
    seconds = {
        "tcp_keepalives_count": "3",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_user_timeout": "30000",
    }
    assert literal_eval(python("-c", LOST_CLIENT, **migrated_copy).stdout) == seconds
    # What the owners of the server have decided stays.
    name = migrated_copy["DATABASE_NAME"]
    with administrator(name) as owner:
        owner.cursor().execute(f'ALTER DATABASE "{name}" SET tcp_keepalives_idle = 300')
    found = literal_eval(python("-c", LOST_CLIENT, **migrated_copy).stdout)
    assert found == {**seconds, "tcp_keepalives_idle": "300"}


def test_migrations_go_past_the_pooler(database):
    pooler = {
        **database,
        "DATABASE_HOST": "pooler.invalid",
        "DATABASE_TRANSACTION_POOLER": "true",
        "DATABASE_DIRECT_HOST": "localhost",
        "DATABASE_DIRECT_PORT": database["DATABASE_PORT"],
    }
    assert python(*MIGRATE, "--timeout", "5", **pooler).returncode == 0
    # The gate of the pods asks where the pods ask.
    assert "pooler.invalid" in check(**pooler).stderr


def test_transaction_pooler_without_a_way_past_it(database):
    done = python(*MIGRATE, **database, DATABASE_TRANSACTION_POOLER="true")
    assert done.returncode == 1
    assert done.stderr == (
        "error: DATABASE_TRANSACTION_POOLER is true and no DATABASE_DIRECT_HOST says where the "
        "database itself is: migrations need a session of their own. Give the database "
        "directHost or directUrl\n"
    )


def test_schemas_have_locks_of_their_own(database):
    name = database["DATABASE_NAME"]
    sql("CREATE SCHEMA other", name)
    sql(f"CREATE ROLE other_{name} LOGIN PASSWORD 'testing' SUPERUSER")
    sql(f"ALTER ROLE other_{name} SET search_path = other")
    try:
        done = python(*MIGRATE, **database)
        other = python(*MIGRATE, **{**database, "DATABASE_USER": f"other_{name}"})
        assert (done.returncode, other.returncode) == (0, 0)
        assert "Applying polls.0001_initial... OK" in other.stdout
    finally:
        sql(f"DROP OWNED BY other_{name}", name)
        sql(f"DROP ROLE other_{name}")


def test_sqlite_and_routers(tmp_path):
    files = {
        "TEST_SQLITE": str(tmp_path / "default"),
        "TEST_POLLS": str(tmp_path / "polls"),
        "TEST_LEGACY": str(tmp_path / "legacy"),
    }
    routed = {**files, "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.routed_settings"}
    assert "database 'default' lacks" in check(**routed).stderr
    done = python(*MIGRATE, **routed)
    assert done.returncode == 0, done.stderr
    assert "database 'default': migrated" in done.stdout
    assert "database 'polls': migrated" in done.stdout
    # Nothing is written to it, so its schema is somebody else's.
    assert not (tmp_path / "legacy").exists()
    assert check(**routed).returncode == 0

    chosen = {**routed, "CDK8S_DJANGO_MIGRATE_DATABASES": "legacy"}
    assert "database 'legacy' lacks" in check(**chosen).stderr


def test_broken_models_end_in_one_line(database):
    done = python(*MIGRATE, **database, TEST_MIGRATIONS="polls.no_migrations")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_help():
    assert "--wait" in python(*MIGRATE, "--help").stdout
