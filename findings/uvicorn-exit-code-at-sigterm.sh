#!/usr/bin/env bash
# uvicorn ends with 143 after an orderly stop since 0.29.0, and with 0 before. As process 1 of a container it ends with 0.
#
# It answers what it has, shuts down, and then raises the signal again for itself. The kernel drops that signal for the
# first process of a container. Behind an init or a supervisor, the same orderly stop looks like a failure.
# Seen on 2026-11-30 with uvicorn 0.28.1, 0.29.0 and 0.54.0 and Python 3.11. Needs Python, curl and an `unshare` that may
# make namespaces of users and processes; listens on 127.0.0.1 alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >program.py <<'PYTHON'
async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
PYTHON
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# Starts the server behind a program or none, asks it once, and tells how it ends.
serve() {
  local version=$1 server told code=0
  shift
  "$@" "uvicorn-$version/bin/uvicorn" --port "$port" program:application >log 2>&1 &
  server=$!
  told=$server
  curl --silent --output answer --retry 30 --retry-all-errors --retry-delay 1 "http://127.0.0.1:$port/"
  if [ $# -gt 1 ]; then told=$(cat "/proc/$server/task/$server/children"); fi
  kill -TERM $told
  wait $server || code=$?
  echo "$version, $1: answered $(cat answer), exit code $code"
}
for version in 0.28.1 0.29.0 0.54.0; do
  python3 -m venv "uvicorn-$version"
  "uvicorn-$version/bin/pip" --quiet --disable-pip-version-check install "uvicorn==$version"
  serve "$version" env
done >seen
serve 0.54.0 unshare --user --map-root-user --pid --fork >>seen

diff seen - <<'SEEN' && echo 'as seen: two exit codes of one server'
0.28.1, env: answered ok, exit code 0
0.29.0, env: answered ok, exit code 143
0.54.0, env: answered ok, exit code 143
0.54.0, unshare: answered ok, exit code 0
SEEN
