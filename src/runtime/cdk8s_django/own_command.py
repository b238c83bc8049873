"""A migrate command of the application's own, which may do more than the recorded migrations.

That of django-tenants migrates a schema for each tenant. What is recorded in one of them says
nothing of the others, so a Job always calls it, and remembers until it has ended well that it has
not. The comment of the table of migrations holds that: no table of ours is needed.
"""

from cdk8s_django.environment import text

MARK = "cdk8s-django: the migrate command has not ended well: "


def is_own():
    from django.core.management import get_commands

    return get_commands()["migrate"] != "django.core"


def begin(connection):
    """Remembers that the command of this Job has begun."""
    from django.db.migrations.recorder import MigrationRecorder

    if connection.vendor != "postgresql":
        return
    MigrationRecorder(connection).ensure_schema()
    if (comment(connection) or MARK).startswith(MARK):
        set_comment(connection, MARK + text("CDK8S_DJANGO_JOB"))


def end(connection):
    if connection.vendor == "postgresql" and (comment(connection) or "").startswith(MARK):
        set_comment(connection, "")


def problem(connection):
    """That the command of this release's Job has begun and not ended well, or None."""
    if connection.vendor != "postgresql" or not is_own():
        return None
    job = text("CDK8S_DJANGO_MIGRATION")
    if comment(connection) != MARK + job:
        return None
    return "the application's own migrate command has not ended well yet"


def table(connection):
    from django.db.migrations.recorder import MigrationRecorder

    return connection.ops.quote_name(MigrationRecorder.Migration._meta.db_table)


def comment(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [table(connection)])
        return cursor.fetchone()[0]


def set_comment(connection, value):
    with connection.cursor() as cursor:
        # COMMENT takes no parameters; names of Jobs have no quotes.
        cursor.execute(f"COMMENT ON TABLE {table(connection)} IS '{value}'".replace("%", "%%"))
