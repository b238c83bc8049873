"""What workers of Django's own Tasks count: runs of tasks, and what waits in the database."""

import time

from cdk8s_django import instruments, metric_files, metric_page

# How often the keeper asks the database.
INTERVAL = 15
STATES = {"SUCCESSFUL": "success", "FAILED": "failure"}
# The backend's own table has the last year of the calendar for a task that may run at once.
WAITING = """
    SELECT queue_name, count(*),
        extract(epoch FROM clock_timestamp() - min(
            CASE WHEN run_after <= clock_timestamp() THEN greatest(run_after, enqueued_at)
            ELSE enqueued_at END))::float
    FROM django_tasks_database_dbtaskresult
    WHERE status = 'READY' AND (run_after <= clock_timestamp() OR run_after > '9000-01-01')
    GROUP BY queue_name
"""


def tell():
    """In the first process, which has no Django."""
    metric_page.tell("django-tasks-db", metric_page.ready)


def count(compat):
    """In a worker, by the signals of the backend."""
    instruments.hook()
    instruments.loaded()
    instruments.serve(1, "django_task_capacity")
    runs = Runs()
    compat.task_started.connect(runs.began, weak=False)
    compat.task_finished.connect(runs.ended, weak=False)


class Runs(instruments.Tasks):
    """A worker runs one task at a time."""

    begun = None

    def began(self, task_result, **_):
        self.begun = time.monotonic()
        since = [task_result.enqueued_at, task_result.task.run_after]
        stamps = [moment.timestamp() for moment in since if moment is not None]
        super().began(time.time() - max(stamps))

    def ended(self, task_result, **_):
        if self.begun is None:
            return
        state = STATES.get(str(task_result.status), "other")
        super().ended(task_result.task.module_path, state, time.monotonic() - self.begun)
        self.begun = None


class Queues:
    """Asked for by the keeper, which has a connection of its own."""

    def __init__(self, query):
        from django.conf import settings

        self.query = query
        self.looked = -INTERVAL
        own = (getattr(settings, "TASKS", None) or {}).get("default", {})
        self.names = set(own.get("QUEUES") or ["default"])

    def look(self):
        if time.monotonic() - self.looked < INTERVAL:
            return
        self.looked = time.monotonic()
        waiting = {queue: numbers for queue, *numbers in self.query(WAITING)}
        self.names.update(waiting)
        for queue in self.names:
            count, age = waiting.get(queue, (0, 0))
            self.say("django_queue_length", queue, count)
            self.say("django_queue_age_seconds", queue, max(0, age))

    def say(self, metric, queue, value):
        metric_files.own().say(metric, queue, value=value, now=time.time())
