#!/usr/bin/env bash
# `--root-path /shop` means two things: uvicorn puts the prefix before each path, hypercorn, daphne and granian do not.
#
# So behind a router that keeps the prefix, Django under uvicorn gets the path /shop/orders for what is /orders under the
# others, and builds /shop/shop/orders as its own address. Behind a router that cuts the prefix, Django's
# `request.path`, which redirects of its own use, lacks the prefix under the others alone.
# Seen on 2026-11-30 with Django 5.2.8, uvicorn 0.54.0, hypercorn 0.18.0, daphne 4.2.3, granian 2.8.9 and Python 3.11.
# Needs Python and curl; listens on 127.0.0.1 alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install django==5.2.8 uvicorn==0.54.0 hypercorn==0.18.0 daphne==4.2.3 \
  granian==2.8.9
cat >program.py <<'PYTHON'
import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import re_path

settings.configure(SECRET_KEY="only-for-this-script", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])


def show(request):
    return HttpResponse(f"{request.path_info} of {request.path}")


urlpatterns = [re_path("", show)]
application = get_asgi_application()
PYTHON

serve() {
  local name=$1 server
  shift
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "venv/bin/$name" "${@//PORT/$port}" program:application >log 2>&1 &
  server=$!
  for path in /shop/orders /orders; do
    curl --silent --output answer --retry 30 --retry-all-errors --retry-delay 1 "http://127.0.0.1:$port$path"
    echo "$name, $path: $(cat answer)"
  done
  kill -TERM $server
  wait $server 2>/dev/null || true
}
{
  serve uvicorn --root-path /shop --port PORT
  serve hypercorn --root-path /shop --bind 127.0.0.1:PORT
  serve daphne --root-path /shop --port PORT
  serve granian --interface asginl --url-path-prefix /shop --port PORT
} >seen

diff seen - <<'SEEN' && echo 'as seen: uvicorn alone wants a router that cuts the prefix'
uvicorn, /shop/orders: /shop/orders of /shop/shop/orders
uvicorn, /orders: /orders of /shop/orders
hypercorn, /shop/orders: /orders of /shop/orders
hypercorn, /orders: /orders of /orders
daphne, /shop/orders: /orders of /shop/orders
daphne, /orders: /orders of /orders
granian, /shop/orders: /orders of /shop/orders
granian, /orders: /orders of /orders
SEEN
