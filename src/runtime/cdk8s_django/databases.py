"""The default database, from DATABASE_URL or the separate DATABASE_* variables."""

import importlib.util
import os
from urllib.parse import parse_qsl, quote, unquote, urlencode

import django
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django import logs
from cdk8s_django.environment import BadVariable, flag, given, number, text

POSTGRES_SCHEMES = ("postgres", "postgresql", "pgsql", "postgis")
OTHER_ENGINES = ("sqlite", "spatialite", "mysql", "oracle", "dummy", "mssql")
# libpq's own defaults wait a quarter of an hour for a server that has gone away.
NETWORK_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30000,
}


def read():
    """What the environment says of the database; None when it says nothing of PostgreSQL."""
    if text("DATABASE_HOST"):
        found = read_variables()
    elif text("DATABASE_URL"):
        found = read_url("DATABASE_URL")
    else:
        return None
    if direct():
        if text("DATABASE_DIRECT_URL"):
            found = read_url("DATABASE_DIRECT_URL")
        elif text("DATABASE_DIRECT_HOST") and found:
            found["HOST"] = text("DATABASE_DIRECT_HOST")
            found["PORT"] = text("DATABASE_DIRECT_PORT", "5432")
    if found:
        if text("DATABASE_SSL_MODE"):
            found["OPTIONS"]["sslmode"] = text("DATABASE_SSL_MODE")
        if text("DATABASE_SSL_ROOT_CERT"):
            found["OPTIONS"]["sslrootcert"] = text("DATABASE_SSL_ROOT_CERT")
    return found


def direct():
    """Whether to go past a pooler: migrations need the session that poolers share out."""
    return flag("CDK8S_DJANGO_DATABASE_DIRECT")


def read_variables():
    for name in ("DATABASE_NAME", "DATABASE_USER"):
        if not text(name):
            raise BadVariable(f"DATABASE_HOST is set, but {name} is not")
    return {
        "NAME": text("DATABASE_NAME"),
        "USER": text("DATABASE_USER"),
        # Not stripped: a space may belong to the password.
        "PASSWORD": given().get("DATABASE_PASSWORD", ""),
        "HOST": text("DATABASE_HOST"),
        "PORT": text("DATABASE_PORT", "5432"),
        "OPTIONS": {},
    }


def read_url(variable):
    """The parts of a URL. Its text never goes into a message: it holds the password."""
    scheme, _, rest = text(variable).partition("://")
    if scheme not in POSTGRES_SCHEMES:
        logs.note(f"{variable} is not for PostgreSQL: DATABASES stays the settings module's own")
        return None
    location, _, query = rest.partition("?")
    netloc, _, name = location.partition("/")
    # By hand: urlsplit makes the host lower-case, which breaks the path of a Unix socket.
    login, _, address = netloc.rpartition("@")
    user, _, password = login.partition(":")
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
        port = port[1:]
    else:
        host, _, port = address.partition(":")
    if port and not port.isdecimal():
        raise BadVariable(
            f"{variable} cannot be read: its port is not a number (percent-encode the password)"
        )
    if not name:
        raise BadVariable(f"{variable} names no database (percent-encode the password)")
    return {
        "NAME": unquote(name),
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": unquote(host),
        "PORT": port,
        "OPTIONS": dict(parse_qsl(query)),
    }


def export_url():
    """Writes DATABASE_URL quoted, for settings modules that read it themselves.

    The manifests compose it with $(VAR) expansion, which quotes nothing.
    """
    if not (text("DATABASE_HOST") or direct()):
        return
    found = read()
    if not found:
        return
    host = found["HOST"]
    ipv6 = ":" in host and "/" not in host
    host = f"[{host}]" if ipv6 else quote(host, safe="")
    login = f"{quote(found['USER'], safe='')}:{quote(found['PASSWORD'], safe='')}"
    port = f":{found['PORT']}" if found["PORT"] else ""
    query = f"?{urlencode(found['OPTIONS'])}" if found["OPTIONS"] else ""
    scheme = text("DATABASE_URL").partition("://")[0]
    if scheme not in POSTGRES_SCHEMES:
        scheme = "postgresql"
    url = f"{scheme}://{login}@{host}{port}/{quote(found['NAME'], safe='')}{query}"
    os.environ["DATABASE_URL"] = url


def lay(values):
    found = read()
    if not found:
        return
    own = dict(values.get("DATABASES", {}).get("default", {}))
    engine = own.get("ENGINE", "")
    if not engine or any(name in engine for name in OTHER_ENGINES):
        # Development settings: nothing of them fits PostgreSQL but what is Django's own.
        own = {key: own[key] for key in ("ATOMIC_REQUESTS", "TIME_ZONE", "TEST") if key in own}
        engine = "django.db.backends.postgresql"
        if text("DATABASE_URL").startswith("postgis://"):
            engine = "django.contrib.gis.db.backends.postgis"
    options = {**NETWORK_OPTIONS, **own.get("OPTIONS", {}), **found.pop("OPTIONS")}
    own.update(found, ENGINE=engine, OPTIONS=options)

    if flag("CDK8S_DJANGO_ASGI"):
        # Under ASGI each request has a thread of its own: its connection would be left over.
        own["CONN_MAX_AGE"] = 0
    else:
        own["CONN_MAX_AGE"] = number("DATABASE_CONN_MAX_AGE", 60)
    own["CONN_HEALTH_CHECKS"] = True
    pool = number("DATABASE_POOL_MAX_SIZE", 0)
    if pool:
        check_pool_is_possible()
        own["CONN_MAX_AGE"] = 0
        smallest = min(number("DATABASE_POOL_MIN_SIZE", 1), pool)
        options["pool"] = {"min_size": smallest, "max_size": pool, "timeout": 10}
    if flag("DATABASE_TRANSACTION_POOLER") and not direct():
        own["DISABLE_SERVER_SIDE_CURSORS"] = True
    values["DATABASES"] = {**values.get("DATABASES", {}), "default": own}


def check_pool_is_possible():
    if django.VERSION < (5, 1):
        raise ImproperlyConfigured(
            f"DATABASE_POOL_MAX_SIZE needs Django 5.1 or newer, the image has {django.__version__}"
        )
    if importlib.util.find_spec("psycopg_pool") is None:
        raise ImproperlyConfigured(
            "DATABASE_POOL_MAX_SIZE needs the package 'psycopg[pool]', missing from the image"
        )
