"""python -m celery --app cdk8s_django.celery_app worker|beat …

The application's own Celery application, named by CDK8S_DJANGO_CELERY_APP, whose worker and beat
give signs of life:

- alive: the main loop turns, or waits for a broker that does not answer,
- ready: the main loop turns, and the broker answers.
"""

import importlib
import os
import sys
import threading

from celery import bootsteps, signals
from celery.apps import worker
from celery.apps.beat import Beat
from kombu import Connection

from cdk8s_django import celery_conf, celery_pool, celery_requests, command_line, heartbeat
from cdk8s_django.environment import BadVariable, flag, number, text
from cdk8s_django.errors import Failure, reason
from cdk8s_django.logs import capture, line_for, log_format, note

SETTINGS_MODULE = os.environ.get("DJANGO_SETTINGS_MODULE")


class Heartbeat(bootsteps.StartStopStep):
    """In the worker's main loop, once it takes tasks.

    A step of the consumer, which is started anew with each connection to the broker: the timers of
    the loop end with the connection.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)
    timer = None
    solo = None

    def __init__(self, consumer, **options):
        self.kills = celery_pool.Kills()
        super().__init__(consumer, **options)

    def start(self, consumer):
        if celery_pool.name_of(consumer.pool) == "solo" and not self.solo:
            self.solo = celery_pool.SoloLife(consumer.controller.time_limit)
        self.sign()
        self.timer = consumer.timer.call_repeatedly(heartbeat.INTERVAL, self.sign)

    def sign(self):
        heartbeat.beat("alive", "ready")
        self.kills.look()

    def stop(self, consumer):
        heartbeat.forget("ready")
        if self.timer:
            self.timer.cancel()


def tell(**_):
    """Other commands than `worker` and `beat` answer no probes."""
    heartbeat.tell()


def beat_init(sender, **_):
    """After each tick of beat, which is made to tick as often as signs are due."""
    tick = sender.scheduler.tick
    has_begun = threading.Event()

    def ticked(*arguments, **options):
        has_begun.set()
        interval = tick(*arguments, **options)
        heartbeat.beat("alive", "ready")
        return min(interval or 0, heartbeat.INTERVAL)

    sender.scheduler.tick = ticked
    tell()
    heartbeat.beat("alive")
    threading.Thread(target=wait_for_first_tick, args=(has_begun,), daemon=True).start()


def wait_for_first_tick(has_begun):
    """A scheduler may wait for a lock that a beat before it left (celery-redbeat, 25 minutes)."""
    while not has_begun.wait(heartbeat.INTERVAL):
        heartbeat.beat("alive")


def patient(ensure_connection):
    """The main loop stands still while it waits for the broker, and is alive all the same."""

    def ensured(connection, *arguments, callback=None, **options):
        def each_second():
            heartbeat.forget("ready")
            heartbeat.beat("alive")
            if callback:
                callback()

        # Celery's own wait grows to half a minute: so long nobody would notice a broker is back.
        options.setdefault("interval_max", 5)
        return ensure_connection(connection, *arguments, callback=each_second, **options)

    return ensured


def leave_logging_alone(**_):
    """Celery does so when somebody listens to this signal: the overlay has configured it."""


def leave_banner_out(sender, **_):
    """A log of JSON has no drawing in it."""
    sender.quiet = True


def say(message, *_):
    """What Celery says in a handler of signals, in which no stream may be written to."""
    os.write(1, f"{line_for('celery.worker', message.strip(), 'INFO')}\n".encode())


def quietly(run):
    def run_quietly(beat):
        beat.quiet = True
        run(beat)

    return run_quietly


def find_app():
    name = text("CDK8S_DJANGO_CELERY_APP")
    module, _, attribute = name.partition(":")
    if not attribute:
        raise BadVariable(
            f"CDK8S_DJANGO_CELERY_APP is '{name}': it must be like 'mysite.celery:app'"
        )
    importlib.import_module("django").setup()
    found = getattr(importlib.import_module(module), attribute, None)
    if found is None:
        raise Failure(f"module '{module}' has no '{attribute}'")
    if os.environ.get("DJANGO_SETTINGS_MODULE") != SETTINGS_MODULE:
        raise Failure(
            f"'{module}' sets DJANGO_SETTINGS_MODULE: let it call os.environ.setdefault()"
        )
    return found


capture()
# The rest is as by hand; after SIGHUP a worker is started by it again.
sys.argv[0] = command_line.program("celery")
celery_conf.lay_for_all()
try:
    app = find_app()
except (Exception, SystemExit) as error:
    note(f"Celery cannot start: {reason(error)}", level="ERROR")
    sys.exit(1)
app.steps["consumer"].add(Heartbeat)
if number("CDK8S_DJANGO_METRICS_PORT"):
    importlib.import_module("cdk8s_django.celery_metrics").connect(app)
if flag("CDK8S_DJANGO_TRACES"):
    importlib.import_module("cdk8s_django.celery_traces").connect()
signals.beat_init.connect(beat_init)
signals.celeryd_init.connect(tell)
signals.worker_init.connect(celery_pool.fit)
Connection.ensure_connection = patient(Connection.ensure_connection)
if log_format():
    celery_requests.connect()
    signals.setup_logging.connect(leave_logging_alone)
    signals.worker_init.connect(leave_banner_out)
    worker.safe_say = say
    Beat.run = quietly(Beat.run)
