"""Reads of requests go to a replica, and to the primary where that would show something older.

Outside of requests (commands, migrations, tests, workers) nothing is read from a replica: what one
process has written there is read by another a moment later, and no cookie goes with it.
"""

import contextvars
import logging
import re
import threading
import time

from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections
from django.db.backends.signals import connection_created

from cdk8s_django.both_modes import Middleware
from cdk8s_django.environment import number

REPLICA = "replica"
BOTH = (DEFAULT_DB_ALIAS, REPLICA)
COOKIE = "cdk8s_django_primary"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# What a visitor has just got, whoever asks: read by its key, and not worth a cookie when written.
PRIMARY_APPS = ("sessions", "django_cache")
# Seconds until a replica that failed is tried again, and between two looks at how late it is.
RETRY = 5
LOOK = 1
# No receiver, and nothing new: it may be cut off from the primary.
LAG = """
SELECT CASE
  WHEN NOT pg_is_in_recovery() THEN 0
  WHEN pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()
    AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver) THEN 0
  ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END,
  pg_last_wal_receive_lsn()::text"""
REPLAYED = """
SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver)"""
# After a quiet time the first write is as old as that time until it is replayed.
MOMENT = 0.1
READS = re.compile(
    r"(?:\s|/\*.*?\*/|--[^\n]*\n|\()*(?:SELECT|SHOW|SET|RESET|EXPLAIN|BEGIN|COMMIT|ROLLBACK|SAVEPOINT"
    r"|RELEASE|DECLARE|FETCH|CLOSE|VALUES|TABLE|WITH(?!.*\b(?:INSERT|UPDATE|DELETE|MERGE)\b))\b",
    re.IGNORECASE | re.DOTALL,
)

logger = logging.getLogger("cdk8s_django.replica")
current = contextvars.ContextVar("cdk8s_django_reading", default=None)


class Reading:
    """What a request may read. Its threads share it."""

    def __init__(self, primary):
        self.primary = primary
        self.wrote = False


class Replica:
    """What this process knows of the replica."""

    def __init__(self):
        self.lock = threading.Lock()
        self.retry_at = 0.0
        self.why = None

    def fails(self, why):
        with self.lock:
            self.retry_at = time.monotonic() + RETRY
            changed, self.why = self.why is None, why
        if changed:
            logger.warning("Reads go to the primary, because the replica %s", why)

    def is_back(self):
        if self.why is None:
            return
        with self.lock:
            self.why = None
        logger.warning("Reads go to the replica again")

    def is_usable(self):
        """Whether this thread has a connection to it, and it is not too late."""
        if time.monotonic() < self.retry_at or REPLICA not in connections.settings:
            return False
        connection = connections[REPLICA]
        if connection.in_atomic_block:
            return True
        try:
            connection.close_if_health_check_failed()
            connection.ensure_connection()
            now = time.monotonic()
            if now - getattr(connection, "cdk8s_django_looked", 0) < LOOK:
                return True
            most = number("CDK8S_DJANGO_REPLICA_MAX_LAG", 10)
            lag = lag_of(connection, most)
        except SynchronousOnlyOperation:
            return False
        except Error as error:
            close(connection)
            self.fails(f"does not answer: {str(error).strip()}")
            return False
        if lag is None or lag > most:
            # Another one may answer the next time.
            close(connection)
            self.fails("is late" if lag is None else f"is {lag:.0f} s late")
            return False
        connection.cdk8s_django_looked = now
        self.is_back()
        return True


def lag_of(connection, most):
    """In seconds; None if nobody can say."""
    with connection.cursor() as cursor:
        cursor.execute(LAG)
        lag, received = cursor.fetchone()
        if lag is not None and lag <= most:
            return float(lag)
        if received:
            time.sleep(MOMENT)
            cursor.execute(REPLAYED, [received])
            if cursor.fetchone()[0]:
                return 0.0
    return None if lag is None else float(lag)


def close(connection):
    try:
        connection.close()
    except Error:
        connection.connection = None


replica = Replica()


