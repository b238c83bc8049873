"""python -m cdk8s_django.migrate [--check | --wait] [--timeout SECONDS]

Without an option: waits for the database, takes a lock and migrates (the Job of a release).
--check: whether every migration of this code is applied; a newer schema is accepted when the
code can run on it.
--wait: the same, again and again until it is (the init container of a pod). A schema that the
code cannot run on ends it at once.
--timeout: how long it waits, for the schema or for another process that migrates.
"""

import argparse
import hashlib
import os
import time

from cdk8s_django.environment import flag, number, text
from cdk8s_django.errors import Failure, database_reason, run, start_django

# A Job that waits for its database longer than that ends with the reason, and tries again.
DATABASE_SECONDS = 300


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.migrate")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true")
    mode.add_argument("--wait", action="store_true")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS")
    options = parser.parse_args(arguments)
    deadline = time.monotonic() + options.timeout

    if not (options.check or options.wait):
        go_past_pooler()
    start_django()
    if options.check:
        why = not_ready()
        if why:
            raise Failure(why)
    elif options.wait:
        wait_until(not_ready, deadline)
    else:
        migrate(deadline)
        return 0
    print("ok: every migration of this code is applied", flush=True)
    return 0


def go_past_pooler():
    direct = text("DATABASE_DIRECT_HOST") or text("DATABASE_DIRECT_URL")
    if flag("DATABASE_TRANSACTION_POOLER") and not direct:
        # The lock would stay with a server connection of the pooler for ever.
        raise Failure(
            "DATABASE_TRANSACTION_POOLER is true and no DATABASE_DIRECT_HOST says where the "
            "database itself is: migrations need a session of their own"
        )
    os.environ["CDK8S_DJANGO_DATABASE_DIRECT"] = "true"


def wait_until(problem, deadline):
    """Until problem() returns None; says each new reason once."""
    last = None
    while True:
        why = problem()
        if why is None:
            return
        if time.monotonic() > deadline:
            raise Failure(why)
        if why != last:
            print(f"waiting: {why}", flush=True)
            last = why
        time.sleep(1)


def unreachable(alias):
    from django.db import DatabaseError, connections

    from cdk8s_django.health import database_address

    try:
        connections[alias].close()
        connections[alias].ensure_connection()
    except DatabaseError as error:
        return f"database {database_address(alias)}: {database_reason(error)}"
    return None


def not_ready():
    """Why the databases are not what this code needs, or None."""
    from cdk8s_django.health import migration_aliases, missing_migrations, name_some

    for alias in migration_aliases():
        why = unreachable(alias)
        if why:
            return why
        missing = missing_migrations(alias)
        if missing:
            return f"database '{alias}' lacks {len(missing)} migrations: {name_some(missing)}"
        refuse_newer_schema(alias)
    return None


def refuse_newer_schema(alias):
    from cdk8s_django.schema import newer_schema_problem

    why = newer_schema_problem(alias)
    if why:
        raise Failure(why)


def migrate(deadline):
    from django.db.backends.signals import connection_created

    from cdk8s_django.health import migration_aliases

    connection_created.connect(set_lock_timeout)
    for alias in migration_aliases():
        migrate_database(alias, deadline)


def migrate_database(alias, deadline):
    from django.db import connections

    wait_until(lambda: unreachable(alias), min(deadline, time.monotonic() + DATABASE_SECONDS))
    if connections[alias].vendor != "postgresql":
        apply(alias)
        return
    # A session of its own, which holds the lock whatever a migration does with its own.
    lock = connections[alias].copy()
    try:
        wait_until(lambda: locked_by_another(lock), deadline)
        apply(alias)
    finally:
        lock.close()


def locked_by_another(lock):
    with lock.cursor() as cursor:
        # Locks belong to a database; two applications may share it in schemas of their own.
        cursor.execute("SELECT coalesce(current_schema(), '')")
        name = f"cdk8s-django migrate {cursor.fetchone()[0]}"
        digest = hashlib.sha256(name.encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        return None if cursor.fetchone()[0] else "another process is migrating this database"


def set_lock_timeout(connection, **_):
    """A migration that waits for a lock makes every later query of that table wait behind it."""
    if connection.vendor == "postgresql":
        seconds = number("CDK8S_DJANGO_LOCK_TIMEOUT", 10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])


def apply(alias):
    from django.core.management import call_command
    from django.db import DatabaseError

    from cdk8s_django.health import missing_migrations

    # Under the lock: another process may have migrated while this one waited.
    missing = missing_migrations(alias)
    if not missing:
        refuse_newer_schema(alias)
        print(f"database '{alias}': nothing to do, every migration is applied", flush=True)
        return
    print(f"database '{alias}': {len(missing)} migrations to apply:", flush=True)
    for name in missing:
        print(f"  {name}", flush=True)
    started = time.monotonic()
    # The application's own migrate command, should it have one.
    try:
        call_command("migrate", database=alias, interactive=False)
    except DatabaseError as error:
        raise Failure(f"database '{alias}': {database_reason(error)}") from error
    seconds = time.monotonic() - started
    print(f"database '{alias}': migrated in {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    run(main)
