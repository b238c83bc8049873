"""DATABASES: what the settings chose meets what the pod says, and neither breaks the other."""

import itertools
import os
import time
from urllib.parse import unquote, urlsplit

import django
import pytest
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django import database_url, servers
from cdk8s_django.environment import BadVariable
from conftest import POSTGRES, last_line, python

PARTS = {
    "DATABASE_HOST": "db",
    "DATABASE_NAME": "polls",
    "DATABASE_USER": "polls-user",
    "DATABASE_PASSWORD": "secret",
}
ENGINE = "django.db.backends.postgresql"
MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


def default(load, own, **variables):
    settings = {"DATABASES": {"default": {"ENGINE": ENGINE, **own}}}
    return load(settings, **{**PARTS, **variables})["DATABASES"]["default"]


@pytest.mark.parametrize("pool", [True, {"min_size": 2, "max_size": 4}])
@pytest.mark.parametrize("age", [None, "600"])
def test_f9_no_persistent_connections_with_the_pool_of_the_settings(load, pool, age):
    found = default(load, {"OPTIONS": {"pool": pool}}, DATABASE_CONN_MAX_AGE=age)
    assert found["CONN_MAX_AGE"] == 0
    assert found["OPTIONS"]["pool"] == pool


@pytest.mark.skipif(django.VERSION < (5, 1), reason="no pool")
def test_f9_a_pool_of_the_settings_reaches_the_database(migrated, tmp_path):
    (tmp_path / "pooled_settings.py").write_text(
        "from mysite.settings import *\n"
        f"DATABASES = {{'default': {{'ENGINE': '{ENGINE}', 'OPTIONS': {{'pool': True}}}}}}\n"
    )
    code = f"import sys; sys.path.insert(0, '{tmp_path}')\n" + (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "print(connection.cursor().execute('SELECT 41 + 1').fetchone()[0])\n"
        "from django.db import close_old_connections; close_old_connections()\n"
        "connection.close_pool()\n"
    )
    done = python("-c", code, **migrated, CDK8S_DJANGO_SETTINGS_MODULE="pooled_settings")
    assert done.stdout == "42\n", done.stderr


@pytest.mark.skipif(django.VERSION < (5, 1), reason="no pool")
def test_f9_the_size_of_the_pod_counts_and_the_rest_of_the_pool_stays(load):
    own = {"OPTIONS": {"pool": {"max_size": 50, "max_lifetime": 600}}}
    pool = default(load, own, DATABASE_POOL_MAX_SIZE="3")["OPTIONS"]["pool"]
    assert pool == {"min_size": 1, "max_size": 3, "max_lifetime": 600, "timeout": 10}


@pytest.mark.parametrize(("chosen", "given"), [*itertools.product(MODES, MODES)])
def test_f9_the_tls_mode_of_the_settings_is_never_lowered(load, chosen, given):
    own = {"OPTIONS": {"sslmode": chosen}}
    if given == "disable" and MODES.index(chosen) >= MODES.index("require"):
        with pytest.raises(ImproperlyConfigured) as caught:
            default(load, own, DATABASE_SSL_MODE=given)
        assert str(caught.value) == (
            f"the settings module asks for sslmode '{chosen}', but the database server at 'db' has "
            "no TLS: take sslmode out of OPTIONS (ssl_require of dj-database-url), or use a server "
            "that has TLS"
        )
        return
    found = default(load, own, DATABASE_SSL_MODE=given)["OPTIONS"]["sslmode"]
    assert found == max(chosen, given, key=MODES.index)
    # The same when the mode comes in the URL.
    url = {"DATABASE_HOST": None, "DATABASE_URL": f"postgres://u:p@db/n?sslmode={given}"}
    assert default(load, own, **url)["OPTIONS"]["sslmode"] == found


def test_f9_the_tls_mode_of_a_variable_of_libpq_is_never_lowered(load):
    """[F9] OPTIONS would win over it."""
    given = {"DATABASE_SSL_MODE": "require", "PGSSLMODE": "verify-full"}
    assert default(load, {}, **given)["OPTIONS"]["sslmode"] == "verify-full"
    given["PGSSLMODE"] = "allow"
    assert default(load, {}, **given)["OPTIONS"]["sslmode"] == "require"


def test_f9_a_proxy_inside_the_pod_needs_no_tls(load):
    own = {"OPTIONS": {"sslmode": "require"}}
    for host in ("127.0.0.1", "/cloudsql/project:region:db"):
        found = default(load, own, DATABASE_HOST=host, DATABASE_SSL_MODE="disable")
        assert found["OPTIONS"]["sslmode"] == "disable"


