"""What comes before each single migration of a Job, whichever command applies it."""

from contextlib import contextmanager

from cdk8s_django.environment import number


def watch(release):
    """Asks for the present release before each migration, and builds indexes without a limit."""
    from django.db.migrations.executor import MigrationExecutor

    original = MigrationExecutor.apply_migration

    def apply_migration(executor, state, migration, *args, **options):
        release.before_migration(f"{migration.app_label}.{migration.name}")
        connection = executor.connection
        if migration.atomic or connection.vendor != "postgresql":
            return original(executor, state, migration, *args, **options)
        with no_lock_timeout(connection):
            drop_unfinished_indexes(connection, migration)
            return original(executor, state, migration, *args, **options)

    MigrationExecutor.apply_migration = apply_migration


def set_lock_timeout(connection, **_):
    """A migration that waits for a lock makes every later query of that table wait behind it."""
    if connection.vendor == "postgresql":
        seconds = number("CDK8S_DJANGO_LOCK_TIMEOUT", 10)
        set_timeout(connection, f"{seconds}s")


def set_timeout(connection, value):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [value])


@contextmanager
def no_lock_timeout(connection):
    """For a migration that is not atomic: a cancelled statement leaves half of it behind.

    CREATE INDEX CONCURRENTLY waits for older transactions, and makes nobody wait meanwhile.
    """
    set_timeout(connection, "0")
    yield
    set_lock_timeout(connection)


def drop_unfinished_indexes(connection, migration):
    """An earlier try that was killed leaves the index as invalid, and no try could make it."""
    for name, quoted in invalid_indexes(connection):
        if any(makes(operation, name) for operation in flat(migration.operations)):
            print(f"  dropping index {name}, which an earlier try did not finish", flush=True)
            with connection.cursor() as cursor:
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")


def invalid_indexes(connection):
    """Names of indexes in the schemas of the connection, as they are and in quotes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, quote_ident(relname) FROM pg_index JOIN pg_class ON oid = indexrelid "
            "WHERE NOT indisvalid AND pg_table_is_visible(oid)"
        )
        return cursor.fetchall()


def flat(operations):
    for operation in operations:
        yield operation
        yield from flat(getattr(operation, "database_operations", []))


def makes(operation, name):
    """Whether an operation makes the index of that name."""
    index = getattr(operation, "index", None)
    if index is not None:
        return type(operation).__name__.startswith("Add") and index.name == name
    return name in str(getattr(operation, "sql", ""))
