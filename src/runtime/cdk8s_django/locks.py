"""The locks under which a database is migrated, by one process at a time."""

import contextlib
import hashlib
import os

# Locks belong to a database; two applications may share it in schemas of their own.
NAME = "cdk8s-django migrate "


def key_of(cursor):
    cursor.execute("SELECT coalesce(current_schema(), '')")
    digest = hashlib.sha256((NAME + cursor.fetchone()[0]).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def take(connection):
    """Whether the connection has the lock now, for as long as it is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key_of(cursor)])
        return cursor.fetchone()[0]


def is_held(connection):
    """Whether a process migrates the database."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        key = key_of(cursor)
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE locktype = 'advisory' AND granted AND datname = current_database() "
            "AND classid = %s::bigint::oid AND objid = %s::bigint::oid AND objsubid = 1",
            [key >> 32 & 0xFFFFFFFF, key & 0xFFFFFFFF],
        )
        return cursor.fetchone()[0] > 0


@contextlib.contextmanager
def of_file(path):
    """The lock of a database that is a file; none where the file cannot be beside one."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        yield
        return
    import fcntl

    with open(f"{path}.cdk8s-django-lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
