"""What a worker and a beat of Celery count: runs of tasks, and what waits in their queues."""

import contextlib
import datetime
import functools
import json
import time

from celery import bootsteps, signals

from cdk8s_django import celery_pool, heartbeat, instruments, metric_files, metric_page
from cdk8s_django.errors import reason
from cdk8s_django.logs import note

# How often a worker asks its broker.
INTERVAL = 15
BEGUN = "cdk8s_django_begun"
# Without a state the run was ended in its midst, as beyond its time limit.
STATES = {"SUCCESS": "success", "FAILURE": "failure", "RETRY": "retry", None: "failure"}


def connect(app):
    """To the signals of Celery: nothing is counted by commands other than `worker` and `beat`."""
    app.steps["consumer"].add(Queues)
    signals.celeryd_init.connect(worker_begins, weak=False)
    signals.worker_init.connect(worker_is_made, weak=False)
    # After those that fit the pool to the memory.
    signals.worker_ready.connect(worker_is_ready, weak=False)
    signals.worker_process_init.connect(process_begins, weak=False)
    signals.beat_init.connect(beat_begins, weak=False)


def worker_begins(**_):
    begin(metric_page.ready)


def beat_begins(**_):
    begin(ticked)


def begin(*readers):
    instruments.hook()
    instruments.loaded()
    metric_page.tell("celery", *readers)


def worker_is_made(sender, **_):
    # Before processes are forked, which go on with them.
    runs = Runs(name for name in sender.app.tasks if not name.startswith("celery."))
    signals.task_prerun.connect(runs.began, weak=False)
    signals.task_postrun.connect(runs.ended, weak=False)


def worker_is_ready(sender, **_):
    worker = sender.controller
    pool = celery_pool.name_of(worker.pool_cls)
    metric_files.own().set("django_task_capacity", to=1 if pool == "solo" else worker.concurrency)
    if pool != "prefork":
        instruments.serve()


def process_begins(**_):
    instruments.serve()


class Runs(instruments.Tasks):
    """The request has when it began: a retry has the same id, and may begin before the end."""

    def began(self, task, **_):
        setattr(task.request, BEGUN, time.monotonic())
        super().began(waited(task.request))

    def ended(self, task, state, **_):
        begun = task.request.get(BEGUN)
        if begun is not None:
            state = STATES.get(state, "other")
            super().ended(task.name, state, time.monotonic() - begun)


def waited(request):
    """Seconds since the task could begin: since it was sent, or since the time that it asks for."""
    sent = request.get(instruments.SENT)
    if not isinstance(sent, (int, float)):
        return None
    with contextlib.suppress(TypeError, ValueError):
        sent = max(sent, datetime.datetime.fromisoformat(request.eta).timestamp())
    return time.time() - sent


def ticked():
    age = heartbeat.age("ready")
    if age is not None:
        yield "django_beat_last_tick_timestamp_seconds", {}, time.time() - age


class Queues(bootsteps.StartStopStep):
    """Asks the broker in the worker's main loop, which is between tasks and forks."""

    requires = ("celery.worker.consumer.tasks:Tasks",)
    timer = None
    said = None

    def start(self, consumer):
        look = functools.partial(self.look, consumer)
        self.timer = consumer.timer.call_repeatedly(INTERVAL, look)
        look()

    def stop(self, consumer):
        if self.timer:
            self.timer.cancel()

    def look(self, consumer):
        now = time.time()
        try:
            with consumer.app.connection_for_read() as connection:
                for queue in list(consumer.task_consumer.queues):
                    name = getattr(queue, "name", queue)
                    say("django_queue_length", name, length(connection, name), now)
                    oldest = sent_first(connection, name)
                    if oldest is not None:
                        say("django_queue_age_seconds", name, max(0, now - oldest), now)
            self.said = None
        except Exception as error:
            why = reason(error)
            if why != self.said:
                note(f"metrics: the length of queues is not known: {why}", level="WARNING")
            self.said = why


def say(metric, queue, value, now):
    metric_files.own().say(metric, queue, value=value, now=now)


def length(connection, queue):
    try:
        # A channel of its own, which an answer of AMQP that there is no such queue closes.
        with connection.channel() as channel:
            return channel.queue_declare(queue=queue, passive=True).message_count
    except connection.channel_errors:
        return 0


def sent_first(connection, queue):
    """When the oldest message was sent, where the broker shows it: Redis, Valkey, Sentinel.

    Of an empty queue, now; None if that is not known.
    """
    with connection.channel() as channel:
        if not hasattr(channel, "_q_for_pri"):
            return None
        with channel.conn_or_acquire() as client:
            found = [
                client.lindex(channel._q_for_pri(queue, priority), -1)
                for priority in channel.priority_steps
            ]
    oldest = [message for message in found if message is not None]
    sent = [json.loads(message)["headers"].get(instruments.SENT) for message in oldest]
    if None in sent:
        # By a process that does not count, such as a script of somebody's.
        return None
    return min(sent, default=time.time())
