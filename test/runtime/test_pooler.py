"""Django through the PgBouncer that the library makes: ORM, passwords, TLS, and how it ends."""

import random
import shutil
import signal
import subprocess
import threading
import time

import pytest
from django.core.exceptions import ImproperlyConfigured
from pooler_process import Pooler, identifier, literal, pooler

from conftest import WORKER, administrator, last_line, python, sql

try:
    import psycopg as driver
except ImportError:
    import psycopg2 as driver

CLIENTS = 200
POOL = 20

# Threads of one process, each with a connection of its own, as 200 threads of servers have.
MANY_CLIENTS = """
import sys, threading, time
import django
django.setup()
from django.db import connection, transaction
from polls.models import Note

failed, together = [], threading.Barrier(CLIENTS)
# As replicas come up one after another.
arriving = threading.Semaphore(8)

def work(number):
    try:
        with arriving:
            connection.ensure_connection()
        together.wait(120)
        for turn in range(2):
            author = f"client {number} {turn}"
            with transaction.atomic():
                note = Note.objects.create(text="first", author=author)
                Note.objects.filter(pk=note.pk).update(stars=number)
            try:
                with transaction.atomic():
                    Note.objects.select_for_update().get(pk=note.pk).delete()
                    raise KeyError
            except KeyError:
                pass
            assert Note.objects.get(author=author).stars == number
            found = Note.objects.filter(stars__gte=0).order_by("pk").iterator(chunk_size=10)
            assert sum(1 for _ in zip(found, range(25))) > 0
            # More statements than psycopg keeps prepared would be too slow for each client.
            for limit in range(1, 4):
                assert len(Note.objects.order_by("pk").values_list("pk", flat=True)[:limit]) > 0
        together.wait(240)
    except BaseException as error:
        failed.append(repr(error))
        together.abort()

threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(failed), failed[:3])
sys.exit(bool(failed))
""".replace("CLIENTS", str(CLIENTS))


def url_of(variables, **query):
    """The same by a URL, whose query has what settings have in OPTIONS."""
    options = "&".join(f"{key}={value}" for key, value in query.items())
    place = f"localhost:{variables['DATABASE_PORT']}/{variables['DATABASE_NAME']}"
    login = f"{variables['DATABASE_USER']}:{variables['DATABASE_PASSWORD']}"
    kept = {name: value for name, value in variables.items() if "SSL" in name or "POOLER" in name}
    return {**kept, "DATABASE_URL": f"postgres://{login}@{place}?{options}"}


CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = %s"
)


def connections_of(name):
    return sql(CONNECTIONS, parameters=[name])[0][0]


class Watch(threading.Thread):
    """The most connections of clients to a database. Autovacuum has its own."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.name_of_database = name
        self.most = 0
        self.ended = threading.Event()

    def run(self):
        former = 0
        with administrator() as connection, connection.cursor() as cursor:
            while not self.ended.wait(0.1):
                cursor.execute(CONNECTIONS, [self.name_of_database])
                (now,) = cursor.fetchone()
                # One that PgBouncer has closed may be there for a moment longer.
                self.most = max(self.most, min(former, now))
                former = now


PSYCOPG_3 = driver.__name__ == "psycopg"


@pytest.mark.parametrize("prepared", [None, 0] if PSYCOPG_3 else [None])
def test_200_clients_on_a_pool_of_20_without_an_error(migrated_copy, prepared):
    """With a threshold of 0 psycopg 3 prepares each statement at once."""
    with pooler(migrated_copy, pool=POOL) as one:
        variables = one.variables
        if prepared is not None:
            variables = url_of(variables, prepare_threshold=prepared)
        watch = Watch(one.name)
        watch.start()
        done = python("-c", MANY_CLIENTS, **variables)
        watch.ended.set()
        watch.join()
        assert done.returncode == 0, f"{done.stdout}{done.stderr}{one.log[-2000:]}"
    rows = sql("SELECT count(*) FROM polls_note", migrated_copy["DATABASE_NAME"])
    assert rows == [(2 * CLIENTS,)]
    assert 0 < watch.most <= POOL
    print(f"{CLIENTS} clients, {watch.most} connections at the server")


@pytest.mark.skipif(not PSYCOPG_3, reason="psycopg2 prepares nothing")
def test_more_prepared_statements_than_the_driver_keeps(migrated_copy):
    """psycopg drops the oldest of a hundred, while other clients use the same connections."""
    code = """
