"""How many processes of a web server the memory of a container has room for."""

import os

from cdk8s_django import memory
from cdk8s_django.logs import note

# What requests take beyond what an idle process has: a fifth of the limit.
FOR_PROCESSES = 0.8


class Kills(memory.Kills):
    def tell(self, count):
        size = mebibytes(memory.limit())
        note(
            f"a process was killed because the container's memory ({size}) was full: raise "
            "resources.memoryLimit, or lower processes",
            level="ERROR",
        )


def fields(path):
    """Fields of a file of /proc such as `status`, in bytes."""
    with open(path) as file:
        lines = (line.split() for line in file)
        return {words[0]: int(words[1]) * 1024 for words in lines if words[-1:] == ["kB"]}


def own(pid):
    """Bytes that a process shares with no other."""
    try:
        return fields(f"/proc/{pid}/smaps_rollup")["Private_Dirty:"]
    except (OSError, KeyError):
        # A sandbox such as gVisor has no such file.
        with open(f"/proc/{pid}/statm") as file:
            _, resident, shared, *_ = (int(pages) for pages in file.read().split())
        return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def fitting(wanted, pid):
    """As many of the wanted processes as there is room for, by the size of the first, `pid`.

    It is asked when that has loaded the application, by the process that starts the others.
    """
    most = memory.limit()
    if most is None:
        return wanted
    try:
        each, base = own(pid), own("self")
    except (OSError, ValueError):
        return wanted
    number = max(1, min(wanted, int((most * FOR_PROCESSES - base) // max(each, 1))))
    said = f"{count(number)} {mebibytes(base + number * each, '')} of {mebibytes(most)}"
    if number < wanted:
        said += (
            f"; {wanted} would use {mebibytes(base + wanted * each)}, and requests need a "
            "fifth of the memory: raise resources.memoryLimit to have more"
        )
    note(said, level="WARNING" if number < wanted else "INFO")
    return number


def count(processes):
    return "1 process uses" if processes == 1 else f"{processes} processes use"


def mebibytes(size, unit="Mi"):
    return f"{(size or 0) / memory.MEBIBYTE:.0f}{unit}"
