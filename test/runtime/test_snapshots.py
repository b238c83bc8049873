"""Snapshots of a volume through a Kubernetes API: made, awaited, and deleted when they are old."""

import datetime
import re
import urllib.parse

import pytest

from conftest import api_server, last_line, python

PATH = "/apis/snapshot.storage.k8s.io/v1/namespaces/polls/volumesnapshots"
LABELS = {"app.kubernetes.io/instance": "polls-db", "app.kubernetes.io/component": "backup"}


class Api:
    """The part of an API server that keeps VolumeSnapshots, with a driver that makes them ready."""

    def __init__(self):
        self.snapshots = {}
        self.requests = []
        self.refusals = []  # status codes with which to answer first
        self.statuses = [{"readyToUse": True}]  # what the driver says, the last for ever
        self.loses_first_answer = False

    def add(self, name, labels=LABELS):
        self.snapshots[name] = {"metadata": {"name": name, "labels": labels}}

    def answer(self, method, path, headers, body):
        path, _, query = path.partition("?")
        self.requests.append(method)
        assert headers["Authorization"] == "Bearer the-token"
        assert path.startswith(PATH)
        if self.refusals:
            return self.refusals.pop(0), {}
        name = path[len(PATH) + 1 :]
        if method == "POST":
            return self.create(headers, body)
        if not name:
            return 200, {"items": self.selected(query)}
        if name not in self.snapshots:
            return 404, {}
        if method == "DELETE":
            return 200, self.snapshots.pop(name)
        status = self.statuses[0] if len(self.statuses) == 1 else self.statuses.pop(0)
        return 200, {**self.snapshots[name], **({"status": status} if status else {})}

    def create(self, headers, body):
        assert headers["Content-Type"] == "application/json"
        name = body["metadata"]["name"]
        if name in self.snapshots:
            return 409, {}
        self.snapshots[name] = body
        if self.loses_first_answer:
            return 504, {}
        return 201, body

    def selected(self, query):
        pairs = urllib.parse.parse_qs(query)["labelSelector"][0].split(",")
        wanted = dict(pair.split("=") for pair in pairs)
        return [
            one
            for one in self.snapshots.values()
            if wanted.items() <= one["metadata"]["labels"].items()
        ]


@pytest.fixture
def api(tmp_path):
    with api_server(Api(), tmp_path) as api:
        yield api


def snapshot(api, *options, **variables):
    return python(
        *("-m", "cdk8s_django.snapshot_volume", "data-polls-db-0"),
        *("--name=polls-db", "--keep-hours=24", *options),
        *(f"--label={name}={value}" for name, value in LABELS.items()),
        **{**api.variables, **variables},
    )


def named(hours, name="polls-db"):
    """The name of a snapshot that was taken so many hours ago."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{name}-{now - datetime.timedelta(hours=hours):%Y%m%d-%H%M%S}"


def test_a_snapshot_is_made_and_awaited(api):
    api.statuses = [None, {"readyToUse": False}, {"readyToUse": True}]
    before = named(0)
    done = snapshot(api, "--class=fast")
    assert done.returncode == 0, done.stderr
    (made,) = api.snapshots.values()
    name = made["metadata"]["name"]
    assert re.fullmatch(r"polls-db-\d{8}-\d{6}", name)
    assert before <= name <= named(0)
    assert made == {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"name": name, "labels": LABELS},
        "spec": {
            "source": {"persistentVolumeClaimName": "data-polls-db-0"},
            "volumeSnapshotClassName": "fast",
        },
    }
    assert api.requests == ["POST", "GET", "GET", "GET", "GET"]
    assert done.stdout == (
        f"VolumeSnapshot '{name}': made of 'data-polls-db-0'\n"
        f"VolumeSnapshot '{name}': ready to use\n"
    )


def test_the_default_class_has_no_name(api):
    assert snapshot(api).returncode == 0
    (made,) = api.snapshots.values()
    assert list(made["spec"]) == ["source"]


def test_only_what_is_older_is_deleted(api):
    kept = [
        named(23),
        named(30, "polls-db-2"),  # another database, whose name begins the same
        "polls-db-before-the-upgrade",  # somebody's own
    ]
    for name in kept:
        api.add(name)
    kept.append(named(26))
    api.add(kept[-1], {"team": "sre"})  # without the labels
    old = [named(25), named(24 * 400)]
    for name in old:
        api.add(name)
    done = snapshot(api)
    assert done.returncode == 0, done.stderr
    (new,) = set(api.snapshots) - set(kept)
    assert set(api.snapshots) == {*kept, new}
    assert [line for line in done.stdout.splitlines() if "deleted" in line] == [
        f"VolumeSnapshot '{name}': deleted" for name in old
    ]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (None, "no driver has said why"),
        ({"readyToUse": False}, "no driver has said why"),
        ({"readyToUse": False, "error": {"message": "quota exceeded"}}, "quota exceeded"),
    ],
)
def test_nothing_is_deleted_when_the_new_one_is_not_ready(api, status, why):
    old = named(1000)
    api.add(old)
    api.statuses = [status]
    done = snapshot(api, "--timeout=0")
    assert done.returncode == 1
    assert old in api.snapshots
    (new,) = set(api.snapshots) - {old}
    assert done.stderr == (f"error: VolumeSnapshot '{new}' is not ready to use after 0 s: {why}\n")


def test_an_error_that_passes_is_no_failure(api):
    api.statuses = [{"readyToUse": False, "error": {"message": "busy"}}, {"readyToUse": True}]
    done = snapshot(api, "--timeout=30")
    assert done.returncode == 0, done.stderr


def test_the_role_and_the_policy_may_come_later(api):
    api.refusals = [403, 503]
    done = snapshot(api)
    assert done.returncode == 0, done.stderr
    assert len(api.snapshots) == 1
    assert done.stdout.splitlines()[:2] == [
        "waiting: POST of the VolumeSnapshot: 403 Forbidden",
        "waiting: POST of the VolumeSnapshot: 503 Service Unavailable",
    ]


def test_a_lost_answer_makes_no_second_one(api):
    api.loses_first_answer = True
    done = snapshot(api)
    assert done.returncode == 0, done.stderr
    assert len(api.snapshots) == 1


def test_one_that_somebody_else_deletes_is_no_failure(api):
    old = named(100)
    api.add(old)
    taken = api.answer

    def answer(method, path, headers, body):
        if method == "DELETE":
            api.snapshots.pop(path.rsplit("/", 1)[1])
        return taken(method, path, headers, body)

    api.answer = answer
    done = snapshot(api)
    assert done.returncode == 0, done.stderr
    assert last_line(done.stdout) == f"VolumeSnapshot '{old}': deleted"


def test_refused_for_good(api):
    api.refusals = [403] * 100
    done = snapshot(api, CDK8S_DJANGO_API_TIMEOUT="0")
    assert done.returncode == 1
    assert re.fullmatch(
        r"error: VolumeSnapshot 'polls-db-\d{8}-\d{6}': POST of the VolumeSnapshot: "
        r"403 Forbidden; gave up after 0 s\n",
        done.stderr,
    )


def test_needs_no_django():
    code = "import sys, cdk8s_django.snapshot_volume; print('django' in sys.modules)"
    assert python("-c", code).stdout == "False\n"
