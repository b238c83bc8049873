"""python heartbeat.py alive|ready SECONDS: whether a worker or beat gave a sign of life lately.

The probes of workers run it: `celery inspect ping` would start all of Django for each probe and ask
the broker, whose absence a restart would not mend. Standard library only, and nothing of this
package, so that it starts in some hundredths of a second.
"""

import os
import sys
import time

# How often a sign is given. A probe waits for several of them.
INTERVAL = 5
FOLDER = os.environ.get("CDK8S_DJANGO_HEARTBEAT_FOLDER", "/tmp")


def file(name):
    return os.path.join(FOLDER, f"cdk8s-django-{name}")


def beat(*names):
    """The monotonic clock is one for all processes of a node, and nobody sets it."""
    for name in names:
        with open(f"{file(name)}.new", "w") as new:
            new.write(str(time.monotonic()))
        os.replace(new.name, file(name))


def forget(*names):
    for name in names:
        if os.path.exists(file(name)):
            os.remove(file(name))


def age(name):
    """Seconds since the last sign; None without one."""
    try:
        with open(file(name)) as found:
            return time.monotonic() - float(found.read())
    except (OSError, ValueError):
        return None


def main(name, seconds):
    last = age(name)
    if last is None:
        sys.exit(f"not {name} yet")
    if not 0 <= last <= float(seconds):
        sys.exit(f"not {name} for {last:.0f} seconds")


if __name__ == "__main__":
    main(*sys.argv[1:])
