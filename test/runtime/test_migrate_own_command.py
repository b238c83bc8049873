"""Applications that bring a migrate command of their own, such as django-tenants."""

import pytest
from test_migrate import MIGRATE, check

from conftest import python, sql

TENANTS = {"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.tenant_settings"}
UNFINISHED = "error: database 'default': the migrate command has not ended well yet"


def schemas(database):
    rows = sql("SELECT nspname FROM pg_namespace", database["DATABASE_NAME"])
    return {name for (name,) in rows} & {"anna", "boris"}


def test_f1_the_second_try_migrates_the_tenants_that_the_first_left_out(database):
    """[F1]"""
    failing = {**database, **TENANTS, "TEST_FAILING_TENANT": "boris"}
    first = python(*MIGRATE, **failing)
    assert first.returncode == 1
    assert first.stderr == "error: the schema of tenant boris cannot be migrated\n"
    assert schemas(database) == {"anna"}
    second = python(*MIGRATE, **failing)
    assert (second.returncode, second.stderr) == (1, first.stderr)
    third = python(*MIGRATE, **database, **TENANTS)
    assert third.returncode == 0, third.stderr
    assert "calling the application's own migrate command" in third.stdout
    assert schemas(database) == {"anna", "boris"}


@pytest.mark.parametrize("end", ["TEST_FAILING_TENANT", "TEST_DYING_TENANT"])
def test_f1_the_gate_stays_closed_until_the_command_has_ended_well(database, end):
    """[F1]"""
    assert python(*MIGRATE, **database, **TENANTS, **{end: "boris"}).returncode in (1, 137)
    # Every migration is recorded in the public schema.
    assert check(**database, CDK8S_DJANGO_MIGRATION="another").returncode == 0
    refused = check(**database, **TENANTS)
    assert (refused.returncode, refused.stderr) == (1, f"{UNFINISHED}\n")
    waited = python(*MIGRATE, "--wait", "--timeout", "0", **database, **TENANTS)
    assert (waited.returncode, waited.stderr) == (1, f"{UNFINISHED}\n")

    assert python(*MIGRATE, **database, **TENANTS).returncode == 0
    assert check(**database, **TENANTS).returncode == 0
    assert python(*MIGRATE, "--wait", **database, **TENANTS).returncode == 0


def test_f1_the_record_is_of_one_release(database):
    """[F1] Pods of the release before start again while the Job of the next one fails."""
    job = {"CDK8S_DJANGO_JOB": "polls-migrate-5"}
    failed = python(*MIGRATE, **database, **TENANTS, **job, TEST_FAILING_TENANT="boris")
    assert failed.returncode == 1
    newer = check(**database, **TENANTS, CDK8S_DJANGO_MIGRATION="polls-migrate-5")
    assert newer.stderr == f"{UNFINISHED}\n"
    older = check(**database, **TENANTS, CDK8S_DJANGO_MIGRATION="polls-migrate-4")
    assert older.returncode == 0


def test_f1_a_comment_of_somebody_else_stays(database):
    """[F1]"""
    assert python(*MIGRATE, **database).returncode == 0
    sql("COMMENT ON TABLE django_migrations IS 'kept'", database["DATABASE_NAME"])
    assert python(*MIGRATE, **database, **TENANTS).returncode == 0
    [(comment,)] = sql(
        "SELECT obj_description('django_migrations'::regclass)", database["DATABASE_NAME"]
    )
    assert comment == "kept"


def test_djangos_own_command_leaves_no_record(database):
    assert python(*MIGRATE, **database).returncode == 0
    [(comment,)] = sql(
        "SELECT obj_description('django_migrations'::regclass)", database["DATABASE_NAME"]
    )
    assert comment is None
