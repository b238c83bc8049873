"""Whether this code can run on a schema that is newer than it: the guard of a rollback.

A release that goes back finds migrations applied that it does not know. Most of them only add;
some take away what its code needs, or demand what it does not give. Which of the two they did is
read from the tables themselves.
"""

from django.apps import apps
from django.db import connections, router
from django.db.migrations.loader import MigrationLoader


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
        f"back with the newer release: manage.py migrate {label} {' '.join(known)}"
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
            problems += [(options.app_label, why) for why in column_problems(options, columns)]
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


def column_problems(options, columns):
    table = options.db_table
    needed = {field.column for field in options.local_concrete_fields}
    present = {column.name for column in columns}
    for name in sorted(needed - present):
        yield f"no column {table}.{name}"
    for column in columns:
        filled = column.null_ok or column.default is not None
        if column.name not in needed and not filled and not getattr(column, "is_autofield", False):
            yield f"a column {table}.{column.name} that has to be given a value"
