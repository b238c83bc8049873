"""What the processes of a container count together, and what a scrape shows of it."""

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from scrapes import Scrape, Scraper, wait_for, wait_for_sum

from cdk8s_django import metric_files
from cdk8s_django.metric_names import METRICS
from conftest import HOST, SERVERS, free_port, python

ALL = list(SERVERS)
# daphne is one process.
SEVERAL = [kind for kind in ALL if kind != "daphne"]
# Those of gunicorn and uvicorn, whose processes can be replaced.
REPLACED = [kind for kind in SEVERAL if not kind.startswith("granian")]
REQUESTS = "django_http_requests_total"
RESPONSES = "django_http_responses_total"
DURATION = "django_http_request_duration_seconds"
LOST = "django_http_requests_lost_total"


@pytest.fixture
def count(serve, migrated, tmp_path):
    """count(kind, …) starts a server that counts: the server, and a function that scrapes it."""

    def start(kind, *options, **variables):
        port = free_port()
        variables.setdefault("CDK8S_DJANGO_METRICS_FOLDER", str(tmp_path / "numbers"))
        variables.setdefault("TEST_URLCONF", "mysite.measured_urls")
        variables = {**migrated, "CDK8S_DJANGO_METRICS_PORT": str(port), **variables}
        server = serve(kind, *options, **variables)
        return server, Scraper(port)

    return start


def children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout
    return [int(child) for child in found.split()]


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def get(server, path, **named):
    """The status; None without an answer."""
    try:
        return server.get(path, **named).status
    except (OSError, http.client.HTTPException):
        return None


# Requests, exactly.


@pytest.mark.parametrize("kind", ALL)
def test_requests_are_counted_by_view_method_and_status(count, kind):
    server, scrape = count(kind)
    for path, method, times in (
        ("/ok", "GET", 3),
        ("/ok", "HEAD", 1),
        ("/answers/302", "GET", 2),
        ("/breaks", "GET", 2),
        ("/space/ok", "GET", 1),
        ("/unnamed/1", "GET", 1),
        ("/unnamed/2", "GET", 1),
        ("/nothing", "GET", 2),
        ("/ok", "PROPFIND", 1),
        ("/ok", "BREW", 1),
    ):
        for _ in range(times):
            server.get(path, method=method)
    server.probe("/readyz")
    shown = scrape()
    assert shown.sum(REQUESTS, view="ok", method="GET", status="2xx") == 3
    assert shown.sum(REQUESTS, view="ok", method="HEAD", status="2xx") == 1
    assert shown.sum(REQUESTS, view="answers", status="3xx") == 2
    assert shown.sum(REQUESTS, view="breaks", status="5xx") == 2
    assert shown.sum(REQUESTS, view="space:ok", status="2xx") == 1
    # What has no bound is one value: views without a name, what is no view, methods of anybody's.
    assert shown.sum(REQUESTS, view="unnamed") == 2
    assert shown.sum(REQUESTS, view="none", status="4xx") == 2
    assert shown.sum(REQUESTS, view="ok", method="other") == 2
    # Probes are not requests.
    assert shown.sum(REQUESTS) == shown.sum(RESPONSES) == shown.sum(f"{DURATION}_count") == 15
    assert shown.sum("django_http_requests_in_progress") == 0
    assert shown.sum(LOST) == 0
    assert shown.kind == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("kind", ALL)
def test_series_of_errors_are_there_before_the_first_error(count, kind):
    """The first event of a series counts nothing in Prometheus' increase()."""
    server, scrape = count(kind)
    shown = scrape()
    for status in ("2xx", "3xx", "4xx", "5xx"):
        assert shown.values(RESPONSES, status=status) == [0]
    assert shown.values(LOST) == [0]
    for error in ("connect", "operational", "integrity", "other"):
        assert shown.values("django_database_errors_total", database="default", error=error) == [0]
    for result in ("hit", "miss"):
        assert shown.values("django_cache_reads_total", cache="default", result=result) == [0]
    server.get("/ok")
    assert scrape().values(REQUESTS, view="ok", status="5xx") == [0]