def test_f9_a_weaker_default_does_not_undo_verification(migrated, tmp_path):
    """On a real server: its certificate is not for 127.0.0.1."""
    (tmp_path / "strict_settings.py").write_text(
        "import os\nfrom mysite.settings import *\n"
        f"DATABASES = {{'default': {{'ENGINE': '{ENGINE}', 'OPTIONS': {{\n"
        "    'sslmode': 'verify-full', 'sslrootcert': os.environ['CA']}}}\n"
    )
    code = (
        f"import sys; sys.path.insert(0, '{tmp_path}')\nimport django; django.setup()\n"
        "from django.db import connection\nconnection.ensure_connection()\nprint('connected')\n"
    )
    variables = {
        **migrated,
        "DATABASE_SSL_MODE": "require",
        "CDK8S_DJANGO_SETTINGS_MODULE": "strict_settings",
        "CA": os.environ["RUNTIME_TEST_CA"],
    }
    assert python("-c", code, **variables).stdout == "connected\n"
    done = python("-c", code, **{**variables, "DATABASE_HOST": "127.0.0.1"})
    assert "does not match" in last_line(done.stderr)


@pytest.mark.parametrize("age", [0, 5, 600, None])
def test_f9_the_age_of_connections_is_the_settings_unless_the_pod_says_another(load, age):
    assert default(load, {"CONN_MAX_AGE": age})["CONN_MAX_AGE"] == age
    assert default(load, {"CONN_MAX_AGE": age}, DATABASE_CONN_MAX_AGE="9")["CONN_MAX_AGE"] == 9
    assert default(load, {"CONN_MAX_AGE": age}, CDK8S_DJANGO_ASGI="true")["CONN_MAX_AGE"] == 0
    assert default(load, {})["CONN_MAX_AGE"] == 60


def test_f9_a_service_file_does_not_name_another_server(load):
    own = {"OPTIONS": {"service": "development", "application_name": "polls"}}
    options = default(load, own)["OPTIONS"]
    assert "service" not in options
    assert options["application_name"] == "polls"


GEOGRAPHIC = "django.contrib.gis.db.backends.postgis"


@pytest.mark.parametrize("own", [None, "django.db.backends.sqlite3", ENGINE])
def test_f11_the_engine_is_the_pods(load, own):
    settings = {"DATABASES": {"default": {"ENGINE": own, "NAME": "x"}}} if own else {}
    given = {"CDK8S_DJANGO_DATABASE_ENGINE": "django_tenants.postgresql_backend"}
    found = load(settings, **PARTS, **given)["DATABASES"]["default"]
    assert found["ENGINE"] == "django_tenants.postgresql_backend"
    # The scheme alone says it too, but for an engine that the settings chose.
    url = {"DATABASE_URL": "postgis://u:p@db/n"}
    assert load(settings, **url)["DATABASES"]["default"]["ENGINE"] == GEOGRAPHIC
    assert load(settings, **PARTS, **url)["DATABASES"]["default"]["ENGINE"] == GEOGRAPHIC
    assert os.environ["DATABASE_URL"].startswith("postgis://")


def test_f11_an_engine_that_the_settings_chose_stays(load):
    found = url_of(load, "", {"ENGINE": "django_prometheus.db.backends.postgis"})
    assert found["ENGINE"] == "django_prometheus.db.backends.postgis"


def url_of(load, query, own=None, place="u:p@db/n"):
    url = {"DATABASE_HOST": None, "DATABASE_URL": f"postgres://{place}{query}"}
    return default(load, own or {}, **url)


@pytest.mark.parametrize(
    ("query", "setting", "value"),
    [
        ("?conn_max_age=600", "CONN_MAX_AGE", 600),
        ("?CONN_MAX_AGE=0", "CONN_MAX_AGE", 0),
        ("?conn_max_age=None", "CONN_MAX_AGE", None),
        ("?atomic_requests=True", "ATOMIC_REQUESTS", True),
        ("?atomic_requests=0", "ATOMIC_REQUESTS", False),
        ("?autocommit=false", "AUTOCOMMIT", False),
        ("?disable_server_side_cursors=true", "DISABLE_SERVER_SIDE_CURSORS", True),
        ("?conn_health_checks=true&sslmode=require", "CONN_HEALTH_CHECKS", True),
    ],
)
def test_f10_settings_in_the_query_are_settings(load, query, setting, value):
    found = url_of(load, query)
    assert found[setting] == value and type(found[setting]) is type(value)
    assert setting.lower() not in {key.lower() for key in found["OPTIONS"]}


@pytest.mark.parametrize(
    ("query", "option", "value"),
    [
        ("?connect_timeout=9", "connect_timeout", 9),
        ("?application_name=007", "application_name", "007"),
        ("?server_side_binding=true", "server_side_binding", True),
        ("?pool=true", "pool", True),
        ("?pool=false", "pool", False),
        ("?isolation_level=4", "isolation_level", 4),
        ("?target_session_attrs=read-write", "target_session_attrs", "read-write"),
        ("?options=-c%20search_path%3Da,b", "options", "-c search_path=a,b"),
        ("?currentSchema=polls", "options", "-c search_path=polls"),
        ("?ssl=true", "sslmode", "require"),
        ("?ssl=true&sslmode=verify-full", "sslmode", "verify-full"),
    ],
)
def test_f10_options_in_the_query_have_their_type(load, query, option, value):
    options = url_of(load, query)["OPTIONS"]
    assert options[option] == value and type(options[option]) is type(value)


