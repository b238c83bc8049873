"""The default database, from DATABASE_URL or the separate DATABASE_* variables."""

import importlib
import importlib.util
import os
import re

import django
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django import database_tokens, database_url, logs
from cdk8s_django.environment import BadVariable, flag, given, number, text
from cdk8s_django.errors import Failure

PLAIN_ENGINE = "django.db.backends.postgresql"
OTHER_ENGINES = ("sqlite", "spatialite", "mysql", "oracle", "dummy", "mssql")
# libpq's own defaults wait a quarter of an hour for a server that has gone away.
NETWORK_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30000,
}
REPLICA_ROUTER = "cdk8s_django.replicas.ReplicaRouter"
# The primary answers in its place.
REPLICA_OPTIONS = {"connect_timeout": 2, "tcp_user_timeout": 5000}
# From the weakest to the strongest.
TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
POOL_TIMEOUT = 10
# The parameters that PgBouncer keeps apart for each client.
KEPT_APART = (
    "application_name",
    "client_encoding",
    "datestyle",
    "intervalstyle",
    "standard_conforming_strings",
    "timezone",
)


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
        for name, option in (("SSL_MODE", "sslmode"), ("SSL_ROOT_CERT", "sslrootcert")):
            value = (direct() and text(f"DATABASE_DIRECT_{name}")) or text(f"DATABASE_{name}")
            if value:
                found["OPTIONS"][option] = value
    return found


def direct():
    """Whether to go past a pooler: migrations need the session that poolers share out."""
    return flag("CDK8S_DJANGO_DATABASE_DIRECT")


def way_past_pooler(what):
    """Where the database itself is, if that is given. `what` needs it behind a pooler."""
    way = text("DATABASE_DIRECT_HOST") or text("DATABASE_DIRECT_URL")
    if flag("DATABASE_TRANSACTION_POOLER") and not way:
        raise Failure(
            "DATABASE_TRANSACTION_POOLER is true and no DATABASE_DIRECT_HOST says where the "
            f"database itself is: {what} need a session of their own. Give "
            "the database directHost or directUrl"
        )
    return way


def read_variables():
    for name in ("DATABASE_NAME", "DATABASE_USER"):
        if not text(name):
            raise BadVariable(f"DATABASE_HOST is set, but {name} is not")
    place = text("DATABASE_HOST"), text("DATABASE_PORT", "5432"), text("DATABASE_USER")
    # Not stripped: a space may belong to the password.
    password = given().get("DATABASE_PASSWORD", "")
    if database_tokens.wanted():
        password = database_tokens.Password(*place)
    return {
        "NAME": text("DATABASE_NAME"),
        "USER": place[2],
        "PASSWORD": password,
        "HOST": place[0],
        "PORT": place[1],
        "OPTIONS": {},
    }


def read_url(variable):
    scheme = text(variable).partition("://")[0]
    if scheme not in database_url.SCHEMES:
        logs.note(f"{variable} is not for PostgreSQL: DATABASES stays the settings module's own")
        return None
    return database_url.parse(variable, text(variable))


def export_url():
    """Writes DATABASE_URL quoted, for settings modules that read it themselves.

    The manifests compose it with $(VAR) expansion, which quotes nothing.
    """
    if not (text("DATABASE_HOST") or direct()):
        return
    found = read()
    if not found:
        return
    if isinstance(found["PASSWORD"], database_tokens.Password):
        found["PASSWORD"] = ""  # A token would have ended before somebody reads it.
    scheme = text("DATABASE_URL").partition("://")[0]
    if scheme not in database_url.SCHEMES:
        scheme = "postgresql"
    os.environ["DATABASE_URL"] = database_url.compose(scheme, found)


def lay(values):
    found = read()
    if not found:
        return
    own = dict(values.get("DATABASES", {}).get("default", {}))
    engine = own.get("ENGINE", "")
    if not engine or any(name in engine for name in OTHER_ENGINES):
        # Development settings: nothing of them fits PostgreSQL but what is Django's own.
        own = {key: own[key] for key in ("ATOMIC_REQUESTS", "TIME_ZONE", "TEST") if key in own}
        engine = PLAIN_ENGINE
    if engine == PLAIN_ENGINE and text("DATABASE_URL").startswith("postgis://"):
        engine = "django.contrib.gis.db.backends.postgis"
    engine = text("CDK8S_DJANGO_DATABASE_ENGINE") or engine
    chosen = dict(own.get("OPTIONS") or {})
    # The place of a server in a file, which is that of another one.
    chosen.pop("service", None)
    given = found.pop("OPTIONS")
    options = {**NETWORK_OPTIONS, **chosen, **given}
    # libpq takes its variable where OPTIONS say nothing.
    mode = chosen.get("sslmode") or text("PGSSLMODE")
    keep_tls_mode(options, mode, given.get("sslmode"), found["HOST"])
    own.update(found, ENGINE=engine, OPTIONS=options)
    lay_persistence(own, options)
    if flag("DATABASE_TRANSACTION_POOLER") and not direct():
        lay_pooler(own, options)
    values["DATABASES"] = {**values.get("DATABASES", {}), "default": own}
    if text("DATABASE_REPLICA_HOST"):
        lay_replica(values, own)


