"""[F54] Settings that name a server of the developer's machine, and a program that gives none."""

import pytest

from cdk8s_django import errors
from cdk8s_django.errors import LOCAL_REMEDY, database_reason, reason
from conftest import free_port, last_line, python

POSTGRES_ENGINE = "django.db.backends.postgresql"
SIDECAR = "unless a sidecar answers there"


def database(host, engine=POSTGRES_ENGINE):
    return {"DATABASES": {"default": {"ENGINE": engine, "HOST": host, "NAME": "polls"}}}


def redis(location):
    return {"CACHES": {"default": {"BACKEND": "x.RedisCache", "LOCATION": location}}}


def layer(hosts):
    return {"CHANNEL_LAYERS": {"default": {"CONFIG": {"hosts": hosts}}}}


@pytest.mark.parametrize(
    "settings, line",
    [
        (database("localhost"), f"DATABASES['default'] is at localhost: {LOCAL_REMEDY}"),
        (
            database("127.0.0.1", "django.db.backends.mysql"),
            f"DATABASES['default'] is at 127.0.0.1: {LOCAL_REMEDY}",
        ),
        (database("::1"), f"DATABASES['default'] is at ::1: {LOCAL_REMEDY}"),
        *(
            (redis(where), f"CACHES['default'] is at {host}: it is the pod itself; ")
            for where, host in [
                ("redis://localhost:6379/0", "localhost"),
                ("redis://:p@127.0.0.1:6379/1", "127.0.0.1"),
                (["redis://cache:6379", "redis://localhost:6379"], "localhost"),
                ("127.0.0.1:11211", "127.0.0.1"),
            ]
        ),
        *(
            (layer(hosts), f"CHANNEL_LAYERS['default'] is at {host}: it is the pod itself; ")
            for hosts, host in [
                ([("127.0.0.1", 6379)], "127.0.0.1"),
                (["redis://localhost:6379/0"], "localhost"),
                ([{"address": "redis://localhost:6379"}], "localhost"),
            ]
        ),
        (
            {"CELERY_BROKER_URL": "amqp://guest:guest@localhost:5672//"},
            "CELERY_BROKER_URL is at localhost: it is the pod itself; give the DjangoApp celery",
        ),
    ],
)
def test_f54_a_server_on_localhost_is_named_with_its_remedy(load, capsys, settings, line):
    load(settings)
    [said] = capsys.readouterr().err.splitlines()
    assert said.startswith(f"cdk8s-django: {line}")
    assert said.endswith(SIDECAR)


@pytest.mark.parametrize(
    "settings, variables",
    [
        (database("db.example.com"), {}),
        (database("/cloudsql/project:region:name"), {}),
        (database("localhost"), {"DATABASE_URL": "postgres://u:p@db/polls"}),
        (redis("redis://cache:6379"), {}),
        (redis("unique-snowflake"), {}),
        (redis("/var/tmp/django_cache"), {}),
        (redis("unix:/tmp/memcached.sock"), {}),
        (redis(None), {}),
        (layer(None), {}),
        (layer([("cache", 6379)]), {}),
        ({"CHANNEL_LAYERS": {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}}, {}),
        ({"CELERY_BROKER_URL": "memory://"}, {}),
        ({"CELERY_BROKER_URL": None, "CACHES": None, "CHANNEL_LAYERS": {}}, {}),
    ],
)
def test_f54_nothing_is_said_of_others(load, capsys, settings, variables):
    load(settings, **variables)
    assert capsys.readouterr().err == ""


LOCAL = """
from mysite.settings import *
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "localhost",
    "PORT": "%s", "USER": "me", "PASSWORD": "SECRET", "NAME": "polls"}}
"""


def test_f54_the_error_of_a_database_on_localhost_has_the_remedy(tmp_path, serve, monkeypatch):
    (tmp_path / "local_settings.py").write_text(LOCAL % free_port())
    from conftest import environment

    path = environment()["PYTHONPATH"] + f":{tmp_path}"
    missing = {"CDK8S_DJANGO_SETTINGS_MODULE": "local_settings", "PYTHONPATH": path}
    done = python("-m", "cdk8s_django.migrate", "--check", **missing)
    assert done.returncode == 1
    assert last_line(done.stderr).endswith(f"; {LOCAL_REMEDY}")
    failures = serve(**missing).probe("/readyz").json()["failures"]
    assert failures["database default"].endswith(f"; {LOCAL_REMEDY}")


class OperationalError(Exception):
    pass


@pytest.mark.parametrize(
    "text, has_remedy",
    [
        ('connection to server at "localhost" (::1), port 5432 failed: Connection refused', True),
        ('connection to server at "127.0.0.1", port 5432 failed: Connection refused', True),
        ('connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such', True),
        ("(2002, \"Can't connect to local MySQL server through socket '/run/x.sock' (2)\")", True),
        ("(2003, \"Can't connect to MySQL server on 'localhost' ([Errno 111])\")", True),
        ("(2002, \"Can't connect to server on '127.0.0.1' (115)\")", True),
        ('connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused', False),
        ('connection to server at "localhost", port 5432 failed: FATAL:  no such database', False),
        ("(2003, \"Can't connect to MySQL server on 'db' ([Errno 111])\")", False),
        ("(1045, \"Access denied for user 'me'@'localhost'\")", False),
        ('relation "polls_question" does not exist', False),
    ],
)
def test_f54_what_drivers_say_of_their_own_machine(monkeypatch, text, has_remedy):
    monkeypatch.setattr(errors, "text", {}.get)
    error = OperationalError(text)
    assert database_reason(error).endswith(LOCAL_REMEDY) == has_remedy
    assert reason(error).endswith(LOCAL_REMEDY) == has_remedy
    # The program gives a database: it may be a proxy in the pod.
    monkeypatch.setattr(errors, "text", {"DATABASE_HOST": "127.0.0.1"}.get)
    assert LOCAL_REMEDY not in database_reason(error) + reason(error)