import django, threading
django.setup()
from django.db import connection
failed = []
def work():
    try:
        with connection.cursor() as cursor:
            for turn in range(2):
                for number in range(300):
                    cursor.execute(f"SELECT %s::int + {number}", [1])
                    assert cursor.fetchone() == (number + 1,)
    except Exception as error:
        failed.append(repr(error))
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(failed)
"""
    with pooler(migrated_copy, pool=2) as one:
        done = python("-c", code, **url_of(one.variables, prepare_threshold=0))
        assert done.stdout.strip() == "[]", f"{done.stderr}{one.log[-2000:]}"


WHO = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user, current_database()")
    print(*cursor.fetchone(), sep="|")
"""
PRINTABLE = "".join(chr(code) for code in range(32, 127))


def passwords():
    yield PRINTABLE
    # A blank, a quote and a backslash at both ends.
    for edge in " \"'\\%$`":
        yield f"{edge}{edge}x{edge}{edge}"
    generator = random.Random(7)
    for _ in range(20):
        yield "".join(generator.choice(PRINTABLE) for _ in range(generator.randint(1, 60)))
    yield "éß漢🗝"


def test_any_password_logs_in_to_the_pooler_and_to_the_server(migrated):
    user = f"any password{WORKER}"
    sql(f"CREATE ROLE {identifier(user)} LOGIN")
    try:
        for number, password in enumerate(passwords()):
            sql(f"ALTER ROLE {identifier(user)} PASSWORD {literal(password)}")
            mine = {**migrated, "DATABASE_USER": user, "DATABASE_PASSWORD": password}
            with pooler(mine) as one:
                place = {"host": "localhost", "port": one.port, "dbname": one.name, "user": user}
                connection = driver.connect(**place, password=password)
                connection.close()
                with pytest.raises(driver.OperationalError):
                    driver.connect(**place, password=password + "x")
                if number == 0:
                    done = python("-c", WHO, **one.variables)
                    assert done.stdout.strip() == f"{user}|{one.name}", done.stderr
                assert password not in one.log
    finally:
        sql(f"DROP ROLE {identifier(user)}")


def test_odd_names_of_role_and_database():
    user, name = f'it\'s "odd" = a role{WORKER}', f'it\'s "odd" = a name{WORKER}'
    sql(f"CREATE ROLE {identifier(user)} LOGIN PASSWORD 'x'")
    sql(f"CREATE DATABASE {identifier(name)} OWNER {identifier(user)}")
    try:
        mine = {"DATABASE_NAME": name, "DATABASE_USER": user, "DATABASE_PASSWORD": "x"}
        with pooler(mine) as one:
            done = python("-c", WHO, **one.variables)
            assert done.stdout.strip() == f"{user}|{name}", f"{done.stderr}{one.log}"
    finally:
        sql(f"DROP DATABASE {identifier(name)} WITH (FORCE)")
        sql(f"DROP ROLE {identifier(user)}")


def test_passwords_of_several_lines_are_refused(migrated):
    one = Pooler({**migrated, "DATABASE_PASSWORD": "first\nsecond"})
    with pytest.raises(AssertionError):
        one.start()
    assert last_line(one.log) == (
        "error: the password of the database has more than one line, which PgBouncer cannot read. "
        "Take the line break out of the Secret."
    )
    shutil.rmtree(one.folder)