@pytest.mark.parametrize("kind", SEVERAL)
def test_requests_to_three_processes_are_counted_exactly(count, kind):
    server, scrape = count(kind, "--processes", "3", CDK8S_DJANGO_LOG_FORMAT="json")
    wait_for_sum(scrape, "django_processes", 3)
    paths = ["/ok", "/nothing", "/breaks", "/questions", "/asleep?seconds=0.01"]
    if not kind.endswith("asgi"):
        paths.pop()
    asked = random.Random(1).choices(paths, k=300)
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda path: get(server, path), asked))
    assert None not in statuses
    shown = scrape()
    for status, sent in ((200, "2xx"), (404, "4xx"), (500, "5xx")):
        assert shown.sum(RESPONSES, status=sent) == statuses[status]
        assert shown.sum(REQUESTS, status=sent) == statuses[status]
    assert shown.sum(f"{DURATION}_count") == 300
    assert shown.sum(f"{DURATION}_bucket", le="+Inf") == 300
    assert shown.sum("django_http_requests_in_progress") == 0


@pytest.mark.parametrize("kind", SEVERAL)
def test_killed_processes_lose_no_count_and_no_gauge_stays(count, tmp_path, kind):
    server, scrape = count(kind, "--processes", "2")
    wait_for_sum(scrape, "django_processes", 2)
    sent = 0
    for round_ in range(3):
        for _ in range(10):
            assert get(server, "/ok") == 200
        sent += 10
        # One of them has a request that is never answered.
        assert get(server, "/ends") is None
        if kind.startswith("granian"):
            # It ends with any of its processes, and the kubelet starts the container again.
            server.process.wait(20)
            server, scrape = count(kind, "--processes", "2")
        wait_for_sum(scrape, LOST, round_ + 1)
        shown = scrape()
        assert shown.sum(RESPONSES) == shown.sum(REQUESTS) == sent
        assert shown.sum("django_http_requests_in_progress") == 0
        wait_for_sum(scrape, "django_processes", 2)
        assert scrape().sum(LOST) == round_ + 1
    # Each process that has ever lived has left nothing beyond the files of two.
    files = [path for path in (tmp_path / "numbers").iterdir() if path.name != "lock"]
    assert len(files) <= 3


@pytest.mark.parametrize("kind", REPLACED)
def test_replaced_processes_go_on_with_the_counts_of_those_before(count, tmp_path, kind):
    server, scrape = count(kind, "--processes", "2", "--max-requests", "10")
    sent = 0
    for _ in range(100):
        # While a process is replaced it may refuse a connection.
        sent += get(server, "/ok") == 200
    shown = scrape()
    assert shown.sum(RESPONSES, status="2xx") == shown.sum(REQUESTS, view="ok") == sent
    assert shown.sum(LOST) == 0
    files = [path for path in (tmp_path / "numbers").iterdir() if path.name != "lock"]
    assert len(files) <= 4


@pytest.mark.parametrize("kind", ["wsgi", "asgi", "granian"])
def test_a_container_that_starts_again_in_its_pod_goes_on(count, kind):
    """The folder survives: counts go on, and gauges of dead processes are not served."""
    server, scrape = count(kind, "--processes", "2")
    wait_for_sum(scrape, "django_processes", 2)
    for _ in range(10):
        server.get("/questions")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(get, server, "/sleep?seconds=30")
        wait_for_sum(scrape, "django_http_requests_in_progress", 1)
        # It opens its connection a moment after it has begun.
        wait_for(lambda: scrape().sum("django_database_connections") > 0)
        pids = [*children(server.process.pid), server.process.pid]
        for pid in pids:
            kill(pid)
        assert waiting.result() is None
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}/exe") for pid in pids[:-1]))
    server, scrape = count(kind)
    shown = scrape()
    assert shown.sum("django_processes") == 1
    assert shown.sum("django_http_requests_in_progress") == 0
    assert shown.sum("django_database_connections") == 0
    assert shown.sum(LOST) == 1
    assert shown.sum(REQUESTS, view="questions") == 10
    server.get("/questions")
    assert scrape().sum(REQUESTS, view="questions") == 11


@pytest.mark.parametrize("kind", [kind for kind in ALL if "asgi" in kind or kind == "daphne"])
def test_a_client_that_goes_away_is_no_error_of_the_server(count, kind):
    server, scrape = count(kind)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"GET /asleep?seconds=3 HTTP/1.1\r\nHost: {HOST}\r\n".encode())
        client.sendall(b"X-Forwarded-Proto: https\r\n\r\n")
        wait_for_sum(scrape, "django_http_requests_in_progress", 1)
    wait_for_sum(scrape, "django_http_requests_in_progress", 0)
    shown = scrape()
    assert shown.sum(RESPONSES) == 1
    assert shown.sum(RESPONSES, status="5xx") == 0


