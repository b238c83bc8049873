"""What comes before each single migration of a Job, whichever command applies it."""

import contextlib
import re

from cdk8s_django.environment import number

CONCURRENTLY = re.compile(
    r"\s*(CREATE|DROP|REINDEX|ALTER|REFRESH)\b.*\bCONCURRENTLY\b", re.I | re.S
)
# How soon the server notices that the client is gone with its node, and gives its locks back. By
# the system's own values that takes more than two hours.
LOST_CLIENT = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# The migrations that have begun and do not roll back.
REMAINING = []


def watch(release):
    """Asks for the present release before each migration, and goes on with what one left half."""
    from django.db.migrations.executor import MigrationExecutor

    original = MigrationExecutor.apply_migration

    def apply_migration(executor, state, migration, *args, **options):
        name = f"{migration.app_label}.{migration.name}"
        release.before_migration(name)
        connection = executor.connection
        if connection.vendor != "postgresql" or rolls_back(connection, migration):
            return original(executor, state, migration, *args, **options)
        # A statement that is cancelled would leave half of it behind.
        unlimited = contextlib.nullcontext() if migration.atomic else no_lock_timeout(connection)
        REMAINING.append(name)
        with unlimited:
            drop_unfinished_indexes(connection, migration)
            leave_out_done(connection, migration)
            applied = original(executor, state, migration, *args, **options)
        REMAINING.remove(name)
        return applied

    MigrationExecutor.apply_migration = apply_migration


def rolls_back(connection, migration):
    """An engine (django-pg-zero-downtime-migrations) may have no transaction for any migration."""
    return connection.schema_editor(atomic=migration.atomic).atomic_migration


def prepare(connection, **_):
    """A migration that waits for a lock makes every later query of that table wait behind it."""
    if connection.vendor == "postgresql":
        limit = number("CDK8S_DJANGO_LOCK_TIMEOUT", 10)
        set_timeout(connection, f"{limit}s")
        notice_lost_client(connection)
        if wait_patiently not in connection.execute_wrappers:
            connection.execute_wrappers.append(wait_patiently)


def set_timeout(connection, value):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [value])


def notice_lost_client(connection):
    """What the server's owners have decided stays."""
    with connection.cursor() as cursor:
        for name, value in LOST_CLIENT.items():
            cursor.execute(
                "SELECT set_config(name, %s, false) FROM pg_settings "
                "WHERE name = %s AND source = 'default'",
                [value, name],
            )


def wait_patiently(execute, sql, params, many, context):
    """CREATE INDEX CONCURRENTLY waits for older transactions, and makes nobody wait meanwhile."""
    connection = context["connection"]
    if connection.in_atomic_block or not CONCURRENTLY.match(str(sql)):
        return execute(sql, params, many, context)
    with no_lock_timeout(connection):
        return execute(sql, params, many, context)


@contextlib.contextmanager
def no_lock_timeout(connection):
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()[0]
    set_timeout(connection, "0")
    yield
    set_timeout(connection, before)


def leave_out_done(connection, migration):
    """Of several indexes an earlier try may have made some, or dropped some."""
    for operation in flat(migration.operations):
        if index_of(operation):
            operation.database_forwards = unless_done(connection, operation)


def unless_done(connection, operation):
    """Looks when it is the operation's turn: the migration may make an index and drop it again."""
    forwards, name = operation.database_forwards, index_of(operation)

    def forwards_unless_done(app_label, schema_editor, before, after):
        if type(operation).__name__.startswith("Remove"):
            is_done = not exists(connection, name)
        else:
            is_done = is_made(connection, before, app_label, operation)
        if is_done:
            print(f"  leaving out index {name}, which an earlier try did already", flush=True)
        else:
            forwards(app_label, schema_editor, before, after)

    return forwards_unless_done


def index_of(operation):
    """The name of the index that an operation of Django's makes or drops by itself."""
    if type(operation).__name__ not in ("AddIndexConcurrently", "RemoveIndexConcurrently"):
        return None
    return getattr(operation, "name", None) or operation.index.name


def exists(connection, name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [connection.ops.quote_name(name)])
        return cursor.fetchone()[0] is not None


def is_made(connection, state, app_label, operation):
    """Whether a plain index of this name, table and columns is there; others fail, and are told."""
    from django.core.exceptions import FieldDoesNotExist

    index = operation.index
    is_plain = index.fields and not (index.condition or index.include or index.opclasses)
    if not is_plain or index.suffix != "idx":
        return False
    try:
        options = state.apps.get_model(app_label, operation.model_name)._meta
        columns = [options.get_field(field).column for field, _ in index.fields_orders]
    except (LookupError, FieldDoesNotExist):
        return False
    with connection.cursor() as cursor:
        made = connection.introspection.get_constraints(cursor, options.db_table).get(index.name)
    wanted = {
        "columns": columns,
        "orders": [order or "ASC" for _, order in index.fields_orders],
        "unique": False,
        "type": index.suffix,
    }
    return bool(made) and {key: made.get(key) for key in wanted} == wanted


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
