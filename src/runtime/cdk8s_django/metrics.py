"""prometheus_client's files, in which several processes count together."""

import contextlib
import fcntl
import importlib
import itertools
import os

from cdk8s_django.environment import text
from cdk8s_django.logs import note

# The lock of this process' number: closed, it would be free for another.
HELD = []


def folder():
    return text("PROMETHEUS_MULTIPROC_DIR")


def make_folder(is_first=False):
    """prometheus_client fails without it. The first process of a container clears it of the living:

    the folder outlives a container that is restarted in its pod, and process ids come again.
    """
    if not folder():
        return
    try:
        os.makedirs(folder(), exist_ok=True)
        if is_first:
            forget_living("")
    except OSError as error:
        note(f"PROMETHEUS_MULTIPROC_DIR: {error}")


def forget_living(number):
    """Removes the gauges that count living processes: of one that ended, or of all."""
    for name in os.listdir(folder()):
        if name.startswith("gauge_live") and name.endswith(f"{number}.db"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(folder(), name))


def count_as_one_of_few():
    """Gives this process a number that no living one has, in place of its process id.

    Each process leaves files, whose counts go on to count. Named by process ids they would be more
    with each process that is replaced, and the folder would grow without end. To be called before
    the application makes its metrics; the kernel frees the number when the process ends.
    """
    if not folder() or HELD:
        return
    try:
        values = importlib.import_module("prometheus_client.values")
        for number in itertools.count(1):
            lock = os.open(os.path.join(folder(), f"{number}.lock"), os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            break
        HELD.append(lock)
        forget_living(f"_{number}")
        values.ValueClass = values.MultiProcessValue(identity(number, os.getpid()))
    except (ImportError, AttributeError, OSError) as error:
        if not isinstance(error, ImportError):
            note(f"metrics of several processes: {error}")


def identity(number, owner):
    """The number in the process that has it; a process that this one forks has its own id."""
    return lambda: number if os.getpid() == owner else os.getpid()


def forget_the_dead():
    """Removes the gauges of living processes whose number nobody holds."""
    if not folder() or not os.path.isdir(folder()):
        return
    for name in os.listdir(folder()):
        number, _, kind = name.partition(".")
        if kind != "lock":
            continue
        with open(os.path.join(folder(), name)) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            forget_living(f"_{number}")