def test_a_request_that_takes_too_long_for_gunicorn_is_an_error(count):
    options = ("--worker-class", "sync", "--threads", "1", "--graceful-timeout", "2")
    server, scrape = count("wsgi", *options)
    # Releases differ in whether they answer.
    assert get(server, "/sleep?seconds=20") in (None, 500)

    def errors():
        shown = scrape()
        return shown.sum(RESPONSES, status="5xx") + shown.sum(LOST)

    wait_for(lambda: errors() > 0)
    wait_for_sum(scrape, "django_processes", 1)
    assert errors() == 1


def test_a_stream_is_measured_to_its_start(count):
    server, scrape = count("wsgi")
    assert server.get("/streams").text == "streamed"
    assert scrape().sum(f"{DURATION}_sum", view="streams") < 1


# Saturation, database, caches, migrations.


@pytest.mark.parametrize(
    ("kind", "options", "capacity"),
    [
        ("wsgi", ("--processes", "2"), 8),
        ("wsgi", ("--worker-class", "sync", "--threads", "1"), 1),
        ("wsgi", ("--worker-class", "sync", "--threads", "3"), 3),
        ("wsgi", ("--worker-class", "gevent"), 1000),
        ("granian", ("--threads", "3"), 3),
        ("asgi", (), 0),
        ("daphne", (), 0),
    ],
)
def test_the_capacity_of_processes_is_known(count, kind, options, capacity):
    if "--worker-class" in options:
        kind = ["-m", "cdk8s_django.serve", "gunicorn", "mysite.wsgi:application"]
    _, scrape = count(kind, *options)
    wait_for_sum(scrape, "django_request_capacity", capacity)


@pytest.mark.parametrize("kind", ["wsgi", "asgi", "daphne"])
def test_connections_that_wait_for_a_process_are_seen(count, kind):
    server, scrape = count(kind)
    assert scrape().values("django_connections_waiting") == [0]
    # A process that is stopped takes none.
    pids = children(server.process.pid) if kind == "wsgi" else []
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    if not pids:
        return
    with contextlib.ExitStack() as stack:
        for _ in range(7):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        wait_for_sum(scrape, "django_connections_waiting", 7)
        assert scrape().sum("django_connections_waiting") == 7
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    wait_for_sum(scrape, "django_connections_waiting", 0)


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_queries_and_errors_of_the_database_are_counted(count, kind):
    server, scrape = count(kind)
    database = {"database": "default"}
    before = scrape()
    for _ in range(5):
        assert server.get("/questions").status == 200
    shown = scrape()
    queries = "django_database_query_duration_seconds_count"
    assert shown.sum(queries, **database) - before.sum(queries, **database) == 5
    assert server.get("/twice").status == 409
    assert server.get("/nonsense").status == 409
    shown = scrape()
    errors = "django_database_errors_total"
    assert shown.values(errors, **database, error="integrity") == [1]
    assert shown.values(errors, **database, error="other") == [1]
    assert shown.values(errors, **database, error="operational") == [0]


def test_connections_of_the_database_are_counted_until_they_are_closed(count):
    server, scrape = count("asgi", DATABASE_CONN_MAX_AGE="0")
    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(lambda _: get(server, "/questions"), range(20))) == {200}
    shown = scrape()
    assert shown.sum("django_database_connections_opened_total") >= 20
    wait_for_sum(scrape, "django_database_connections", 0)
    server, scrape = count("wsgi", DATABASE_CONN_MAX_AGE="600")
    for _ in range(5):
        server.get("/questions")
    assert 1 <= scrape().sum("django_database_connections") <= 4


def test_a_database_that_cannot_be_reached_is_an_error(count):
    server, scrape = count("wsgi", DATABASE_PORT=str(free_port()))
    assert server.get("/questions").status == 500
    assert scrape().sum("django_database_errors_total", error="connect") >= 1


def test_reads_of_caches_are_hits_and_misses(count):
    server, scrape = count("wsgi")
    assert server.get("/cached").json() == {"found": [None, {}, 0, 0, {"a": 0}]}
    shown = scrape()
    assert shown.values("django_cache_reads_total", cache="default", result="hit") == [3]
    assert shown.values("django_cache_reads_total", cache="default", result="miss") == [3]


def test_pending_migrations_are_known_from_the_readiness_probe(serve, database, tmp_path):
    port = free_port()
    variables = {
        **database,
        "CDK8S_DJANGO_METRICS_FOLDER": str(tmp_path / "numbers"),
        "CDK8S_DJANGO_METRICS_PORT": str(port),
    }
    server = serve("wsgi", **variables)
    assert server.probe("/readyz").status == 503
    assert Scrape(port).sum("django_migrations_pending", database="default") > 10
    from conftest import python

    assert python("-m", "cdk8s_django.migrate", **database).returncode == 0
    wait_for(lambda: server.probe("/readyz").status == 200)
    assert Scrape(port).values("django_migrations_pending", database="default") == [0]


