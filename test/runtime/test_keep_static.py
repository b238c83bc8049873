"""The static files of other releases: copied by keep_static, found by FilesMiddleware."""

import json
import os
import re
import subprocess
import sys
import time

import pytest

from conftest import PROJECT, environment, python

WAYS = ["own", "whitenoise", "whitenoise of the application"]
STORES = ["volume", "bucket"]
HASH = re.compile(r"\.[0-9a-f]{12}(\.[^.]+)$")


@pytest.fixture
def release(tmp_path):
    """release(name, …) makes the static files of an image, and what its pods are told."""

    def make(name, files, store="volume", **options):
        root = tmp_path / name
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content)
        hashed = {HASH.sub(r"\1", path): path for path in files}
        (root / "staticfiles.json").write_text(json.dumps({"version": "1.1", "paths": hashed}))
        shared = tmp_path / "shared"
        shared.mkdir(exist_ok=True)
        variables = {"CDK8S_DJANGO_MEDIA_ROOT": str(shared), "CDK8S_DJANGO_SERVE_MEDIA": "true"}
        if store == "bucket":
            variables = {
                "CDK8S_DJANGO_MEDIA_STORAGE": "mysite.bucket.Bucket",
                "CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS": json.dumps(
                    {"location": str(shared), **options}
                ),
            }
        return {
            "CDK8S_DJANGO_KEEP_STATIC": "true",
            "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.hashed_settings",
            "CDK8S_DJANGO_STATIC_ROOT": str(root),
            **variables,
        }

    return make


def way(name):
    if name == "own":
        return {}
    path = [os.environ["RUNTIME_TEST_WHITENOISE"], environment()["PYTHONPATH"]]
    own = {"TEST_WHITENOISE": "yes"} if name == "whitenoise of the application" else {}
    return {"PYTHONPATH": os.pathsep.join(path), **own}


