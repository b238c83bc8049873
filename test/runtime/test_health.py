"""Probes by pod IP under WSGI and ASGI, internal paths, HTTPS behind a route."""

import re
import socket
import threading
import time
from http.cookies import SimpleCookie

import pytest

from cdk8s_django import terminate
from conftest import HOST, last_line, python

MIGRATE = ("-m", "cdk8s_django.migrate")
REDIRECTS = {"CDK8S_DJANGO_SSL_REDIRECT": "true"}


def test_probes_by_pod_ip(serve, kind, migrated):
    server = serve(kind, **migrated, **REDIRECTS)
    # The same host and scheme are refused everywhere else.
    assert server.probe("/questions").status in (301, 400)
    for path in ("/livez", "/readyz", "/startupz"):
        answer = server.probe(path, X_Forwarded_For="10.0.0.9")
        assert (answer.status, answer.text) == (200, "ok"), path
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "text/plain"
    assert server.probe("/readyz", method="HEAD").status == 200
    assert server.get("/questions").text == "0 questions"


def test_detail_only_for_the_pod_itself(serve, kind, database):
    server = serve(kind, **database)
    detail = server.probe("/readyz").json()
    assert detail["ok"] is False
    assert re.fullmatch(
        r"not migrated: contenttypes\.0001_initial, .* and \d+ more",
        detail["failures"]["database default"],
    )
    for header in ("X_Forwarded_For", "Forwarded"):
        answer = server.probe("/readyz", **{header: "for=127.0.0.1"})
        assert (answer.status, answer.text) == (503, "unavailable")
    assert server.probe("/livez").status == 200


def test_ready_turns_true_once_migrated_and_stays_with_a_newer_schema(serve, kind, database):
    server = serve(kind, **database)
    assert server.probe("/readyz").status == 503
    done = python(*MIGRATE, **database, TEST_MIGRATIONS="polls.migrations_next")
    assert done.returncode == 0, done.stderr
    time.sleep(1.1)
    assert server.probe("/readyz").status == 200
    # Each change has been logged once, with its reason.
    assert server.log.count("not ready: {'database default': 'not migrated") == 1
    assert server.log.count("ready again") == 1
    # Django's own line (and mail to ADMINS) for a 503 is not there.
    assert "Service Unavailable: /readyz" not in server.log


def test_unreachable_database_is_not_ready_but_alive(serve, kind, migrated):
    server = serve(kind, **{**migrated, "DATABASE_PORT": "1"})
    assert "refused" in server.probe("/readyz").json()["failures"]["database default"]
    assert server.probe("/livez").status == 200
    assert server.probe("/startupz").status == 200


def test_database_that_does_not_answer(serve, kind, migrated):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.listen()
        place = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(silent.getsockname()[1])}
        server = serve(kind, **{**migrated, **place}, CDK8S_DJANGO_READY_TIMEOUT="1")
        begun = time.monotonic()
        answer = server.probe("/readyz")
        assert time.monotonic() - begun < 2
        assert answer.status == 503
        assert server.probe("/livez").status == 200


def test_a_database_without_free_connections_is_up(monkeypatch, pod, migrated):
    from cdk8s_django import health

    class Full:
        vendor = "postgresql"

        def __init__(self):
            self.settings_dict = {"OPTIONS": {}}

        def copy(self):
            return self

        def cursor(self):
            raise health.connections["default"].error

        def close(self):
            pass

    full = Full()
    monkeypatch.setattr(health, "connections", {"default": full})
    pod(**migrated)
    refusal = 'connection to server at "x" failed: FATAL:  '
    full.error = Exception(f"{refusal}sorry, too many clients already")
    assert health.Readiness().check_database("default") is None
    full.error = Exception(f"{refusal}something else")
    assert health.Readiness().check_database("default") == "something else"


