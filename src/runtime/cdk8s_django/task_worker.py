"""python -m cdk8s_django.task_worker [--queues …] [--processes …] [--time-limit …] [--attempts …]

Workers of Django's own Tasks in the database, with what the backend's own worker does not have:
a task whose worker was killed is found, and put back or marked as failed. Three kinds of processes:

- This one starts the others, ends tasks that take too long, and gives signs of life. It connects
  to nothing, so nothing can hold it up.
- The keeper has a session of the database, whose advisory lock says that these workers live. It
  looks for tasks that run in workers without such a lock.
- Each worker is the backend's own `db_worker`. Its name, which is in the rows of its tasks, begins
  with that of the lock.

Two workers never run one task at once. A keeper that loses its session has FENCE seconds to have
the lock again, so long that others have seen it, or its workers are killed. Others take a task over
after more than that, TAKE_OVER seconds, in which they looked again and again and saw no lock: by
their own clock, so it does not matter what time another machine has.
"""

import argparse
import contextlib
import ctypes
import hashlib
import importlib
import mmap
import os
import select
import signal
import socket
import struct
import sys
import time

from cdk8s_django import heartbeat
from cdk8s_django.environment import flag, text
from cdk8s_django.errors import Failure, database_reason, reason
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
PR_SET_PDEATHSIG = 1


class Shared:
    """Numbers that all processes see: when the lock was there last, and of each worker a few."""

    FIELDS = ("number", "ready", "began", "expired")

    def __init__(self, processes):
        self.memory = mmap.mmap(-1, 8 * (1 + processes * len(self.FIELDS)))
        self.slots = range(processes)

    def get(self, field, slot=0):
        return struct.unpack_from("d", self.memory, self.offset(field, slot))[0]

    def set(self, field, value, slot=0):
        struct.pack_into("d", self.memory, self.offset(field, slot), value)

    def all(self, field):
        return {int(self.get(field, slot)) for slot in self.slots}

    def offset(self, field, slot):
        if field == "locked":
            return 0
        return 8 * (1 + slot * len(self.FIELDS) + self.FIELDS.index(field))


