"""Whether this code can run on a schema that is newer than it: the guard of a rollback.

A release that goes back finds migrations applied that it does not know. Most of them only add;
some take away what its code needs, or demand what it does not give. Which of the two they did is
read from the tables themselves. What they do not show is not seen: constraints, what values mean,
and types that are not clearly others.
"""

import re

from django.apps import apps
from django.db import connections, router
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

# Types that surely are of one kind: as fields ask PostgreSQL for them, and as introspection calls
# them. Code of one kind cannot use a column of another; within a kind only a length is too short.
KINDS = {
    "whole numbers": {
        *("smallint", "integer", "bigint", "smallserial", "serial", "bigserial"),
        *("SmallIntegerField", "IntegerField", "BigIntegerField"),
        *("SmallAutoField", "AutoField", "BigAutoField"),
    },
    "text": {"varchar", "text", "CharField", "TextField"},
    "dates": {"date", "timestamp", "DateField", "DateTimeField"},
}
# What keeps Django from writing a null of its own accord.
FILLED = ("primary_key", "generated", "auto_now", "auto_now_add")


def newer_schema_problem(alias):
    """Why this code cannot run on what newer migrations have made of the database, or None."""
    connection = connections[alias]
    loader = MigrationLoader(connection)
    unknown = [key for key in loader.applied_migrations if key not in loader.disk_migrations]
    # Rows of an application that is no longer installed say nothing of the others.
    labels = {label for label, _ in unknown} & loader.migrated_apps
    problems = schema_problems(alias, labels)
    if not problems:
        return None
    label = problems[0][0]
    newer = [name for app, name in sorted(unknown) if app == label]
    known = [name for _, name in loader.graph.leaf_nodes(label)]
    return (
        f"database '{alias}' has {label}.{newer[-1]}, which this release does not know, and "
        f"{problems[0][1]}: this code cannot run on it. Release newer code, or take the schema "
        f"back with the newer release: manage.py migrate {label} {' '.join(known)} (and delete "
        "its migration Job, or releasing it again would not migrate)"
    )


def schema_problems(alias, labels):
    """What the models of these applications need and the tables have not, as (label, reason)."""
    connection = connections[alias]
    problems = []
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor, include_views=True)
        for model in apps.get_models(include_auto_created=True):
            options = model._meta
            if options.app_label not in labels or not is_ours(alias, model):
                continue
            if options.db_table not in tables:
                problems.append((options.app_label, f"no table {options.db_table}"))
                continue
            columns = connection.introspection.get_table_description(cursor, options.db_table)
            reasons = column_problems(connection, options, columns)
            problems += [(options.app_label, reason) for reason in reasons]
    return problems


def is_ours(alias, model):
    options = model._meta
    # A name in quotes holds a schema too, which the database's catalogue does not list.
    return (
        options.managed
        and not options.proxy
        and not options.swapped
        and '"' not in options.db_table
        and router.allow_migrate_model(alias, model)
    )


def column_problems(connection, options, columns):
    table = options.db_table
    needed = {field.column: field for field in options.local_concrete_fields}
    present = {column.name for column in columns}
    for name in sorted(needed.keys() - present):
        yield f"no column {table}.{name}"
    for column in columns:
        field = needed.get(column.name)
        reason = unfit(connection, field, column) if field else demands(column)
        if reason:
            yield f"a column {table}.{column.name} that {reason}"


def demands(column):
    """Why rows of code that does not know the column are refused, or None."""
    filled = column.null_ok or column.default is not None
    if filled or getattr(column, "is_autofield", False):
        return None
    return "has to be given a value"


def unfit(connection, field, column):
    """Why the column does not take what the field holds, or None."""
    # Django writes the null itself, which no default of the column replaces.
    if may_write_null(field) and not column.null_ok:
        return "must not be null"
    # Others have types of the same name that mean something else.
    if connection.vendor != "postgresql":
        return None
    needed = field.db_type(connection) or ""
    kind, found = kind_of_type(needed), kind_of_column(connection, column)
    if kind and found and kind != found:
        return f"holds {found}, no {kind}"
    if kind == found == "text" and is_shorter(column.display_size, needed):
        return f"takes {column.display_size} characters at most"
    return None


def may_write_null(field):
    # A default of the database is newer than Django 4.2.
    has_default = (
        field.has_default() or getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED
    )
    return (
        field.null and not has_default and not any(getattr(field, name, False) for name in FILLED)
    )


def kind_of_type(database_type):
    # The whole of it: an array is no value of its items' type.
    name = re.fullmatch(r"([a-z]+)(\(\d+\)| .*)?", database_type)
    return kind_of(name and name[1])


def kind_of_column(connection, column):
    try:
        return kind_of(connection.introspection.get_field_type(column.type_code, column))
    except KeyError:
        return None


def kind_of(name):
    return next((kind for kind, names in KINDS.items() if name in names), None)


def is_shorter(size, database_type):
    """Whether a text column of this size is shorter than the type, which may have no length."""
    length = re.fullmatch(r"varchar\((\d+)\)", database_type)
    # One without a limit has none, or -1.
    return size is not None and size > 0 and (length is None or size < int(length[1]))
