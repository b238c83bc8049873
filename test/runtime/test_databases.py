"""DATABASES: hostile passwords through a real PostgreSQL, TLS, poolers, pools."""

import importlib.util
import os
import random

import django
import pytest
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django import database_url, databases
from cdk8s_django.environment import BadVariable
from conftest import POSTGRES, WORKER, last_line, python, sql

PARTS = {
    "DATABASE_HOST": "db",
    "DATABASE_NAME": "polls",
    "DATABASE_USER": "polls-user",
    "DATABASE_PASSWORD": "secret",
}
HOSTILE = ":/@#?%+ &\"'\\[]$(VAR)%41;=éß漢🗝"


def hostile_passwords(count):
    generator = random.Random(4)
    yield HOSTILE
    yield " surrounded by spaces "
    for _ in range(count):
        yield "".join(generator.choice(HOSTILE) for _ in range(generator.randint(1, 30)))


# Prints the name of the user as whom a plain Django connection is made.
WHO = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user")
    print(cursor.fetchone()[0])
"""


@pytest.fixture
def user():
    name = f"odd user@x{WORKER}"
    sql(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'x'")
    yield name
    sql(f'DROP ROLE "{name}"')


def set_password(user, password):
    quoted = password.replace("'", "''")
    sql(f"ALTER ROLE \"{user}\" PASSWORD '{quoted}'")


@pytest.mark.parametrize("module", ["mysite.settings", "mysite.environ_settings"])
@pytest.mark.parametrize("keep", ["", "DATABASES"])
def test_hostile_password_reaches_the_database(user, module, keep):
    if module == "mysite.settings" and keep:
        pytest.skip("this module does not know the database")
    set_password(user, HOSTILE)
    variables = {**POSTGRES, "DATABASE_USER": user, "DATABASE_PASSWORD": HOSTILE}
    done = python(
        *("-c", WHO),
        **variables,
        DATABASE_NAME="postgres",
        # As the manifests compose it: not quoted.
        DATABASE_URL=f"postgres://{user}:{HOSTILE}@localhost:{POSTGRES['DATABASE_PORT']}/postgres",
        CDK8S_DJANGO_SETTINGS_MODULE=module,
        CDK8S_DJANGO_KEEP=keep,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == user


def test_generated_passwords_survive_the_url(pod, user):
    """Out of the variables into the URL, by another library's parser into a real login."""
    dj_database_url = pytest.importorskip("dj_database_url")
    django_backend = importlib.import_module("django.db.backends.postgresql.base")
    for number, password in enumerate(hostile_passwords(60)):
        pod(
            **{**POSTGRES, "DATABASE_USER": user, "DATABASE_PASSWORD": password},
            DATABASE_NAME="postgres",
        )
        databases.export_url()
        url = os.environ["DATABASE_URL"]
        parsed = dj_database_url.parse(url)
        assert (parsed["USER"], parsed["PASSWORD"], parsed["NAME"]) == (user, password, "postgres")
        # And by our own, as when the variable comes from an existing Secret.
        own = database_url.parse("DATABASE_URL", url)
        assert (own["USER"], own["PASSWORD"], own["HOST"]) == (user, password, "localhost")
        if number < 10:
            set_password(user, password)
            connection = django_backend.Database.connect(
                host="localhost",
                port=own["PORT"],
                user=own["USER"],
                password=own["PASSWORD"],
                dbname="postgres",
            )
            connection.close()


def test_variables_win_over_the_url(load):
    default = load(**PARTS, DATABASE_URL="postgres://a:b@elsewhere:1/c")["DATABASES"]["default"]
    assert (default["HOST"], default["PORT"], default["NAME"]) == ("db", "5432", "polls")
    assert os.environ["DATABASE_URL"] == "postgres://polls-user:secret@db:5432/polls"


def test_url_alone(load):
    url = "postgresql://u%40x:p%2Fw@[::1]:6432/n%20me?sslmode=require&connect_timeout=9"
    default = load(DATABASE_URL=url)["DATABASES"]["default"]
    assert default["USER"] == "u@x"
    assert default["PASSWORD"] == "p/w"
    assert (default["HOST"], default["PORT"], default["NAME"]) == ("::1", "6432", "n me")
    assert default["OPTIONS"]["sslmode"] == "require"
    assert default["OPTIONS"]["connect_timeout"] == 9
    assert os.environ["DATABASE_URL"] == url


def test_socket_and_ipv6_hosts_in_the_rewritten_url(load):
    socket = "/cloudsql/Project:region:db"
    assert load(**{**PARTS, "DATABASE_HOST": socket})["DATABASES"]["default"]["HOST"] == socket
    assert databases.read_url("DATABASE_URL")["HOST"] == socket
    load(**{**PARTS, "DATABASE_HOST": "fd00::7"})
    assert os.environ["DATABASE_URL"] == "postgresql://polls-user:secret@[fd00::7]:5432/polls"


def test_development_database_is_replaced(load):
    own = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": {"timeout": 1}}
    values = load({"DATABASES": {"default": {**own, "ATOMIC_REQUESTS": True}, "b": own}}, **PARTS)
    default = values["DATABASES"]["default"]
    assert default == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "polls",
        "USER": "polls-user",
        "PASSWORD": "secret",
        "HOST": "db",
        "PORT": "5432",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": databases.NETWORK_OPTIONS,
    }
    assert values["DATABASES"]["b"] == own


