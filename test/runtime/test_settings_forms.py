"""Settings in every form in use: a row of the table in docs/guide/12-settings.md each."""

import json
import sys

import pytest

from conftest import HOST, PROJECT, SERVERS, last_line, python

SHOW = """
import json
from django.conf import settings
from django.test import override_settings
print(json.dumps({
    "form": settings.FORM,
    "debug": settings.DEBUG,
    "key": settings.SECRET_KEY,
    "hosts": list(settings.ALLOWED_HOSTS),
    "origins": list(settings.CSRF_TRUSTED_ORIGINS),
    "host": settings.DATABASES["default"]["HOST"],
    "engine": settings.DATABASES["default"]["ENGINE"],
    "first": settings.MIDDLEWARE[0],
    "proxy": list(settings.SECURE_PROXY_SSL_HEADER),
    "module": settings.SETTINGS_MODULE,
}))
"""
FORMS = {
    "plain": ("forms.plain", {}),
    "split": ("forms.split", {"STAGE": "production"}),
    "django-environ": ("forms.with_environ", {}),
    "python-decouple": ("forms.with_decouple", {}),
    "pydantic-settings": ("forms.with_pydantic", {}),
    "django-configurations": ("forms.with_classes", {"DJANGO_CONFIGURATION": "Production"}),
    "dynaconf": ("forms.with_dynaconf", {"STAGE": "production"}),
    "files": ("forms.with_files", {"KEY_FILE": str(PROJECT / "forms" / "settings.json")}),
}


@pytest.fixture(params=list(FORMS))
def form(request):
    module, variables = FORMS[request.param]
    return request.param, {"CDK8S_DJANGO_SETTINGS_MODULE": module, **variables}


def test_the_values_of_the_pod_count_in_every_form(form, migrated):
    """[F5] [F6] [F7] Whatever package reads the settings, and whatever it does to os.environ."""
    name, variables = form
    done = python("-m", "django", "shell", "-c", SHOW, **migrated, **variables)
    assert done.returncode == 0, done.stderr
    assert json.loads(last_line(done.stdout)) == {
        "form": name,
        "debug": False,
        "key": "the-key-of-the-pods-0123456789-abcdefghijklmnopqrstuvwxyz",
        "hosts": [HOST],
        "origins": [f"https://{HOST}"],
        "host": "localhost",
        "engine": "django.db.backends.postgresql",
        "first": "cdk8s_django.middleware.FirstMiddleware",
        "proxy": ["HTTP_X_FORWARDED_PROTO", "https"],
        "module": "cdk8s_django.settings",
    }


@pytest.mark.parametrize("fixed", [False, True])
def test_code_that_imports_the_settings_module_itself_sees_the_pods_values(tmp_path, fixed):
    """[F5] An object with fixed attributes in place of the module stays as it is."""
    (tmp_path / "direct.py").write_text(
        "import sys\nDEBUG = True\nALLOWED_HOSTS = []\nOWN = 1\n"
        "class Fixed:\n    __slots__ = ()\n    DEBUG = True\n    ALLOWED_HOSTS = []\n    OWN = 1\n"
        + ("sys.modules[__name__] = Fixed()\n" if fixed else "")
    )
    code = (
        f"import sys; sys.path.insert(0, '{tmp_path}')\nimport django; django.setup()\n"
        "import direct\nfrom django.conf import settings\n"
        "print(direct.DEBUG, direct.ALLOWED_HOSTS, direct.OWN, settings.DEBUG, settings.OWN)"
    )
    done = python("-c", code, CDK8S_DJANGO_SETTINGS_MODULE="direct")
    seen = "True []" if fixed else f"False ['{HOST}']"
    assert done.stdout == f"{seen} 1 False 1\n", done.stderr


def test_jobs_and_gates_run_in_every_form(form, migrated):
    """[F5] The migration of a release, and what waits for it."""
    for arguments in (["--wait", "--timeout", "5"], []):
        done = python("-m", "cdk8s_django.migrate", *arguments, **migrated, **form[1])
        assert done.returncode == 0, done.stderr


def test_a_replica_serves_in_every_form(form, migrated, serve, monkeypatch):
    """[F5] With a wsgi.py that installs the importer of django-configurations itself."""
    name, variables = form
    if name == "django-configurations":
        monkeypatch.setitem(
            SERVERS, "wsgi", [*SERVERS["wsgi"][:-1], "forms.classes_wsgi:application"]
        )
    server = serve(**migrated, **variables)
    assert server.probe("/readyz").status == 200
    assert server.get("/questions").text == "0 questions"


def test_what_wsgi_py_loads_over_the_environment(migrated, serve, monkeypatch):
    """[F7] The pod's values count, and what the settings need of wsgi.py is there."""
    monkeypatch.setitem(SERVERS, "wsgi", [*SERVERS["wsgi"][:-1], "forms.dotenv_wsgi:application"])
    server = serve(**migrated, CDK8S_DJANGO_SETTINGS_MODULE="forms.split")
    # The database of the pod answers, and no cache is laid that the pod does not have.
    assert "redis" not in server.log
    assert server.probe("/readyz").status == 200
    assert server.get("/questions").text == "0 questions"


def test_settings_that_are_a_class_without_its_name():
    """[F5] One line says what is missing."""
    done = python(
        *("-m", "cdk8s_django.migrate", "--check"),
        CDK8S_DJANGO_SETTINGS_MODULE="forms.with_classes",
    )
    assert last_line(done.stderr).endswith(
        "settings that are a class need environment: { DJANGO_CONFIGURATION: '…' } with its name"
    )


def test_a_list_that_the_settings_demand_under_a_common_name(load, monkeypatch):
    """[F6] One line says that the variable is the application's, and how to give it."""
    done = python(
        *("-m", "cdk8s_django.migrate", "--check"),
        CDK8S_DJANGO_SETTINGS_MODULE="forms.demands_hosts",
    )
    assert last_line(done.stderr).endswith(
        "; pods have no ALLOWED_HOSTS: give it as the settings read it, "
        "environment: { ALLOWED_HOSTS: '…' }"
    )


@pytest.mark.parametrize(
    "mischief",
    [
        "os.environ.clear()",
        "os.environ.update(dict.fromkeys(os.environ, 'changed'))",
        "os.environ = {}",
        "os.environ['SECRET_KEY'] = 'changed'; os.environ['CDK8S_DJANGO_ALLOWED_HOSTS'] = '*'",
        "os.environ.pop('SECRET_KEY'); os.putenv('SECRET_KEY', 'changed')",
    ],
)
def test_the_values_are_those_of_before_the_import(pod, monkeypatch, tmp_path, mischief):
    """[F7] Whatever the settings module does to the environment."""
    import os

    from cdk8s_django import overlay

    (tmp_path / "mischief.py").write_text(f"import os\n{mischief}\nSECRET_KEY = 'own'\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mischief", raising=False)
    monkeypatch.setattr(os, "environ", os.environ)
    kept = dict(os.environ)
    pod(CDK8S_DJANGO_SETTINGS_MODULE="mischief", CELERY_BROKER_URL="redis://queue/0")
    try:
        values = overlay.load()
        assert os.environ["CELERY_BROKER_URL"] == "redis://queue/0"
    finally:
        os.environ.update(kept)
    assert values["SECRET_KEY"].startswith("the-key-of-the-pods")
    assert values["ALLOWED_HOSTS"] == [HOST]
    assert values["CELERY_BROKER_URL"] == "redis://queue/0"
    assert values["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
