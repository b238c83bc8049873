"""What the migrate command does beside the migrations that are recorded.

That of django-tenants migrates a schema for each tenant, and handlers of `post_migrate` make roles
or triggers. What is recorded says nothing of these, so a Job calls the command for them too, and
remembers until it has ended well that it has not. The comment of the table of migrations holds
that: no table of ours is needed.
"""

import weakref

from cdk8s_django.environment import text

MARK = "cdk8s-django: the migrate command has not ended well: "


def is_own():
    from django.core.management import get_commands

    return get_commands()["migrate"] != "django.core"


def work_left(connection):
    """Why to call the command though every migration is recorded, or None."""
    if is_own():
        return "calling the application's own migrate command"
    if (comment(connection, name_of_table(connection)) or "").startswith(MARK):
        return "calling the migrate command again, which has not ended well"
    if has_handlers():
        return "calling the application's handlers of pre_migrate and post_migrate"
    return None


def has_handlers():
    """Whether anybody but Django does something with each call of the command."""
    from django.db.models.signals import post_migrate, pre_migrate

    for signal in (pre_migrate, post_migrate):
        # A list that differs from release to release in what follows these two.
        for _, handler, *_ in signal.receivers:
            handler = handler() if isinstance(handler, weakref.ReferenceType) else handler
            if not getattr(handler, "__module__", "").startswith("django."):
                return True
    return False


def begin(connection):
    """Remembers that the command of this Job has begun; returns the table that says so, or None."""
    from django.db import DatabaseError
    from django.db.migrations.recorder import MigrationRecorder

    if connection.vendor != "postgresql":
        return None
    try:
        MigrationRecorder(connection).ensure_schema()
        place = table(connection)
        if not (comment(connection, place) or MARK).startswith(MARK):
            return None
        set_comment(connection, place, MARK + text("CDK8S_DJANGO_JOB"))
        return place
    except DatabaseError:
        # Of a role that does not own the table: the command says what it lacks, if anything.
        return None


def end(connection, place):
    if place and (comment(connection, place) or "").startswith(MARK):
        set_comment(connection, place, "")


def problem(connection):
    """That the command of this release's Job has begun and not ended well, or None."""
    begun = MARK + text("CDK8S_DJANGO_MIGRATION")
    if comment(connection, name_of_table(connection)) != begun:
        return None
    return "the migrate command has not ended well yet"


def name_of_table(connection):
    """The table of migrations; None where there is none to comment."""
    from django.db.migrations.recorder import MigrationRecorder

    if connection.vendor != "postgresql":
        return None
    return connection.ops.quote_name(MigrationRecorder.Migration._meta.db_table)


def table(connection):
    """The same with its schema: a command for tenants leaves the connection in another one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%%I.%%I', nspname, relname) FROM pg_class "
            "JOIN pg_namespace n ON n.oid = relnamespace WHERE pg_class.oid = to_regclass(%s)",
            [name_of_table(connection)],
        )
        found = cursor.fetchone()
    return found and found[0]


def comment(connection, place):
    if not place:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [place])
        return cursor.fetchone()[0]


def set_comment(connection, place, value):
    with connection.cursor() as cursor:
        # COMMENT takes no parameters; names of Jobs have no quotes.
        cursor.execute(f"COMMENT ON TABLE {place} IS '{value}'".replace("%", "%%"))
