"""Requests per second of the same pages with and without the overlay; run by `./run bench`.

Likewise with the overlay alone and with its metrics, by one process that has both: from one process
to another the figures differ by more than metrics cost. And the memory that these take.

And with the overlay alone and with traces of one request in ten, whose exports count too.

Two processes, asked in turn so that whatever else the machine does hits both alike. Each calls
its WSGI application without an HTTP server, whose time would hide the overlay's.

Each round gives a ratio, and the median of all counts. It is that of the processes' own CPU
seconds, because the clock says on a busy machine what the others do. The clock's is printed too.
"""

import importlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from operator import truediv

import collector

from conftest import HOST, POSTGRES, PROJECT, environment, python, sql

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PAGES = ("/questions", "/admin/login/")
ROUNDS = 300
SECONDS = 0.02
TARGET = 0.97
# Of the cheapest page, whose spans cost as much as those of any other.
TRACES_TARGET = 0.8
MEMORY_TARGET = 12 * 2**20


def child():
    """Reads a page, a number of requests and whether they are counted; answers with the seconds.

    The first are of the clock, the second of the CPU.
    """
    from cdk8s_django import loading, logs, request_ids

    if "CDK8S_DJANGO_TRACES" in os.environ:
        importlib.import_module("cdk8s_django.traces").prepare()
    from mysite.wsgi import application

    application = loading.served(application, is_asgi=False)
    if logs.log_format():
        request_ids.connect()
    applications = {False: application}
    if "CDK8S_DJANGO_METRICS_PORT" in os.environ:
        applications[True] = counted_application()
    for line in sys.stdin:
        path, count, is_counted = json.loads(line)
        application = applications[is_counted]
        if len(applications) == 2:
            from django.db import connection

            from cdk8s_django.instruments import counted_query

            connection.execute_wrappers[:] = [counted_query] * is_counted
        begun, used = time.perf_counter(), time.process_time()
        for _ in range(count):
            response = application(request(path), lambda status, headers: None)
            b"".join(response)
            response.close()
            assert response.status_code == 200, response.status_code
        taken = [time.perf_counter() - begun, time.process_time() - used]
        print(json.dumps(taken), flush=True)


def counted_application():
    """A second application of this process, which counts; tells what memory that takes."""
    from django.core.wsgi import get_wsgi_application

    from cdk8s_django import loading, memory

    before = memory.used()
    loading.begin(4)
    loading.loaded()
    importlib.import_module("cdk8s_django.metric_page").page()
    print(json.dumps(memory.used() - before), flush=True)
    return loading.served(get_wsgi_application(), is_asgi=False)


def request(path):
    parent = "BENCH_BEGINS_TRACES" not in os.environ
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": HOST,
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.9",
        "HTTP_HOST": HOST,
        "HTTP_X_FORWARDED_FOR": "203.0.113.7",
        "HTTP_X_FORWARDED_PROTO": "https",
        **({"HTTP_TRACEPARENT": TRACEPARENT} if parent else {}),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def start(**variables):
    return subprocess.Popen(
        [sys.executable, __file__, "child"],
        env=environment(
            RUNTIME_TEST_PORT=POSTGRES["DATABASE_PORT"],
            RUNTIME_TEST_PORTS=os.environ["RUNTIME_TEST_PORTS"],
            **variables,
        ),
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(process, path, count, is_counted=False):
    process.stdin.write(json.dumps([path, count, is_counted]) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def compare(without, with_it, path, what):
    """The median ratio with : without something of requests a second of CPU."""
    with_it(path, 50)
    without(path, 50)
    count = max(5, int(SECONDS / (without(path, 50)[1] / 50)))
    ratios = []
    for number in range(ROUNDS):
        taken = {}
        for one in (without, with_it) if number % 2 else (with_it, without):
            taken[one] = one(path, count)
        ratios.append([*map(truediv, taken[without], taken[with_it])])
    used = without(path, count)[1] / count
    clock, cpu = (statistics.median(kind) for kind in zip(*ratios))
    print(
        f"{path}: {used * 1e6:.0f} us of CPU a request without {what}; requests with : "
        f"without it {cpu:.3f} a second of CPU, {clock:.3f} a second",
        flush=True,
    )
    return cpu


def main():
    sql("CREATE DATABASE bench")
    host, port = POSTGRES["DATABASE_HOST"], POSTGRES["DATABASE_PORT"]
    database = {**POSTGRES, "DATABASE_NAME": "bench"}
    database["DATABASE_URL"] = f"postgres://postgres:testing@{host}:{port}/bench"
    done = python("-m", "cdk8s_django.migrate", **database)
    assert done.returncode == 0, done.stderr
    # The same TCP options on both sides.
    options = "connect_timeout=5&keepalives_idle=30&keepalives_interval=10&keepalives_count=3"
    url = f"{database['DATABASE_URL']}?{options}&tcp_user_timeout=30000"
    plain = start(DJANGO_SETTINGS_MODULE="mysite.production_settings", DATABASE_URL=url)
    overlay = start(**database, CDK8S_DJANGO_LOG_FORMAT="json")
    # As in a pod: in memory, where there is such a folder.
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.TemporaryDirectory(dir=shared)
    measured = start(
        **database,
        CDK8S_DJANGO_LOG_FORMAT="json",
        CDK8S_DJANGO_METRICS_PORT="8098",
        CDK8S_DJANGO_METRICS_FOLDER=folder.name,
    )
    collecting = collector.collecting()
    variables = {
        **collecting.__enter__().variables,
        "OTEL_BSP_SCHEDULE_DELAY": "5000",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.1",
        "BENCH_BEGINS_TRACES": "yes",
    }
    traced = start(**database, CDK8S_DJANGO_LOG_FORMAT="json", **variables)
    del variables["CDK8S_DJANGO_TRACES"]
    untraced = start(**database, CDK8S_DJANGO_LOG_FORMAT="json", **variables)
    size = json.loads(measured.stdout.readline())
    print(f"metrics take {size / 2**20:.1f} MiB of a process", flush=True)
    if size > MEMORY_TARGET:
        sys.exit("metrics take too much memory")
    try:
        for without, with_it, what, target in (
            (partial(ask, plain), partial(ask, overlay), "the overlay", TARGET),
            (partial(ask, measured), partial(ask, measured, is_counted=True), "metrics", TARGET),
            (partial(ask, untraced), partial(ask, traced), "traces", TRACES_TARGET),
        ):
            if what not in os.environ.get("BENCH", what):
                continue
            worst = min(compare(without, with_it, path, what) for path in PAGES)
            if worst < target:
                sys.exit(f"{what}: too expensive, {worst:.3f} is less than {target}")
    finally:
        for process in (plain, overlay, measured, untraced, traced):
            process.kill()
        collecting.__exit__(None, None, None)
        folder.cleanup()


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
