"""python -m cdk8s_django.command --deadline SECONDS COMMAND [ARGUMENT ...]

Runs a management command, and ends it when it takes longer. The time begins with the command: the
deadline of a Job would also count for how long its pod waits. A Job that runs once does so in its
own release alone.
"""

import argparse
import signal
import subprocess
import sys

from cdk8s_django.environment import WITHOUT_FILES
from cdk8s_django.errors import Failure, run
from cdk8s_django.release import PresentRelease

# How long a command that was told to end may take for it.
END_SECONDS = 20


class DeadlineExceeded(Failure):
    """The Job fails at once by this code, and is not tried again."""

    exit_code = 124


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.command")
    parser.add_argument("--deadline", type=float, required=True, metavar="SECONDS")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    PresentRelease().begin()
    process = subprocess.Popen(
        [sys.executable, "-m", "cdk8s_django.manage", *options.command], env=WITHOUT_FILES
    )
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        code = process.wait(options.deadline)
    except subprocess.TimeoutExpired:
        end(process)
        raise DeadlineExceeded(
            f"the command did not end within its deadline of {options.deadline:.0f} s, which began "
            "with it: it was stopped. What it did until then stays, as far as it did not roll back"
        ) from None
    return 128 - code if code < 0 else code


def end(process):
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    run(main)
