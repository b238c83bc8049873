"""Signs of life of a worker or beat, which a thread of it tells the kubelet: GET /alive/SECONDS.

`celery inspect ping` would start all of Django for each probe and ask the broker, whose absence a
restart would not mend. Any other program that a probe starts takes many seconds on a busy node.
Standard library only, and nothing that a fork of the process could find locked.
"""

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
    listen.answer(number("CDK8S_DJANGO_HEARTBEAT_PORT", DEFAULT_PORT), respond)


def respond(path):
    why = problem(path)
    return "503 Service Unavailable" if why else "200 OK", "text/plain", f"{why or 'ok'}\n"
