#!/usr/bin/env bash
# The variables CELERY_BROKER_URL and CELERY_RESULT_BACKEND count more than what an application of Celery 5.7.0 says itself.
#
# An address that the code gives (`Celery(broker=…)`, `conf.broker_url`, settings read by a namespace) is dropped without
# a word when the process has the variable. So a second application in one process cannot have a broker of its own by
# these means, and a test that sets another address sends to the one of the environment. Other settings have no variable.
# Seen on 2026-11-30 with celery 5.7.0. Needs Python; no server runs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install 'celery[redis]==5.7.0'
cat >program.py <<'PYTHON'
from celery import Celery

arguments = Celery(broker="redis://code.example.com/0", backend="redis://code.example.com/1")
assigned = Celery()
assigned.conf.update(broker_url="redis://code.example.com/0", result_backend="redis://code.example.com/1")
settings = Celery()
settings.config_from_object(
    {"CELERY_BROKER_URL": "redis://code.example.com/0", "CELERY_RESULT_BACKEND": "redis://code.example.com/1"},
    namespace="CELERY",
)
for name, app in (("arguments", arguments), ("conf", assigned), ("namespace", settings)):
    print(f"{name}: {app.connection_for_write().hostname}, {app.backend.connparams['host']}")
PYTHON
{
  echo 'without variables'
  env -u CELERY_BROKER_URL -u CELERY_RESULT_BACKEND venv/bin/python program.py
  echo 'with variables'
  CELERY_BROKER_URL=redis://environment.example.com/0 CELERY_RESULT_BACKEND=redis://environment.example.com/1 \
    venv/bin/python program.py
} >seen

diff seen - <<'SEEN' && echo 'as seen: the environment counts, whatever the code says'
without variables
arguments: code.example.com, code.example.com
conf: code.example.com, code.example.com
namespace: code.example.com, code.example.com
with variables
arguments: environment.example.com, environment.example.com
conf: environment.example.com, environment.example.com
namespace: environment.example.com, environment.example.com
SEEN
