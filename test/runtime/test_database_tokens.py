"""Databases without a password: tokens of the pod's identity, at a stand-in of each platform."""

import copy
import datetime
import os
import pickle
import random
import shutil
import string
import subprocess
import sys
from unittest import mock

import django
import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from platform_identity import KEYS, platform_identity

from cdk8s_django import cloud_credentials, database_tokens
from conftest import POSTGRES, PROJECT, WORKER, environment, python, sql

START = 1_790_000_000
ADDRESS = "polls.abcdefghijkl.eu-west-1.rds.amazonaws.com:5432"
# What botocore 1.44.8 makes for that address at that time.
SIGNED = (
    f"{ADDRESS}/?Action=connect&DBUser=polls&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAEXAMPLE%2F20260921%2Feu-west-1%2Frds-db%2Faws4_request"
    "&X-Amz-Date=20260921T141320Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
    "&X-Amz-Security-Token=session%2Fof%2Bthe%3Drole%3D%3D"
    "&X-Amz-Signature=10447d28d717b0fff15bd6f566ad3fbfb5a2e0999b64fe03b62b261191bf3dae"
)


@pytest.fixture
def platform(tmp_path):
    with platform_identity(tmp_path) as platform:
        yield platform


@pytest.fixture
def user():
    name = f"polls-{WORKER or 0}"
    sql(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'none yet'")
    yield name
    sql(f'DROP ROLE "{name}"')


@pytest.fixture
def clock(monkeypatch, platform):
    """A clock that goes as the test says; nothing is kept from before."""
    clock = [START]
    platform.now = lambda: clock[0]
    monkeypatch.setattr(cloud_credentials, "clock", platform.now)
    for name in ("AWS", "AZURE"):
        ask = getattr(cloud_credentials, name).ask
        monkeypatch.setattr(cloud_credentials, name, cloud_credentials.Kept(ask))
    return clock


def accept(user, token):
    """From now on the server takes this token of the user, and no other."""
    quoted = token.replace("'", "''")
    sql(f"SET standard_conforming_strings = on; ALTER ROLE \"{user}\" PASSWORD '{quoted}'")


@pytest.fixture
def laid(load, platform, clock, user):
    """laid(cloud, **variables): the default database that the overlay makes."""

    def lay(cloud, **variables):
        given = {**POSTGRES, "DATABASE_USER": user, "DATABASE_PASSWORD": None}
        given = {**given, **platform.variables(cloud), "DATABASE_NAME": "postgres"}
        return load(**{**given, "DATABASE_SSL_MODE": "require", **variables})["DATABASES"]

    return lay


def connected(databases):
    """A new connection with these settings."""
    connection = ConnectionHandler(copy.deepcopy(databases))["default"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        connection.who = cursor.fetchone()[0]
    return connection


def answers(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


@pytest.fixture(autouse=True)
def settings():
    """What Django asks its settings for when it connects."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_TZ=True, DEBUG=False)


def test_signature_is_that_of_botocore(monkeypatch):
    session = pytest.importorskip("botocore.session")
    chosen = random.Random(16)
    letters = string.ascii_letters + string.digits
    clients = {}
    for number in range(100):
        key = "AKIA" + "".join(chosen.choices(letters, k=16))
        secret = "".join(chosen.choices(letters + "+/=", k=40))
        token = "".join(chosen.choices(letters + "+/=", k=chosen.randint(1, 900)))
        keys = (key, secret, chosen.choice([token, None]))
        user = "".join(chosen.choices("abc_-.$ @é%+/:&=~", k=chosen.randint(1, 20)))
        region = chosen.choice(["eu-west-1", "cn-north-1", "us-gov-west-1"])
        host = f"polls-{number}.abcdefghijkl.{region}.rds.amazonaws.com"
        port = chosen.choice([5432, 5433])
        moment = chosen.randint(1_000_000_000, 2_000_000_000)
        if region not in clients:
            made = session.get_session()
            made.set_credentials(*keys)
            clients[region] = made.create_client("rds", region_name=region)
        client = clients[region]
        credentials = session.get_session()
        credentials.set_credentials(*keys)
        client._request_signer._credentials = credentials.get_credentials()
        now = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
        with mock.patch("botocore.auth.get_current_datetime", return_value=now):
            theirs = client.generate_db_auth_token(host, port, user)
        monkeypatch.setattr(cloud_credentials, "clock", lambda moment=moment: moment)
        assert database_tokens.rds_token(f"{host}:{port}", user, region, keys) == theirs


def test_signature_that_botocore_made(monkeypatch):
    monkeypatch.setattr(cloud_credentials, "clock", lambda: START)
    assert database_tokens.rds_token(ADDRESS, "polls", "eu-west-1", KEYS) == SIGNED


@pytest.mark.parametrize("cloud", ["irsa", "pod identity"])
def test_each_new_connection_to_rds_has_a_token_of_its_own(cloud, laid, platform, clock, user):
    databases = laid(cloud)

    def now():
        port = POSTGRES["DATABASE_PORT"]
        return database_tokens.rds_token(f"localhost:{port}", user, "eu-west-1", KEYS)

    first = now()
    accept(user, first)
    before = connected(databases)
    assert before.who == user
    clock[0] += 901
    assert now() != first
    accept(user, now())
    # With the token of before the server refuses, and with the new one it does not.
    with pytest.raises(OperationalError, match="password authentication failed"):
        connected({"default": {**databases["default"], "PASSWORD": first}})
    after = connected(databases)
    assert after.who == user
    # Who is connected goes on.
    assert answers(before)
    # The role's own keys are asked for once, and again before they end.
    assert len(platform.requests) == 1
    clock[0] = START + 3600 - 299
    accept(user, now())
    connected(databases).close()
    assert len(platform.requests) == 2
    before.close()
    after.close()


def test_connections_to_azure_share_a_token_until_before_its_end(laid, platform, clock, user):
    platform.given = lambda token: accept(user, token)
    databases = laid("azure")
    assert platform.requests == []
    first = connected(databases)
    connected(databases).close()
    assert (first.who, platform.number) == (user, 1)
    clock[0] += 3600 - 301
    connected(databases).close()
    assert platform.number == 1
    clock[0] += 1
    connected(databases).close()
    assert platform.number == 2
    assert answers(first)
    first.close()


def test_a_platform_that_fails_is_asked_again_while_the_token_counts(laid, platform, clock, user):
    platform.given = lambda token: accept(user, token)
    databases = laid("azure")
    connected(databases).close()
    platform.refuses = True
    clock[0] += 3400
    for _ in range(3):
        connected(databases).close()
    assert len(platform.requests) == 2
    clock[0] += 10
    connected(databases).close()
    assert len(platform.requests) == 3
    clock[0] += 190
    # The error of a database that cannot be reached: whoever waits for it goes on waiting.
    with pytest.raises(OperationalError) as raised:
        connected(databases)
    assert str(raised.value) == (
        "Microsoft Entra ID refuses the pod's identity: 401 "
        "AADSTS700213: No matching federated identity record found"
    )
    platform.refuses = False
    connected(databases).close()


def test_sts_says_why(laid, platform):
    platform.refuses = True
    with pytest.raises(OperationalError) as raised:
        connected(laid("irsa"))
    assert str(raised.value) == (
        "AWS STS refuses the pod's identity: 403 "
        "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    )


def test_nobody_at_the_endpoint(laid):
    databases = laid("azure", AZURE_AUTHORITY_HOST="http://127.0.0.1:9")
    with pytest.raises(OperationalError, match=r"did not give a token: .*refused"):
        connected(databases)


def test_own_token_of_the_pod_cannot_be_read(laid):
    databases = laid("azure", AZURE_FEDERATED_TOKEN_FILE="/nowhere")
    with pytest.raises(OperationalError, match="own token cannot be read: /nowhere: No such file"):
        connected(databases)


@pytest.mark.skipif(django.VERSION < (5, 1), reason="pools came with Django 5.1")
def test_a_pool_opens_connections_with_new_tokens(laid, platform, clock, user):
    platform.given = lambda token: accept(user, token)
    handler = ConnectionHandler(laid("azure", DATABASE_POOL_MAX_SIZE="3"))
    first = handler["default"]
    assert answers(first)
    clock[0] += 3600
    # The pool may have made a second one already, and no third.
    others = [first.copy(), first.copy()]
    assert all(map(answers, others))
    assert platform.number == 2
    assert answers(first)
    for connection in (first, *others):
        connection.close()
    first.close_pool()


def test_the_password_is_a_text_that_shows_no_token(laid, clock, platform, user):
    databases = laid("azure")
    password = databases["default"]["PASSWORD"]
    assert "token-1" not in repr(databases)
    assert os.environ["DATABASE_URL"] == (
        f"postgresql://{user}:@localhost:{POSTGRES['DATABASE_PORT']}/postgres?sslmode=require"
    )
    for made in (
        copy.copy(password),
        copy.deepcopy(password),
        pickle.loads(pickle.dumps(password)),
    ):
        assert str(made).startswith("eyJ-token-1-")
    assert f"{password}".startswith("eyJ-token-1-")
    assert password.encode().startswith(b"eyJ-token-1-")
    assert "token-1" not in repr(password)
    # Of which there is none in a line of a log.
    assert platform.number == 1


@pytest.mark.parametrize(
    "host, audience",
    [
        ("polls.postgres.database.azure.com", "https://ossrdbms-aad.database.windows.net"),
        (
            "polls.postgres.database.usgovcloudapi.net",
            "https://ossrdbms-aad.database.usgovcloudapi.net",
        ),
        (
            "polls.postgres.database.chinacloudapi.cn",
            "https://ossrdbms-aad.database.chinacloudapi.cn",
        ),
    ],
)
def test_tokens_are_for_the_cloud_of_the_server(monkeypatch, host, audience):
    asked = mock.Mock()
    monkeypatch.setattr(cloud_credentials, "AZURE", asked)
    database_tokens.azure_token(host, "5432", "polls")
    asked.get.assert_called_once_with(audience)


@pytest.mark.parametrize("region, end", [("eu-west-1", "com"), ("cn-north-1", "com.cn")])
def test_sts_of_the_region(monkeypatch, pod, platform, region, end):
    variables = platform.variables("irsa")
    pod(**{**variables, "AWS_REGION": region})
    monkeypatch.delenv("AWS_ENDPOINT_URL_STS")
    asked = mock.Mock(side_effect=cloud_credentials.Refused)
    monkeypatch.setattr(cloud_credentials, "asked", asked)
    with pytest.raises(cloud_credentials.Refused):
        cloud_credentials.aws_credentials()
    assert asked.call_args[0][1].full_url == f"https://sts.{region}.amazonaws.{end}"


@pytest.mark.parametrize(
    "cloud, missing, message",
    [
        (
            "pod identity",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE or "
            "AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE "
            "must be set. Run the commands of identity.txt",
        ),
        (
            "azure",
            "AZURE_FEDERATED_TOKEN_FILE",
            "AZURE_CLIENT_ID and AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE must be set. "
            "Turn on workload identity for the cluster",
        ),
    ],
)
def test_a_pod_without_an_identity_ends_with_a_sentence(platform, cloud, missing, message):
    variables = {**platform.variables(cloud), missing: None}
    names = {"DATABASE_NAME": "postgres", "DATABASE_PASSWORD": None}
    done = python("-m", "cdk8s_django.migrate", **{**POSTGRES, **names, **variables})
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "error: the pod has no identity to log in to its database with: "
        f"{message}, and then restart the pods"
    )


def test_programs_of_libpq_get_a_token(platform, user):
    psql = shutil.which("psql")
    if not psql:
        pytest.skip("there is no psql")
    platform.given = lambda token: accept(user, token)
    given = {**POSTGRES, "DATABASE_USER": user, "DATABASE_PASSWORD": None}
    given.update(platform.variables("azure"), DATABASE_NAME="postgres", PGSSLMODE="require")
    # Django gives it one when it starts it.
    shell = python("-m", "django", "dbshell", "--", "-tAc", "SELECT current_user", **given)
    assert (shell.returncode, shell.stdout.strip()) == (0, user), shell.stderr
    command = (
        f'PGPASSWORD="$({sys.executable} -m cdk8s_django.database_tokens)" '
        'psql -h "$DATABASE_HOST" -p "$DATABASE_PORT" -U "$DATABASE_USER" -d postgres '
        '-tAc "SELECT 1"'
    )
    done = subprocess.run(
        ["sh", "-c", command], env=environment(**given), cwd=PROJECT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


def test_the_command_without_an_identity():
    done = python("-m", "cdk8s_django.database_tokens", **POSTGRES)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "error: CDK8S_DJANGO_DATABASE_IDENTITY is not set: the database has a password, "
        "or needs none"
    )


def test_migrations_and_requests_log_in_with_tokens(serve, kind, platform, user, migrated_copy):
    """Each request connects anew, and each token is the only one that the server takes."""
    name = migrated_copy["DATABASE_NAME"]
    sql(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{user}"', name)
    sql(f'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "{user}"', name)
    platform.given = lambda token: accept(user, token)
    platform.lifetime = 300
    given = {**migrated_copy, "DATABASE_USER": user, "DATABASE_PASSWORD": None}
    given.update(platform.variables("azure"), DATABASE_CONN_MAX_AGE="0")
    done = python("-m", "cdk8s_django.migrate", **given)
    assert done.returncode == 0, done.stderr
    assert platform.number >= 1
    server = serve(kind, **given)
    before = platform.number
    for _ in range(20):
        assert server.get("/questions").status == 200
    assert platform.number >= before + 20
    server.stop()
    assert "eyJ-token" not in server.log
    sql(f'DROP OWNED BY "{user}"', name)
