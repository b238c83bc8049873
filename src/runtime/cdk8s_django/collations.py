"""Text orders of a database that its data was not made with: its indexes may find wrong rows."""

import contextlib
import time

from django.db import DatabaseError

from cdk8s_django import metric_files

# How long what was found is taken for true.
SECONDS = 300
# The first release that knows it of a database.
FIRST_VERSION = 150000
# Before it come the ids of what PostgreSQL makes itself.
FIRST_OWN_ID = 16384
# That of the database, and each collation that a column of its tables has.
OUTDATED = f"""
    SELECT count(*) FROM (
        SELECT datcollversion, pg_database_collation_actual_version(oid)
        FROM pg_database WHERE datname = current_database()
        UNION ALL
        SELECT collversion, pg_collation_actual_version(oid) FROM pg_collation
        WHERE EXISTS (
            SELECT FROM pg_attribute WHERE attcollation = pg_collation.oid
            AND attrelid >= {FIRST_OWN_ID} AND NOT attisdropped)
    ) AS versions (recorded, actual)
    WHERE recorded <> coalesce(actual, '')
"""


# When each database was looked at.
LOOKED = {}


def look(connection):
    """Says now and then how many are outdated. A server that does not tell is left alone."""
    now, alias = time.monotonic(), connection.alias
    if connection.vendor != "postgresql" or now - LOOKED.get(alias, -SECONDS) < SECONDS:
        return
    LOOKED[alias] = now
    if connection.pg_version < FIRST_VERSION:
        return
    with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute(OUTDATED)
        say(alias, cursor.fetchone()[0])


def say(alias, count):
    metric = "django_database_collations_outdated"
    metric_files.own().say(metric, alias, value=count, now=time.time())
