#!/usr/bin/env bash
# granian 2.8.4 logs a part of a client's IPv6 address: what is before its last colon. The application gets the whole.
#
# Under WSGI the access log takes the address for an address with a port. A client ::1 is logged as `:`, and a client
# ::ffff:192.0.2.7 as `::ffff`, which looks like an address and is the same for all. Release 2.8.5 logs the whole. The
# last release for Python 3.9 is 2.5.7, which cuts too.
# Seen on 2026-11-28 with granian 2.8.4 and 2.8.5, Python 3.11. Needs Python, curl and an IPv6 loopback address.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >application.py <<'PYTHON'
def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["REMOTE_ADDR"].encode()]
PYTHON

serve() {
  python3 -m venv "$1"
  "$1/bin/pip" --quiet --disable-pip-version-check install "granian==$1"
  local port server answer
  port=$(python3 -c 'import socket; s = socket.socket(socket.AF_INET6); s.bind(("::1", 0)); print(s.getsockname()[1])')
  "$1/bin/granian" --interface wsgi --host ::1 --port "$port" --access-log --access-log-fmt 'client %(addr)s' \
    application:wsgi >"log-$1" 2>&1 &
  server=$!
  answer=$(curl --silent --retry 30 --retry-all-errors --retry-delay 1 "http://[::1]:$port/")
  kill $server
  wait $server 2>/dev/null || true
  echo "$1: application $answer, log: $(grep '^client' "log-$1")"
}
{ serve 2.8.4 && serve 2.8.5; } >seen

diff seen - <<'SEEN' && echo 'as seen: the older release logs a part of the address'
2.8.4: application ::1, log: client :
2.8.5: application ::1, log: client ::1
SEEN
