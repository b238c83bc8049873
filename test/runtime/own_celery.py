"""Celery applications as they are written elsewhere, and what a worker's pod makes of them."""

import json

# The places in which an application may say a setting: what is written where.
SOURCES = {
    "settings with the namespace CELERY": (
        "{CELERY}",
        'app.config_from_object("django.conf:settings", namespace="CELERY")',
    ),
    "settings with another namespace": (
        "{BROKER_WORK}",
        'app.config_from_object("django.conf:settings", namespace="BROKER_WORK")',
    ),
    "settings with the old names": ("{old}", 'app.config_from_object("django.conf:settings")'),
    "a module of its own": ("", 'app.config_from_object("own_conf")'),
    "the application's own conf": (
        "",
        'app.config_from_object("django.conf:settings", namespace="CELERY")\n'
        "app.conf.update(**{values})",
    ),
    "the application's own arguments": ("", "app = Celery('own', **{values})"),
}
OLD = {
    "task_time_limit": "CELERYD_TASK_TIME_LIMIT",
    "task_soft_time_limit": "CELERYD_TASK_SOFT_TIME_LIMIT",
    "task_acks_late": "CELERY_ACKS_LATE",
    "task_reject_on_worker_lost": "CELERY_REJECT_ON_WORKER_LOST",
    "worker_prefetch_multiplier": "CELERYD_PREFETCH_MULTIPLIER",
}
TASKS = """
import time
from celery.exceptions import SoftTimeLimitExceeded

def noted(text):
    with open(os.environ["TEST_NOTES"], "a") as notes:
        notes.write(f"{text}\\n")

@app.task
def wait(seconds):
    noted("began")
    try:
        time.sleep(seconds)
        noted("ended")
    except SoftTimeLimitExceeded:
        noted("soft")

@app.task(time_limit=7, soft_time_limit=6)
def brief(): pass

@app.task(time_limit=7200)
def lengthy(): pass

@app.task(acks_late=False)
def early(): pass

@app.task
def killed(times):
    with open(os.environ["TEST_NOTES"]) as notes:
        before = notes.read().count("began")
    noted("began")
    if before < times:
        os.kill(os.getpid(), 9)
    noted("ended")
"""
# Used before the worker is there, as by a schedule: a task is bound to its settings then.
USED_EARLY = "early_bound = wait.s(1)\n"

SHOW = """
import json, os, sys
import celery.apps.worker, django

def show(names):
    from cdk8s_django.celery_app import app
    worker = app.Worker(concurrency=2, time_limit=310, soft_time_limit=300, without_gossip=True)
    own = [task for name, task in app.tasks.items() if name.startswith("own_celery_app.")]
    tasks = {
        task.name.partition(".")[2]: [task.time_limit, task.soft_time_limit, task.acks_late]
        for task in own
    }
    conf = {name: app.conf.get(name) for name in names}
    return {"conf": conf, "limits": [worker.time_limit, worker.soft_time_limit], "tasks": tasks}

# Each in a process of its own, which has imported Celery already.
for folder in json.loads(sys.argv[1]):
    if not os.fork():
        sys.path.insert(0, folder)
        os.dup2(os.open(f"{folder}/stderr", os.O_CREAT | os.O_WRONLY), 2)
        with open(f"{folder}/shown", "w") as shown:
            json.dump(show(sys.argv[2:]), shown)
        os._exit(0)
    os.wait()
"""


def write(folder, source="settings with the namespace CELERY", **values):
    """Writes `own_settings` and `own_celery_app` with these values of Celery's settings."""
    form, configure = SOURCES[source]
    lines = []
    for name, value in values.items():
        spelt = {
            "{CELERY}": f"CELERY_{name.upper()}",
            "{BROKER_WORK}": f"BROKER_WORK_{name.upper()}",
            "{old}": OLD.get(name, name.upper()),
        }.get(form)
        if spelt:
            lines.append(f"{spelt} = {value!r}")
    (folder / "own_settings.py").write_text("\n".join(["USE_TZ = True", *lines]) + "\n")
    own = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    (folder / "own_conf.py").write_text(own + "\n")
    (folder / "own_celery_app.py").write_text(
        "import os\nfrom celery import Celery\n"
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "own_settings")\n'
        "app = Celery('own')\n"
        + configure.replace("{values}", json_literal(values))
        + "\n"
        + TASKS
        + USED_EARLY
    )


def json_literal(values):
    return repr(json.loads(json.dumps(values)))