def test_versions_that_cut_their_clients_are_refused(migrated, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    old.chmod(0o755)
    tmp_path.chmod(0o755)
    (old / "pgbouncer").write_text("#!/bin/sh\necho PgBouncer 1.18.0\n")
    (old / "pgbouncer").chmod(0o755)
    one = Pooler(migrated)
    with pytest.raises(AssertionError):
        one.start(program=old)
    assert last_line(one.log) == (
        "error: the image has PgBouncer 1.18, which cuts its clients when its pod ends. Give the "
        "PgBouncer an image with 1.23 or newer."
    )
    shutil.rmtree(one.folder)


def test_clients_keep_time_zone_and_name_of_their_own(migrated):
    with pooler(migrated, pool=1) as one:
        place = {"host": "localhost", "port": one.port, "dbname": one.name}
        login = {"user": one.user, "password": one.password}
        clients = []
        for zone, name in (("Europe/Vienna", "first"), ("Asia/Tokyo", "second")):
            client = driver.connect(**place, **login, application_name=name)
            client.autocommit = True
            # As Django sets it.
            client.cursor().execute("SELECT set_config('TimeZone', %s, false)", [zone])
            clients.append((client, zone, name))
        for client, zone, name in clients * 3:
            cursor = client.cursor()
            cursor.execute(
                "SELECT current_setting('TimeZone'), current_setting('application_name')"
            )
            assert cursor.fetchone() == (zone, name)
        for client, _, _ in clients:
            client.close()


POOLED = {
    "DATABASE_HOST": "pooler",
    "DATABASE_NAME": "polls",
    "DATABASE_USER": "polls",
    "DATABASE_PASSWORD": "secret",
    "DATABASE_TRANSACTION_POOLER": "true",
    "DATABASE_DIRECT_HOST": "primary",
    "DATABASE_SSL_MODE": "disable",
    "DATABASE_DIRECT_SSL_MODE": "verify-full",
    "DATABASE_DIRECT_SSL_ROOT_CERT": "/ca.crt",
}
DIRECT = {"CDK8S_DJANGO_DATABASE_DIRECT": "true"}


def settings_with(**options):
    return {
        "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options}}
    }


def test_a_role_that_would_reach_other_clients_is_refused(load):
    with pytest.raises(ImproperlyConfigured) as caught:
        load(settings_with(assume_role="owner"), **POOLED)
    assert str(caught.value) == (
        "OPTIONS['assume_role'] of the database is 'owner': behind a pooler in transaction mode "
        "other connections would get the role too. Take it out of the settings, and let the role "
        "that logs in have it: ALTER ROLE \"polls\" SET role = 'owner'"
    )
    default = load(settings_with(assume_role="owner"), **POOLED, **DIRECT)["DATABASES"]["default"]
    assert default["OPTIONS"]["assume_role"] == "owner"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("-c statement_timeout=5s", "statement_timeout"),
        ("-c search_path=a,public -cstatement_timeout=5", "search_path, statement_timeout"),
        ("--lock-timeout=5s -c timezone=UTC", "lock_timeout"),
        ("-c TimeZone=UTC", ""),
        ("", ""),
    ],
)
def test_parameters_that_pgbouncer_refuses_are_named(load, capsys, options, named):
    default = load(settings_with(options=options), **POOLED)["DATABASES"]["default"]
    assert default["OPTIONS"]["options"] == options
    said = capsys.readouterr().err
    first = named.partition(",")[0]
    expected = (
        f"cdk8s-django: OPTIONS['options'] of the database sets {named}, which PgBouncer "
        f'refuses at connect. Set it for the role: ALTER ROLE "polls" SET {first} = …\n'
    )
    assert said == (expected if named else "")
    load(settings_with(options=options), **POOLED, **DIRECT)
    assert capsys.readouterr().err == ""