def test_postgresql_engine_of_the_application_stays(load):
    own = {"ENGINE": "django.contrib.gis.db.backends.postgis", "OPTIONS": {"options": "-c x=1"}}
    default = load({"DATABASES": {"default": own}}, **PARTS)["DATABASES"]["default"]
    assert default["ENGINE"] == own["ENGINE"]
    assert default["OPTIONS"]["options"] == "-c x=1"
    assert default["OPTIONS"]["connect_timeout"] == 5


def test_postgis_url(load):
    default = load(DATABASE_URL="postgis://u:p@db/n")["DATABASES"]["default"]
    assert default["ENGINE"] == "django.contrib.gis.db.backends.postgis"


def test_no_database_variables(load):
    own = {"default": {"ENGINE": "x"}}
    assert load({"DATABASES": own})["DATABASES"] is own
    assert "DATABASE_URL" not in os.environ


def test_other_databases_are_left_alone(load, capsys):
    own = {"default": {"ENGINE": "django.db.backends.mysql"}}
    assert load({"DATABASES": own}, DATABASE_URL="mysql://u:p@db/n")["DATABASES"] is own
    assert capsys.readouterr().err.startswith("cdk8s-django: DATABASE_URL is not for PostgreSQL")


def test_persistent_connections(load):
    assert load(**PARTS, DATABASE_CONN_MAX_AGE="600")["DATABASES"]["default"]["CONN_MAX_AGE"] == 600
    asgi = load(**PARTS, DATABASE_CONN_MAX_AGE="600", CDK8S_DJANGO_ASGI="true")
    assert asgi["DATABASES"]["default"]["CONN_MAX_AGE"] == 0


def test_transaction_pooler_and_the_way_past_it(load):
    pooler = {
        **PARTS,
        "DATABASE_PORT": "6432",
        "DATABASE_TRANSACTION_POOLER": "true",
        "DATABASE_DIRECT_HOST": "primary",
    }
    default = load(**pooler)["DATABASES"]["default"]
    assert default["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert (default["HOST"], default["PORT"]) == ("db", "6432")
    default = load(**pooler, CDK8S_DJANGO_DATABASE_DIRECT="true")["DATABASES"]["default"]
    assert "DISABLE_SERVER_SIDE_CURSORS" not in default
    assert (default["HOST"], default["PORT"]) == ("primary", "5432")
    assert os.environ["DATABASE_URL"] == "postgresql://polls-user:secret@primary:5432/polls"
    assert "DISABLE_SERVER_SIDE_CURSORS" not in load(**PARTS)["DATABASES"]["default"]


def test_direct_url(load):
    default = load(
        DATABASE_URL="postgres://u:p@pooler:6432/n",
        DATABASE_DIRECT_URL="postgres://u:p@primary/n",
        CDK8S_DJANGO_DATABASE_DIRECT="true",
    )["DATABASES"]["default"]
    assert default["HOST"] == "primary"


def test_tls_is_verified(migrated):
    good = {
        "DATABASE_SSL_MODE": "verify-full",
        "DATABASE_SSL_ROOT_CERT": os.environ["RUNTIME_TEST_CA"],
    }
    done = python("-c", WHO, **migrated, **good)
    assert done.returncode == 0, done.stderr
    # The certificate is for another name.
    done = python("-c", WHO, **{**migrated, **good, "DATABASE_HOST": "127.0.0.1"})
    assert "does not match" in last_line(done.stderr)
    # Also for an application that reads the URL itself.
    own = {
        "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.environ_settings",
        "CDK8S_DJANGO_KEEP": "DATABASES",
    }
    done = python("-c", WHO, **{**migrated, **good, **own, "DATABASE_HOST": "127.0.0.1"})
    assert "does not match" in last_line(done.stderr)


POOL = {"DATABASE_POOL_MAX_SIZE": "3"}


@pytest.mark.skipif(django.VERSION < (5, 1), reason="no pool")
def test_pool(load, migrated):
    default = load(**PARTS, **POOL)["DATABASES"]["default"]
    assert default["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 3, "timeout": 10}
    assert default["CONN_MAX_AGE"] == 0
    assert python("-c", WHO, **migrated, **POOL).stdout == "postgres\n"


@pytest.mark.skipif(django.VERSION >= (5, 1), reason="pools")
def test_pool_needs_django_5_1(load):
    with pytest.raises(ImproperlyConfigured, match=r"needs Django 5.1 or newer, the image has 4.2"):
        load(**PARTS, **POOL)


@pytest.mark.skipif(django.VERSION < (5, 1), reason="no pool")
def test_pool_needs_its_package(load, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match=r"the package 'psycopg\[pool\]', missing"):
        load(**PARTS, **POOL)


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"DATABASE_HOST": "db"}, "DATABASE_HOST is set, but DATABASE_NAME is not"),
        (
            {"DATABASE_URL": "postgres://u:p/w@db/n"},
            "DATABASE_URL cannot be read: its port is not a number (percent-encode the password)",
        ),
        (
            {"DATABASE_URL": "postgres://u:p#w@db"},
            "DATABASE_URL names no database (percent-encode the password)",
        ),
    ],
)
def test_bad_variables_never_show_the_password(load, variables, line):
    with pytest.raises(BadVariable) as caught:
        load(**variables)
    assert str(caught.value) == line