def test_many_probes_make_one_check_a_second(pod, monkeypatch):
    from cdk8s_django import health

    pod(CDK8S_DJANGO_TERMINATING_FILE="/nonexistent")
    readiness = health.Readiness()
    asked = []
    monkeypatch.setattr(health, "migration_aliases", lambda: asked.append(1) or [])
    threads = [threading.Thread(target=readiness) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert readiness() == {}
    assert len(asked) == 1


def test_a_check_that_cannot_begin_is_tried_again(pod, monkeypatch):
    """At the limit of processes no thread starts; that passes, and the pod must be ready then."""
    from cdk8s_django import health

    pod(CDK8S_DJANGO_TERMINATING_FILE="/nonexistent", CDK8S_DJANGO_READY_CHECKS="cache")
    readiness = health.Readiness()
    with monkeypatch.context() as full:

        def start(thread):
            raise RuntimeError("can't start new thread")

        full.setattr(threading.Thread, "start", start)
        for _ in range(2):
            assert "can't start new thread" in readiness()["checks"]
    assert readiness() == {}


def test_a_check_that_cannot_be_logged_does_not_end_the_checks(pod, monkeypatch):
    from cdk8s_django import health

    pod(CDK8S_DJANGO_TERMINATING_FILE="/nonexistent", CDK8S_DJANGO_READY_CHECKS="database")
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    readiness = health.Readiness()

    def tell(failures):
        raise ValueError("a filter of the application")

    monkeypatch.setattr(readiness.log, "tell", tell)
    monkeypatch.setattr(health, "migration_aliases", lambda: 1 / 0)
    assert "division by zero" in readiness()["checks"]
    readiness.finished_at -= 1
    monkeypatch.setattr(health, "migration_aliases", lambda: [])
    assert readiness() == {}


def test_checks_can_be_chosen(serve, database):
    server = serve(**database, CDK8S_DJANGO_READY_CHECKS="database")
    assert server.probe("/readyz").status == 200


def test_cache_that_was_configured_counts(serve, migrated):
    server = serve(**migrated, CACHE_URL="redis://127.0.0.1:1/0")
    assert "Connection" in server.probe("/readyz").json()["failures"]["cache"]
    without = serve(
        **migrated,
        CACHE_URL="redis://127.0.0.1:1/0",
        CDK8S_DJANGO_READY_CHECKS="database,migrations",
    )
    assert without.probe("/readyz").status == 200


def test_started_needs_the_urlconf(serve, kind, migrated):
    server = serve(kind, **migrated, TEST_URLCONF="mysite.broken_urls")
    answer = server.probe("/startupz")
    assert answer.status == 503
    assert answer.json()["failures"]["urlconf"].startswith(
        "no module named 'no_such_views': it is missing from the image or misspelt ("
    )
    assert "not started: no module named 'no_such_views'" in server.log
    assert server.probe("/livez").status == 200


def test_terminating_pod_is_not_ready_but_serves(serve, kind, migrated, tmp_path):
    marker = tmp_path / "marker"
    server = serve(kind, **migrated, CDK8S_DJANGO_TERMINATING_FILE=str(marker))
    assert server.probe("/readyz").status == 200
    begun = time.monotonic()
    done = python(
        *("-m", "cdk8s_django.terminate", "--sleep", "1"), CDK8S_DJANGO_TERMINATING_FILE=str(marker)
    )
    assert done.returncode == 0
    assert time.monotonic() - begun >= 1
    assert server.probe("/readyz").json()["failures"] == {"process": "terminating"}
    assert server.probe("/livez").status == 200
    assert server.get("/questions").status == 200
    # The marker that a container left behind says nothing of the one that replaced it.
    marker.write_text("1")
    assert server.probe("/readyz").status == 200


def test_containers_differ_in_their_root_where_they_share_the_first_process(tmp_path):
    """As with `shareProcessNamespace`."""

    def container(mount):
        for folder in ("1", "self"):
            (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / "1" / "stat").write_text("1 (pause) S" + 18 * " 0" + " 4711 0")
        others = "20 19 0:5 / /proc rw - proc proc rw\n"
        (tmp_path / "self" / "mountinfo").write_text(f"{others}{mount}\n")
        return terminate.container(str(tmp_path))

    first = container("31 19 0:40 / / rw - overlay overlay rw,upperdir=/snapshots/7/fs")
    again = container("31 19 0:40 / / rw - overlay overlay rw,upperdir=/snapshots/7/fs")
    other = container("31 19 0:40 / / rw - overlay overlay rw,upperdir=/snapshots/8/fs")
    assert first == again
    assert first != other
    assert first == "4711 31 overlay overlay rw,upperdir=/snapshots/7/fs"


def test_terminate_starts_without_django():
    code = "import sys, cdk8s_django.terminate; print('django' in sys.modules)"
    assert python("-c", code).stdout == "False\n"


def test_internal_paths(serve, kind, migrated):
    server = serve(kind, **migrated, **REDIRECTS, CDK8S_DJANGO_INTERNAL_PATHS="/metrics, /inner/")
    # By pod IP, over HTTP: as the route's host, over HTTPS.
    assert server.probe("/metrics").json() == {"host": HOST, "secure": True}
    assert server.probe("/metrics?x=1").status == 200
    for header in ("X_Forwarded_For", "Forwarded"):
        assert server.get("/metrics", **{header: "203.0.113.7"}).status == 404
        assert server.get("/inner/x", **{header: "203.0.113.7"}).status == 404
    # Only the path itself and what is below it.
    assert server.probe("/metrics2").status in (301, 400)
    assert server.get("/metrics2", X_Forwarded_For="203.0.113.7").status == 404


def test_without_internal_paths_nothing_is_special(serve, migrated):
    server = serve(**migrated)
    assert server.probe("/metrics").status == 400
    assert server.get("/metrics", X_Forwarded_For="203.0.113.7").status == 200


def test_redirect_and_hsts(serve, kind, migrated):
    server = serve(kind, **migrated, **REDIRECTS, CDK8S_DJANGO_HSTS_SECONDS="600")
    answer = server.get("/questions", https=False)
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{HOST}/questions"
    assert server.get("/questions").headers["Strict-Transport-Security"] == "max-age=600"


def cookies(answer):
    jar = SimpleCookie()
    for header in answer.headers.get_all("Set-Cookie", []):
        jar.load(header)
    return jar


def test_csrf_over_forwarded_https(serve, kind, migrated):
    server = serve(kind, **migrated)
    page = server.get("/form")
    jar = cookies(page)
    assert jar["csrftoken"]["secure"] is True
    form = {
        "method": "POST",
        "body": {"csrfmiddlewaretoken": page.text},
        "Cookie": f"csrftoken={jar['csrftoken'].value}",
    }
    assert server.get("/form", Origin=f"https://{HOST}", **form).text == "posted"
    assert server.get("/form", Referer=f"https://{HOST}/form", **form).text == "posted"
    # As far as Django knows this one came over HTTP.
    assert server.get("/form", https=False, Origin=f"https://{HOST}", **form).status == 200
    for stranger in ({"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}, {}):
        assert server.get("/form", **stranger, **form).status == 403


def test_csrf_needs_the_header_of_the_route(serve, migrated):
    """What goes wrong without the overlay: https in Origin, http in Django."""
    server = serve(
        **migrated, CDK8S_DJANGO_BEHIND_ROUTE="false", CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS=None
    )
    page = server.get("/form")
    token = cookies(page)["csrftoken"].value
    answer = server.get(
        "/form",
        method="POST",
        body={"csrfmiddlewaretoken": page.text},
        Cookie=f"csrftoken={token}",
        Origin=f"https://{HOST}",
    )
    assert answer.status == 403


def test_key_rotation_keeps_sessions(serve, migrated):
    """Signed in with the old key, still signed in with the new one."""
    admin = {
        "DJANGO_SUPERUSER_USERNAME": "rotating",
        "DJANGO_SUPERUSER_EMAIL": "r@example.com",
        "DJANGO_SUPERUSER_PASSWORD": "p",
    }
    assert python("-m", "cdk8s_django.create_superuser", **migrated, **admin).returncode == 0
    old, new = ("k" * 60, "n" * 60)
    before = serve(**migrated, SECRET_KEY=old)
    token = cookies(before.get("/admin/login/"))["csrftoken"].value
    answer = before.get(
        "/admin/login/",
        method="POST",
        body={"username": "rotating", "password": "p", "csrfmiddlewaretoken": token},
        Cookie=f"csrftoken={token}",
        Origin=f"https://{HOST}",
    )
    assert answer.status == 302, answer.text
    session = cookies(answer)["sessionid"]
    assert session["secure"] is True
    cookie = f"sessionid={session.value}"
    assert before.get("/admin/", Cookie=cookie).status == 200
    # Without the fallback the user would have to sign in again.
    assert serve(**migrated, SECRET_KEY="x" * 60).get("/admin/", Cookie=cookie).status == 302
    after = serve(**migrated, SECRET_KEY=new, CDK8S_DJANGO_SECRET_KEY_FALLBACKS=f"{old}\nolder")
    assert after.get("/admin/", Cookie=cookie).status == 200


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (
            {"DJANGO_SUPERUSER_PASSWORD": "p"},
            "'DJANGO_SUPERUSER_USERNAME' is missing; give it by environment or secretEnvironment "
            "of the DjangoApp",
        ),
        (
            {
                "DJANGO_SUPERUSER_USERNAME": "u",
                "DJANGO_SUPERUSER_PASSWORD": "p",
                "DJANGO_SUPERUSER_EMAIL": "nobody",
            },
            "'DJANGO_SUPERUSER_EMAIL': Enter a valid email address.",
        ),
    ],
)
def test_superuser_errors(migrated, variables, line):
    done = python("-m", "cdk8s_django.create_superuser", **migrated, **variables)
    assert (done.returncode, done.stderr) == (1, f"error: environment variable {line}\n")


def test_superuser_is_created_once(migrated):
    def create(password):
        return python(
            *("-m", "cdk8s_django.create_superuser"),
            **migrated,
            DJANGO_SUPERUSER_USERNAME="first",
            DJANGO_SUPERUSER_EMAIL="f@example.com",
            DJANGO_SUPERUSER_PASSWORD=password,
        )

    assert create("one").stdout == "superuser 'first' created\n"
    assert create("two").stdout == "superuser 'first' exists already: nothing to do\n"
    code = (
        "import django; django.setup(); from django.contrib.auth import authenticate;"
        "print([bool(authenticate(username='first', password=p)) for p in ('one', 'two')])"
    )
    assert last_line(python("-c", code, **migrated).stdout) == "[True, False]"


def test_superuser_needs_no_mail_address(migrated):
    done = python(
        *("-m", "cdk8s_django.create_superuser"),
        **migrated,
        DJANGO_SUPERUSER_USERNAME="alone",
        DJANGO_SUPERUSER_PASSWORD="p",
    )
    assert (done.returncode, done.stdout) == (0, "superuser 'alone' created\n"), done.stderr
    code = (
        "import django; django.setup(); from django.contrib.auth.models import User;"
        "user = User.objects.get(username='alone'); print([user.email, user.is_superuser])"
    )
    assert last_line(python("-c", code, **migrated).stdout) == "['', True]"


OWN_USER = """
import django; django.setup()
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from cdk8s_django import create_superuser

class Users(models.Manager):
    def filter(self, **_):
        return self.none()

    def create_superuser(self, email, born, shoe_size, groups, password):
        print([email, str(born), shoe_size, groups, password])

class Member(AbstractBaseUser):
    email = models.EmailField(unique=True)
    born = models.DateField()
    shoe_size = models.IntegerField(null=True, blank=True)
    groups = models.ManyToManyField("auth.Group")
    objects = Users()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["born", "shoe_size", "groups"]

    class Meta:
        app_label = "polls"

django.contrib.auth.get_user_model = lambda: Member
create_superuser.run(create_superuser.main)
"""


def test_superuser_of_an_own_model():
    variables = {
        "DJANGO_SUPERUSER_USERNAME": "admin",
        "DJANGO_SUPERUSER_EMAIL": "a@example.com",
        "DJANGO_SUPERUSER_PASSWORD": "p",
        "DJANGO_SUPERUSER_GROUPS": "1, 2",
    }
    done = python("-c", OWN_USER, **variables)
    assert done.stderr == (
        "error: environment variable 'DJANGO_SUPERUSER_BORN' is missing; give it by environment "
        "or secretEnvironment of the DjangoApp\n"
    )
    done = python("-c", OWN_USER, **variables, DJANGO_SUPERUSER_BORN="1990-01-31")
    assert done.stdout == (
        "['a@example.com', '1990-01-31', None, ['1', '2'], 'p']\n"
        "superuser 'a@example.com' created\n"
    ), done.stderr


def test_a_page_that_a_probe_asks_for_stays_public(serve, kind, migrated):
    """[F14] Only metrics and internal paths are hidden from visitors."""
    server = serve(
        kind,
        **migrated,
        CDK8S_DJANGO_PROBED_PATHS="/questions",
        CDK8S_DJANGO_INTERNAL_PATHS="/metrics",
    )
    assert server.get("/questions", X_Forwarded_For="203.0.113.9").text == "0 questions"
    # A load balancer that names the address of the pod.
    assert server.probe("/questions").text == "0 questions"
    # A visitor who names one is refused, as at any other page.
    assert server.probe("/questions", X_Forwarded_For="203.0.113.9").status == 400
    assert server.get("/questions", host="evil.example").status == 400
    assert server.probe("/form").status == 400
    assert server.get("/metrics", X_Forwarded_For="203.0.113.9").status == 404


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        ("1", "203.0.113.9", "203.0.113.9"),
        # What the visitor claims goes: it stands before what the router adds.
        ("1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("2", "1.1.1.1, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("2", "2001:db8::1, 198.51.100.7", "2001:db8::1"),
        ("1", "203.0.113.9:4711", "203.0.113.9"),
        ("1", "[2001:db8::1]:4711", "2001:db8::1"),
        # No address, or fewer than proxies: the request did not come by the router.
        ("1", "unknown", None),
        ("2", "203.0.113.9", None),
        ("1", None, None),
    ],
)
def test_the_address_of_the_visitor(pod, proxies, header, seen):
    """[F49] REMOTE_ADDR is the visitor's, and no header makes it another one."""
    from django.http import HttpResponse
    from django.test import RequestFactory

    from cdk8s_django.middleware import FirstMiddleware

    pod(CDK8S_DJANGO_TRUSTED_PROXIES=proxies)
    given = {"HTTP_X_FORWARDED_FOR": header} if header else {}
    claims = {"HTTP_FORWARDED": "for=1.1.1.1", "HTTP_X_REAL_IP": "1.1.1.1"}
    request = RequestFactory().get("/", REMOTE_ADDR="10.244.0.2", **given, **claims)
    FirstMiddleware(lambda _: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == (seen or "10.244.0.2")
    assert request.META.get("HTTP_X_FORWARDED_FOR") == seen
    assert not [name for name in claims if name in request.META]


def test_the_address_stays_the_routers_unless_it_is_asked_for(serve, kind, migrated):
    """[F49] One variable, under WSGI and ASGI."""
    for variables, seen in (
        ({}, "127.0.0.1"),
        ({"CDK8S_DJANGO_TRUSTED_PROXIES": "1"}, "203.0.113.9"),
    ):
        server = serve(kind, **migrated, **variables)
        assert server.get("/address", X_Forwarded_For="1.1.1.1, 203.0.113.9").text == seen


PREFIX = {"CDK8S_DJANGO_PATH_PREFIX": "/app"}


def test_below_a_prefix(serve, kind, migrated, tmp_path):
    """[F25] Pages, probes, redirects, links and static files, from one variable."""
    media = tmp_path / "media"
    media.mkdir()
    (media / "a.png").write_text("a.png")
    server = serve(
        kind,
        **migrated,
        **PREFIX,
        CDK8S_DJANGO_MEDIA_ROOT=str(media),
        CDK8S_DJANGO_MEDIA_URL="/media/",
        CDK8S_DJANGO_SERVE_MEDIA="true",
        CDK8S_DJANGO_INTERNAL_PATHS="/app/metrics",
    )
    for path in ("/livez", "/readyz", "/startupz", "/app/readyz"):
        assert server.probe(path).status == 200, path
    assert server.get("/app/questions").text == "0 questions"
    assert server.get("/app/paths").json() == {
        "path": "/app/paths",
        "info": "/paths",
        "link": "/app/questions",
        "static": "/app/static/polls.css",
        "media": "/app/media/a.png",
    }
    admin = server.get("/app/admin/")
    assert (admin.status, admin.headers["Location"]) == (302, "/app/admin/login/?next=/app/admin/")
    assert server.get("/app/static/admin/css/base.css").status == 200
    assert server.get("/app/media/a.png").text == "a.png"
    assert server.get("/app/metrics", X_Forwarded_For="203.0.113.9").status == 404
    assert server.probe("/metrics").status == 200
    assert server.get("/app/app/questions").status == 404


@pytest.mark.parametrize("url", ["static/", "/static/", "/app/static/"])
def test_static_files_are_below_the_prefix(load, url):
    """[F25]"""
    assert load({"STATIC_URL": url}, **PREFIX)["STATIC_URL"] == "/app/static/"


@pytest.mark.parametrize("url", ["https://cdn.example/static/", "//cdn.example/static/"])
def test_static_files_of_another_host_have_no_prefix(load, url):
    """[F25]"""
    assert load({"STATIC_URL": url}, **PREFIX)["STATIC_URL"] == url
