"""Every metric of the runtime: its name, kind, labels and meaning. Standard library only."""

from typing import NamedTuple

# Seconds. None is whole: Prometheus 2 would write "1" where Prometheus 3 writes "1.0".
REQUEST_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.5, 2.5, 7.5, 15.5)
QUERY_BOUNDS = (0.001, 0.0025, 0.01, 0.025, 0.1, 0.5, 2.5, 7.5)
TASK_BOUNDS = (0.05, 0.25, 0.75, 2.5, 7.5, 30.5, 90.5, 300.5, 900.5, 3600.5)


class Metric(NamedTuple):
    # counter: a sum that grows, over all processes that ever lived in the pod.
    # histogram: a sum and a count for each bound, likewise.
    # living: a sum over the processes that live.
    # newest: what any process has said last.
    kind: str
    help: str
    labels: tuple = ()
    # The last label of a counter, whose values are all there from the start, with 0.
    parts: tuple = ()
    bounds: tuple = ()
    # The counter that a living number is added to when its process has ended.
    lost: str = ""
    # After so many seconds nobody knows what was said last.
    expires: float = float("inf")

    @property
    def size(self):
        """How many numbers it has for each value of its labels."""
        if self.kind == "histogram":
            return len(self.bounds) + 2
        return 2 if self.kind == "newest" else len(self.parts) or 1


STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
STATES = ("success", "failure", "retry", "other")

METRICS = {
    "django_http_responses_total": Metric(
        "counter", "Responses, by class of status.", ("status",), STATUSES
    ),
    "django_http_requests_total": Metric(
        "counter",
        "Requests that were answered, by name of the view, method and class of status.",
        ("view", "method", "status"),
        STATUSES,
    ),
    "django_http_request_duration_seconds": Metric(
        "histogram",
        "Time from a request to the start of its response.",
        ("view", "method"),
        bounds=REQUEST_BOUNDS,
    ),
    "django_http_requests_in_progress": Metric(
        "living", "Requests whose response has not begun.", lost="django_http_requests_lost_total"
    ),
    "django_http_requests_lost_total": Metric(
        "counter", "Requests that were never answered, because their process had ended."
    ),
    "django_websockets_total": Metric(
        "counter", "WebSockets that were asked for.", ("result",), ("accepted", "refused")
    ),
    "django_websockets_open": Metric("living", "WebSockets that are open."),
    "django_request_capacity": Metric(
        "living", "Requests that all processes can work at together; not for ASGI."
    ),
    "django_processes": Metric("living", "Processes that serve requests or run tasks."),
    "django_database_query_duration_seconds": Metric(
        "histogram",
        "Time of queries, with what the driver takes.",
        ("database",),
        bounds=QUERY_BOUNDS,
    ),
    "django_database_errors_total": Metric(
        "counter",
        "Errors of the database, those of connecting among them.",
        ("database", "error"),
        ("connect", "operational", "integrity", "other"),
    ),
    "django_database_connections": Metric(
        "living", "Connections that are open or taken from a pool.", ("database",)
    ),
    "django_database_connections_opened_total": Metric(
        "counter", "Connections that were opened or taken from a pool.", ("database",)
    ),
    "django_migrations_pending": Metric(
        "newest", "Migrations of this code that the database does not have.", ("database",)
    ),
    "django_database_collations_outdated": Metric(
        "newest",
        "Text orders of the database that are of another version than its data was made with.",
        ("database",),
    ),
    "django_cache_reads_total": Metric(
        "counter", "Keys that were asked for.", ("cache", "result"), ("hit", "miss")
    ),
    "django_tasks_finished_total": Metric(
        "counter", "Runs of tasks, by how they ended.", ("state",), STATES
    ),
    "django_task_runs_total": Metric(
        "counter", "Runs of tasks, by name and by how they ended.", ("task", "state"), STATES
    ),
    "django_task_duration_seconds": Metric(
        "histogram", "Time of a run.", ("task",), bounds=TASK_BOUNDS
    ),
    "django_task_wait_seconds": Metric(
        "histogram", "Time from when a task could begin to its run.", bounds=TASK_BOUNDS
    ),
    "django_tasks_in_progress": Metric(
        "living", "Tasks that are running.", lost="django_tasks_lost_total"
    ),
    "django_tasks_lost_total": Metric(
        "counter", "Runs of tasks that ended with their process: they may come back."
    ),
    "django_task_capacity": Metric("living", "Tasks that all processes can run together."),
    "django_queue_length": Metric(
        "newest",
        "Tasks that wait. Each pod says the same: take the maximum.",
        ("queue",),
        expires=90,
    ),
    "django_queue_age_seconds": Metric(
        "newest",
        "How long the oldest of them waits. Each pod says the same: take the maximum.",
        ("queue",),
        expires=90,
    ),
    # What the exporter reads itself, each time that it is asked.
    "django_worker_ready": Metric("read", "1 while a worker takes tasks, else 0."),
    "django_beat_last_tick_timestamp_seconds": Metric("read", "When beat looked last."),
    "django_connections_waiting": Metric("read", "Connections that no process has taken yet."),
    "django_memory_kills_total": Metric(
        "read", "Processes that were ended because the memory of the container was full."
    ),
    "django_build_info": Metric("read", "1, with the releases as labels."),
}
