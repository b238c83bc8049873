#!/usr/bin/env bash
# A task of django-tasks-db 0.13.0 that has another name than its function is stored, and enqueue raises afterwards.
#
# `send_later = task(send)` keeps the function callable by its own name. django-tasks takes it. The database backend
# stores the row under `work.send`, and then raises SuspiciousOperation because that name leads to the function. The
# caller sees an error, and outside a transaction the row stays as READY.
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
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "tasks.sqlite3"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
PYTHON
cat >work.py <<'PYTHON'
from django_tasks import task


def send():
    return 1


send_later = task(send)
PYTHON
export DJANGO_SETTINGS_MODULE=settings PYTHONPATH=$work
venv/bin/python -W ignore -m django migrate --verbosity 0
venv/bin/python -W ignore - >seen <<'PYTHON'
import django

django.setup()
import work
from django_tasks_db.models import DBTaskResult

try:
    work.send_later.enqueue()
except Exception as error:
    print(type(error).__name__)
for row in DBTaskResult.objects.all():
    print(row.task_path, row.status)
PYTHON

diff seen - <<'SEEN' && echo 'as seen: enqueue raises, and the row is stored'
SuspiciousOperation
work.send READY
SEEN
