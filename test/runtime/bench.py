"""Requests per second of the same pages with and without the overlay; run by `./run bench`.

Two processes, asked in turn so that whatever else the machine does hits both alike. Each calls
its WSGI application without an HTTP server, whose time would hide the overlay's.

Each round gives a ratio, and the median of all counts. It is that of the processes' own CPU
seconds, because the clock says on a busy machine what the others do. The clock's is printed too.
"""

import io
import json
import statistics
import subprocess
import sys
import time
from operator import truediv

from conftest import HOST, POSTGRES, PROJECT, environment, python, sql

PAGES = ("/questions", "/admin/login/")
ROUNDS = 300
SECONDS = 0.02
TARGET = 0.97


def child():
    """Reads a page and a number of requests from each line; answers with the seconds taken.

    The first are of the clock, the second of the CPU.
    """
    from mysite.wsgi import application

    for line in sys.stdin:
        path, count = json.loads(line)
        begun, used = time.perf_counter(), time.process_time()
        for _ in range(count):
            response = application(request(path), lambda status, headers: None)
            b"".join(response)
            response.close()
            assert response.status_code == 200, response.status_code
        taken = [time.perf_counter() - begun, time.process_time() - used]
        print(json.dumps(taken), flush=True)


def request(path):
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
        "HTTP_TRACEPARENT": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
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
        env=environment(RUNTIME_TEST_PORT=POSTGRES["DATABASE_PORT"], **variables),
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(process, path, count):
    process.stdin.write(json.dumps([path, count]) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def compare(plain, overlay, path):
    """The median ratio with : without the overlay of requests a second of CPU."""
    ask(plain, path, 50)
    ask(overlay, path, 50)
    count = max(5, int(SECONDS / (ask(plain, path, 50)[1] / 50)))
    ratios = []
    for number in range(ROUNDS):
        taken = {}
        for process in (plain, overlay) if number % 2 else (overlay, plain):
            taken[process] = ask(process, path, count)
        ratios.append([*map(truediv, taken[plain], taken[overlay])])
    used = ask(plain, path, count)[1] / count
    clock, cpu = (statistics.median(kind) for kind in zip(*ratios))
    print(
        f"{path}: {used * 1e6:.0f} us of CPU a request without the overlay; requests with : "
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
    try:
        worst = min(compare(plain, overlay, path) for path in PAGES)
    finally:
        plain.kill()
        overlay.kill()
    if worst < TARGET:
        sys.exit(f"the overlay costs too much: {worst:.3f} is less than {TARGET}")


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
