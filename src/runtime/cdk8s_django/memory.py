"""The memory that a container may have, and what a process has. Standard library only."""

import re

MEBIBYTE = 2**20
# cgroup v2, and v1 on older nodes.
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
KILLS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
# What v1 says without a limit is larger than any machine's memory.
NO_LIMIT = 2**60


def limit():
    """In bytes; None without one."""
    for path in LIMITS:
        try:
            with open(path) as found:
                text = found.read().strip()
        except OSError:
            continue
        if text.isdecimal() and int(text) < NO_LIMIT:
            return int(text)
    return None


def used():
    """What this process has in memory, in bytes."""
    with open("/proc/self/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024


def kills():
    """How many processes of the container were ended because its memory was full."""
    for path in KILLS:
        try:
            with open(path) as events:
                return int(re.search(r"^oom_kill (\d+)", events.read(), re.MULTILINE)[1])
        except (OSError, TypeError):
            continue
    return 0


class Kills:
    """Tells once of each time that processes were ended because the memory was full."""

    def __init__(self):
        self.seen = kills()

    def look(self):
        now = kills()
        if now > self.seen:
            self.tell(now - self.seen)
        self.seen = now