def fork(run):
    """A process that runs a function and ends with this one, however this one ends."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    # A group of its own, which is killed together with what a task has started.
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        run()
    except Exception as error:
        note(f"task workers cannot run: {reason(error)}", level="ERROR")
        sys.exit(1)
    # As any process ends, so that what the application does at its end is done.
    sys.exit(0)


class Supervisor:
    """The first process of the container."""

    def __init__(self, options):
        self.options = options
        self.shared = Shared(options.processes)
        host = os.environ.get("HOSTNAME") or socket.gethostname()
        self.lease = f"{PREFIX}.{host[-36:]}.{os.urandom(4).hex()}"
        self.workers = {}
        self.started = {}
        self.number = 0
        self.keeper = None
        self.keeper_started = -INTERVAL
        self.wake = None
        self.last_sign = 0
        self.deadline = None
        self.has_worked = False

    def run(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        heartbeat.tell()
        while True:
            now = time.monotonic()
            if self.keeper is None and now >= self.keeper_started + INTERVAL:
                self.start_keeper(now)
            got = signal.sigtimedwait(SIGNALS, 1)
            now = time.monotonic()
            if got and got.si_signo != signal.SIGCHLD and self.deadline is None:
                self.stop(now)
            self.reap(now)
            self.end_late(now)
            if self.deadline is None:
                self.start_missing(now)
            elif not self.workers:
                return self.finish()
            self.give_sign(now)

    def start_keeper(self, now):
        self.keeper_started = now
        reading, self.wake = os.pipe()

        def keep():
            os.close(self.wake)
            Keeper(self.lease, self.shared, reading, self.options.attempts).run()

        self.keeper = fork(keep)
        os.close(reading)

    def start_missing(self, now):
        if not self.is_locked(now):
            return
        for slot in self.shared.slots:
            due = self.started.get(slot, -INTERVAL) + INTERVAL
            if slot in self.workers.values() or now < due:
                continue
            self.number += 1
            self.started[slot] = now
            for field, value in (("number", self.number), ("ready", 0), ("began", 0)):
                self.shared.set(field, value, slot)
            name = f"{self.lease}.{self.number}"
            self.workers[fork(lambda slot=slot, name=name: self.work(slot, name))] = slot

    def work(self, slot, name):
        """A worker: the backend's own command."""
        os.close(self.wake)
        django = importlib.import_module("django")
        django.setup()
        compat = importlib.import_module("django_tasks_db.compat")
        management = importlib.import_module("django.core.management")

        def began(**_):
            self.shared.set("began", time.monotonic(), slot)

        def finished(**_):
            self.shared.set("began", 0, slot)

        compat.task_started.connect(began)
        compat.task_finished.connect(finished)
        self.shared.set("ready", 1, slot)
        management.call_command(
            "db_worker", "--queue-name", self.options.queues, "--worker-id", name, reload=False
        )

    def stop(self, now):
        """The workers finish what they have."""
        self.deadline = now + self.options.time_limit
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)

    def reap(self, now):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid == self.keeper:
                self.keeper_ended(status)
            slot = self.workers.pop(pid, None)
            if slot is not None:
                self.worker_ended(slot, status)

    def keeper_ended(self, status):
        os.close(self.wake)
        self.keeper = None
        if not self.shared.get("locked"):
            sys.exit(1)  # It has said why.
        note(f"the keeper of the task workers' lock {ended(status)}", level="ERROR")

    def worker_ended(self, slot, status):
        self.has_worked = self.has_worked or bool(self.shared.get("ready", slot))
        self.shared.set("number", 0, slot)
        self.poke()
        if self.deadline is None:
            note(f"a task worker {ended(status)}", level="WARNING")
            if not self.has_worked:
                sys.exit(1)

    def poke(self):
        if self.keeper is not None:
            with contextlib.suppress(OSError):
                os.write(self.wake, b".")

    def is_locked(self, now):
        locked = self.shared.get("locked")
        return bool(locked) and now - locked <= FENCE

    def end_late(self, now):
        """Kills workers whose tasks others may take soon, and those whose tasks take too long."""
        lost = not self.is_locked(now)
        for pid, slot in self.workers.items():
            began = self.shared.get("began", slot)
            late = began and now - began > self.options.time_limit
            if late:
                self.shared.set("expired", self.shared.get("number", slot), slot)
                note(
                    f"a task took longer than {self.options.time_limit} s and is ended",
                    level="ERROR",
                )
            elif lost:
                note("the task worker has no lock in the database and is ended", level="ERROR")
            if late or lost or (self.deadline is not None and now > self.deadline):
                kill(pid)

    def finish(self):
        """Lets the keeper put back what was ended."""
        if self.keeper is not None:
            os.close(self.wake)
            until = time.monotonic() + LAST_SECONDS + 1
            while time.monotonic() < until and not os.waitpid(self.keeper, os.WNOHANG)[0]:
                signal.sigtimedwait(SIGNALS, 0.2)
        return 0

    def give_sign(self, now):
        if now - self.last_sign < heartbeat.INTERVAL:
            return
        self.last_sign = now
        if self.is_locked(now) and 1 in self.shared.all("ready"):
            heartbeat.beat("alive", "ready")
        else:
            heartbeat.forget("ready")
            heartbeat.beat("alive")


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def ended(status):
    if os.WIFSIGNALED(status):
        return f"was ended by signal {os.WTERMSIG(status)}"
    return f"ended with code {os.WEXITSTATUS(status)}"


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

    def run(self):
        for number in SIGNALS - {signal.SIGCHLD}:
            # It goes on until the last task has ended.
            signal.signal(number, signal.SIG_IGN)
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
        direct = text("DATABASE_DIRECT_HOST") or text("DATABASE_DIRECT_URL")
        if flag("DATABASE_TRANSACTION_POOLER") and not direct:
            raise Failure(
                "DATABASE_TRANSACTION_POOLER is true and no DATABASE_DIRECT_HOST says where the "
                "database itself is: task workers need a session of their own"
            )
        if direct:
            os.environ["CDK8S_DJANGO_DATABASE_DIRECT"] = "true"
        os.environ.pop("DATABASE_POOL_MAX_SIZE", None)
        from django.conf import settings
        from django.db import connections

        backend = (getattr(settings, "TASKS", None) or {}).get("default", {}).get("BACKEND", "")
        if not backend.startswith("django_tasks_db."):
            raise Failure(
                f"TASKS['default'] has the backend '{backend}': task workers are for "
                "'django_tasks_db.DatabaseBackend'"
            )
        self.connection = connections["default"].copy()
        if self.connection.vendor != "postgresql":
            raise Failure("task workers need PostgreSQL: the default database is another one")
        self.connection.settings_dict["OPTIONS"].pop("pool", None)

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


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.task_worker")
    parser.add_argument("--queues", default="*", help="separated by commas; * for all")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--time-limit", type=int, default=300, metavar="SECONDS")
    parser.add_argument("--attempts", type=int, default=3)
    return Supervisor(parser.parse_args(arguments)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
