"""The numbers of all processes of a container as Prometheus reads them, on a port of its own.

The first process of a container answers, in a thread: a process that is busy, hangs or has just
ended does not keep the others' numbers back.
"""

import socket
import struct
import sys
import time
from importlib.metadata import PackageNotFoundError, version

from cdk8s_django import heartbeat, listen, memory, metric_files
from cdk8s_django.environment import number, text
from cdk8s_django.metric_names import METRICS

PORT = "CDK8S_DJANGO_METRICS_PORT"
# Prometheus 3 refuses an answer without a type that it knows.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# linux/tcp.h: of a socket that listens, how many connections nobody has accepted.
TCP_INFO_UNACKED = 24
READY_SECONDS = 15

# What else this container says: functions of (metric, labels, value).
READERS = []


def is_asked_for():
    return bool(text(PORT))


def tell(program, *readers):
    """Answers scrapes from now on.

    Nothing is imported in the thread that answers: a process that is forked meanwhile would wait
    for the lock of that module forever. So what needs imports is found out here, once.
    """
    labels = build(program)
    READERS[:] = [lambda: [("django_build_info", labels, 1)], kills, *readers]
    respond("/metrics")
    listen.answer(number(PORT), respond)


def respond(path):
    if path.partition("?")[0] != "/metrics":
        return "404 Not Found", "text/plain", "no such page\n"
    try:
        return "200 OK", CONTENT_TYPE, page()
    except OSError as error:
        return "500 Internal Server Error", "text/plain", f"{error}\n"


def release(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def build(program):
    return {
        "release": text("CDK8S_DJANGO_RELEASE"),
        "commit": text("CDK8S_DJANGO_COMMIT"),
        "django": release("Django"),
        "python": ".".join(map(str, sys.version_info[:3])),
        "program": program,
        "version": release(program),
    }


def kills():
    yield "django_memory_kills_total", {}, memory.kills()


def ready():
    """Of workers, by the sign that their readiness probe asks for."""
    age = heartbeat.age("ready")
    yield "django_worker_ready", {}, int(age is not None and age <= READY_SECONDS)


def waiting():
    """A server takes what it has room for; the rest waits in the kernel."""
    try:
        infos = [
            sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104) for sock in listen.SERVING
        ]
        counts = [struct.unpack_from("I", info, TCP_INFO_UNACKED)[0] for info in infos]
    except (OSError, struct.error):
        return
    if counts:
        yield "django_connections_waiting", {}, sum(counts)


def sums():
    """The numbers of all files, by metric and labels."""
    result = {}
    for lives, numbers in metric_files.read():
        for key, own in numbers.items():
            metric = METRICS.get(key.partition("\0")[0])
            if metric is None:
                continue
            if metric.kind == "living" and not lives:
                if metric.lost:
                    add(result, metric.lost, own)
                own = [0.0]
            if metric.kind == "newest":
                result[key] = max(result.get(key, own), own, key=lambda said: said[1])
            else:
                add(result, key, own)
    return result


def add(result, key, own):
    before = result.get(key)
    result[key] = own if before is None else [a + b for a, b in zip(before, own)]


def page():
    lines = {}
    now = time.time()
    for key, own in sums().items():
        name, *labels = key.split("\0")
        if METRICS[name].kind == "newest" and now - own[1] > METRICS[name].expires:
            continue
        lines.setdefault(name, []).extend(samples(name, METRICS[name], labels, own))
    for reader in READERS:
        for name, labels, value in reader():
            lines.setdefault(name, []).append(f"{name}{written(labels.items())} {plain(value)}")
    return "".join(
        f"# HELP {name} {metric.help}\n# TYPE {name} {type_of(name, metric)}\n"
        + "\n".join(lines[name])
        + "\n"
        for name, metric in METRICS.items()
        if name in lines
    )


def type_of(name, metric):
    if metric.kind == "histogram":
        return metric.kind
    return "counter" if name.endswith("_total") else "gauge"


def samples(name, metric, values, numbers):
    labels = list(zip(metric.labels, values))
    if metric.kind == "histogram":
        yield from histogram(name, labels, metric.bounds, numbers)
    elif metric.parts:
        rest = inner(labels)
        for part, value in zip(metric.parts, numbers):
            # No final response has such a status; a series for it would say nothing.
            if value or part != "1xx":
                yield f'{name}{{{rest}{metric.labels[-1]}="{part}"}} {plain(value)}'
    else:
        yield f"{name}{written(labels)} {plain(numbers[0])}"


def histogram(name, labels, bounds, numbers):
    rest, count = inner(labels), 0.0
    for bound, value in zip((*bounds, "+Inf"), numbers[1:]):
        count += value
        yield f'{name}_bucket{{{rest}le="{bound}"}} {plain(count)}'
    yield f"{name}_sum{written(labels)} {plain(numbers[0])}"
    yield f"{name}_count{written(labels)} {plain(count)}"


def plain(value):
    return str(int(value)) if value % 1 == 0 else repr(value)


def inner(labels):
    return "".join(f'{name}="{escaped(value)}",' for name, value in labels)


def written(labels):
    text = inner(labels)
    return f"{{{text[:-1]}}}" if text else ""


def escaped(value):
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
