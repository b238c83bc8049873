#!/usr/bin/env bash
# The body of a request that is sent in chunks is empty for Django under WSGI, and whole under ASGI. Nothing is logged.
#
# A client that streams what it sends (a generator, a pipe, some webhooks and proxies) gives no Content-Length. gunicorn
# and granian decode its chunks, and Django's WSGI request takes a missing length for 0: `request.body` is empty, and a
# form has no fields. The same view under ASGI gets the body.
# Seen on 2026-11-30 with Django 5.2.8, gunicorn 27.0.1 and granian 2.8.9 on Python 3.11. Needs Python and curl.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install django==5.2.8 gunicorn==27.0.1 granian==2.8.9
cat >program.py <<'PYTHON'
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import re_path

settings.configure(SECRET_KEY="only-for-this-script", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])
urlpatterns = [re_path("", lambda request: HttpResponse(f"{len(request.body)} bytes"))]
asgi = get_asgi_application()
wsgi = get_wsgi_application()
PYTHON

serve() {
  local interface=$1 name=$2 server
  shift 2
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "venv/bin/$name" "${@//PORT/$port}" "program:$interface" >log 2>&1 &
  server=$!
  ask() { curl --silent --retry 30 --retry-all-errors --retry-delay 1 --data hello "$@" "http://127.0.0.1:$port/"; }
  echo "$name, $interface: with a length $(ask), in chunks $(ask --header 'Transfer-Encoding: chunked')"
  kill -TERM $server
  wait $server 2>/dev/null || true
}
{
  serve wsgi gunicorn --threads 2 --bind 127.0.0.1:PORT
  serve wsgi granian --interface wsgi --port PORT
  serve asgi gunicorn --worker-class asgi --bind 127.0.0.1:PORT
  serve asgi granian --interface asginl --port PORT
} >seen

diff seen - <<'SEEN' && echo 'as seen: under WSGI a body in chunks is empty'
gunicorn, wsgi: with a length 5 bytes, in chunks 0 bytes
granian, wsgi: with a length 5 bytes, in chunks 0 bytes
gunicorn, asgi: with a length 5 bytes, in chunks 5 bytes
granian, asgi: with a length 5 bytes, in chunks 5 bytes
SEEN
