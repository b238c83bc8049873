"""preStop: python -m cdk8s_django.terminate --sleep SECONDS

Makes the readiness probe fail, then waits until load balancers have noticed; requests are
still served meanwhile. Standard library only, so that it starts quickly.
"""

import argparse
import time

from cdk8s_django.environment import text


def marker():
    return text("CDK8S_DJANGO_TERMINATING_FILE", "/tmp/cdk8s-django-terminating")


def container(proc="/proc"):
    """What one container differs in from the next, as text.

    /tmp outlives a container that is restarted inside its pod, and preStop runs before such a
    restart too: without this the new container would never be ready.
    """
    return f"{first_start(proc)} {root_mount(proc)}"


def first_start(proc):
    """When process 1 started. With `shareProcessNamespace` that is the pod's."""
    try:
        with open(f"{proc}/1/stat") as stat:
            return stat.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def root_mount(proc):
    """The number of the root file system's mount, and of what it is (proc_pid_mountinfo(5))."""
    try:
        with open(f"{proc}/self/mountinfo", errors="replace") as mounts:
            for mount in mounts:
                fields = mount.split()
                if fields[4:5] == ["/"]:
                    return f"{fields[0]} {mount.partition(' - ')[2].strip()}"
    except OSError:
        pass
    return ""


CONTAINER = container()


def terminating():
    try:
        with open(marker()) as file:
            return file.read() == CONTAINER
    except OSError:
        return False


def main():
    parser = argparse.ArgumentParser(prog="cdk8s_django.terminate")
    parser.add_argument("--sleep", type=float, default=0, metavar="SECONDS")
    seconds = parser.parse_args().sleep
    with open(marker(), "w") as file:
        file.write(CONTAINER)
    time.sleep(seconds)


if __name__ == "__main__":
    main()
