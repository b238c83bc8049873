"""python -m cdk8s_django.migrate [--check | --wait [--tell FILE]] [--timeout SECONDS]

Without an option: waits for the database, takes a lock and migrates (the Job of a release), as
long as the Job is of the present release.
--check: whether every migration of this code is applied; a newer schema is accepted when the
code can run on it.
--wait: the same, again and again until it is (the init container of a pod). Databases that are
files of the pod are migrated here and not waited for.
--tell: ends once with the reason when nothing will change it without a person: the status of the
pod then has it. FILE remembers that it did.
--timeout: how long it waits, for the schema or for another process that migrates.
"""

import argparse
import os
import time

from cdk8s_django import command_line, gate, locks, migrate_command
from cdk8s_django.databases import way_past_pooler
from cdk8s_django.errors import Failure, database_reason, run, start_django
from cdk8s_django.release import PresentRelease

# A Job that waits for its database longer than that ends with the reason, and tries again.
DATABASE_SECONDS = 300


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.migrate")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true")
    mode.add_argument("--wait", action="store_true")
    parser.add_argument("--tell", metavar="FILE")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS")
    options = parser.parse_args(arguments)
    deadline = time.monotonic() + options.timeout

    if not (options.check or options.wait):
        release = PresentRelease()
        release.begin()
        go_past_pooler()
    # Applications leave work with the database out while they are migrated, and look for this.
    command_line.of_management("migrate")
    start_django()
    from cdk8s_django.health import migration_aliases

    aliases = migration_aliases()
    if options.check:
        why = gate.problem(aliases)
        if why:
            raise Failure(why.text)
    elif options.wait:
        for alias in filter(file_of, aliases):
            migrate_file(alias)
        gate.wait([alias for alias in aliases if not is_sqlite(alias)], deadline, options.tell)
    else:
        migrate(aliases, release, deadline)
        return 0
    print("ok: every migration of this code is applied", flush=True)
    return 0


def go_past_pooler():
    # The lock would stay with a server connection of the pooler for ever.
    way_past_pooler("migrations")
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


def is_sqlite(alias):
    from django.db import connections

    return connections[alias].vendor == "sqlite"


def file_of(alias):
    """The file of a database that belongs to the pod, or None. One in memory has none."""
    from django.db import connections

    connection = connections[alias]
    if not is_sqlite(alias) or connection.is_in_memory_db():
        return None
    return str(connection.settings_dict["NAME"])


def migrate_file(alias):
    """No Job can do it: its pod would migrate a file of its own."""
    with locks.of_file(file_of(alias)):
        apply(alias)


def migrate(aliases, release, deadline):
    from django.db.backends.signals import connection_created

    from cdk8s_django import steps

    connection_created.connect(steps.prepare)
    steps.watch(release)
    for alias in aliases:
        migrate_database(alias, deadline)


def migrate_database(alias, deadline):
    from django.db import connections

    if file_of(alias):
        migrate_file(alias)
        return
    wait_until(lambda: unreachable(alias), min(deadline, time.monotonic() + DATABASE_SECONDS))
    if connections[alias].vendor != "postgresql":
        apply(alias)
        return
    # A session of its own, which holds the lock whatever a migration does with its own.
    lock = connections[alias].copy()
    busy = "another process is migrating this database"
    try:
        wait_until(lambda: None if locks.take(lock) else busy, deadline)
        apply(alias)
    finally:
        lock.close()


def apply(alias):
    from django.db import connections

    from cdk8s_django.health import missing_migrations
    from cdk8s_django.schema import newer_schema_problem

    # Under the lock: another process may have migrated while this one waited.
    missing = missing_migrations(alias)
    if missing:
        what = f"{len(missing)} migrations to apply:"
    else:
        why = newer_schema_problem(alias)
        if why:
            raise Failure(why)
        what = migrate_command.work_left(connections[alias])
        if what is None:
            print(f"database '{alias}': nothing to do, every migration is applied", flush=True)
            return
    print(f"database '{alias}': {what}", flush=True)
    for name in missing:
        print(f"  {name}", flush=True)
    started = time.monotonic()
    call_migrate(alias)
    seconds = time.monotonic() - started
    print(f"database '{alias}': migrated in {seconds:.1f} s", flush=True)


def call_migrate(alias):
    from django.core.management import call_command
    from django.db import DatabaseError, connections

    begun = migrate_command.begin(connections[alias])
    try:
        call_command("migrate", database=alias, interactive=False)
    except DatabaseError as error:
        raise Failure(f"database '{alias}': {database_reason(error)}{remains(alias)}") from error
    migrate_command.end(connections[alias], begun)


def remains(alias):
    """What a migration that is not atomic has left behind, which fails every further try."""
    from django.db import DatabaseError, connections

    from cdk8s_django import steps

    connection = connections[alias]
    if connection.vendor != "postgresql":
        return ""
    try:
        connection.close()
        names = [quoted for _, quoted in steps.invalid_indexes(connection)]
    except DatabaseError:
        return ""
    if names:
        drops = "; ".join(f"DROP INDEX CONCURRENTLY {name}" for name in names)
        return f". Indexes that are not valid were left: {drops}, then migrate again"
    if steps.REMAINING:
        return (
            f". {steps.REMAINING[0]} is not atomic: what a try did of it stays, and the next try "
            "does it again. Undo by hand what is there already"
        )
    return ""


if __name__ == "__main__":
    run(main)
