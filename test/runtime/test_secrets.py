"""Secrets through a Kubernetes API: made once, never changed, rotated."""

import base64
import re
import socket
import ssl
import threading
import urllib.parse

import pytest

from cdk8s_django import api_server as client
from cdk8s_django import kubernetes
from conftest import api_server, last_line, python

GENERATE = ("-m", "cdk8s_django.generate_secret")
ROTATE = ("-m", "cdk8s_django.rotate_secret_key")


class Api:
    """The part of an API server that serves one Secret, with the rules for versions."""

    def __init__(self):
        self.version = 1
        self.values = {}
        self.exists = True
        self.requests = []
        self.before_patch = []  # called once each, as another Job in between
        self.refusals = []  # status codes with which to answer first

    def read(self):
        return {key: base64.b64decode(value).decode() for key, value in self.values.items()}

    def write(self, **values):
        self.version += 1
        for key, value in values.items():
            self.values[key.replace("_", "-")] = base64.b64encode(value.encode()).decode()

    def answer(self, method, path, headers, body):
        self.requests.append(method)
        if path != "/api/v1/namespaces/polls/secrets/polls-secrets":
            return 404, {}
        if headers["Authorization"] != "Bearer the-token":
            return 401, {}
        if self.refusals:
            return self.refusals.pop(0), {}
        if not self.exists:
            return 404, {}
        if method == "PATCH":
            assert headers["Content-Type"] == "application/merge-patch+json"
            if self.before_patch:
                self.before_patch.pop(0)()
            if body["metadata"]["resourceVersion"] != str(self.version):
                return 409, {}
            self.version += 1
            self.values.update(body["data"])
        return 200, {"metadata": {"resourceVersion": str(self.version)}, "data": self.values}


@pytest.fixture
def api(tmp_path):
    with api_server(Api(), tmp_path) as api:
        yield api


def generate(api, *keys, **variables):
    return python(*GENERATE, "polls-secrets", *keys, **{**api.variables, **variables})


def test_missing_values_are_made_once(api):
    api.write(password="existing", empty="")
    done = generate(api, "password=password", "empty=password", "secret-key=secret-key")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Secret 'polls-secrets': generated empty, secret-key\n"
    first = api.read()
    assert first["password"] == "existing"
    assert re.fullmatch(r"[A-Za-z0-9]{32}", first["empty"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{64}", first["secret-key"])
    assert urllib.parse.quote(first["secret-key"], safe="") == first["secret-key"]
    for value in first.values():
        assert value == "" or value not in done.stdout + done.stderr

    again = generate(api, "password=password", "empty=password", "secret-key=secret-key")
    assert again.stdout == "Secret 'polls-secrets': complete already, nothing changed\n"
    assert api.read() == first
    assert api.requests == ["GET", "PATCH", "GET"]


def test_two_jobs_at_once(api):
    """The other Job writes between our reading and our writing."""
    api.before_patch = [lambda: api.write(password="of-the-other-job")]
    done = generate(api, "password=password", "secret-key=secret-key")
    assert done.returncode == 0, done.stderr
    assert api.read()["password"] == "of-the-other-job"
    assert len(api.read()["secret-key"]) == 64
    assert api.requests == ["GET", "PATCH", "GET", "PATCH"]


def test_the_secret_and_the_role_may_come_later(api):
    api.refusals = [403, 503, 404, 404]
    done = generate(api, "password=password")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "waiting: GET of the Secret: 403 Forbidden",
        "waiting: GET of the Secret: 503 Service Unavailable",
        "waiting: GET of the Secret: 404 Not Found",
        "Secret 'polls-secrets': generated password",
    ]


def test_deadline(api):
    api.exists = False
    done = generate(api, "password=password", CDK8S_DJANGO_API_TIMEOUT="1")
    assert done.returncode == 1
    assert done.stderr == (
        "error: Secret 'polls-secrets': GET of the Secret: 404 Not Found; gave up after 1 s\n"
    )


def test_api_out_of_reach(api):
    done = generate(
        api,
        "password=password",
        CDK8S_DJANGO_API_TIMEOUT="0",
        CDK8S_DJANGO_KUBERNETES_API="http://127.0.0.1:1",
    )
    assert done.returncode == 1
    assert last_line(done.stderr) == (
        "error: Secret 'polls-secrets': the Kubernetes API at http://127.0.0.1:1: "
        "[Errno 111] Connection refused; gave up after 0 s"
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "IncompleteRead(1 bytes read"),
        ("nothing of HTTP\r\n\r\n", "nothing of HTTP"),
    ],
)
def test_an_answer_that_ends_in_the_middle_is_waited_out(tmp_path, monkeypatch, answer, why):
    """As any absence of the API server: the next attempt may succeed."""
    for name in ("token", "namespace"):
        (tmp_path / name).write_text("polls")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def respond():
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(answer.encode())
            connection.close()

        monkeypatch.setenv("CDK8S_DJANGO_SERVICE_ACCOUNT", str(tmp_path))
        port = listener.getsockname()[1]
        monkeypatch.setenv("CDK8S_DJANGO_KUBERNETES_API", f"http://127.0.0.1:{port}")
        threading.Thread(target=respond, daemon=True).start()
        with pytest.raises(client.Refused, match=re.escape(why)):
            client.ApiServer().request("GET", "the Secret", "/x")


