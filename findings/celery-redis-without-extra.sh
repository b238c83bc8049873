#!/usr/bin/env bash
# celery 5.7.0 beside redis, installed without the extra `celery[redis]`, fails at the first task that is sent.
#
# The Redis transport of kombu 5.7.0 imports `packaging`, which only the extra requires. `pip check` is content and the
# worker's configuration loads. The first `send_task` or `delay`, perhaps within a web request, raises the error.
# Seen on 2026-11-28 with celery 5.7.0, kombu 5.7.0 and redis 6.4.0. Needs Python; no server runs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install celery==5.7.0 kombu==5.7.0 redis==6.4.0
venv/bin/pip --disable-pip-version-check check >seen
venv/bin/python - >>seen 2>&1 <<'PYTHON' || true
from celery import Celery

app = Celery(broker="redis://127.0.0.1:1/0")
app.finalize()
print("the application loads")
try:
    app.send_task("mail.send")
except Exception as error:
    print(type(error).__name__, error)
PYTHON

diff seen - <<'SEEN' && echo 'as seen: the transport needs a package that nothing required'
No broken requirements found.
the application loads
ModuleNotFoundError No module named 'packaging'
SEEN