def test_what_is_set_for_a_role_counts_behind_the_pooler(migrated):
    """The remedies: parameters and another role, as the role that logs in has them."""
    user, owner = f"pooled{WORKER}", f"owner{WORKER}"
    for name in (user, owner):
        sql(f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
    try:
        sql(f"GRANT {owner} TO {user}")
        parameters = {"role": owner, "statement_timeout": "7s", "search_path": "tenant"}
        for name, value in parameters.items():
            sql(f"ALTER ROLE {user} SET {name} = '{value}'")
        mine = {**migrated, "DATABASE_USER": user, "DATABASE_PASSWORD": "x"}
        code = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user")
    print(cursor.fetchone()[0])
    for parameter in ("statement_timeout", "search_path"):
        cursor.execute("SELECT current_setting(%s)", [parameter])
        print(cursor.fetchone()[0])
"""
        with pooler(mine) as one:
            done = python("-c", code, **one.variables)
        assert done.stdout.split() == [owner, "7s", "tenant"], done.stderr
    finally:
        for name in (user, owner):
            sql(f"DROP ROLE {name}")


def test_tls_past_the_pooler_is_that_of_the_server(load):
    default = load(**POOLED)["DATABASES"]["default"]
    assert default["OPTIONS"]["sslmode"] == "disable"
    assert "sslrootcert" not in default["OPTIONS"]
    default = load(**POOLED, **DIRECT)["DATABASES"]["default"]
    assert default["OPTIONS"]["sslmode"] == "verify-full"
    assert default["OPTIONS"]["sslrootcert"] == "/ca.crt"
    same = {**POOLED, "DATABASE_DIRECT_SSL_MODE": "", "DATABASE_SSL_MODE": "require"}
    assert load(**same, **DIRECT)["DATABASES"]["default"]["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize(
    ("pool", "laid"),
    [
        (True, {"max_lifetime": 30}),
        ({"max_size": 3}, {"max_lifetime": 30, "max_size": 3}),
        ({"max_lifetime": 600}, {"max_lifetime": 600}),
        (False, False),
    ],
)
def test_pools_of_django_renew_their_connections(load, pool, laid):
    own = {"max_lifetime": 600} if pool == {"max_lifetime": 600} else pool
    default = load(settings_with(pool=own), **POOLED, DATABASE_CONN_MAX_AGE="30")
    assert default["DATABASES"]["default"]["OPTIONS"]["pool"] == laid
    default = load(settings_with(pool=own), **POOLED, **DIRECT)
    assert default["DATABASES"]["default"]["OPTIONS"]["pool"] == own


def certificate(folder, name):
    """A certificate for localhost by itself, and its key."""
    crt, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", crt),
        ],
        check=True,
        capture_output=True,
    )
    return crt, key


def test_tls_on_both_sides_and_a_renewed_certificate(migrated, tmp_path):
    """The server's certificate is checked; a renewed one of the pooler counts without a restart."""
    first, second = certificate(tmp_path, "first"), certificate(tmp_path, "second")
    by_name = {"db.example.com": "localhost", "verify-full": "verify-full"}
    with pooler(migrated, tls=first, places=by_name) as one:
        checked = {**one.variables, "DATABASE_SSL_MODE": "verify-full"}
        with_first = {**checked, "DATABASE_SSL_ROOT_CERT": str(first[0])}
        done = python("-c", WHO, **with_first)
        assert done.returncode == 0, f"{done.stderr}{one.log}"
        ssl = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = %s"
        assert (True,) in sql(ssl, parameters=[one.name])
        assert "SSL required" in python("-c", WHO, **one.variables).stderr
        place = {"host": "localhost", "port": one.port, "dbname": one.name, "user": one.user}
        kept = driver.connect(**place, password=one.password, sslmode="require")
        kept.autocommit = True
        one.renew(second)
        with_second = {**checked, "DATABASE_SSL_ROOT_CERT": str(second[0])}
        for _ in range(100):
            done = python("-c", WHO, **with_second)
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stderr
        assert "certificate verify failed" in python("-c", WHO, **with_first).stderr
        kept.cursor().execute("SELECT 1")
        kept.close()


@pytest.mark.parametrize("what", ["authority", "name"])
def test_a_server_of_another_certificate_is_refused(migrated, tmp_path, what):
    crt, _ = certificate(tmp_path, "other")
    another = {
        "authority": {"/certificates/ca.crt": str(crt)},
        # Its certificate has no address.
        "name": {"verify-full": "verify-full"},
    }
    one = Pooler(migrated, places=another[what])
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    try:
        one.start()
        done = python("-c", WHO, **one.variables)
        assert done.returncode != 0
        said = {"authority": "certificate verify failed", "name": "not present in server cert"}
        assert said[what] in one.log
    finally:
        one.stop()
        shutil.rmtree(one.folder)


def test_an_ending_pooler_waits_for_its_clients(migrated):
    """SIGTERM: transactions go on until the client goes; nobody new comes; then it ends."""
    with pooler(migrated) as one:
        place = {"host": "localhost", "port": one.port, "dbname": one.name, "user": one.user}
        client = driver.connect(**place, password=one.password)
        client.autocommit = True
        client.cursor().execute("SELECT 1")
        one.process.send_signal(signal.SIGTERM)
        for _ in range(100):
            try:
                driver.connect(**place, password=one.password, connect_timeout=2).close()
            except driver.OperationalError:
                break
            time.sleep(0.05)
        else:
            raise AssertionError("it takes new clients")
        for _ in range(5):
            client.cursor().execute("SELECT pg_sleep(0.1)")
        assert one.process.poll() is None
        client.close()
        assert one.process.wait(15) == 0


def test_a_killed_pooler_starts_again_beside_what_it_left(migrated):
    with pooler(migrated) as one:
        one.stop()
        one.log_path.write_text("")
        one.start()
        done = python("-c", WHO, **one.variables)
        assert done.returncode == 0, f"{done.stderr}{one.log}"


def test_a_reused_connection_that_was_cut_costs_no_request(migrated, serve):
    """CONN_HEALTH_CHECKS: the next request notices, and connects again."""
    with pooler(migrated) as one:
        server = serve(**one.variables)
        assert server.get("/questions").status == 200
        one.stop()
        one.log_path.write_text("")
        one.start()
        assert [server.get("/questions").status for _ in range(8)] == [200] * 8
