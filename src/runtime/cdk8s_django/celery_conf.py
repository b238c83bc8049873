"""What a worker makes of the application's Celery settings, in any spelling and from any source.

Celery's own configuration is changed, after it was read and before any task is bound to it. So a
namespace, old names of settings, a module of its own and `app.conf` all count as the application's
word. What it says itself stays, except for the time limit when the program gives one.
"""

from celery import VERSION, Celery, signals
from celery.app.utils import Settings

from cdk8s_django.environment import flag, number
from cdk8s_django.logs import note
from cdk8s_django.servers import amqp_tls, transport_options

# From the exception in a task to the end of its process.
HARD_LIMIT = 10
LIMITS = ("task_time_limit", "task_soft_time_limit")

# The application's own limits, hard and soft: messages of other pods carry them.
own_limits = (None, None)
# What no task of the worker goes beyond, hard and soft.
limits = (None, None)


def says(conf, name):
    """Whether a setting has a value by other than Celery's defaults, which are last."""
    try:
        Settings({}, conf.maps[:-1], conf._keys, conf.prefix)[name]
    except KeyError:
        return False
    return True


def lay_default(conf, name, value):
    if not says(conf, name):
        conf[name] = value


def lay(source, **_):
    """For each Celery application of the process, once its configuration was read."""
    global own_limits
    conf = source
    own = tuple(conf[name] for name in LIMITS)
    if any(own):
        own_limits = own
    # The pool's own limit is for every task without one. A task's would travel with its messages.
    conf.update(dict.fromkeys(LIMITS))
    late = flag("CDK8S_DJANGO_CELERY_ACKS_LATE")
    if late:
        # A task is acknowledged after it was done, so none is lost with the process that had it.
        lay_lost_tasks(conf)
    if late or flag("CDK8S_DJANGO_CELERY_SEES_QUEUE"):
        lay_prefetch(conf)
    conf["broker_transport_options"] = {
        **transport_options(),
        **conf["broker_transport_options"],
    }
    url = str(conf.broker_read_url or "")
    if url.startswith("amqps") and not conf["broker_use_ssl"]:
        conf["broker_use_ssl"] = amqp_tls()
    if url.startswith("sqs"):
        # It has no broadcasts.
        conf["worker_enable_remote_control"] = False
    # For ever: a worker that gives up would only be started again.
    lay_default(conf, "broker_connection_retry_on_startup", True)
    lay_default(conf, "broker_connection_max_retries", None)


def lay_lost_tasks(conf):
    lay_default(conf, "task_acks_late", True)
    decided = says(conf, "task_reject_on_worker_lost")
    lay_default(conf, "task_reject_on_worker_lost", True)
    if VERSION >= (5, 7) and not decided:
        # As often as `max_retries` of the task says. Then it fails, and does not come back.
        lay_default(conf, "task_retry_on_worker_lost", True)


def lay_prefetch(conf):
    """A worker takes what it has a process for: what waits is in the queue, where others see it."""
    if says(conf, "worker_prefetch_multiplier") or says(conf, "worker_disable_prefetch"):
        return
    conf["worker_prefetch_multiplier"] = 1
    url = conf.broker_read_url or ""
    if VERSION >= (5, 6) and str(url).startswith(("redis", "sentinel")):
        conf["worker_disable_prefetch"] = True


def lay_for_all():
    """Before the application is imported, which may use its Celery application at once."""
    on_init = Celery.on_init

    def on_init_too(app):
        on_init(app)
        app.on_after_configure.connect(lay, weak=False)

    Celery.on_init = on_init_too
    signals.worker_init.connect(lay_limits)
    signals.task_received.connect(limit_request)


def lay_limits(sender, **_):
    """One limit, which the grace period of the pod follows.

    With `taskTimeLimit` nothing takes longer. Without it, limits of the application stay.
    """
    global limits
    pod = sender.time_limit
    if number("CDK8S_DJANGO_CELERY_TASK_TIME_LIMIT") is not None:
        limits = sender.time_limit, sender.soft_time_limit
    elif any(own_limits):
        hard, soft = own_limits
        sender.time_limit, sender.soft_time_limit = hard or soft + HARD_LIMIT, soft
        warn("the settings let a task", sender.time_limit, pod, "a rollout cuts it off after")
    for task in sender.app.tasks.values():
        asked = task.time_limit, task.soft_time_limit
        task.time_limit, task.soft_time_limit = within(asked)
        ends = "its worker ends it after" if any(limits) else "a rollout cuts it off after"
        warn(f"task '{task.name}' may", max(filter(None, asked), default=0), pod, ends)


def warn(who, seconds, pod, ends):
    if pod and seconds > pod:
        note(f"{who} take {seconds:g} s, and {ends} {pod:g} s: raise taskTimeLimit of the worker")


def within(asked):
    """The limits of a task or a message, hard and soft, as far as they are the worker's at most."""
    return tuple(
        min(seconds, most) if seconds and most else seconds for seconds, most in zip(asked, limits)
    )


def limit_request(request, **_):
    """A message has the limits of its sender: from the settings there, the task or the call."""
    asked = tuple(request.time_limits or ())
    if any(asked):
        # Those of the settings are the same everywhere, and the worker has looked at them.
        request.time_limits = (None, None) if asked == own_limits else within(asked)
