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
import importlib
import mmap
import os
import signal
import socket
import struct
import sys
import time

from cdk8s_django import command_line, heartbeat, request_ids
from cdk8s_django.environment import flag, number
from cdk8s_django.errors import reason
from cdk8s_django.logs import capture, log_format, note
from cdk8s_django.task_keeper import FENCE, INTERVAL, LAST_SECONDS, PREFIX, SIGNALS, Keeper

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
        if number("CDK8S_DJANGO_METRICS_PORT"):
            importlib.import_module("cdk8s_django.task_metrics").tell()
        if flag("CDK8S_DJANGO_TRACES"):
            importlib.import_module("cdk8s_django.traces").say_missing()
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

        def began(task_result, **_):
            self.shared.set("began", time.monotonic(), slot)
            row = getattr(task_result, "db_result", None)
            sent_by = row and row.args_kwargs.get(request_ids.SENT_BY)
            request_ids.CURRENT.set(request_ids.sender_of(sent_by))

        def finished(**_):
            self.shared.set("began", 0, slot)
            request_ids.CURRENT.set(None)

        if number("CDK8S_DJANGO_METRICS_PORT"):
            importlib.import_module("cdk8s_django.task_metrics").count(compat)
        if log_format():
            request_ids.connect()
        compat.task_started.connect(began)
        if flag("CDK8S_DJANGO_TRACES"):
            importlib.import_module("cdk8s_django.task_traces").connect(compat)
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


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.task_worker")
    parser.add_argument("--queues", default="*", help="separated by commas; * for all")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--time-limit", type=int, default=300, metavar="SECONDS")
    parser.add_argument("--attempts", type=int, default=3)
    # Python warns of a fork beside the thread that answers probes.
    capture()
    options = parser.parse_args(arguments)
    command_line.of_management("db_worker", "--queue-name", options.queues)
    return Supervisor(options).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
