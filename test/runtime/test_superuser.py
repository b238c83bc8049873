"""The first superuser: all of it or nothing, whatever the model calls the name."""

import socket
import subprocess
import sys
import threading
import time

import pytest
from test_health import OWN_USER
from test_migrate import pump

from conftest import PROJECT, environment, free_port, last_line, python

ADMIN = {"DJANGO_SUPERUSER_USERNAME": "anna", "DJANGO_SUPERUSER_PASSWORD": "p"}
# The profile of an account, as applications make it.
PROFILE = """
import django, sys; django.setup()
from django.contrib.auth.models import User
from django.db.models.signals import post_save
from cdk8s_django import create_superuser
from polls.models import Note

def add_profile(instance, **_):
    if {fails}:
        raise RuntimeError("no connection to the directory")
    Note.objects.create(text="profile", author=instance.username)

post_save.connect(add_profile, sender=User)
create_superuser.run(create_superuser.main)
"""
COUNT = """
import django; django.setup()
from django.contrib.auth.models import User
from polls.models import Note
print(User.objects.filter(username="anna").count(), Note.objects.filter(author="anna").count())
"""


def test_f35_an_account_without_its_profile_is_not_kept(migrated_copy):
    """[F35]"""
    failed = python("-c", PROFILE.format(fails=True), **migrated_copy, **ADMIN)
    assert failed.returncode == 1
    assert "RuntimeError: no connection to the directory" in failed.stderr
    assert "the account was rolled back, and the next try makes it anew" in failed.stderr
    assert "cannot be rolled back" in failed.stderr
    assert last_line(python("-c", COUNT, **migrated_copy).stdout) == "0 0"
    again = python("-c", PROFILE.format(fails=False), **migrated_copy, **ADMIN)
    assert again.stdout == "superuser 'anna' created\n", again.stderr
    assert last_line(python("-c", COUNT, **migrated_copy).stdout) == "1 1"


def test_f35_an_account_whose_on_commit_failed_is_not_kept(migrated_copy):
    """[F35] That comes after the transaction: an account without its profile would stay."""
    later = PROFILE.replace(
        "post_save.connect(add_profile, sender=User)",
        "from django.db import transaction\n"
        "post_save.connect(lambda **given: transaction.on_commit(lambda: add_profile(**given)),\n"
        "    sender=User, weak=False)",
    )
    failed = python("-c", later.format(fails=True), **migrated_copy, **ADMIN)
    assert failed.returncode == 1
    assert "RuntimeError: no connection to the directory" in failed.stderr
    assert last_line(python("-c", COUNT, **migrated_copy).stdout) == "0 0"
    again = python("-c", later.format(fails=False), **migrated_copy, **ADMIN)
    assert again.stdout == "superuser 'anna' created\n", again.stderr
    assert last_line(python("-c", COUNT, **migrated_copy).stdout) == "1 1"


# Users who log in with their mail address, which managers write in another form.
BY_MAIL = """
import django; django.setup()
from django.contrib.auth.models import User, UserManager
from cdk8s_django import create_superuser

class ByMail(UserManager):
    def create_superuser(self, email, password):
        return super().create_superuser("anna", email, password)

    def get_by_natural_key(self, email):
        return self.get({lookup}=email)

User.USERNAME_FIELD, User.REQUIRED_FIELDS = "email", []
User.add_to_class("objects", ByMail())
User._meta.default_manager_name = "objects"
create_superuser.run(create_superuser.main)
"""


@pytest.mark.parametrize(
    ("lookup", "first", "second"),
    [
        ("email", "Anna@EXAMPLE.com", "Anna@EXAMPLE.com"),
        ("email__iexact", "anna@example.com", "ANNA@example.com"),
    ],
)
def test_f35_the_next_release_finds_the_account_under_its_written_form(
    migrated_copy, lookup, first, second
):
    """[F35] Its Job would fail on the name that is taken."""
    code = BY_MAIL.replace("{lookup}", lookup)
    for name, word in ((first, "created"), (second, "exists already: nothing to do")):
        given = {**ADMIN, "DJANGO_SUPERUSER_USERNAME": name}
        done = python("-c", code, **migrated_copy, **given)
        assert done.stdout == f"superuser '{name}' {word}\n", done.stderr


def test_f30_the_name_is_the_value_of_the_field_that_one_logs_in_with():
    """[F30]"""
    done = python(
        *("-c", OWN_USER),
        DJANGO_SUPERUSER_USERNAME="anna@example.com",
        DJANGO_SUPERUSER_PASSWORD="p",
        DJANGO_SUPERUSER_BORN="1990-01-31",
        DJANGO_SUPERUSER_GROUPS="1",
    )
    assert last_line(done.stdout) == "superuser 'anna@example.com' created", done.stderr


def test_f30_a_name_that_the_field_does_not_take_is_named():
    """[F30]"""
    done = python("-c", OWN_USER, **ADMIN)
    assert done.stderr == (
        "error: environment variable 'DJANGO_SUPERUSER_USERNAME': Enter a valid email address.\n"
    )


def test_the_database_may_answer_later(migrated_copy):
    port = free_port()
    place = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "cdk8s_django.create_superuser"],
        env=environment(**{**migrated_copy, **place}, **ADMIN),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(2)
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(30)
        client, _ = listener.accept()
        server = socket.create_connection(("localhost", int(migrated_copy["DATABASE_PORT"])))
        for pair in ((client, server), (server, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, "superuser 'anna' created\n")


def test_a_database_that_never_answers_is_an_error():
    program = (
        "from cdk8s_django import create_superuser as command; command.PATIENCE = 0\n"
        "command.run(command.main)"
    )
    place = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(free_port())}
    done = python("-c", program, DATABASE_NAME="none", DATABASE_USER="u", **place, **ADMIN)
    assert done.returncode == 1
    assert "efused" in last_line(done.stderr), done.stderr
