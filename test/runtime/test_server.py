"""Static and media files, logs, gunicorn, and what the log of a pod that cannot start ends with."""

import contextlib
import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT, SERVERS, environment, free_port, last_line, python

HASHED = "0123456789ab"


@pytest.fixture
def static_root(tmp_path):
    root = tmp_path / "static"
    (root / "css").mkdir(parents=True)
    (root / "css" / "site.css").write_text("body {}")
    (root / "css" / f"site.{HASHED}.css").write_text("body {}")
    (root / "unknown.zzz").write_text("?")
    (tmp_path / "secret.css").write_text("secret")
    return root


WAYS = ["own", "whitenoise"]


def way(name):
    if name == "own":
        return {}
    path = [os.environ["RUNTIME_TEST_WHITENOISE"], environment()["PYTHONPATH"]]
    return {"PYTHONPATH": os.pathsep.join(path)}


@pytest.mark.parametrize("name", WAYS)
def test_static_files(serve, kind, migrated, static_root, name):
    server = serve(kind, **migrated, **way(name), CDK8S_DJANGO_STATIC_ROOT=str(static_root))
    answer = server.get("/static/css/site.css")
    assert (answer.status, answer.text) == (200, "body {}")
    assert answer.headers["Content-Type"].replace('"', "") == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "max-age=60, public"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    unchanged = server.get("/static/css/site.css", If_None_Match=answer.headers["ETag"])
    assert (unchanged.status, unchanged.body) == (304, b"")
    since = answer.headers["Last-Modified"]
    assert server.get("/static/css/site.css", If_Modified_Since=since).status == 304
    head = server.get("/static/css/site.css", method="HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "7")
    for path in (
        "/static/../secret.css",
        "/static/%2e%2e/secret.css",
        "/static/css/../../secret.css",
        "/static/..%2fsecret.css",
        "/static//etc/passwd",
        "/static/",
        "/static/css",
        "/static/nothing.css",
    ):
        assert server.get(path).status == 404, path


def test_hashed_names_are_kept_for_ever(serve, kind, migrated, static_root):
    server = serve(kind, **migrated, CDK8S_DJANGO_STATIC_ROOT=str(static_root))
    answer = server.get(f"/static/css/site.{HASHED}.css")
    assert answer.headers["Cache-Control"] == "max-age=31536000, immutable, public"
    answer = server.get("/static/unknown.zzz")
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("name", WAYS)
def test_static_files_of_a_bare_project(serve, migrated, name):
    """No STATIC_ROOT and no collectstatic, as django-admin startproject leaves it."""
    server = serve(**migrated, **way(name))
    assert server.get("/static/admin/css/base.css").status == 200
    assert "admin/css/base.css" in server.get("/admin/login/").text


def test_static_can_be_left_to_others(serve, migrated):
    server = serve(**migrated, CDK8S_DJANGO_SERVE_STATIC="false")
    assert server.get("/static/admin/css/base.css").status == 404


@pytest.fixture
def media(tmp_path):
    root = tmp_path / "media"
    root.mkdir()
    for name in ("a.png", "a.svg", "a.html", "a.pdf", "a.js", "noext", "a.tar.gz", "a b%.txt"):
        (root / name).write_bytes(name.encode())
    (root / "big.mp4").write_bytes(os.urandom(300_000))
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "media2").mkdir()
    (tmp_path / "media2" / "x.txt").write_text("secret")
    return {
        "CDK8S_DJANGO_MEDIA_ROOT": str(root),
        "CDK8S_DJANGO_MEDIA_URL": "/media/",
        "CDK8S_DJANGO_SERVE_MEDIA": "true",
    }