def test_releases_are_labels(count):
    _, scrape = count("wsgi", CDK8S_DJANGO_RELEASE='1.4.2-"rc"', CDK8S_DJANGO_COMMIT="3f1c2ab")
    import django
    import gunicorn

    [labels] = [its for name, its, *_ in scrape().samples if name == "django_build_info"]
    assert labels == {
        "release": '1.4.2-"rc"',
        "commit": "3f1c2ab",
        "django": django.__version__,
        "python": ".".join(map(str, __import__("sys").version_info[:3])),
        "program": "gunicorn",
        "version": gunicorn.__version__,
    }


# The text, its bounds and its cost.


def test_names_of_views_are_bounded_and_may_be_anything(count, tmp_path):
    server, scrape = count("wsgi", TEST_MANY="1")
    server.get("/quoted")
    for number in range(1200):
        server.get(f"/many/{number}")
    shown = scrape()
    assert shown.sum(REQUESTS, view='a "quoted\\name"\n') == 1
    views = shown.labels(REQUESTS, "view")
    assert len(views) <= metric_files.MOST + 1
    assert "other" in views
    assert shown.sum(REQUESTS) == shown.sum(f"{DURATION}_count") == 1201


def test_a_scrape_of_two_hundred_views_is_fast(count):
    server, scrape = count("wsgi", "--processes", "3", TEST_MANY="1")
    wait_for_sum(scrape, "django_processes", 3)
    for number in range(200):
        server.get(f"/many/{number}")
        server.get(f"/many/{number}", method="POST")
    pid = server.process.pid
    tick = os.sysconf("SC_CLK_TCK")

    def used():
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / tick

    before = used()
    for _ in range(20):
        connection = http.client.HTTPConnection("127.0.0.1", scrape.port)
        connection.request("GET", "/metrics")
        connection.getresponse().read()
    # Of CPU, because the clock says on a busy machine what others do.
    seconds = (used() - before) / 20
    print(f"a scrape takes {seconds * 1000:.1f} ms of CPU")
    assert seconds < 0.05


def test_thresholds_are_written_alike_by_every_prometheus():
    """Prometheus 2 keeps a whole number as "1", and Prometheus 3 makes "1.0" of it."""
    for name, metric in METRICS.items():
        assert all(bound != int(bound) for bound in metric.bounds), name
        assert list(metric.bounds) == sorted(metric.bounds), name


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_has_no_complaints(count):
    server, scrape = count("wsgi")
    for path in ("/ok", "/breaks", "/quoted", "/cached"):
        server.get(path)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=scrape().text, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_else_is_answered_there(count):
    server, scrape = count("wsgi")
    port = scrape.port
    for path in ("/", "/ok", "/livez", "/metricsandmore"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path)
        assert connection.getresponse().status == 404
    assert server.get("/metrics").status == 200  # The application's own.


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_without_the_port_nothing_is_counted(serve, migrated, tmp_path, kind):
    folder = tmp_path / "numbers"
    server = serve(kind, **migrated, CDK8S_DJANGO_METRICS_FOLDER=str(folder))
    server.get("/questions")
    assert not folder.exists()


# The files.


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CDK8S_DJANGO_METRICS_FOLDER", str(tmp_path))
    monkeypatch.setattr(metric_files, "OWN", None)
    yield tmp_path
    metric_files.forget()


def test_threads_count_together(folder):
    numbers = metric_files.own()

    def add():
        for _ in range(5000):
            numbers.add_to("django_tasks_lost_total")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metric_files.read() == [(True, {"django_tasks_lost_total": [20000.0]})]


def test_a_fork_has_a_file_of_its_own(folder):
    metric_files.own().add_to("django_tasks_lost_total")
    pid = os.fork()
    if not pid:
        metric_files.own().add_to("django_tasks_lost_total", by=2)
        os._exit(0)
    os.waitpid(pid, 0)
    assert [(lives, *numbers.values()) for lives, numbers in metric_files.read()] == [
        (True, [1.0]),
        (False, [2.0]),
    ]
    # Its parent's end is noticed in spite of it.
    metric_files.forget()
    assert [lives for lives, _ in metric_files.read()] == [False, False]


