"""What a Job that tries again finds half done: handlers, schemas of tenants, indexes."""

import os
import textwrap
import time

import pytest
from test_migrate import MIGRATE, check
from test_migrate_gate import gate, slow_report

from conftest import PROJECT, RUNTIME, python, sql


@pytest.fixture
def project(tmp_path):
    """project(settings, files) writes modules beside the project; the variables that use them."""

    def write(settings, files):
        (tmp_path / "own_settings.py").write_text(f"from mysite.settings import *\n{settings}\n")
        for name, source in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for folder in path.relative_to(tmp_path).parents:
                if folder.name:
                    (tmp_path / folder / "__init__.py").touch()
            path.write_text(textwrap.dedent(source))
        places = (RUNTIME, PROJECT, tmp_path)
        return {
            "CDK8S_DJANGO_SETTINGS_MODULE": "own_settings",
            "PYTHONPATH": os.pathsep.join(map(str, places)),
        }

    return write


ROLES = """
    import os
    from django.apps import AppConfig
    from django.db.models.signals import post_migrate

    def make_roles(**_):
        from django.contrib.auth.models import Group
        if "TEST_FAIL" in os.environ:
            raise RuntimeError("no roles")
        Group.objects.get_or_create(name=os.environ.get("TEST_ROLE", "editors"))

    class Roles(AppConfig):
        name = "roles"
        def ready(self):
            post_migrate.connect(make_roles, sender=self)
"""


def roles(database):
    return [name for (name,) in sql("SELECT name FROM auth_group", database["DATABASE_NAME"])]


def test_f1_a_handler_that_failed_after_the_migrations_is_called_again(database, project):
    """[F1] Each migration is recorded already, and pods wait all the same."""
    files = {"roles/apps.py": ROLES, "roles/models.py": ""}
    own = project("INSTALLED_APPS = [*INSTALLED_APPS, 'roles.apps.Roles']", files)
    first = python(*MIGRATE, **database, **own, TEST_FAIL="1")
    assert first.returncode == 1
    assert first.stderr.startswith("error: RuntimeError: no roles (")
    waited = python(*MIGRATE, "--wait", "--timeout", "0", **database, **own)
    assert waited.stderr == (
        "error: database 'default': the migrate command has not ended well yet\n"
    )
    assert python(*MIGRATE, **database, **own).returncode == 0
    assert roles(database) == ["editors"]
    assert check(**database, **own).returncode == 0
    # As `manage.py migrate` does with each release, also one that brings no migration.
    third = python(*MIGRATE, **database, **own, TEST_ROLE="authors")
    assert "calling the application's handlers of pre_migrate and post_migrate" in third.stdout
    assert sorted(roles(database)) == ["authors", "editors"]


def test_f1_a_try_that_was_killed_after_the_last_migration_is_done_again(migrated_copy):
    """[F1] Permissions and content types come after it."""
    name = migrated_copy["DATABASE_NAME"]
    sql("DELETE FROM auth_permission", name)
    mark = "cdk8s-django: the migrate command has not ended well: "
    sql(f"COMMENT ON TABLE django_migrations IS '{mark}'", name)
    done = python(*MIGRATE, **migrated_copy)
    assert "calling the migrate command again, which has not ended well" in done.stdout
    assert sql("SELECT count(*) > 0 FROM auth_permission", name) == [(True,)]


def test_f1_a_command_that_leaves_the_connection_in_a_tenants_schema(database, project):
    """[F1] As that of django-pgschemas does: the record is where it was begun."""
    source = """
        from django.core.management.commands.migrate import Command as Migrate
        from django.db import connections

        class Command(Migrate):
            def handle(self, *args, **options):
                super().handle(*args, **options)
                with connections[options["database"]].cursor() as cursor:
                    cursor.execute("CREATE SCHEMA IF NOT EXISTS anna")
                    cursor.execute("CREATE TABLE IF NOT EXISTS anna.django_migrations (id int)")
                    cursor.execute("SET search_path TO anna")
    """
    settings = "INSTALLED_APPS = ['schemas', *INSTALLED_APPS]"
    own = project(settings, {"schemas/management/commands/migrate.py": source})
    for _ in range(2):
        done = python(*MIGRATE, **database, **own)
        assert done.returncode == 0, done.stderr
        assert check(**database, **own).returncode == 0


def test_f1_a_role_that_does_not_own_the_table_of_migrations(migrated_copy, project):
    """[F1] Tables that somebody else made: it migrates, as `manage.py migrate` does."""
    name = migrated_copy["DATABASE_NAME"]
    role = f"guest_{name}"
    sql(f"CREATE ROLE {role} LOGIN PASSWORD 'testing'")
    try:
        sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}", name)
        sql(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}", name)
        files = {"roles/apps.py": ROLES, "roles/models.py": ""}
        own = project("INSTALLED_APPS = [*INSTALLED_APPS, 'roles.apps.Roles']", files)
        done = python(*MIGRATE, **{**migrated_copy, "DATABASE_USER": role}, **own)
        assert done.returncode == 0, done.stderr
        assert roles(migrated_copy) == ["editors"]
    finally:
        sql(f"DROP OWNED BY {role}", name)
        sql(f"DROP ROLE {role}")