def test_media(serve, kind, migrated, media):
    server = serve(kind, **migrated, **media)
    shown = server.get("/media/a.png")
    assert (shown.status, shown.text) == (200, "a.png")
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in shown.headers
    assert "Content-Disposition" not in server.get("/media/a.pdf").headers
    assert server.get("/media/a%20b%25.txt").text == "a b%.txt"
    # What could run as a script of this site is only downloaded.
    for name in ("a.svg", "a.html", "a.js", "noext", "a.tar.gz"):
        answer = server.get(f"/media/{name}")
        assert answer.status == 200
        assert answer.headers["Content-Disposition"] == "attachment", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    big = server.get("/media/big.mp4")
    assert len(big.body) == 300_000 == int(big.headers["Content-Length"])
    assert server.get("/media/a.png", If_None_Match=shown.headers["ETag"]).status == 304
    for path in (
        "/media/../secret.txt",
        "/media/%2e%2e/secret.txt",
        "/media/..%2fmedia2%2fx.txt",
        "/media//etc/passwd",
        "/media/%2fetc%2fpasswd",
        "/media/link.txt",
        "/media/",
        "/media/%00",
        "/media/nothing",
    ):
        assert server.get(path).status == 404, path
    assert server.get("/media/a.png", method="POST").status in (403, 404)


GUARDED = {"TEST_URLCONF": "mysite.guarded_urls"}


def test_media_never_shadows_what_the_urlconf_routes(serve, kind, migrated, media):
    """[F31] Uploads that a view of the application guards stay guarded."""
    server = serve(kind, **migrated, **media, **GUARDED)
    assert server.probe("/startupz").status == 200
    # By a view below MEDIA_URL, which asks for a login.
    assert server.get("/media/a.pdf").status == 302
    assert server.get("/media/a.tar.gz").status == 403
    # What nothing routes is served.
    assert server.get("/media/a.png").text == "a.png"
    assert server.log.count("the URLconf routes 'media/<name>.pdf' below MEDIA_URL") == 1
    # By the URLconf that a middleware chooses for the request.
    assert server.get("/media/a.png", X_Urlconf="mysite.tenant_urls").status == 403
    # By a middleware that lets nobody in.
    assert server.get("/media/a.png", X_Wall="up").status == 403


def test_routes_that_the_overlay_answers_for_are_named_at_start(serve, kind, migrated):
    """[F31] Static files and health endpoints come before the application's routes, with a word."""
    server = serve(kind, **migrated, **GUARDED)
    server.probe("/startupz")
    server.probe("/startupz")
    assert (
        server.log.count("the overlay answers /readyz, not the application's route '^readyz/?$'")
        == 1
    )
    assert server.log.count("the application's route 'static/private/<name>' below /static/") == 1
    # It has a path of its own.
    assert "/livez, not" not in server.log
    assert server.get("/livez/").status == 403
    # Nothing of the sort without such routes.
    plain = serve(kind, **migrated)
    plain.probe("/startupz")
    assert "route" not in plain.log


def test_media_is_not_served_unasked(serve, migrated, media):
    server = serve(**{**migrated, **media, "CDK8S_DJANGO_SERVE_MEDIA": "false"})
    assert server.get("/media/a.png").status == 404


