#!/usr/bin/env bash
# A task of django-tasks-db 0.13.0 stays RUNNING after its worker was killed, and no later worker takes it.
#
# The database backend for Django's Tasks marks a row RUNNING when a worker claims it. Nothing of it notices that this
# worker is gone: a second worker that empties the queue leaves the row as it is, and `prune_db_task_results` does too.
# A platform that kills workers (memory, nodes, evictions) has to find such rows by other means.
# Seen on 2026-11-28 with Django 5.2.8, django-tasks 0.12.0 and django-tasks-db 0.13.0 on SQLite. Needs Python.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install django==5.2.8 django-tasks==0.12.0 django-tasks-db==0.13.0
cat >settings.py <<'PYTHON'
SECRET_KEY = "only-for-this-script"
USE_TZ = True
INSTALLED_APPS = ["django_tasks", "django_tasks_db"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "tasks.sqlite3", "OPTIONS": {"timeout": 20}}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
PYTHON
cat >work.py <<'PYTHON'
import pathlib
import time

from django_tasks import task


@task()
def slow():
    pathlib.Path("began").touch()
    time.sleep(600)


@task()
def quick():
    return 1
PYTHON
export DJANGO_SETTINGS_MODULE=settings PYTHONPATH=$work
django() { venv/bin/python -W ignore -m django "$@"; }
run() { venv/bin/python -W ignore -c "import django; django.setup(); $1"; }

django migrate --verbosity 0
run 'import work; work.slow.enqueue()'
venv/bin/python -W ignore -m django db_worker --no-startup-delay >/dev/null 2>&1 &
worker=$!
for _ in $(seq 300); do [ -e began ] && break || sleep 0.1; done
kill -KILL $worker
wait $worker 2>/dev/null || true
run 'import work; work.quick.enqueue()'
django db_worker --batch --no-startup-delay >/dev/null 2>&1
django prune_db_task_results --min-age-days 0 >/dev/null 2>&1
run '
from django_tasks_db.models import DBTaskResult
for row in DBTaskResult.objects.order_by("enqueued_at"):
    print(row.task_path, row.status)' >seen

diff seen - <<'SEEN' && echo 'as seen: the task of the killed worker is RUNNING for ever'
work.slow RUNNING
SEEN
