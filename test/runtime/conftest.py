"""A PostgreSQL (started by ./run), the sample project, and servers that run it."""

import contextlib
import http.client
import http.server
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from ports import free_ports

HERE = Path(__file__).parent
RUNTIME = HERE.parent.parent / "src" / "runtime"
PROJECT = HERE / "project"
sys.path[:0] = [str(RUNTIME), str(PROJECT), str(HERE)]

POSTGRES = {
    "DATABASE_HOST": "localhost",
    "DATABASE_PORT": os.environ["RUNTIME_TEST_PORT"],
    "DATABASE_USER": "postgres",
    "DATABASE_PASSWORD": "testing",
}
HOST = "polls.example.com"
# The processes of the tests share the server, and each has its own databases.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")[2:]
# The first thousand is PostgreSQL's.
PORTS = free_ports(int(os.environ["RUNTIME_TEST_PORTS"]) + 1000 * (1 + int(WORKER or 0)))
names = (f"test{WORKER}{number:04}" for number in itertools.count())


def environment(**more):
    """What the manifests give to a pod, and nothing of this machine's own."""
    result = {
        "PATH": os.environ["PATH"],
        "HOME": "/tmp",
        "PYTHONPATH": f"{RUNTIME}{os.pathsep}{PROJECT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "cdk8s_django.settings",
        "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.settings",
        "CDK8S_DJANGO_ALLOWED_HOSTS": HOST,
        "CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
        "CDK8S_DJANGO_BEHIND_ROUTE": "true",
        # The servers trust headers that come over loopback; those of a router come from elsewhere.
        "FORWARDED_ALLOW_IPS": "192.0.2.1",
        "SECRET_KEY": "the-key-of-the-pods-0123456789-abcdefghijklmnopqrstuvwxyz",
        **more,
    }
    return {name: value for name, value in result.items() if value is not None}


def python(*arguments, **variables):
    """Runs python with the environment of a pod."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment(**variables),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=150,
    )


@contextlib.contextmanager
def api_server(api, folder):
    """Serves api.answer(method, path, headers, body) to pods with api.variables."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def respond(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "null")
            status, answer = api.answer(self.command, self.path, self.headers, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = respond

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in (("token", "the-token\n"), ("namespace", "polls")):
        (folder / name).write_text(value)
    api.server = server
    api.folder = folder
    api.variables = {
        "CDK8S_DJANGO_KUBERNETES_API": f"http://127.0.0.1:{server.server_port}",
        "CDK8S_DJANGO_SERVICE_ACCOUNT": str(folder),
    }
    yield api
    server.shutdown()
    server.server_close()


def last_line(text):
    return text.strip().rsplit("\n", 1)[-1]


@contextlib.contextmanager
def administrator(database="postgres"):
    """A connection of the administrator, whose transactions end by themselves."""
    try:
        import psycopg as driver
    except ImportError:
        import psycopg2 as driver
    connection = driver.connect(
        host="localhost",
        port=POSTGRES["DATABASE_PORT"],
        user="postgres",
        password="testing",
        dbname=database,
    )
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def sql(statement, database="postgres", parameters=None):
    """Runs one statement as the administrator; returns the rows."""
    with administrator(database) as connection:
        cursor = connection.cursor()
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def database():
    """An empty database; the variables that name it."""
    name = next(names)
    sql(f'CREATE DATABASE "{name}"')
    yield {**POSTGRES, "DATABASE_NAME": name}
    sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def migrated_copy(migrated):
    """A database of one test alone, with every migration."""
    name = next(names)
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{migrated["DATABASE_NAME"]}"')
    yield {**migrated, "DATABASE_NAME": name}
    sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated():
    """A database with every migration of the project."""
    name = f"migrated{WORKER}"
    sql(f'CREATE DATABASE "{name}"')
    variables = {**POSTGRES, "DATABASE_NAME": name}
    done = python("-m", "cdk8s_django.migrate", **variables)
    assert done.returncode == 0, done.stderr
    yield variables
    sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def free_port():
    return next(PORTS)


def gives_sign(port, sign, seconds=8):
    """Whether a worker or a beat gives a sign of life, asked as the kubelet asks."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", f"/{sign}/{seconds}")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.text = self.body.decode(errors="replace")

    def json(self):
        return json.loads(self.text)


class Server:
    def __init__(self, process, port, log):
        self.process = process
        self.port = port
        self.log_file = log

    @property
    def log(self):
        return self.log_file.read_text()

    def stop(self):
        """Afterwards the log is complete: the line of a request comes after its answer."""
        self.process.terminate()
        # Longer than servers may take by themselves, which is 30 s.
        self.process.wait(60)

    def get(self, path, host=HOST, method="GET", body=None, https=True, **headers):
        """A request as the route makes it, unless told otherwise. Header a_b is a-b."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Host"] = host
        if https:
            headers["X-Forwarded-Proto"] = "https"
        if isinstance(body, dict):
            body = urlencode(body)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def probe(self, path, **headers):
        """A probe of the kubelet: by the pod's IP, over HTTP."""
        return self.get(path, host=f"10.1.2.3:{self.port}", https=False, **headers)


