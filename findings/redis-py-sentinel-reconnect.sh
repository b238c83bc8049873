#!/usr/bin/env bash
# A connection of redis-py that Sentinels manage connects again to the last primary, without asking them.
#
# `connect()` of SentinelManagedConnection asks for the primary's address. A command on a connection that was lost calls
# `connect_check_health()` in its place, which does not. So retries within redis-py reach the server that was the primary
# before: it is away, or answers READONLY. Seen on 2026-11-29 with redis 8.1.0; 5.2.1 asks each time. Needs Python.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >program.py <<'PYTHON'
import socket
import threading

import redis
from redis.sentinel import SentinelManagedConnection


def serve(name):
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(client):
        while data := client.recv(65536):
            client.sendall(b"+OK\r\n" * data.count(b"*", 0) if b"WHO" not in data else b"+" + name + b"\r\n")

    def accept():
        while True:
            threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()


class Pool:
    is_master = True
    check_connection = False
    service_name = "queue"
    addresses = [serve(b"the first primary"), serve(b"the next primary")]

    def get_master_address(self):
        return self.addresses.pop(0)


connection = SentinelManagedConnection(connection_pool=Pool(), protocol=2, lib_name=None, lib_version=None)
connection.connect()
connection.disconnect()
connection.send_command("WHO")
print(f"redis {redis.__version__}: answered by {connection.read_response().decode()}")
PYTHON

for version in 5.2.1 8.1.0; do
  python3 -m venv "$version"
  "$version/bin/pip" --quiet --disable-pip-version-check install "redis==$version"
  timeout 20 "$version/bin/python" program.py
done >seen

diff seen - <<'SEEN' && echo 'as seen: a lost connection goes back to the last primary'
redis 5.2.1: answered by the next primary
redis 8.1.0: answered by the first primary
SEEN
