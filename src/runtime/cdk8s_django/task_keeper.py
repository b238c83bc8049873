"""The keeper of the task workers' lock: see task_worker."""

import contextlib
import hashlib
import importlib
import os
import select
import signal
import time

from cdk8s_django.databases import way_past_pooler
from cdk8s_django.environment import number
from cdk8s_django.errors import Failure, database_reason
from cdk8s_django.logs import note

FENCE = 20
TAKE_OVER = 30
# How often the keeper asks the database, and how often at most a process is started again.
INTERVAL = 3
# Within this time every keeper has looked: who takes longer has seen nothing.
LOOK = 6
# The keeper's, after the last task: to put back what was ended.
LAST_SECONDS = 5
SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
PREFIX = "cdk8s"
TABLE = "django_tasks_database_dbtaskresult"


def lock_key(lease):
    digest = hashlib.sha256(f"cdk8s-django task workers {lease}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Keeper:
    """Holds the lock, and looks for tasks whose workers do not have one."""

    def __init__(self, lease, shared, commands, attempts):
        self.lease = lease
        self.shared = shared
        self.commands = commands
        self.attempts = attempts
        # Since when leases were seen without a lock.
        self.missing = {}
        self.looked = 0
        self.search_due = 0
        # Since when this session has the lock, and how long it must have it to count.
        self.since = 0
        self.trial = 0
        self.connection = None
        self.backend = None
        self.last_reason = None
        self.queues = None

    def run(self):
        for one in SIGNALS - {signal.SIGCHLD}:
            # It goes on until the last task has ended.
            signal.signal(one, signal.SIG_IGN)
        self.start_django()
        from django.db import DatabaseError, InterfaceError

        stopping, until = False, float("inf")
        while True:
            try:
                self.turn()
                done, self.last_reason = True, None
            except (DatabaseError, InterfaceError) as error:
                done = False
                self.complain(error)
                # A search that took too long has cost neither the session nor its lock.
                if self.connection.connection is None or not self.connection.is_usable():
                    self.close()
            if stopping:
                if done or time.monotonic() > until:
                    return
                time.sleep(0.2)
            elif select.select([self.commands], [], [], INTERVAL if done else 1)[0]:
                # Something has ended: a worker, or all of them.
                self.search_due = 0
                if not os.read(self.commands, 1024):
                    stopping, until = True, time.monotonic() + LAST_SECONDS

    def start_django(self):
        if way_past_pooler("task workers"):
            os.environ["CDK8S_DJANGO_DATABASE_DIRECT"] = "true"
        os.environ.pop("DATABASE_POOL_MAX_SIZE", None)
        from django.conf import settings
        from django.db import connections

        backend = (getattr(settings, "TASKS", None) or {}).get("default", {}).get("BACKEND", "")
        if not backend.startswith("django_tasks_db."):
            raise Failure(
                f"TASKS['default'] has the backend '{backend}': task workers are for "
                "'django_tasks_db.DatabaseBackend'. Take TASKS['default'] out of the settings"
            )
        self.connection = connections["default"].copy()
        if self.connection.vendor != "postgresql":
            raise Failure(
                "task workers need PostgreSQL, and the default database is another one: give the "
                "DjangoApp database: new PostgresBackend(…)"
            )
        self.connection.settings_dict["OPTIONS"].pop("pool", None)
        if number("CDK8S_DJANGO_METRICS_PORT"):
            metrics = importlib.import_module("cdk8s_django.task_metrics")
            self.queues = metrics.Queues(self.query)

    def turn(self):
        """One look at the database, which proves that the session with the lock is there."""
        if self.connection.connection is None:
            self.lock()
        began = time.monotonic()
        if began - self.looked > LOOK:
            # What was seen before says nothing of the time in which nobody looked.
            self.missing = {}
        held = {
            key
            for (key,) in self.query(
                "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks "
                "WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        }
        if lock_key(self.lease) not in held:
            raise Failure("another session has the lock of the task workers: is there a pooler?")
        if began - self.since >= self.trial:
            self.shared.set("locked", began)
        self.looked = time.monotonic()
        self.missing = {
            lease: first for lease, first in self.missing.items() if lock_key(lease) not in held
        }
        if self.queues:
            self.queues.look()
        if began >= self.search_due:
            try:
                self.search(held)
            finally:
                # Of a long table the search takes a fiftieth of the time at most.
                self.search_due = began + 50 * (time.monotonic() - began)

    def lock(self):
        if self.backend:
            # The session before, whose end the server may not have noticed.
            self.query("SELECT pg_terminate_backend(%s)", [self.backend])
        self.query(
            "SELECT set_config('idle_session_timeout', %s, false), "
            "set_config('statement_timeout', '5s', false)",
            [f"{FENCE}s"],
        )
        [(is_locked, backend)] = self.query(
            "SELECT pg_try_advisory_lock(%s), pg_backend_pid()", [lock_key(self.lease)]
        )
        if not is_locked:
            from django.db import OperationalError

            raise OperationalError("the session before still has the lock of the task workers")
        # Others must have seen that it is there again before it counts.
        self.trial = LOOK if self.backend or self.shared.get("locked") else 0
        self.since = time.monotonic()
        self.backend = backend

    def search(self, held):
        """Gives back the tasks of workers that are no longer there."""
        rows = self.query(
            f"SELECT DISTINCT worker_ids->>-1 FROM {TABLE} "
            "WHERE status = 'RUNNING' AND worker_ids->>-1 LIKE %s",
            [f"{PREFIX}.%"],
        )
        now = time.monotonic()
        # After the query: a worker gets its number before it starts.
        own = self.shared.all("number")
        pod = self.lease.rpartition(".")[0]
        seen = set()
        for (worker,) in rows:
            lease, _, number = worker.rpartition(".")
            if lease == self.lease:
                if int(number) not in own:
                    self.give_back(worker, int(number) in self.shared.all("expired"))
            elif lock_key(lease) not in held:
                seen.add(lease)
                first = self.missing.setdefault(lease, now)
                # The container before, in the same pod, has ended before this one began.
                if lease.rpartition(".")[0] == pod or now - first >= TAKE_OVER:
                    self.give_back(worker, False)
        self.missing = {lease: first for lease, first in self.missing.items() if lease in seen}

    def give_back(self, worker, expired):
        """Puts the task of a worker back, or marks it as failed."""
        cause = "TimeLimitExceeded" if expired else "WorkerLost"
        told = "it took too long" if expired else f"worker {worker} was lost"
        mine = "WHERE status = 'RUNNING' AND worker_ids->>-1 = %s"
        again = self.query(
            f"UPDATE {TABLE} SET status = 'READY', started_at = NULL {mine} "
            "AND jsonb_array_length(worker_ids) < %s RETURNING id, task_path",
            [worker, 0 if expired else self.attempts],
        )
        failed = self.query(
            f"UPDATE {TABLE} SET status = 'FAILED', finished_at = clock_timestamp(), "
            f"exception_class_path = %s, traceback = %s {mine} RETURNING id, task_path",
            [f"cdk8s_django.tasks.{cause}", f"{cause}: {told}\n", worker],
        )
        for what, rows in (("is put back", again), ("is marked as failed", failed)):
            for task, path in rows:
                note(f"task {task} ({path}) {what}: {told}", level="WARNING")

    def query(self, sql, parameters=None):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def complain(self, error):
        why = database_reason(error)
        if why != self.last_reason:
            note(f"task workers cannot ask the database: {why}", level="WARNING")
        self.last_reason = why

    def close(self):
        with contextlib.suppress(Exception):
            self.connection.close()