SERVE = ("-m", "cdk8s_django.serve")
WSGI = "mysite.wsgi:application"
ASGI = "mysite.asgi:application"
SERVERS = {
    "wsgi": [*SERVE, "gunicorn", "--worker-class", "gthread", "--threads", "4", WSGI],
    "asgi": [*SERVE, "uvicorn", ASGI],
    "gunicorn-asgi": [*SERVE, "gunicorn", "--worker-class", "asgi", ASGI],
    "daphne": [*SERVE, "daphne", ASGI],
    "granian": [*SERVE, "granian", "--threads", "4", WSGI],
    "granian-asgi": [*SERVE, "granian", ASGI],
}
# gunicorn for Python 3.9 does not have this class, and granian for it is refused.
if sys.version_info < (3, 10):
    del SERVERS["gunicorn-asgi"], SERVERS["granian-asgi"]


@pytest.fixture
def serve(tmp_path):
    """serve(kind, **environment) starts a server; all stop with the test."""
    with contextlib.ExitStack() as stack:

        def start(kind="wsgi", *options, cwd=PROJECT, **variables):
            port = free_port()
            log = tmp_path / f"server-{port}.log"
            server = SERVERS[kind] if isinstance(kind, str) else kind
            arguments = [*server, "--port", str(port), *options]
            if ASGI in arguments:
                variables.setdefault("CDK8S_DJANGO_ASGI", "true")
            variables.setdefault("CDK8S_DJANGO_TERMINATING_FILE", str(tmp_path / "terminating"))
            with log.open("w") as output:
                process = subprocess.Popen(
                    [sys.executable, *arguments],
                    env=environment(**variables),
                    cwd=cwd,
                    stdout=output,
                    stderr=output,
                )
            server = Server(process, port, log)
            stack.callback(server.stop)
            for _ in range(1200):
                assert process.poll() is None, server.log
                try:
                    if server.probe("/livez").status == 200:
                        return server
                except OSError:
                    time.sleep(0.05)
            raise AssertionError(server.log)

        yield start


@pytest.fixture
def collector():
    from collector import collecting

    with collecting() as collector:
        yield collector


@pytest.fixture
def traced(serve, migrated, collector):
    """traced(kind, …) starts a server that sends its traces to the collector."""

    def start(kind, *options, **variables):
        return serve(
            kind,
            *options,
            **{
                **migrated,
                "CDK8S_DJANGO_LOG_FORMAT": "json",
                "TEST_URLCONF": "mysite.traced_urls",
                **collector.variables,
                **variables,
            },
        )

    return start


@pytest.fixture(params=["wsgi", "asgi"])
def kind(request):
    return request.param


@pytest.fixture
def pod(monkeypatch):
    """pod(**environment) makes this process' environment that of a pod."""

    def use(**variables):
        from cdk8s_django import environment as read

        monkeypatch.setattr(read, "GIVEN", None)
        monkeypatch.setattr(read, "START", None)
        for name in list(os.environ):
            if name.startswith(("CDK8S_", "DATABASE_", "CACHE_", "CELERY_", "CHANNEL_", "DJANGO_")):
                monkeypatch.delenv(name)
        for name, value in environment(**variables).items():
            if name not in ("PATH", "HOME", "PYTHONPATH"):
                monkeypatch.setenv(name, value)

    return use


@pytest.fixture
def load(pod, monkeypatch):
    """load(settings, **environment): the settings that the overlay makes of these."""

    def load(settings=None, **variables):
        from cdk8s_django import overlay

        module = type(sys)("own_settings")
        vars(module).update(settings or {})
        monkeypatch.setitem(sys.modules, "own_settings", module)
        pod(CDK8S_DJANGO_SETTINGS_MODULE="own_settings", **variables)
        return overlay.load()

    return load