def test_f10_a_pool_in_the_query_keeps_no_connections_beside_it(load):
    assert url_of(load, "?pool=true&conn_max_age=600")["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize(
    ("place", "query", "host", "port", "name"),
    [
        ("u:p@a:5432,b:5433/n", "", "a,b", "5432,5433", "n"),
        ("u:p@a,b/n", "?target_session_attrs=any", "a,b", "", "n"),
        ("u:p@a:1,b/n", "", "a,b", "1,", "n"),
        ("u:p@[::1]:5432,b/n", "", "::1,b", "5432,", "n"),
        ("u:p@/n", "?host=/var/run/postgresql", "/var/run/postgresql", "", "n"),
        ("u:p@%2Fcloudsql%2FP:r:i/n", "", "/cloudsql/P", "", "n"),
        ("/n", "?host=db&port=6432&user=u&password=p", "db", "6432", "n"),
        ("u:p@db/", "?dbname=n", "db", "", "n"),
        ("u:p@DB.example.com/Capitals", "", "DB.example.com", "", "Capitals"),
    ],
)
def test_f10_places_are_those_of_libpq(load, place, query, host, port, name):
    if "cloudsql" in place:
        place, host = place.replace(":r:i", "%3Ar%3Ai"), "/cloudsql/P:r:i"
    found = url_of(load, query, place=place)
    assert (found["HOST"], found["PORT"], found["NAME"]) == (host, port, name)
    assert (found["USER"], found["PASSWORD"]) == ("u", "p")


def test_f10_a_server_that_is_gone_is_passed_over(migrated):
    """On real servers: the first of two does not answer."""
    port, name = POSTGRES["DATABASE_PORT"], migrated["DATABASE_NAME"]
    query = "?target_session_attrs=read-write&conn_max_age=600&connect_timeout=3"
    code = (
        "import django; django.setup()\nfrom django.db import connection\n"
        "connection.ensure_connection()\nprint(connection.settings_dict['CONN_MAX_AGE'])\n"
    )
    url = f"postgres://postgres:testing@localhost:1,localhost:{port}/{name}{query}"
    done = python("-c", code, DATABASE_URL=url)
    assert done.stdout == "600\n", done.stderr


def test_f10_the_rewritten_url_says_the_same(load):
    direct = "postgres://u:p%2F@a:1,[::1]:2/n?conn_max_age=5&sslmode=require&pool=false"
    variables = {"DATABASE_URL": "postgres://u:p@pooler/n", "DATABASE_DIRECT_URL": direct}
    first = load(**variables, CDK8S_DJANGO_DATABASE_DIRECT="true")["DATABASES"]["default"]
    written = os.environ["DATABASE_URL"]
    assert written != variables["DATABASE_URL"]
    assert load(DATABASE_URL=written)["DATABASES"]["default"] == first


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("conn_max_age=soon", "conn_max_age is 'soon', it must be a whole number or None"),
        ("conn_max_age=true", "conn_max_age is 'true', it must be a whole number or None"),
        ("atomic_requests=maybe", "atomic_requests is 'maybe', it must be true or false"),
        ("autocommit=None", "autocommit is 'None', it must be true or false"),
    ],
)
def test_f10_what_is_no_value_is_named(load, query, line):
    with pytest.raises(BadVariable) as caught:
        url_of(load, f"?{query}")
    assert str(caught.value) == f"DATABASE_URL: {line}"


@pytest.mark.skipif(django.VERSION < (5, 1), reason="no pool")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_pool_does_not_hold_a_server_that_ends(serve, migrated, workers):
    server = serve("wsgi", **migrated, DATABASE_POOL_MAX_SIZE="4", WEB_CONCURRENCY=workers)
    for _ in range(8):
        assert server.probe("/readyz").status == 200
    started = time.monotonic()
    server.stop()
    # gunicorn itself lingers for two seconds.
    assert time.monotonic() - started < 8, server.log


@pytest.mark.parametrize("password", [":/@#?%+ &\"'\\[]$(VAR)%41;=éß漢🗝", " a b ", "plain"])
def test_f43_urls_under_the_applications_own_names_are_encoded(pod, password):
    pod(
        CDK8S_DJANGO_URLS="RQ_URL,SECOND_URL,ABSENT",
        # As Kubernetes composes them.
        RQ_URL=f"redis://:{password}@queue:6379/2",
        RQ_URL_PASSWORD=password,
        SECOND_URL=f"postgres://a%40b:{password}@[fd00::7]:5432/my%20votes?sslmode=require",
        SECOND_URL_PASSWORD=password,
    )
    servers.export_urls()
    rq = urlsplit(os.environ["RQ_URL"])
    assert (unquote(rq.password), rq.hostname, rq.path) == (password, "queue", "/2")
    second = database_url.parse("SECOND_URL", os.environ["SECOND_URL"])
    assert (second["USER"], second["PASSWORD"], second["HOST"]) == ("a@b", password, "fd00::7")
    assert (second["NAME"], second["OPTIONS"]) == ("my votes", {"sslmode": "require"})
    assert "ABSENT" not in os.environ