def lay_replica(values, own):
    """An alias to read from. The router is where requests are served: other pods do not have it."""
    if "replica" in values["DATABASES"]:
        logs.note("DATABASES of the settings module has 'replica': readReplicas has no effect")
        return
    options = {**own["OPTIONS"], **REPLICA_OPTIONS}
    if isinstance(options.get("pool"), dict):
        options["pool"] = {**options["pool"], "timeout": REPLICA_OPTIONS["connect_timeout"]}
    values["DATABASES"]["replica"] = {
        **own,
        "HOST": text("DATABASE_REPLICA_HOST"),
        "PORT": text("DATABASE_REPLICA_PORT") or own["PORT"],
        "OPTIONS": options,
        "ATOMIC_REQUESTS": False,
        "TEST": {"MIRROR": "default"},
    }
    if importlib.util.find_spec("cdk8s_django.replicas"):
        values["DATABASE_ROUTERS"] = [*(values.get("DATABASE_ROUTERS") or []), REPLICA_ROUTER]


def lay_pooler(own, options):
    """What sessions that are shared out anew for each transaction need."""
    own["DISABLE_SERVER_SIDE_CURSORS"] = True
    role = options.get("assume_role")
    if role:
        raise ImproperlyConfigured(
            f"OPTIONS['assume_role'] of the database is '{role}': behind a pooler in transaction "
            "mode other connections would get the role too. Take it out of the settings, and let "
            f"the role that logs in have it: ALTER ROLE \"{own['USER']}\" SET role = '{role}'"
        )
    names = [name for name in parameters(options.get("options")) if name not in KEPT_APART]
    if names:
        logs.note(
            f"OPTIONS['options'] of the database sets {', '.join(names)}, which PgBouncer refuses "
            f'at connect. Set it for the role: ALTER ROLE "{own["USER"]}" SET {names[0]} = …'
        )
    pool = options.get("pool")
    if pool:
        # A pod of the pooler that ends waits until its clients have gone.
        age = max(number("DATABASE_CONN_MAX_AGE", 60), 1)
        options["pool"] = {"max_lifetime": age, **(pool if isinstance(pool, dict) else {})}


def parameters(options):
    """The names that libpq's `options` sets, in lower case."""
    found = re.findall(r"(?:-c\s*|--)([\w.-]+)=", options or "")
    return [name.replace("-", "_").lower() for name in found]


def keep_tls_mode(options, chosen, given, host):
    """The mode that the settings chose is never lowered."""
    if chosen not in TLS_MODES or given not in TLS_MODES:
        return
    if TLS_MODES.index(chosen) <= TLS_MODES.index(given):
        return
    if given == "disable" and chosen not in ("allow", "prefer"):
        if host.startswith("/") or host in ("localhost", "127.0.0.1", "::1"):
            return  # A proxy in the pod itself, which encrypts what leaves the pod.
        raise ImproperlyConfigured(
            f"the settings module asks for sslmode '{chosen}', but the database server at "
            f"'{host}' has no TLS: take sslmode out of OPTIONS (ssl_require of dj-database-url), "
            "or use a server that has TLS"
        )
    options["sslmode"] = chosen


def lay_persistence(own, options):
    """How long connections are kept: where threads live, and by the pool alone if there is one."""
    pool = number("DATABASE_POOL_MAX_SIZE", 0)
    if pool:
        check_pool_is_possible()
        smallest = min(number("DATABASE_POOL_MIN_SIZE", 1), pool)
        chosen = options["pool"] if isinstance(options.get("pool"), dict) else {}
        sizes = {"min_size": smallest, "max_size": pool}
        options["pool"] = {"timeout": POOL_TIMEOUT, **chosen, **sizes}
    if options.get("pool") or flag("CDK8S_DJANGO_ASGI"):
        # Under ASGI each request has a thread of its own: its connection would be left over.
        own["CONN_MAX_AGE"] = 0
    elif text("DATABASE_CONN_MAX_AGE"):
        own["CONN_MAX_AGE"] = number("DATABASE_CONN_MAX_AGE")
    else:
        own.setdefault("CONN_MAX_AGE", 60)
    own["CONN_HEALTH_CHECKS"] = True


def close_pools():
    """The threads of a pool can hold a process for 20 seconds after its last request."""
    # Settings that could not be loaded would be tried again, and may end the process.
    if not importlib.import_module("django.conf").settings.configured:
        return
    for connection in importlib.import_module("django.db").connections.all():
        if connection.settings_dict["OPTIONS"].get("pool"):
            connection.close_pool()


def check_pool_is_possible():
    if django.VERSION < (5, 1):
        raise ImproperlyConfigured(
            f"DATABASE_POOL_MAX_SIZE needs Django 5.1 or newer, the image has "
            f"{django.__version__}: leave poolSize of the database out"
        )
    if importlib.util.find_spec("psycopg_pool") is None:
        raise ImproperlyConfigured(
            "DATABASE_POOL_MAX_SIZE needs the package 'psycopg[pool]', missing from the image"
        )