def entries(server):
    """The whole log, every line of which must be one JSON object."""
    server.stop()
    return [json.loads(line) for line in server.log.splitlines() if line]


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_json_logs(serve, migrated):
    server = serve(**migrated, CDK8S_DJANGO_LOG_FORMAT="json", TEST_DEBUG="1")
    server.get("/log?a=b", traceparent=TRACE, User_Agent="tester", X_Forwarded_For="203.0.113.9")
    server.get("/no-such-page")
    server.probe("/readyz")
    logged = entries(server)
    (ours,) = [entry for entry in logged if entry["logger"] == "polls"]
    assert ours["message"] == "it is broken"
    assert ours["level"] == "ERROR"
    assert ours["order"] == 7
    assert ours["exception"].endswith("ValueError: wrong\nvalue")
    assert ours["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert ours["span_id"] == "00f067aa0ba902b7"
    written = datetime.datetime.strptime(ours["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    written = written.replace(tzinfo=datetime.timezone.utc)
    assert abs((datetime.datetime.now(datetime.timezone.utc) - written).total_seconds()) < 60
    access = [entry for entry in logged if entry["logger"] == "gunicorn.access"]
    # Two threads wrote them, in either order.
    access.sort(key=lambda entry: entry["status"])
    # And nothing of the probes.
    assert [entry["message"] for entry in access] == ["GET /log?a=b 200", "GET /no-such-page 404"]
    assert access[0]["status"] == 200
    assert access[0]["client"] == "203.0.113.9"
    assert access[0]["user_agent"] == "tester"
    assert access[0]["trace_id"] == ours["trace_id"]
    assert 0 <= access[0]["seconds"] < 5
    assert "trace_id" not in access[1]
    (warning,) = [entry for entry in logged if entry["logger"] == "django.request"]
    assert (warning["path"], warning["status_code"]) == ("/no-such-page", 404)
    notes = [entry for entry in logged if entry["logger"] == "cdk8s_django"]
    assert [entry["message"] for entry in notes] == [
        "cdk8s-django: DEBUG is True in the settings module: the overlay makes it False"
    ]


def test_gke_logs(serve, migrated):
    server = serve(**migrated, CDK8S_DJANGO_LOG_FORMAT="gke", CDK8S_DJANGO_GCP_PROJECT="acme")
    server.get("/log", traceparent=TRACE)
    logged = entries(server)
    (ours,) = [entry for entry in logged if entry["logger"] == "polls"]
    assert ours["severity"] == "ERROR"
    assert ours["message"].startswith("it is broken\nTraceback (most recent call last):\n")
    assert ours["logging.googleapis.com/trace"] == (
        "projects/acme/traces/4bf92f3577b34da6a3ce929d0e0e4736"
    )
    assert ours["logging.googleapis.com/spanId"] == "00f067aa0ba902b7"
    assert ours["logging.googleapis.com/trace_sampled"] is True
    (access,) = [entry for entry in logged if entry["logger"] == "gunicorn.access"]
    request = access["httpRequest"]
    assert request["requestMethod"] == "GET"
    assert request["requestUrl"] == "/log"
    assert request["status"] == 200
    assert request["latency"].endswith("s")
    assert access["logging.googleapis.com/trace"] == ours["logging.googleapis.com/trace"]


def test_json_logs_under_asgi(serve, migrated):
    server = serve("asgi", **migrated, CDK8S_DJANGO_LOG_FORMAT="json")
    server.get("/log", traceparent=TRACE)
    server.probe("/readyz")
    server.stop()
    # uvicorn writes a few lines before it imports the application.
    logged = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    (ours,) = [entry for entry in logged if entry["logger"] == "polls"]
    assert ours["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    access = [entry["message"] for entry in logged if entry["logger"] == "uvicorn.access"]
    assert len(access) == 1
    assert "/log" in access[0]


def test_plain_logs(serve, migrated):
    server = serve(**migrated)
    server.get("/questions")
    server.probe("/livez")
    server.stop()
    assert '"GET /questions HTTP/1.1" 200' in server.log
    assert "/livez" not in server.log


def test_gunicorn_leaves_nothing_behind(serve, migrated, tmp_path):
    server = serve(**migrated, HOME=str(tmp_path / "home"))
    server.get("/questions")
    assert not (tmp_path / "home").exists()
    with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children") as file:
        worker = file.read().split()[0]
    files = []
    for link in Path(f"/proc/{worker}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            files.append(os.readlink(link))
    assert any(name.startswith("/dev/shm/wgunicorn-") for name in files)


def boot(kind, application=None, workers=1, **variables):
    """Starts a server that cannot start; returns its log."""
    arguments = [*SERVERS[kind]]
    arguments[-1] = application or arguments[-1]
    arguments += ["--processes", str(workers), "--port", str(free_port())]
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment(**variables),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
    )
    assert done.returncode != 0
    return done.stdout


CANNOT = "cdk8s-django: the web server cannot start: "
MISSPELT = "it is missing from the image or misspelt"


@pytest.mark.parametrize(
    ("variables", "application", "line"),
    [
        (
            {"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.setings"},
            None,
            "settings module 'mysite.setings' cannot be imported: "
            f"no module named 'mysite.setings': {MISSPELT}",
        ),
        (
            {"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.missing_package"},
            None,
            "settings module 'mysite.missing_package' cannot be imported: "
            f"no module named 'no_such_package': {MISSPELT} "
            f"({PROJECT}/mysite/missing_package.py, line 1)",
        ),
        (
            {"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.missing_variable"},
            None,
            "settings module 'mysite.missing_variable' cannot be imported: "
            "environment variable 'PAYMENT_TOKEN' is missing "
            f"({PROJECT}/mysite/missing_variable.py, line 3); "
            "give it by environment or secretEnvironment of the DjangoApp",
        ),
        ({"SECRET_KEY": ""}, None, "SECRET_KEY is empty"),
        (
            {"CDK8S_DJANGO_SETTINGS_MODULE": "mysite.quits"},
            None,
            f"the application ends the process: no licence ({PROJECT}/mysite/quits.py, line 3)",
        ),
        ({}, "mysite.wsgii:application", f"no module named 'mysite.wsgii': {MISSPELT}"),
        (
            {},
            "mysite.wsgi:app",
            "AppImportError: Failed to find attribute 'app' in 'mysite.wsgi'.",
        ),
    ],
)
def test_last_line_of_a_pod_that_cannot_start(variables, application, line):
    assert last_line(boot("wsgi", application, **variables)) == CANNOT + line


def test_last_line_when_several_workers_cannot_start():
    """gunicorn stops at the first, and falls over the second."""
    for _ in range(3):
        log = boot("wsgi", "mysite.wsgii:application", workers=3)
        assert last_line(log) == f"{CANNOT}no module named 'mysite.wsgii': {MISSPELT}"
        assert log.count(CANNOT) == 1


def test_last_line_in_json():
    log = boot("wsgi", CDK8S_DJANGO_LOG_FORMAT="gke", SECRET_KEY="")
    assert json.loads(last_line(log))["message"] == f"{CANNOT}SECRET_KEY is empty"
    assert json.loads(last_line(log))["severity"] == "ERROR"


def test_last_line_under_asgi():
    log = boot("asgi", CDK8S_DJANGO_SETTINGS_MODULE="mysite.missing_variable")
    assert "environment variable 'PAYMENT_TOKEN' is missing" in last_line(log)


def test_application_that_names_its_own_settings(serve, migrated):
    """wsgi.py sets DJANGO_SETTINGS_MODULE instead of defaulting to it."""
    log = boot("wsgi", "mysite.stubborn_wsgi:application", **migrated)
    assert last_line(log) == CANNOT + (
        "it uses the settings module 'mysite.settings' in spite of DJANGO_SETTINGS_MODULE: "
        "let wsgi.py call os.environ.setdefault()"
    )


def test_runs_under_any_user_with_a_read_only_root():
    """Nothing of the package is written, not even byte code."""
    before = sorted(os.listdir(PROJECT.parent.parent.parent / "src/runtime/cdk8s_django"))
    python("-m", "cdk8s_django.migrate", "--check")
    after = sorted(os.listdir(PROJECT.parent.parent.parent / "src/runtime/cdk8s_django"))
    assert [name for name in after if name not in before] == []


def test_size():
    """It travels in ConfigMaps, one for each part: test/django-app/runtime.test.ts bounds each."""
    folder = PROJECT.parent.parent.parent / "src/runtime/cdk8s_django"
    files = list(folder.glob("*.py"))
    # A pod that serves, runs tasks or migrates mounts some of it; a namespace has it all, once.
    assert sum(file.stat().st_size for file in files) < 400_000
    assert max(len(file.read_text().splitlines()) for file in files) <= 300
