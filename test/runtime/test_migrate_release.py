"""A migration Job whose release is not the present one any more leaves the schema alone."""

import pytest
from test_migrate import MIGRATE, NEXT

from conftest import api_server, environment, python, sql

JOB = "polls-migrate-5555555555"
OTHER = "polls-migrate-4444444444"
SERIES = {"TEST_MIGRATIONS": "polls.migrations_series"}


class Api:
    """The part of an API server that serves the application's ConfigMap."""

    def __init__(self):
        self.names = [JOB]  # the answers, the last one for ever
        self.requests = []
        self.refusals = []
        self.commands = {}

    def answer(self, method, path, headers, body):
        self.requests.append((method, path))
        if self.refusals:
            return self.refusals.pop(0), {}
        name = self.names.pop(0) if len(self.names) > 1 else self.names[0]
        if name == "deleted":
            return 404, {}
        data = {"CDK8S_DJANGO_MIGRATION": name} if name else {}
        return 200, {"data": {**data, **self.commands}}


@pytest.fixture
def api(tmp_path):
    with api_server(Api(), tmp_path) as api:
        api.variables.update(CDK8S_DJANGO_JOB=JOB, CDK8S_DJANGO_CONFIG_MAP="polls")
        yield api


def applied(database):
    rows = sql(
        "SELECT name FROM django_migrations WHERE app = 'polls' ORDER BY id",
        database["DATABASE_NAME"],
    )
    return [name for (name,) in rows]


def test_the_job_of_the_present_release_migrates(api, migrated_copy):
    done = python(*MIGRATE, **migrated_copy, **SERIES, **api.variables)
    assert done.returncode == 0, done.stderr
    assert applied(migrated_copy) == ["0001_initial", "0002_votes", "0003_source"]
    # At the beginning, and before each of the two.
    assert api.requests == 3 * [("GET", "/api/v1/namespaces/polls/configmaps/polls")]


@pytest.mark.parametrize(
    "present, says",
    [
        (OTHER, f"names Job {OTHER}"),
        # A release that was made with an older version of the library.
        (None, "names no migration Job"),
        ("deleted", "names no migration Job"),
    ],
)
def test_f51_a_try_of_a_release_that_was_left_changes_nothing(api, migrated_copy, present, says):
    """[F51]"""
    api.names = [present]
    done = python(*MIGRATE, **migrated_copy, **NEXT, **api.variables)
    # The code by which the Job fails without another try.
    assert done.returncode == 79
    assert done.stderr == (
        f"error: Job {JOB} is of a release that is not the present one any more: ConfigMap 'polls' "
        f"{says}. This try has changed nothing. To release it again, delete the Job (kubectl "
        f"delete job {JOB}) and apply its manifests\n"
    )
    assert applied(migrated_copy) == ["0001_initial"]


def test_f51_a_release_that_is_left_applies_no_further_migration(api, migrated_copy):
    """[F51]"""
    api.names = [JOB, JOB, OTHER]
    done = python(*MIGRATE, **migrated_copy, **SERIES, **api.variables)
    assert done.returncode == 79
    assert "applied 1 migrations in this try, and does not apply polls.0003_source." in done.stderr
    assert applied(migrated_copy) == ["0001_initial", "0002_votes"]
    # Released again, it goes on where it stopped.
    api.names = [JOB]
    assert python(*MIGRATE, **migrated_copy, **SERIES, **api.variables).returncode == 0
    assert applied(migrated_copy)[-1] == "0003_source"


def test_f51_a_command_of_the_applications_own_asks_before_each_migration(api, migrated_copy):
    """[F51]"""
    api.names = [JOB, JOB, OTHER]
    tenants = {**SERIES, "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.tenant_settings"}
    done = python(*MIGRATE, **migrated_copy, **tenants, **api.variables)
    assert done.returncode == 79
    assert applied(migrated_copy) == ["0001_initial", "0002_votes"]


def test_the_config_map_may_come_a_moment_after_the_job(api, migrated_copy):
    api.names = [OTHER, OTHER, JOB]
    done = python(*MIGRATE, **migrated_copy, **NEXT, **api.variables)
    assert done.returncode == 0, done.stderr


def test_without_an_answer_nothing_is_migrated(api, migrated_copy):
    api.refusals = [403] * 100
    done = python(*MIGRATE, **migrated_copy, **NEXT, **api.variables, CDK8S_DJANGO_API_TIMEOUT="1")
    assert done.returncode == 1
    assert done.stderr == (
        "error: which release is present: GET of ConfigMap 'polls': 403 Forbidden; "
        "gave up after 1 s\n"
    )
    assert applied(migrated_copy) == ["0001_initial"]


def test_a_refusal_that_passes_is_waited_for(api, migrated_copy):
    api.refusals = [403]
    done = python(*MIGRATE, **migrated_copy, **NEXT, **api.variables)
    assert done.returncode == 0, done.stderr


def test_a_migration_by_hand_asks_nobody(migrated_copy):
    assert "CDK8S_DJANGO_JOB" not in environment(**migrated_copy)
    assert python(*MIGRATE, **migrated_copy, **NEXT).returncode == 0


COMMANDS = {
    "command": (["--deadline", "50", "shell", "--command", "print('it runs')"], "it runs"),
    "create_superuser": ([], "superuser 'admin' created"),
}
ADMINISTRATOR = {
    "DJANGO_SUPERUSER_USERNAME": "admin",
    "DJANGO_SUPERUSER_PASSWORD": "secret",
    "DJANGO_SUPERUSER_EMAIL": "a@b.example",
}


@pytest.mark.parametrize("module", COMMANDS)
def test_f51_a_command_of_a_release_that_was_left_does_not_run(api, migrated_copy, module):
    """[F51] As a migration, by the same ConfigMap."""
    arguments, says = COMMANDS[module]
    command = ("-m", f"cdk8s_django.{module}", *arguments)
    variables = {**migrated_copy, **ADMINISTRATOR, **api.variables}
    api.names = [OTHER]
    api.commands = {"CDK8S_DJANGO_COMMANDS": "polls-countries-1,polls-superuser-2"}
    done = python(*command, **{**variables, "CDK8S_DJANGO_JOB": "polls-countries-5"})
    # The code by which the Job fails without another try.
    assert done.returncode == 79
    assert done.stderr == (
        "error: Job polls-countries-5 is of a release that is not the present one any more: "
        f"ConfigMap 'polls' names Jobs {OTHER}, polls-countries-1, polls-superuser-2. This try has "
        "changed nothing. To release it again, delete the Job (kubectl delete job "
        "polls-countries-5) and apply its manifests\n"
    )
    assert says not in done.stdout
    # A moment later the ConfigMap of its own release is there.
    api.commands = {"CDK8S_DJANGO_COMMANDS": "polls-countries-5,polls-superuser-2"}
    done = python(*command, **{**variables, "CDK8S_DJANGO_JOB": "polls-countries-5"})
    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout


def test_f51_a_command_on_a_schedule_asks_nobody(migrated_copy):
    arguments, says = COMMANDS["command"]
    done = python("-m", "cdk8s_django.command", *arguments, **migrated_copy)
    assert says in done.stdout
