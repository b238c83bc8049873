"""[first try 12, 14] A variable that is missing names itself, its place and the option."""

import pytest

from cdk8s_django.errors import Failure, reason
from conftest import last_line, python

BY_ENVIRONMENT = "give it by environment or secretEnvironment of the DjangoApp"
BY_DATABASE = "give the DjangoApp database: new PostgresBackend(…)"

# Settings that ask for a variable, by the package that reads it.
READERS = {
    "os": "import os\nTOKEN = os.environ['{name}']\n",
    "django-environ": "import environ\nTOKEN = environ.Env()('{name}')\n",
    "python-decouple": "from decouple import config\nTOKEN = config('{name}')\n",
    "by hand": (
        "from django.core.exceptions import ImproperlyConfigured\n"
        "raise ImproperlyConfigured('Set the {name} environment variable')\n"
    ),
    "pydantic-settings": (
        "from pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    {name}: str\n"
        "TOKEN = Settings().{name}\n"
    ),
    "dynaconf": (
        "from dynaconf import Dynaconf, Validator\n"
        "Dynaconf(envvar_prefix=False, validators=[Validator('{name}', must_exist=True)])"
        ".validators.validate()\n"
    ),
}


def settings_error(tmp_path, source, *command, **variables):
    (tmp_path / "own_settings.py").write_text(source)
    path = python("-c", "import os; print(os.environ['PYTHONPATH'])").stdout.strip()
    done = python(
        *(command or ("-m", "cdk8s_django.migrate", "--check")),
        CDK8S_DJANGO_SETTINGS_MODULE="own_settings",
        PYTHONPATH=f"{path}:{tmp_path}",
        **variables,
    )
    assert done.returncode != 0
    return last_line(done.stderr)


@pytest.mark.parametrize("reader", READERS)
def test_the_option_is_named_whatever_reads_the_variable(reader, tmp_path):
    line = settings_error(tmp_path, READERS[reader].format(name="PAYMENT_TOKEN"))
    assert "PAYMENT_TOKEN" in line
    assert line.endswith("; " + BY_ENVIRONMENT), line
    assert line.count("DjangoApp") == 1


@pytest.mark.parametrize(
    "command", [("manage.py", "check"), ("-m", "cdk8s_django.create_superuser")]
)
def test_every_command_says_it(command, tmp_path):
    line = settings_error(tmp_path, READERS["os"].format(name="PAYMENT_TOKEN"), *command)
    assert "environment variable 'PAYMENT_TOKEN' is missing (" in line
    assert line.endswith("own_settings.py, line 2); " + BY_ENVIRONMENT)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("DATABASE_URL", BY_DATABASE),
        ("DATABASE_PASSWORD", BY_DATABASE),
        ("CACHE_URL", "give the DjangoApp cache"),
        ("CELERY_BROKER_URL", "give the DjangoApp celery: { broker: … }"),
        ("CHANNEL_LAYER_URL", "give the DjangoApp channelLayer"),
        ("DATA_FOLDER", BY_ENVIRONMENT),
        ("POSTGRES_HOST", BY_ENVIRONMENT),
    ],
)
@pytest.mark.parametrize("reader", ["os", "django-environ", "python-decouple", "by hand"])
def test_a_variable_of_the_library_names_the_option_that_gives_it(
    reader, name, option, monkeypatch
):
    monkeypatch.delenv(name, raising=False)
    with pytest.raises(Exception) as caught:
        exec(READERS[reader].format(name=name), {})
    assert reason(caught.value).endswith("; " + option)


def test_what_asks_for_no_variable_gets_no_option():
    for error in (
        ValueError("the invariable environment"),
        RuntimeError("PAYMENT_TOKEN is wrong"),
        Failure("environment variable 'A_B' is missing; its message is complete"),
        KeyError("PAYMENT_TOKEN"),
    ):
        assert "DjangoApp" not in reason(error)


def test_a_superuser_without_a_password_names_the_secret():
    done = python("-m", "cdk8s_django.create_superuser", DJANGO_SUPERUSER_USERNAME="anna")
    assert last_line(done.stderr) == (
        "error: the password is empty: fill the key of the Secret that addSuperuser has as "
        "password, delete this Job and apply again"
    )


def test_a_superuser_without_a_required_field_names_the_option():
    done = python(
        *("-m", "cdk8s_django.create_superuser"),
        DJANGO_SUPERUSER_PASSWORD="p",
    )
    assert last_line(done.stderr).endswith(
        "'DJANGO_SUPERUSER_USERNAME' is missing; " + BY_ENVIRONMENT
    )