def test_a_fork_in_the_midst_of_a_scrape_keeps_no_lock(folder):
    is_in, may_leave = threading.Event(), threading.Event()

    def scrape():
        with metric_files.alone():
            is_in.set()
            may_leave.wait(10)

    thread = threading.Thread(target=scrape)
    thread.start()
    is_in.wait(10)
    threading.Timer(0.5, may_leave.set).start()
    pid = os.fork()
    if not pid:
        # It takes a file, and lives on.
        metric_files.own()
        signal.pause()
    try:
        thread.join()
        wait_for(lambda: [lives for lives, _ in metric_files.read()] == [True], 10)
        reader = threading.Thread(target=metric_files.read, daemon=True)
        reader.start()
        reader.join(10)
        assert not reader.is_alive()
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


# A process that is forked while a thread imports a module waits for that module's lock forever.
IMPORTS_OF_THREADS = """
import socket, sys, threading
from cdk8s_django import metric_files, metric_page
metric_files.own().add_to("django_tasks_lost_total")
metric_page.tell("gunicorn", metric_page.ready, metric_page.waiting)

class Finder:
    def find_spec(self, name, *_):
        if threading.current_thread() is not threading.main_thread():
            print("imported", name)

sys.meta_path.insert(0, Finder())
for path in ("/metrics", "/metrics?x=1", "/other"):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\\r\\n\\r\\n".encode())
        print(connection.recv(15).decode())
"""


def test_a_scrape_imports_nothing_that_a_fork_would_wait_for(tmp_path):
    port = str(free_port())
    variables = {"CDK8S_DJANGO_METRICS_PORT": port, "CDK8S_DJANGO_METRICS_FOLDER": str(tmp_path)}
    done = python("-c", IMPORTS_OF_THREADS, port, **variables)
    assert done.stdout.splitlines() == ["HTTP/1.0 200 OK"] * 2 + ["HTTP/1.0 404 No"], done


def test_a_folder_that_cannot_be_written_to_costs_metrics_alone(monkeypatch, tmp_path, capfd):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CDK8S_DJANGO_METRICS_FOLDER", str(tmp_path / "file"))
    monkeypatch.setattr(metric_files, "OWN", None)
    metric_files.own().add_to("django_tasks_lost_total")
    assert "metrics: [Errno 17]" in capfd.readouterr().err
    metric_files.forget()


@pytest.mark.parametrize("seed", range(20))
def test_records_of_any_labels_are_read_as_they_were_written(folder, seed):
    chosen = random.Random(seed)
    expected = Counter()
    for _ in range(300):
        length = chosen.choice((0, 1, 7, 8, 9, 300))
        label = "".join(chosen.choice('aé"\\\n\0 𝄞') for _ in range(length))
        metric_files.own().add_to("django_database_connections_opened_total", label)
        expected[label[:200].replace("\0", "")] += 1
        if chosen.random() < 0.05:
            # As if the process had ended, and the next one took its file.
            metric_files.forget()
    [(_, numbers)] = metric_files.read()
    written = {key.partition("\0")[2]: int(value) for key, [value] in numbers.items()}
    assert written == {**expected}


# Prometheus itself, where it is installed.

CONFIGURATION = """
global: {{scrape_interval: 1s}}
scrape_configs: [{{job_name: polls, static_configs: [{{targets: ["127.0.0.1:{}"]}}]}}]
"""


@pytest.mark.skipif(not shutil.which("prometheus"), reason="Prometheus is not installed")
def test_prometheus_counts_what_was_sent(count, tmp_path):
    server, scrape = count("wsgi", "--processes", "3")
    wait_for_sum(scrape, "django_processes", 3)
    port = free_port()
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(CONFIGURATION.format(scrape.port))
    prometheus = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def asked(query):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", f"/api/v1/query?{urlencode({'query': query})}")
            response = connection.getresponse()
            # Prometheus 3 answers 503 until it has read its data.
            if response.status != 200:
                return None
            found = json.loads(response.read())["data"]["result"]
            return float(found[0]["value"][1]) if found else None
        except OSError:
            return None
        finally:
            connection.close()

    try:
        wait_for(lambda: asked("up") == 1)
        for path, times in (("/ok", 40), ("/breaks", 5), ("/nothing", 7)):
            for _ in range(times):
                server.get(path)
        kill(children(server.process.pid)[0])
        wait_for_sum(scrape, "django_processes", 3)
        wait_for(lambda: asked("sum(django_http_responses_total)") == 52)
        assert asked('django_http_responses_total{status="5xx"}') == 5
        # The series without a view were there with 0 before, so that the first one counts.
        assert asked('increase(django_http_responses_total{status="5xx"}[5m])') > 4
        assert asked("sum(django_http_request_duration_seconds_count)") == 52
        assert asked("max(resets(django_http_responses_total[5m]))") == 0
    finally:
        prometheus.kill()
        prometheus.wait()
