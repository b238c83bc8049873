"""Management commands of Jobs: their deadline begins with them."""

import signal
import subprocess
import sys
import time

import pytest

from conftest import PROJECT, environment, python

COMMAND = ("-m", "cdk8s_django.command", "--deadline")
# A command that is there in each Django, and does not end by itself.
ENDLESS = ("shell", "--command", "import time; print('begun', flush=True); time.sleep(60)")


def test_f39_a_command_is_ended_at_its_own_deadline(migrated):
    """[F39]"""
    started = time.monotonic()
    done = python(*COMMAND, "15", *ENDLESS, **migrated)
    assert 15 <= time.monotonic() - started < 55
    # The code by which the Job fails without another try.
    assert done.returncode == 124
    assert "begun" in done.stdout
    assert done.stderr.splitlines()[-1].startswith(
        "error: the command did not end within its deadline of 15 s, which began with it"
    )


@pytest.mark.parametrize("code", [0, 5])
def test_a_command_ends_with_its_own_code(migrated, code):
    done = python(*COMMAND, "50", "shell", "--command", f"raise SystemExit({code})", **migrated)
    assert done.returncode == code


def test_arguments_reach_the_command_as_they_are(migrated):
    done = python(*COMMAND, "50", "check", "--tag", "models", "--fail-level=WARNING", **migrated)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_a_command_is_told_when_its_pod_has_to_end(migrated):
    process = subprocess.Popen(
        [sys.executable, *COMMAND, "50", *ENDLESS],
        env=environment(**migrated),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line == "begun\n":
            break
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM
