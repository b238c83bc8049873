#!/usr/bin/env bash
# What gunicorn's threads do at SIGTERM with an idle kept connection, as a router holds it, differs by version.
#
# With `--threads 2 --keep-alive 75 --graceful-timeout 15`, 23.0.0 and 27.0.1 close the idle connection within a few
# seconds, whatever the timeout says. 25.3.0 keeps it open and waits for the whole timeout. A router that sends its next
# request on that connection loses it in the first case: it has to be told to leave before SIGTERM.
# Seen on 2026-11-28 with gunicorn 23.0.0, 25.3.0 and 27.0.1 on Python 3.11. Needs Python; listens on 127.0.0.1 alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >app.py <<'PYTHON'
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
PYTHON
cat >visit.py <<'PYTHON'
import http.client
import signal
import socket
import subprocess
import sys
import time

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
options = ["--threads", "2", "--keep-alive", "75", "--graceful-timeout", "15", "--bind", f"127.0.0.1:{port}"]
server = subprocess.Popen([sys.argv[1], *options, "app:application"], stderr=subprocess.DEVNULL)
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
for attempt in range(100):
    try:
        connection.connect()
        break
    except OSError:
        time.sleep(0.2)
connection.request("GET", "/")
connection.getresponse().read()
kept = connection.sock
server.send_signal(signal.SIGTERM)
begin = time.monotonic()
kept.recv(1)
print("after the timeout" if time.monotonic() - begin > 14 else "long before the timeout")
server.wait()
PYTHON
for version in 23.0.0 25.3.0 27.0.1; do
  python3 -m venv "venv-$version"
  "venv-$version/bin/pip" --quiet --disable-pip-version-check install "gunicorn==$version"
  echo "$version closes the idle connection $(python3 visit.py "venv-$version/bin/gunicorn")"
done >seen

diff seen - <<'SEEN' && echo 'as seen: 25.3.0 alone waits'
23.0.0 closes the idle connection long before the timeout
25.3.0 closes the idle connection after the timeout
27.0.1 closes the idle connection long before the timeout
SEEN
