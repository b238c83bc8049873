"""How each server listens, logs, stops, counts and fits into its memory."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cdk8s_django import listen, metrics
from conftest import HOST, PROJECT, SERVERS, environment, free_port, last_line

ALL = list(SERVERS)
# Those that start several processes.
SEVERAL = [kind for kind in ALL if kind != "daphne"]


def get(host, port, path="/livez"):
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status
    finally:
        connection.close()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


def wait_for(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


# [F4] Servers answer in clusters of IPv6 alone, and where the kernel has none.


@pytest.mark.skipif(not has_ipv6(), reason="this kernel has no IPv6")
@pytest.mark.parametrize("kind", [kind for kind in ALL if not kind.startswith("granian")])
def test_a_server_listens_on_both_families(serve, migrated, kind):
    server = serve(kind, **migrated)
    assert get("127.0.0.1", server.port) == 200
    assert get("::1", server.port) == 200


WITHOUT_IPV6 = """
import socket, sys
real = socket.socket
class Without(real):
    def __init__(self, family=socket.AF_INET, *others, **named):
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        super().__init__(family, *others, **named)
socket.socket = Without
from cdk8s_django import listen
print([str(sock.getsockname()[0]) for sock in listen.sockets(0)], listen.host())
"""


def test_a_kernel_without_ipv6_has_the_other_family_alone(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_IPV6.replace("listen.host()", "''")],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout.strip() == "['0.0.0.0']", done.stderr


def test_a_server_of_one_address_takes_what_the_pod_can_be_reached_by(tmp_path, monkeypatch):
    addresses = tmp_path / "if_inet6"
    monkeypatch.setattr(listen, "IF_INET6", str(addresses))
    assert listen.host() == "0.0.0.0"
    loopback = "00000000000000000000000000000001 01 80 10 80       lo\n"
    link = "fe80000000000000d0b5c3fffe9ab3c1 02 40 20 80     eth0\n"
    addresses.write_text(loopback + link)
    assert listen.host() == "0.0.0.0"
    reachable = "fd000010024400000000000000000005 03 40 00 80     eth0\n"
    addresses.write_text(loopback + reachable + link)
    assert listen.host() == "::"


def test_a_port_that_is_taken_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, *SERVERS["wsgi"], "--port", str(port)],
            env=environment(),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert done.returncode == 1
    assert last_line(done.stderr) == (
        "cdk8s-django: the web server cannot start: "
        f"port {port} cannot be listened on: Address already in use"
    )


# Servers: access logs, graceful stops, what cannot start.


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("log_format", ["json", "gke"])
def test_the_access_log_of_each_server_has_a_request_and_no_probe(
    serve, migrated, kind, log_format
):
    server = serve(kind, **migrated, CDK8S_DJANGO_LOG_FORMAT=log_format)
    assert server.get("/questions?page=1").status == 200
    server.probe("/readyz")
    server.stop()
    assert "livez" not in server.log and "readyz" not in server.log
    logged = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    (line,) = [entry for entry in logged if "GET /questions?page=1" in entry["message"]]
    if log_format == "json":
        assert (line["method"], line["path"], line["status"]) == ("GET", "/questions?page=1", 200)
        # An older granian does not say the whole address of a client over IPv6.
        assert line.get("client", "127.0.0.1") == "127.0.0.1"
        assert ("client" in line) or kind == "granian"
        assert line.get("protocol", "HTTP/1.1") == "HTTP/1.1"
    else:
        request = line["httpRequest"]
        assert request.get("protocol", "HTTP/1.1") == "HTTP/1.1"
        assert (request["requestMethod"], request["status"]) == ("GET", 200)
        assert request["requestUrl"] == "/questions?page=1"


def test_a_granian_that_cuts_addresses_logs_no_client_over_ipv6():
    pytest.importorskip("granian")
    from cdk8s_django import access_log, granian_server

    known = {"query_string": "", "method": "GET", "path": "/", "status": 200, "dt_ms": 1.5}
    known["protocol"] = "HTTP/1.1"

    def client(is_asgi, version, address):
        name = granian_server.access_filter(is_asgi, version).rpartition(".")[2]
        cuts = name == "CuttingGranianFilter"
        written = address.rpartition(":")[0] if cuts and ":" in address else address
        return getattr(access_log, name).parts({**known, "addr": written}).get("client")

    for address in ("::ffff:10.1.2.3", "fd00::5", "2001:db8::1:2", "::1", "10.1.2.3"):
        whole = address.replace("::ffff:", "")
        for is_asgi, version in ((False, "2.8.5"), (False, "2.10.0"), (True, "2.5.7")):
            assert client(is_asgi, version, address) == whole
        for version in ("2.5.7", "2.8.4"):
            over_ipv4 = whole if ":" not in address else None
            assert client(False, version, address) == over_ipv4


@pytest.mark.parametrize("query", ["page=1&q=%C3%A9", b"page=1&q=%C3%A9"])
def test_a_query_that_granian_logs_as_bytes_is_text(query):
    from cdk8s_django.access_log import GranianFilter

    known = {"query_string": query, "method": "GET", "path": "/", "status": 200, "dt_ms": 1.5}
    logged = GranianFilter.parts({**known, "addr": "::1", "protocol": "HTTP/1.1"})
    assert logged["path"] == "/?page=1&q=%C3%A9"


@pytest.mark.parametrize("kind", SEVERAL)
def test_a_server_that_is_told_to_stop_finishes_its_requests(serve, migrated, kind):
    server = serve(kind, "--graceful-timeout", "20", **migrated)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(server.get("/slow?seconds=2").status))
    asking.start()
    time.sleep(1)
    server.process.terminate()
    asking.join(20)
    assert answers == [200]
    assert server.process.wait(20) in (0, -signal.SIGTERM, 143)


@pytest.mark.parametrize("kind", ALL)
def test_each_server_says_in_one_line_why_it_cannot_start(kind):
    arguments = [*SERVERS[kind], "--port", str(free_port())]
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment(
            CDK8S_DJANGO_SETTINGS_MODULE="mysite.missing_variable",
            CDK8S_DJANGO_ASGI="true" if "asgi" in arguments[-3] else None,
        ),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert (
        "cdk8s-django: the web server cannot start: settings module 'mysite.missing_variable' "
        "cannot be imported: environment variable 'PAYMENT_TOKEN' is missing"
    ) in done.stdout


def test_a_server_that_the_image_lacks_is_named():
    hide = (
        "import importlib.util as u, sys; real = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'granian' else real(name, *rest)\n"
        "from cdk8s_django import serve; serve.main(['granian', 'mysite.wsgi:application'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide], env=environment(), capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "the package 'granian' is missing from the image" in last_line(done.stderr)


def test_the_asgi_worker_of_a_gunicorn_that_leaks_is_refused(monkeypatch):
    import gunicorn

    from cdk8s_django import gunicorn_server

    monkeypatch.setattr(gunicorn, "version_info", (26, 1, 0))
    gunicorn_server.check_version()
    monkeypatch.setattr(gunicorn, "version_info", (25, 3, 0))
    monkeypatch.setattr(gunicorn, "__version__", "25.3.0")
    with pytest.raises(Exception, match=r"gunicorn 25\.3\.0 leaks connections under ASGI"):
        gunicorn_server.check_version()


def test_a_granian_that_does_not_stop_under_asgi_is_refused():
    pytest.importorskip("granian")
    from cdk8s_django import granian_server

    granian_server.check_version("2.8.0")
    with pytest.raises(Exception, match=r"granian 2\.5\.7 does not always stop under ASGI"):
        granian_server.check_version("2.5.7")


@pytest.mark.skipif(sys.version_info >= (3, 10), reason="its granian is newer")
def test_a_refused_server_says_so_in_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "cdk8s_django.serve", "granian", "mysite.asgi:application"],
        env=environment(CDK8S_DJANGO_ASGI="true"),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "granian 2.5.7 does not always stop under ASGI" in last_line(done.stderr)


@pytest.mark.parametrize("kind", [kind for kind in SEVERAL if not kind.startswith("granian")])
def test_processes_are_replaced_after_some_requests(serve, migrated, kind):
    server = serve(kind, "--max-requests", "20", **migrated)
    seen = set()

    def is_replaced():
        for _ in range(10):
            with contextlib.suppress(OSError):
                seen.add(server.probe("/livez").json()["pid"])
        return len(seen) > 1

    wait_for(is_replaced, 60)
    assert server.process.poll() is None


# Connections that a router keeps, when a replica is told to end.


# The second one needs Python 3.10.
RELEASES = ["23.0.0", *(["25.3.0"] if sys.version_info >= (3, 10) else []), "newest"]


@pytest.mark.parametrize("release", RELEASES)
def test_a_kept_connection_is_answered_in_the_wait_and_gone_before_gunicorn_is_told(
    serve, migrated, tmp_path, release
):
    path = [str(Path(os.environ["RUNTIME_TEST_WHITENOISE"]).parent / f"gunicorn-{release}")]
    path.append(environment()["PYTHONPATH"])
    marker = str(tmp_path / "ending")
    variables = {**migrated, "CDK8S_DJANGO_TERMINATING_FILE": marker}
    server = serve("wsgi", **variables, PYTHONPATH=os.pathsep.join(path))
    assert f"Starting gunicorn {release if release != 'newest' else ''}" in server.log
    kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Host": HOST, "X-Forwarded-Proto": "https"}

    def ask():
        kept.request("GET", "/questions", headers=headers)
        answer = kept.getresponse()
        answer.read()
        return answer

    assert ask().headers["Connection"] == "keep-alive"
    wait = subprocess.Popen(
        [sys.executable, "-m", "cdk8s_django.terminate", "--sleep", "6"],
        env=environment(CDK8S_DJANGO_TERMINATING_FILE=marker),
        cwd=PROJECT,
    )
    wait_for(lambda: os.path.exists(marker))
    time.sleep(1.5)
    last = ask()
    # It is told to use another connection, and its own is closed: none is left to lose a request.
    assert (last.status, last.headers["Connection"]) == (200, "close")
    wait.wait(20)
    begun = time.monotonic()
    server.process.terminate()
    server.process.wait(20)
    assert time.monotonic() - begun < 10


# [F20] workerClass sync is one thread.


def test_a_class_without_threads_stays_what_it_is(serve, migrated):
    """Given --threads, gunicorn would make gthread of it."""
    arguments = SERVERS["wsgi"]
    assert "--threads" in arguments
    without = [*arguments[:-3], arguments[-1]]
    server = serve(without, "--worker-class", "sync", **migrated, CDK8S_DJANGO_LOG_FORMAT="json")
    server.get("/questions")
    assert "Using worker: sync" in server.log
    server.stop()
    logged = [json.loads(line) for line in server.log.splitlines()]
    # It ends in the thread that answered: by then the request is over.
    (line,) = [entry for entry in logged if entry["message"].startswith("Worker exiting")]
    assert "request_id" not in line


# [F21] The project's own gunicorn.conf.py.


@pytest.fixture
def own_conf(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()

    def write(text):
        (folder / "gunicorn.conf.py").write_text(text)
        return folder

    return write


def test_the_projects_own_gunicorn_conf_is_read_below_ours(serve, migrated, own_conf):
    folder = own_conf(
        "timeout = 1\nworkers = 9\nraw_env = ['OWN=1']\n"
        "def post_fork(server, worker):\n    print('own post_fork', flush=True)\n"
        "def worker_exit(server, worker):\n    print('own worker_exit', flush=True)\n"
        "def child_exit(server, worker):\n    print('own child_exit', flush=True)\n"
    )
    server = serve(cwd=folder, **migrated)
    assert server.get("/questions").status == 200
    with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children") as children:
        workers = children.read().split()
    assert len(workers) == 1
    os.kill(int(workers[0]), signal.SIGTERM)
    wait_for(lambda: "own child_exit" in server.log)
    assert "own post_fork" in server.log
    assert "own worker_exit" in server.log
    assert (
        "cdk8s-django: gunicorn.conf.py is read; the pod's own values win for timeout, workers"
        in server.log
    )


def test_a_gunicorn_conf_that_cannot_be_read_ends_the_start_in_one_line(own_conf):
    folder = own_conf("import os\nbind = os.environ['NO_SUCH']\n")
    done = subprocess.run(
        [sys.executable, *SERVERS["wsgi"], "--port", str(free_port())],
        env=environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert (
        "the web server cannot start: gunicorn.conf.py cannot be read: "
        "environment variable 'NO_SUCH' is missing" in done.stderr
    )


# [F34] As many processes as have memory.

WITH_LIMIT = """
import runpy, sys
from cdk8s_django import memory
memory.LIMITS = (sys.argv.pop(1),)
runpy.run_module("cdk8s_django.serve", run_name="__main__", alter_sys=True)
"""


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()


@pytest.fixture
def serve_within(tmp_path, migrated):
    """serve_within(kind, mebibytes, processes): a server under that limit, and its log."""
    with contextlib.ExitStack() as stack:

        def start(kind, mebibytes, processes):
            limit = tmp_path / "memory.max"
            limit.write_text(f"{mebibytes * 2**20}\n")
            log = tmp_path / "log"
            port = free_port()
            _, _, *arguments = SERVERS[kind]
            is_asgi = arguments[-1].startswith("mysite.asgi")
            with log.open("w") as output:
                process = subprocess.Popen(
                    [
                        *(sys.executable, "-c", WITH_LIMIT, str(limit), *arguments),
                        *("--port", str(port), "--processes", str(processes)),
                        *("--graceful-timeout", "5"),
                    ],
                    env=environment(**migrated, CDK8S_DJANGO_ASGI="true" if is_asgi else None),
                    cwd=PROJECT,
                    stdout=output,
                    stderr=output,
                )
            stack.callback(process.wait, 60)
            stack.callback(process.terminate)
            wait_for(lambda: re.search(r"uses? \d+ of", log.read_text()))
            wait_for(lambda: answers(port))
            return process, log

        yield start


def answers(port):
    try:
        return get("127.0.0.1", port) == 200
    except OSError:
        return False


@pytest.mark.parametrize("kind", SEVERAL)
def test_processes_are_fewer_when_their_size_does_not_fit(serve_within, kind):
    _, log = serve_within(kind, 110, 3)
    line = r"(\d) process(?:es)? uses? (\d+) of 110Mi; 3 would use (\d+)Mi"
    said = re.search(line, log.read_text())
    assert said, log.read_text()
    number, used, wanted = (int(group) for group in said.groups())
    assert number < 3
    assert used <= 0.8 * 110 or number == 1
    assert wanted > 0.8 * 110


@pytest.mark.parametrize("kind", SEVERAL)
def test_all_processes_start_where_they_fit_and_a_line_says_what_they_use(serve_within, kind):
    process, log = serve_within(kind, 4096, 3)
    assert re.search(r"3 processes use \d+ of 4096Mi\n", log.read_text()), log.read_text()
    wait_for(lambda: len(children(process.pid)) >= 3)


def test_a_process_that_was_killed_for_memory_is_said(tmp_path, monkeypatch, capfd):
    from cdk8s_django import memory, processes

    events = tmp_path / "memory.events"
    events.write_text("low 0\noom 1\noom_kill 2\n")
    monkeypatch.setattr(memory, "KILLS", (str(events),))
    monkeypatch.delenv("CDK8S_DJANGO_LOG_FORMAT", raising=False)
    kills = processes.Kills()
    kills.look()
    assert capfd.readouterr().err == ""
    events.write_text("low 0\noom 2\noom_kill 3\n")
    kills.look()
    kills.look()
    err = capfd.readouterr().err
    assert err.count("a process was killed because the container's memory") == 1


# [F15] [F37] Metrics of several processes.


def counted(server):
    """What a scrape says."""
    said = server.get("/prometheus").text
    counts = re.findall(r"^polls_counted_total (\S+)", said, re.MULTILINE)
    assert len(counts) == 1, said
    return float(counts[0])


def files_with_content(folder):
    return [file for file in folder.glob("counter_*.db") if file.stat().st_size > 0]


@pytest.mark.parametrize("kind", SEVERAL)
def test_counters_of_several_processes_are_one(serve, migrated, tmp_path, kind):
    """The folder is made, and scrapes never go down."""
    folder = tmp_path / "metrics"
    server = serve(
        kind, "--processes", "2", **migrated, PROMETHEUS_MULTIPROC_DIR=str(folder), TEST_METRICS="1"
    )
    # The second process is started anew, and imports everything again. While it makes its file,
    # that has no content, and prometheus_client fails to read it.
    wait_for(lambda: len(files_with_content(folder)) == 2, 90)
    counts = []
    for _ in range(30):
        server.get("/count")
        counts.append(counted(server))
    assert counts == sorted(counts)
    assert counts[-1] == 30
    names = {name.rpartition("_")[2] for name in os.listdir(folder) if name.endswith(".db")}
    assert names <= {"1.db", "2.db"}


def test_gauges_of_a_container_before_are_gone_and_the_folder_is_bounded(serve, migrated, tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir()
    for name in ("gauge_liveall_7.db", "gauge_livesum_1.db", "counter_7.db"):
        (folder / name).write_bytes(b"")
    (folder / "counter_7.db").unlink()
    server = serve(
        "wsgi",
        *("--processes", "2"),
        **migrated,
        PROMETHEUS_MULTIPROC_DIR=str(folder),
        TEST_METRICS="1",
    )
    assert not (folder / "gauge_liveall_7.db").exists()
    for _ in range(4):
        for pid in children(server.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        time.sleep(1)
        wait_for(lambda: answers(server.port))
        server.get("/count")
    assert counted(server) == 4
    assert len(list(folder.glob("counter_*.db"))) <= 3


def test_a_number_is_free_when_its_process_has_ended(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    code = (
        "from cdk8s_django import metrics; metrics.count_as_one_of_few()\n"
        "from prometheus_client import Gauge\n"
        "Gauge('g', 'g', multiprocess_mode='livesum').set(1); import time; time.sleep(60)"
    )
    run = [sys.executable, "-c", code]
    variables = environment(PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    one, two = (subprocess.Popen(run, env=variables) for _ in range(2))
    gauges = lambda: sorted(path.name for path in tmp_path.glob("gauge_*.db"))  # noqa: E731
    both = ["gauge_livesum_1.db", "gauge_livesum_2.db"]
    wait_for(lambda: gauges() == both)
    one.kill()
    one.wait()
    metrics.forget_the_dead()
    assert len(gauges()) == 1
    three = subprocess.Popen(run, env=variables)
    wait_for(lambda: gauges() == both)
    for process in (two, three):
        process.kill()
        process.wait()


def test_a_job_with_the_variable_finds_its_folder(migrated, tmp_path):
    from conftest import python

    folder = tmp_path / "prom"
    done = python(
        "-m", "cdk8s_django.migrate", "--check", **migrated, PROMETHEUS_MULTIPROC_DIR=str(folder)
    )
    assert done.returncode == 0, done.stderr
    assert folder.is_dir()
