"""What Django's own check of a deployment finds, and the Content-Security-Policy."""

import os
import re
import subprocess
import sys
from pathlib import Path

import django
import pytest

from conftest import environment

ROOT = Path(__file__).parent.parent.parent
RUNTIME = ROOT / "src" / "runtime"
GUIDE = ROOT / "docs" / "guide" / "12-settings.md"


def check(folder, settings, **variables):
    """The ids of what `manage.py check --deploy` says, as a pod behind a route runs it."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        env=environment(
            PYTHONPATH=f"{RUNTIME}{os.pathsep}{folder}",
            CDK8S_DJANGO_SETTINGS_MODULE=settings,
            **variables,
        ),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert "System check identified" in done.stdout + done.stderr, done.stderr
    return sorted(re.findall(r"\((\w+\.[WE]\d+)\)", done.stdout + done.stderr))


@pytest.fixture
def bare(tmp_path):
    """What django-admin startproject makes."""
    folder = tmp_path / "bare"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "django", "startproject", "mysite", str(folder)],
        check=True,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return folder


# What older Djangos do not look for.
SINCE = {"mail.E001": (6, 1)}


def named():
    """The findings that the guide names, of those that this Django looks for."""
    found = re.findall(r"^\| `(\w+\.[WE]\d+)`", GUIDE.read_text(), re.MULTILINE)
    return sorted(one for one in found if SINCE.get(one, (4, 2)) <= django.VERSION)


def test_what_the_check_finds_is_named(bare):
    """Each has its reason in the guide, and no other is found."""
    assert check(bare, "mysite.settings") == named()


def test_what_was_decided_is_not_found(bare):
    """The options that the guide names are all that it takes."""
    hsts = {
        "CDK8S_DJANGO_HSTS_SECONDS": "31536000",
        "CDK8S_DJANGO_HSTS_INCLUDE_SUBDOMAINS": "true",
        "CDK8S_DJANGO_HSTS_PRELOAD": "true",
        "CDK8S_DJANGO_SSL_REDIRECT": "true",
    }
    # No option gives an application a mail server.
    assert check(bare, "mysite.settings", **hsts) == [one for one in named() if one in SINCE]


POLICY = {"CDK8S_DJANGO_CONTENT_SECURITY_POLICY": '{"default-src": ["\'self\'"]}'}


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django has it from 6.0 on")
def test_content_security_policy(serve, kind, migrated):
    server = serve(kind, **migrated, **POLICY)
    for path in ("/questions", "/admin/login/", "/nothing"):
        assert server.get(path).headers["Content-Security-Policy"] == "default-src 'self'", path
    assert serve(kind, **migrated).get("/questions").headers["Content-Security-Policy"] is None


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django has it from 6.0 on")
def test_an_own_content_security_policy_stays(load):
    own = {"default-src": ["https:"]}
    values = load({"SECURE_CSP": own, "MIDDLEWARE": []}, **POLICY)
    assert values["SECURE_CSP"] == own
    middleware = "django.middleware.csp.ContentSecurityPolicyMiddleware"
    assert values["MIDDLEWARE"].count(middleware) == 1
    values = load({"MIDDLEWARE": values["MIDDLEWARE"]}, **POLICY)
    assert values["MIDDLEWARE"].count(middleware) == 1


@pytest.mark.skipif(django.VERSION >= (6, 0), reason="Django has it from 6.0 on")
def test_a_django_without_content_security_policy(load):
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured) as caught:
        load({"MIDDLEWARE": []}, **POLICY)
    assert str(caught.value) == (
        "settingsOverlay.contentSecurityPolicy needs Django 6.0, and the image has "
        f"{django.__version__}: leave it out, or use a package such as django-csp"
    )
