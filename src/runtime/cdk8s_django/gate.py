"""Waits until the databases are what this code needs: the init container of a pod.

It loads Django and the graph of migrations once. Then it asks the database for little: whether
the record of migrations has changed. It waits in place, whatever is wrong, and looks again.
"""

import os
import time
from collections import namedtuple

from cdk8s_django import locks, migrate_command
from cdk8s_django.environment import text
from cdk8s_django.errors import Failure, database_reason

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4
# How often the log repeats the reason, and how long a Job may need to begin.
MINUTE = 60

# Why a pod waits. A Job mends what is of the kind "schema"; a person what is "refused".
Reason = namedtuple("Reason", ["kind", "text"])


def problem(aliases):
    """The first reason why the databases are not what this code needs, or None."""
    return first(DatabaseView(alias) for alias in aliases)


def first(views):
    return next((why for why in (view.problem() for view in views) if why), None)


def wait(aliases, deadline, told):
    """Until nothing is wrong; told is a file or None: see tell()."""
    views = [DatabaseView(alias) for alias in aliases]
    started = said_at = moved_at = time.monotonic()
    last, pause = None, FIRST_PAUSE
    while True:
        why = first(views)
        now = time.monotonic()
        if why is None:
            return
        if any(view.is_migrating() for view in views):
            moved_at = now
        # A person is needed, or something that does not come by itself.
        stuck = now - moved_at >= MINUTE
        message = why.text + (way_out() if stuck and why.kind == "schema" else "")
        if now > deadline:
            raise Failure(message)
        if why != last or now - said_at >= MINUTE:
            minutes = int((now - started) / MINUTE)
            print(f"waiting{f' for {minutes} min' * (minutes > 0)}: {message}", flush=True)
            last, said_at = why, now
        if told and (stuck or why.kind == "refused"):
            tell(told, message)
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def way_out():
    """What to do when the Job that should migrate has ended already."""
    job = text("CDK8S_DJANGO_MIGRATION")
    if not job:
        return ""
    return (
        f". Job {job} migrates. If it has failed or is complete (kubectl get job {job}), delete it "
        f"(kubectl delete job {job}) and apply the manifests of this release again"
    )


def tell(told, message):
    """Ends with the reason, which the status of the pod then has; the next start finds the file.

    The status of a container that runs says nothing, and nobody looks into the log of a gate.
    """
    if os.path.exists(told):
        return
    with open(told, "w"):
        raise Failure(message)


class DatabaseView:
    """What is known of one database from look to look."""

    def __init__(self, alias):
        self.alias = alias
        self.forget()

    def forget(self):
        self.has_table = False
        self.seen = self.why = None
        self.missing, self.applied = [], set()
        self.looked_at = float("-inf")

    @property
    def connection(self):
        from django.db import connections

        return connections[self.alias]

    @property
    def recorder(self):
        from django.db.migrations.recorder import MigrationRecorder

        return MigrationRecorder(self.connection)

    def problem(self):
        from django.db import DatabaseError, InterfaceError

        try:
            seen = self.fingerprint()
            # By hand a table may change without a record.
            if seen != self.seen or time.monotonic() - self.looked_at >= MINUTE:
                self.why = self.look()
                self.seen, self.looked_at = seen, time.monotonic()
            return self.why
        except (DatabaseError, InterfaceError) as error:
            from cdk8s_django.health import database_address

            self.connection.close()
            self.forget()
            why = f"database {database_address(self.alias)}: {database_reason(error)}"
            return Reason("database", why)

    def fingerprint(self):
        """Changes with the record of migrations."""
        self.has_table = self.has_table or self.recorder.has_table()
        if not self.has_table:
            return "no table"
        table = self.connection.ops.quote_name(self.recorder.Migration._meta.db_table)
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*), max(id) FROM {table}")
            counted = cursor.fetchone()
        return (*counted, migrate_command.problem(self.connection))

    def look(self):
        from cdk8s_django.health import name_some
        from cdk8s_django.schema import newer_schema_problem

        missing = self.missing_now()
        if missing:
            why = f"database '{self.alias}' lacks {len(missing)} migrations: {name_some(missing)}"
            return Reason("schema", why)
        why = migrate_command.problem(self.connection)
        if why:
            return Reason("schema", f"database '{self.alias}': {why}")
        why = newer_schema_problem(self.alias)
        return Reason("refused", why) if why else None

    def missing_now(self):
        """The graph is made once; as long as migrations are only added, the record is enough."""
        from cdk8s_django.health import missing_migrations

        applied = {f"{app}.{name}" for app, name in self.recorder.applied_migrations()}
        left = [name for name in self.missing if name not in applied]
        if not left or not self.applied <= applied:
            left = missing_migrations(self.alias)
        self.missing, self.applied = left, applied
        return left

    def is_migrating(self):
        from django.db import DatabaseError, InterfaceError

        try:
            return locks.is_held(self.connection)
        except (DatabaseError, InterfaceError):
            return False