def test_tls_with_the_authority_of_the_cluster(api, tmp_path, monkeypatch):
    import os
    import subprocess

    names = "subjectAltName=IP:127.0.0.1"
    for name in ("ca", "stranger"):
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"),
                *("-addext", names, "-keyout", f"{name}.key", "-out", f"{name}.crt"),
            ],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(tmp_path, "ca.crt"), os.path.join(tmp_path, "ca.key"))
    api.server.socket = context.wrap_socket(api.server.socket, server_side=True)
    in_cluster = {
        "CDK8S_DJANGO_KUBERNETES_API": None,
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(api.server.server_port),
        # A proxy of the image must not get the token.
        "https_proxy": "http://127.0.0.1:1",
    }
    done = generate(api, "password=password", **in_cluster)
    assert done.returncode == 0, done.stderr
    (tmp_path / "stranger.crt").rename(tmp_path / "ca.crt")
    done = generate(api, "password=password", **in_cluster, CDK8S_DJANGO_API_TIMEOUT="0")
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr


def test_ipv6_cluster(monkeypatch):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.delenv("KUBERNETES_SERVICE_PORT", raising=False)
    assert client.in_cluster_api() == "https://[fd00::1]:443"


def test_generated_values_differ():
    assert len({kubernetes.new_password() for _ in range(100)}) == 100
    assert len({kubernetes.new_secret_key() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("arguments", "variables", "line"),
    [
        (("x=nothing",), {}, "'x=nothing': the kind must be password or secret-key"),
        (
            ("x=password",),
            {"CDK8S_DJANGO_KUBERNETES_API": None},
            "KUBERNETES_SERVICE_HOST is not set: this runs inside a cluster only",
        ),
        (
            ("x=password",),
            {"CDK8S_DJANGO_SERVICE_ACCOUNT": "/nowhere"},
            "no service account in this pod: [Errno 2] No such file or directory: "
            "'/nowhere/namespace'",
        ),
    ],
)
def test_errors(api, arguments, variables, line):
    done = generate(api, *arguments, **variables)
    assert (done.returncode, done.stderr) == (1, f"error: {line}\n")


def test_needs_no_django():
    code = (
        "import sys, cdk8s_django.generate_secret, cdk8s_django.rotate_secret_key;"
        "print('django' in sys.modules)"
    )
    assert python("-c", code).stdout == "False\n"


def rotate(api, *options):
    done = python(*ROTATE, "polls-secrets", *options, **api.variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_rotation(api):
    api.write(secret_key="one", password="p")
    assert rotate(api) == "rotated: restart the pods\n"
    values = api.read()
    assert len(values["secret-key"]) == 64
    assert values["secret-key-fallbacks"] == "one"
    assert values["password"] == "p"
    second = values["secret-key"]
    rotate(api)
    assert api.read()["secret-key-fallbacks"].split() == [second, "one"]
    rotate(api, "--keep", "1")
    assert len(api.read()["secret-key-fallbacks"].split()) == 1
    assert set(api.values) == {"secret-key", "secret-key-fallbacks", "password"}


def test_rotation_in_two_steps(api):
    """Every pod knows the next key before one of them signs with it."""
    api.write(secret_key="one", secret_key_fallbacks="zero")
    assert rotate(api, "--prepare") == "prepared: restart the pods, then rotate\n"
    zero, prepared = api.read()["secret-key-fallbacks"].split()
    assert (api.read()["secret-key"], zero) == ("one", "zero")
    assert rotate(api, "--prepare") == "prepared already\n"
    rotate(api)
    values = api.read()
    assert values["secret-key"] == prepared
    assert values["secret-key-fallbacks"].split() == ["one", "zero"]
    # Used up: the next rotation makes a key of its own.
    rotate(api)
    assert api.read()["secret-key"] != prepared


def test_two_rotations_at_once(api):
    api.write(secret_key="one")
    api.before_patch = [lambda: api.write(secret_key="two", secret_key_fallbacks="one")]
    rotate(api)
    assert api.read()["secret-key-fallbacks"].split() == ["two", "one"]


def test_rotation_without_a_key(api):
    done = python(*ROTATE, "polls-secrets", **api.variables)
    assert done.stderr == (
        "error: Secret 'polls-secrets' has no secret-key to rotate: delete the Job that fills it "
        "(polls-secrets-secret-…) and apply again\n"
    )
