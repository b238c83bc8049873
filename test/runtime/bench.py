"""Requests per second of the same pages with and without the overlay; run by `./run bench`.

Two processes, asked in turn so that whatever else the machine does hits both alike. Each calls
its WSGI application without an HTTP server, whose time would hide the overlay's.
"""

import io
import json
import statistics
import subprocess
import sys
import time

from conftest import HOST, POSTGRES, PROJECT, environment, python, sql

PAGES = ("/questions", "/admin/login/")
ROUNDS = 300
SECONDS = 0.02
TARGET = 0.97


def child():
    """Reads a page and a number of requests from each line; answers with the seconds taken."""
    from mysite.wsgi import application

    for line in sys.stdin:
        path, count = json.loads(line)
        begun = time.perf_counter()
        for _ in range(count):
            response = application(request(path), lambda status, headers: None)
            b"".join(response)
            response.close()
            assert response.status_code == 200, response.status_code
        print(time.perf_counter() - begun, flush=True)


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
    return float(process.stdout.readline())


def compare(plain, overlay, path):
    ask(plain, path, 50)
    ask(overlay, path, 50)
    count = max(5, int(SECONDS / (ask(plain, path, 50) / 50)))
    rates = {"plain": [], "overlay": []}
    for number in range(ROUNDS):
        order = [("plain", plain), ("overlay", overlay)]
        for name, process in order if number % 2 else reversed(order):
            rates[name].append(count / ask(process, path, count))
    # The fastest tenth of the slices: those that the rest of the machine disturbed least.
    without, with_overlay = (
        statistics.quantiles(rates[name], n=10)[-1] for name in ("plain", "overlay")
    )
    ratio = with_overlay / without
    print(f"{path}: {without:.0f}/s without, {with_overlay:.0f}/s with the overlay: {ratio:.3f}")
    return ratio


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
