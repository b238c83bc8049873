"""Secrets as files: what reads them, and where they are not."""

import json
import os

import pytest

from conftest import HOST, POSTGRES, environment, python

HOSTILE = "$(SECRET_KEY) $(NONE) :/@#?%+ \\1 é\n"


@pytest.fixture
def files(tmp_path):
    """files(**values): the variables of a container that has these as files."""

    def make(**values):
        folder = tmp_path / "secrets"
        # As the kubelet lays it: links to a folder that it can replace at once.
        (folder / "..2026").mkdir(parents=True)
        (folder / "..data").symlink_to("..2026")
        for name, value in values.items():
            (folder / "..2026" / name).write_bytes(value.encode())
            (folder / name).symlink_to(f"..data/{name}")
        return {**dict.fromkeys(values), "CDK8S_DJANGO_SECRET_FILES": str(folder)}

    return make


def first_environment(pid):
    """What a process was started with, as others see it."""
    with open(f"/proc/{pid}/environ", "rb") as file:
        return file.read().decode()


def test_values_are_those_of_the_files(files):
    given = files(STRIPE=HOSTILE, SECRET_KEY="the-key", EMPTY="")
    given["NOTE"] = "$(STRIPE)"
    given["PLACE"] = "to $(STRIPE), $(SECRET_KEY) and $(NONE)"
    given["CDK8S_DJANGO_SECRET_TEXTS"] = "PLACE"
    code = (
        "import cdk8s_django.environment, json, os;"
        "print(json.dumps([os.environ.get(n) for n in ('STRIPE', 'EMPTY', 'PLACE', 'NOTE')]))"
    )
    done = python("-c", code, **given)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        HOSTILE,
        "",
        f"to {HOSTILE}, the-key and $(NONE)",
        "$(STRIPE)",
    ]


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="of Linux alone")
def test_a_server_has_them_and_was_not_started_with_them(serve, kind, files, migrated):
    given = {**migrated, **files(DATABASE_PASSWORD="testing", SECRET_KEY="k" * 60)}
    given["DATABASE_URL"] = "postgres://postgres:$(DATABASE_PASSWORD)@localhost/none"
    given["CDK8S_DJANGO_SECRET_TEXTS"] = "DATABASE_URL"
    server = serve(kind, **given)
    assert server.get("/questions", host=HOST).status == 200
    seen = first_environment(server.process.pid)
    assert "CDK8S_DJANGO_SECRET_FILES" in seen
    assert "testing" not in seen
    assert "k" * 60 not in seen


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="of Linux alone")
def test_a_command_reads_them_itself(files, migrated):
    given = {**migrated, **files(DATABASE_PASSWORD="testing", STRIPE="sk-stripe")}
    code = (
        "import os; from django.db import connection; connection.ensure_connection();"
        "print('has', os.environ['STRIPE']);"
        "print('started', 'sk-stripe' in open('/proc/self/environ').read())"
    )
    done = python("-m", "cdk8s_django.command", "--deadline", "60", "shell", "-c", code, **given)
    assert done.returncode == 0, done.stderr
    assert "has sk-stripe" in done.stdout
    assert "started False" in done.stdout


def test_without_the_folder_nothing_changes():
    code = (
        "import os; b = dict(os.environ); import cdk8s_django.environment as e; print(b == e.START)"
    )
    assert python("-c", code, **POSTGRES).stdout.strip() == "True"
    assert "CDK8S_DJANGO_SECRET_FILES" not in environment()