class ReplicaRouter:
    """The last of DATABASE_ROUTERS: what another one decides counts."""

    def db_for_read(self, model, **hints):
        alias = alias_of(hints)
        if alias not in (None, *BOTH):
            return None
        if may_read(model) and replica.is_usable():
            return REPLICA
        return DEFAULT_DB_ALIAS if alias == REPLICA else None

    def db_for_write(self, model, **hints):
        alias = alias_of(hints)
        if alias not in (None, *BOTH):
            return None
        if model._meta.app_label not in PRIMARY_APPS:
            note_write()
        return DEFAULT_DB_ALIAS if alias == REPLICA else None

    def allow_relation(self, one, other, **_):
        return True if {one._state.db, other._state.db} <= set(BOTH) else None

    def allow_migrate(self, db, *_, **__):
        return False if db == REPLICA else None


def alias_of(hints):
    return getattr(getattr(hints.get("instance"), "_state", None), "db", None)


def may_read(model):
    reading = current.get()
    if reading is None or reading.primary or reading.wrote:
        return False
    if model._meta.app_label in PRIMARY_APPS:
        return False
    # A transaction reads what it has written, and nothing of another time.
    return not connections[DEFAULT_DB_ALIAS].in_atomic_block


def note_write():
    reading = current.get()
    if reading is not None:
        reading.wrote = True


class ReplicaMiddleware(Middleware):
    """Lets requests read from the replica, and whoever has written from the primary for a while."""

    def __init__(self, get_response):
        super().__init__(get_response)
        self.seconds = number("CDK8S_DJANGO_REPLICA_STICKINESS", 5)

    def __call__(self, request):
        if self.is_async:
            return self.answer_async(request)
        reading = begin(request)
        token = current.set(reading)
        try:
            return self.finish(request, reading, self.get_response(request))
        finally:
            current.reset(token)

    async def answer_async(self, request):
        reading = begin(request)
        token = current.set(reading)
        try:
            return self.finish(request, reading, await self.get_response(request))
        finally:
            current.reset(token)

    def process_view(self, request, *_):
        # Who edits a row edits what is there now.
        reading = current.get()
        if reading and "admin" in request.resolver_match.app_names:
            reading.primary = True

    def finish(self, request, reading, response):
        if reading.wrote and self.seconds:
            # Not signed: whoever makes one up reads from the primary, as everybody may by a form.
            response.set_cookie(
                COOKIE,
                "1",
                max_age=self.seconds,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
        return response


def begin(request):
    """A form is checked against what is there now, before it writes."""
    return Reading(request.method not in SAFE_METHODS or COOKIE in request.COOKIES)


def unnoted_tables():
    """Those of sessions and of caches, in quotes."""
    caches = [one for one in settings.CACHES.values() if one["BACKEND"].endswith(".DatabaseCache")]
    return ['"django_session"', *(f'"{one.get("LOCATION", "")}"' for one in caches)]


def noting_writes(execute, sql, params, many, context):
    """SQL that an application writes itself comes by no router."""
    reading = current.get()
    if reading is not None and not reading.wrote and is_write(sql):
        reading.wrote = True
    return execute(sql, params, many, context)


def is_write(sql):
    if not isinstance(sql, str):
        return True
    return not READS.match(sql) and not any(name in sql for name in unnoted_tables())


def noting_failures(execute, sql, params, many, context):
    """The first query that fails spares the others the try."""
    try:
        return execute(sql, params, many, context)
    except (OperationalError, InterfaceError) as error:
        if not context["connection"].is_usable():
            replica.fails(f"does not answer: {str(error).strip()}")
        raise


def on_connection(connection, **_):
    wrapper = {DEFAULT_DB_ALIAS: noting_writes, REPLICA: noting_failures}.get(connection.alias)
    if wrapper and wrapper not in connection.execute_wrappers:
        connection.execute_wrappers.append(wrapper)
    if connection.alias == REPLICA:
        connection.cdk8s_django_looked = 0


connection_created.connect(on_connection, dispatch_uid="cdk8s_django_replicas")
