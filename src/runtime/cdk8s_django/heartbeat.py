"""Signs of life of a worker or beat, which a thread of it tells the kubelet: GET /alive/SECONDS.

`celery inspect ping` would start all of Django for each probe and ask the broker, whose absence a
restart would not mend. Any other program that a probe starts takes many seconds on a busy node.
Standard library only, and nothing that a fork of the process could find locked.
"""

import threading
import time

from cdk8s_django import listen
from cdk8s_django.environment import number

# How often a sign is given. A probe waits for several of them.
INTERVAL = 5
DEFAULT_PORT = 8099
# When each sign was given last.
LAST = {}


def beat(*names):
    for name in names:
        LAST[name] = time.monotonic()


def forget(*names):
    for name in names:
        LAST.pop(name, None)


def age(name):
    """Seconds since the last sign; None without one."""
    last = LAST.get(name)
    return None if last is None else time.monotonic() - last


def problem(path):
    """What is wrong with the sign that a path such as /alive/60 asks for; nothing is ''."""
    _, name, seconds = [*path.split("/"), "", "", ""][:3]
    if not seconds.isdecimal():
        return "no such sign"
    last = age(name)
    if last is None:
        return f"not {name} yet"
    return f"not {name} for {last:.0f} seconds" if last > int(seconds) else ""


def tell():
    """Answers probes from now on."""
    for sock in listen.sockets(number("CDK8S_DJANGO_HEARTBEAT_PORT", DEFAULT_PORT)):
        sock.listen(16)
        threading.Thread(target=answer_all, args=(sock,), daemon=True).start()


def answer_all(sock):
    while True:
        try:
            connection, _ = sock.accept()
        except OSError:
            continue
        try:
            connection.settimeout(2)
            words = connection.recv(4096).split()
            why = problem(words[1].decode("latin-1") if len(words) > 1 else "")
            status = "503 Service Unavailable" if why else "200 OK"
            body = f"{why or 'ok'}\n"
            head = f"HTTP/1.0 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}"
            connection.sendall(f"{head}\r\n\r\n{body}".encode())
        except OSError:
            pass  # whoever asked has gone
        finally:
            connection.close()
