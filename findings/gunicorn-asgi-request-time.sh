#!/usr/bin/env bash
# gunicorn 27.0.1 gives the access method of a logger class two kinds of times, by the worker that serves.
#
# With `--worker-class sync` the last argument of `Logger.access` is a datetime.timedelta. With `--worker-class asgi` it
# is an object of gunicorn's own that has no `total_seconds`. A logger class that was written for the one fails with the
# other at each request.
# Seen on 2026-11-28 with gunicorn 27.0.1 and Python 3.11. Needs Python and curl.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install gunicorn==27.0.1
cat >applications.py <<'PYTHON'
def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})
PYTHON
cat >configuration.py <<'PYTHON'
from gunicorn.glogging import Logger


class Access(Logger):
    def access(self, resp, req, environ, request_time):
        with open("times", "a") as times:
            print(type(request_time).__name__, hasattr(request_time, "total_seconds"), file=times)


logger_class = Access
accesslog = "-"
PYTHON

serve() {
  venv/bin/gunicorn --worker-class "$1" --config configuration.py --bind unix:"$work/$1" "applications:$2" 2>/dev/null &
  local server=$!
  for _ in $(seq 100); do [ -S "$1" ] && break || sleep 0.1; done
  curl --silent --retry 20 --retry-all-errors --retry-delay 1 --unix-socket "$1" http://localhost/ >/dev/null
  kill $server
  wait $server 2>/dev/null || true
}
serve sync wsgi
serve asgi asgi

diff times - <<'SEEN' && echo 'as seen: the time of a request has total_seconds with one worker, and not with the other'
timedelta True
_RequestTime False
SEEN
