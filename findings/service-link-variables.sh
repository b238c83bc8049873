#!/usr/bin/env bash
# A Service called flower, granian or uvicorn keeps the server of that name from starting, in each pod of its namespace.
#
# Kubernetes gives pods a variable NAME_PORT=tcp://ADDRESS:PORT for each Service, unless `enableServiceLinks` is false.
# flower 2.2.0, granian 2.8.9 and uvicorn 0.54.0 read their port from a variable of just this name, and stop because it is
# no number. Which Service did it is not in the message.
# Seen on 2026-11-30 with Celery 5.7.0 and Python 3.11. Needs Python; the variable is set as the kubelet sets it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install celery==5.7.0 flower==2.2.0 granian==2.8.9 uvicorn==0.54.0
cat >program.py <<'PYTHON'
from celery import Celery

app = Celery(broker="memory://")
PYTHON

start() {
  local name=$1 code=0
  shift
  env "${name^^}_PORT=tcp://10.96.12.7:8000" timeout 60 "$@" >log 2>&1 || code=$?
  echo "$name: exit code $code, $(tail -1 log)"
}
{
  start flower venv/bin/celery --app program flower
  start granian venv/bin/granian program:app
  start uvicorn venv/bin/uvicorn program:app
} >seen

diff seen - <<'SEEN' && echo 'as seen: each takes the address of the Service for its own port'
flower: exit code 1, ValueError: invalid literal for int() with base 10: 'tcp://10.96.12.7:8000'
granian: exit code 2, Error: Invalid value for '--port': 'tcp://10.96.12.7:8000' is not a valid integer.
uvicorn: exit code 2, Error: Invalid value for '--port': 'tcp://10.96.12.7:8000' is not a valid integer.
SEEN