ENGINE = """
    from django.db.backends.postgresql.base import DatabaseWrapper as Postgres
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor as Editor

    class SchemaEditor(Editor):
        sql_create_index = Editor.sql_create_index_concurrently

        def __init__(self, connection, collect_sql=False, atomic=True):
            super().__init__(connection, collect_sql=collect_sql, atomic=False)

    class DatabaseWrapper(Postgres):
        SchemaEditorClass = SchemaEditor
"""
FIRST = """
    import importlib
    Migration = importlib.import_module("polls.migrations.0001_initial").Migration
"""
INDEX = """
    from django.db import migrations, models
    from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently

    class Migration(migrations.Migration):
        atomic = {atomic}
        dependencies = [("polls", "0001_initial")]
        operations = {operations}
"""


def indexed(project, operations, atomic=False, engine=None):
    files = {
        "indexed/0001_initial.py": FIRST,
        "indexed/0002_index.py": INDEX.format(operations=operations, atomic=atomic),
        "careful/base.py": ENGINE,
    }
    settings = f"DATABASES = {{'default': {{'ENGINE': '{engine}'}}}}" if engine else ""
    return {
        **project(f"{settings}\nMIGRATION_MODULES = {{'polls': 'indexed'}}", files),
        "CDK8S_DJANGO_LOCK_TIMEOUT": "1",
    }


def add(name, field):
    return f"AddIndexConcurrently('question', models.Index(fields=['{field}'], name='{name}'))"


def indexes(database):
    rows = sql(
        "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid "
        "WHERE relname LIKE 'own_%'",
        database["DATABASE_NAME"],
    )
    return dict(rows)


def test_f2_an_engine_that_has_no_transaction_for_any_migration(migrated_copy, project):
    """[F2] As django-pg-zero-downtime-migrations: its indexes are built concurrently."""
    operations = "[migrations.AddIndex('question', models.Index(fields=['text'], name='own_text'))]"
    own = indexed(project, operations, atomic=True, engine="careful")
    with gate(*MIGRATE, **migrated_copy, **own) as migrating:
        with slow_report(migrated_copy):
            for _ in range(200):
                if indexes(migrated_copy) == {"own_text": False}:
                    break
                time.sleep(0.1)
            time.sleep(2.5)
            assert migrating.poll() is None
        _, stderr = migrating.communicate(timeout=60)
        assert migrating.returncode == 0, stderr
    assert indexes(migrated_copy) == {"own_text": True}


def test_f2_of_several_indexes_the_first_try_made_one(migrated_copy, project):
    """[F2] Without a transaction it stays, and would fail each further try."""
    name = migrated_copy["DATABASE_NAME"]
    operations = [
        add("own_text", "text"),
        "RemoveIndexConcurrently('question', 'own_text')",
        add("own_second", "text"),
        "migrations.RunSQL('SELECT * FROM is_there')",
        add("own_third", "id"),
    ]
    own = indexed(project, f"[{', '.join(operations)}]")
    first = python(*MIGRATE, **migrated_copy, **own)
    assert first.returncode == 1
    assert first.stderr.rstrip().endswith(
        ". polls.0002_index is not atomic: what a try did of it stays, and the next try does it "
        "again. Undo by hand what is there already"
    )
    assert indexes(migrated_copy) == {"own_second": True}
    sql("CREATE TABLE is_there (id int)", name)
    second = python(*MIGRATE, **migrated_copy, **own)
    assert second.returncode == 0, second.stderr
    assert "leaving out index own_second, which an earlier try did already" in second.stdout
    assert indexes(migrated_copy) == {"own_second": True, "own_third": True}


@pytest.mark.parametrize(
    "other",
    [
        "CREATE INDEX own_text ON polls_question (id)",
        "CREATE UNIQUE INDEX own_text ON polls_question (text)",
        "CREATE INDEX own_text ON polls_note (text)",
        "CREATE INDEX own_text ON polls_question (lower(text))",
        "CREATE INDEX own_text ON polls_question USING hash (text)",
    ],
)
def test_f2_another_index_of_that_name_is_not_taken_for_it(migrated_copy, project, other):
    """[F2] It fails as it does without the library, and says which."""
    sql(other, migrated_copy["DATABASE_NAME"])
    done = python(*MIGRATE, **migrated_copy, **indexed(project, f"[{add('own_text', 'text')}]"))
    assert done.returncode == 1
    assert 'relation "own_text" already exists' in done.stderr