def keep(*arguments, **variables):
    done = python("-m", "cdk8s_django.keep_static", *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return done


OLD = {
    "css/site.000000000001.css": "old {}",
    "same.00000000000f.js": "same()",
    "plain.css": "plain {}",
}
NEW = {"css/site.000000000002.css": "new {}", "same.00000000000f.js": "same()"}


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("name", WAYS)
def test_a_file_of_another_release_is_served(serve, kind, migrated, release, tmp_path, name, store):
    keep(**release("old", OLD, store))
    (tmp_path / "shared" / "secret.00000000000a.css").write_text("an upload")
    (tmp_path / "shared" / "_static" / "kept.css").write_text("not hashed")
    (tmp_path / "secret.00000000000b.css").write_text("outside")
    server = serve(kind, **migrated, **release("new", NEW, store), **way(name))

    for path, content in {**NEW, "css/site.000000000001.css": "old {}"}.items():
        answer = server.get(f"/static/{path}")
        assert (answer.status, answer.text) == (200, content), path
        # WhiteNoise says it in its own words.
        assert {"immutable", "public"} <= set(answer.headers["Cache-Control"].split(", "))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Length"] == str(len(content))
        expected = "text/css" if path.endswith("css") else "text/javascript"
        assert answer.headers["Content-Type"].startswith(expected)
    head = server.get("/static/css/site.000000000001.css", method="HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "6")
    for path in (
        "plain.css",
        "kept.css",
        "css/site.000000000003.css",
        "css/../css/site.000000000001.css",
        "./css/site.000000000001.css",
        "/css/site.000000000001.css",
        "../secret.00000000000a.css",
        "%2e%2e/secret.00000000000a.css",
        "css/..%2f../../secret.00000000000a.css",
        "..%5csecret.00000000000a.css",
        "../../secret.00000000000b.css",
        f"{tmp_path}/secret.00000000000b.css",
        "secret.00000000000a.css",
        "%00.000000000001.css",
        "css/site.000000000001.css%0a",
        f"{'a/' * 300}site.000000000001.css",
    ):
        assert server.get(f"/static/{path}").status == 404, path
    assert server.get("/static/css/site.000000000001.css", method="POST").status in (403, 404)
    server.stop()
    assert "static files of other releases" not in server.log


def test_nothing_is_looked_up_unasked(serve, kind, migrated, release):
    keep(**release("old", OLD))
    for more in ({"CDK8S_DJANGO_KEEP_STATIC": None}, {"CDK8S_DJANGO_SERVE_STATIC": "false"}):
        server = serve(kind, **migrated, **{**release("new", NEW), **more})
        assert server.get("/static/css/site.000000000001.css").status == 404


@pytest.mark.parametrize("store", STORES)
def test_hashed_files_are_copied_once(release, tmp_path, store):
    shared = tmp_path / "shared"
    done = keep(**release("old", OLD, store))
    assert done.stdout == "2 of 2 hashed static files copied\n"
    copied = [name for name in tree(shared) if "releases" not in name]
    assert copied == ["_static/css/site.000000000001.css", "_static/same.00000000000f.js"]

    assert keep(**release("new", NEW, store)).stdout == "1 of 2 hashed static files copied\n"
    both = tree(shared)
    assert "_static/css/site.000000000001.css" in both
    # Further pods ask one question alone.
    (shared / "_static/css/site.000000000002.css").unlink()
    assert keep(**release("new", NEW, store)).stdout == "0 of 2 hashed static files copied\n"
    # Who removes the folder makes the pods that start next copy everything again.
    for name in both:
        (shared / name).unlink(missing_ok=True)
    assert keep(**release("new", NEW, store)).stdout == "2 of 2 hashed static files copied\n"


@pytest.mark.parametrize("store", STORES)
def test_pods_that_start_together(release, tmp_path, store):
    files = {f"{number}.{number:012x}.css": "x" * 50_000 for number in range(40)}
    variables = environment(**release("old", files, store))
    command = [sys.executable, "-m", "cdk8s_django.keep_static"]
    pods = [subprocess.Popen(command, env=variables, cwd=PROJECT) for _ in range(3)]
    assert [pod.wait(60) for pod in pods] == [0, 0, 0]
    copied = [name for name in tree(tmp_path / "shared") if "releases" not in name]
    assert copied == sorted(f"_static/{name}" for name in files)
    assert {(tmp_path / "shared" / name).stat().st_size for name in copied} == {50_000}


def test_the_copy_of_another_pod_stays_alone(release, tmp_path):
    keep(**release("old", OLD, "bucket", mode="late"))
    copied = [name for name in tree(tmp_path / "shared") if "releases" not in name]
    assert copied == ["_static/css/site.000000000001.css", "_static/same.00000000000f.js"]


NOT_KEPT = "cdk8s-django: static files are not kept for other releases: "


def test_without_hashed_names_nothing_is_copied(release, tmp_path):
    variables = {**release("old", OLD), "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.settings"}
    done = keep(**variables)
    assert done.stderr == NOT_KEPT + (
        "nothing to keep: static files have no hashed names. Use ManifestStaticFilesStorage, or "
        "WhiteNoise's, and run collectstatic with it when the image is built\n"
    )
    assert tree(tmp_path / "shared") == []


def test_static_files_of_another_host_are_not_copied(release, tmp_path):
    done = keep(**release("old", OLD), TEST_STATIC_URL="https://cdn.example.com/static/")
    expected = "nothing to keep: another host serves https://cdn.example.com/static/\n"
    assert done.stderr == NOT_KEPT + expected
    assert tree(tmp_path / "shared") == []


@pytest.mark.parametrize(
    "mode, why",
    [
        ("down", "OSError: the bucket cannot be reached ("),
        ("hangs", "the storage takes longer than 2 seconds"),
    ],
)
def test_a_storage_that_is_down_keeps_no_pod_from_starting(release, mode, why):
    started = time.monotonic()
    done = keep("--timeout", "2", **release("old", OLD, "bucket", mode=mode))
    assert done.stderr.startswith(NOT_KEPT + why)
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - started < 20


def test_settings_that_cannot_be_imported_are_the_servers_to_tell(release):
    done = keep(**{**release("old", OLD), "CDK8S_DJANGO_SETTINGS_MODULE": "mysite.absent"})
    assert done.stderr.startswith(NOT_KEPT + "settings module 'mysite.absent' cannot be imported")


def test_a_storage_that_is_down_is_a_404_and_asked_again_later(serve, kind, migrated, release):
    server = serve(kind, **migrated, **release("new", NEW, "bucket", mode="down"))
    for _ in range(3):
        assert server.get("/static/css/site.000000000001.css").status == 404
    assert server.get("/static/css/site.000000000002.css").status == 200
    server.stop()
    line = "static files of other releases are not found for 30 seconds: OSError: the bucket cannot"
    assert server.log.count(line) == 1


def test_a_storage_that_hangs_holds_a_request_for_seconds(pod, release, monkeypatch):
    from cdk8s_django import keep_static

    monkeypatch.setattr(keep_static, "LOOKUP_SECONDS", 0.1)
    monkeypatch.setattr(keep_static, "read", lambda name: time.sleep(1))
    kept = keep_static.KeptStatic()
    started = time.monotonic()
    assert [kept.read("site.000000000001.css") for _ in range(20)] == [None] * 20
    assert time.monotonic() - started < 0.9
    monkeypatch.setattr(keep_static, "read", lambda name: b"found")
    kept.paused_until = 0
    assert kept.read("site.000000000001.css") == b"found"
