"""python -m cdk8s_django.snapshot_volume CLAIM --name NAME --keep-hours HOURS [...]

Takes a VolumeSnapshot of a claim, named NAME-20261124-030000 by the time in UTC, and waits until
it can be restored from. Only then are those deleted that are older than HOURS. It fails when the
snapshot is not ready in time.
"""

import argparse
import contextlib
import datetime
import re
import time
import urllib.parse

from cdk8s_django.api_server import ApiServer, Conflict, Missing, patiently
from cdk8s_django.errors import Failure, run

GROUP = "snapshot.storage.k8s.io/v1"
PATH = f"/apis/{GROUP}/namespaces/{{namespace}}/volumesnapshots"
TIME = "%Y%m%d-%H%M%S"
ONE, ALL = "the VolumeSnapshot", "VolumeSnapshots"


def main(arguments):
    options = parse(arguments)
    server = ApiServer()
    now = datetime.datetime.now(datetime.timezone.utc)
    name = f"{options.name}-{now.strftime(TIME)}"
    create(server, name, options)
    print(f"VolumeSnapshot '{name}': made of '{options.claim}'", flush=True)
    await_ready(server, name, options.timeout)
    print(f"VolumeSnapshot '{name}': ready to use", flush=True)
    for old in outdated(server, options, now):
        delete(server, old)
        print(f"VolumeSnapshot '{old}': deleted", flush=True)
    return 0


def parse(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.snapshot_volume")
    parser.add_argument("claim", help="name of the PersistentVolumeClaim")
    parser.add_argument("--name", required=True, help="what the snapshots' names begin with")
    parser.add_argument("--keep-hours", required=True, type=int, help="how long they are kept")
    parser.add_argument("--timeout", type=int, default=3600, help="seconds until it is ready")
    parser.add_argument("--class", dest="class_name", help="name of the VolumeSnapshotClass")
    parser.add_argument("--label", action="append", default=[], metavar="KEY=VALUE")
    return parser.parse_args(arguments)


def create(server, name, options):
    spec = {"source": {"persistentVolumeClaimName": options.claim}}
    if options.class_name:
        spec["volumeSnapshotClassName"] = options.class_name
    labels = dict(label.split("=", 1) for label in options.label)
    metadata = {"name": name, "labels": labels}
    body = {"apiVersion": GROUP, "kind": "VolumeSnapshot", "metadata": metadata, "spec": spec}

    def attempt():
        # Made by an attempt whose answer was lost: nobody else makes one of that name.
        with contextlib.suppress(Conflict):
            server.request("POST", ONE, PATH, body)

    patiently(f"VolumeSnapshot '{name}'", attempt)


def await_ready(server, name, timeout):
    subject = f"VolumeSnapshot '{name}'"
    deadline = time.monotonic() + timeout
    pause = 1
    while True:
        found = patiently(subject, lambda: server.request("GET", ONE, f"{PATH}/{name}"))
        status = found.get("status") or {}
        if status.get("readyToUse"):
            return
        if time.monotonic() > deadline:
            # The driver tries again after an error, so an error alone does not end the wait.
            message = (status.get("error") or {}).get("message") or "no driver has said why"
            raise Failure(f"{subject} is not ready to use after {timeout} s: {message}")
        time.sleep(pause)
        pause = min(pause * 2, 15)


def outdated(server, options, now):
    """The names of this claim's snapshots that were taken too long ago, by their names."""
    selector = urllib.parse.quote(",".join(options.label))
    path = f"{PATH}?labelSelector={selector}"
    found = patiently(ALL, lambda: server.request("GET", ALL, path))
    pattern = re.compile(re.escape(options.name) + r"-(\d{8}-\d{6})")
    oldest = (now - datetime.timedelta(hours=options.keep_hours)).strftime(TIME)
    for snapshot in found["items"]:
        name = snapshot["metadata"]["name"]
        match = pattern.fullmatch(name)
        if match and match.group(1) < oldest:
            yield name


def delete(server, name):
    def attempt():
        with contextlib.suppress(Missing):
            server.request("DELETE", ONE, f"{PATH}/{name}")

    patiently(f"VolumeSnapshot '{name}'", attempt)


if __name__ == "__main__":
    run(main)
