"""gunicorn --config python:cdk8s_django.gunicorn_conf

gunicorn takes the settings that it knows among this module's names; the command line wins.
"""

import atexit
import inspect
import mmap
import os
import signal
import sys
import threading
import time

from gunicorn.glogging import Logger

from cdk8s_django import access_log, listen, metrics, processes, request_ids
from cdk8s_django.environment import HEALTH_PATHS
from cdk8s_django.errors import Failure, reason
from cdk8s_django.gunicorn_project import PROJECT
from cdk8s_django.loading import begin, flush_traces, loaded, served
from cdk8s_django.logs import JsonFormatter, NotHealth, log_format, note
from cdk8s_django.terminate import terminating

# The heartbeat file of a worker: on a disk it can block the worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
# Since 25.1 gunicorn opens a socket under HOME to be controlled through; nothing here uses it.
control_socket_disable = True
accesslog = "-"

# Shared with the workers, which are forked after this: why one of them could not start.
BOOT_FAILURE = mmap.mmap(-1, 4096)
# Likewise: whether the processes beside the first are still to be started.
WAITS_FOR_FIRST = mmap.mmap(-1, 1)


class ContainerLogger(Logger):
    """No lines for probes; JSON when the pod's logs are."""

    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.access_log.handlers:
            handler.addFilter(NotHealth())
        if log_format():
            for handler in [*self.access_log.handlers, *self.error_log.handlers]:
                handler.setFormatter(JsonFormatter(log_format()))

    def atoms(self, *arguments):
        known = super().atoms(*arguments)
        return {name: access_log.safe(value) for name, value in known.items()}

    def access(self, resp, req, environ, request_time):
        if environ.get("PATH_INFO") in HEALTH_PATHS:
            return
        if not log_format():
            super().access(resp, req, environ, request_time)
            return
        atoms = self.atoms(resp, req, environ, request_time)
        known = {
            "method": atoms["m"],
            "path": f"{atoms['U']}?{atoms['q']}" if atoms["q"] else atoms["U"],
            "status": int(str(atoms["s"])),
            "bytes": atoms["B"],
            # The ASGI worker gives no timedelta, only these two fields of one.
            "seconds": round(request_time.seconds + request_time.microseconds / 1e6, 6),
            "client": environ.get("HTTP_X_FORWARDED_FOR") or environ.get("REMOTE_ADDR"),
            "user_agent": atoms["a"],
            "referer": atoms["f"],
            "protocol": atoms["H"],
        }
        if log_format() != "gke":
            del known["protocol"]
        message = f"{known['method']} {known['path']} {known['status']}"
        with request_ids.answered(resp.headers, environ):
            self.access_log.info(message, extra=access_log.fields(**known))


logger_class = ContainerLogger


def project_hook(name, *arguments):
    if name in PROJECT:
        PROJECT[name](*arguments)


def post_fork(server, worker):
    load = worker.load_wsgi

    def load_wsgi():
        is_loaded = keep_alive(worker)
        try:
            begin(capacity(worker.cfg))
            load()
            loaded()
            # The class for ASGI has another name for the same. A class of uvicorn's has not.
            attribute = "asgi" if hasattr(worker, "asgi") else "wsgi"
            application = getattr(worker, attribute)
            is_asgi = attribute == "asgi" or is_asynchronous(application)
            setattr(worker, attribute, served(application, is_asgi))
        except (Exception, SystemExit) as error:
            why = reason(error).encode()[:4000]
            BOOT_FAILURE[: len(why)] = why
            if isinstance(error, SystemExit):
                # gunicorn would start a worker again and again.
                raise Failure(reason(error)) from error
            raise
        finally:
            is_loaded.set()

    worker.load_wsgi = load_wsgi
    project_hook("post_fork", server, worker)


def is_asynchronous(application):
    call = getattr(application, "__call__", None)  # noqa: B004
    return any(map(inspect.iscoroutinefunction, (application, call)))


def capacity(cfg):
    """How many requests a process works at together; None where that is not known."""
    kind = cfg.worker_class_str
    if kind in ("gevent", "eventlet"):
        return cfg.worker_connections
    return cfg.threads if kind == "gthread" else 1 if kind == "sync" else None


ENDING = {"looked_at": 0.0, "is": False}


def is_ending():
    """Whether preStop runs: the router is to have no connection left when gunicorn is told to stop.

    Releases of gunicorn differ in what they do of those that are idle then, and 23 closes them at
    once, with a request that is on its way. Looked for once a second.
    """
    now = time.monotonic()
    if now - ENDING["looked_at"] > 1:
        ENDING.update(looked_at=now, **{"is": terminating()})
    return ENDING["is"]


def pre_request(worker, req):
    if is_ending() and hasattr(req, "force_close"):
        req.force_close()
    project_hook("pre_request", worker, req)


def keep_alive(worker):
    """Gives signs of life while the application is loaded, which takes its time on a busy node.

    How long it may take is the startup probe's to say, not gunicorn's timeout for requests.
    """
    is_loaded = threading.Event()

    def give_signs():
        while not is_loaded.wait(1):
            worker.notify()

    threading.Thread(target=give_signs, daemon=True).start()
    return is_loaded


def on_starting(server):
    """gunicorn falls over a second worker that cannot start, and then forgets on_exit."""
    atexit.register(say_why, os.getpid())
    project_hook("on_starting", server)


def when_ready(server):
    """The first process alone at first: by its size it is known how many fit."""
    listen.SERVING = [listener.sock for listener in server.LISTENERS]
    server.wanted_workers = server.num_workers
    if server.num_workers > 1:
        WAITS_FOR_FIRST[0] = 1
        server.num_workers = 1
    project_hook("when_ready", server)


def post_worker_init(worker):
    project_hook("post_worker_init", worker)
    if WAITS_FOR_FIRST[0]:
        os.kill(worker.ppid, signal.SIGTTIN)


def nworkers_changed(server, new, old):
    if WAITS_FOR_FIRST[0] and (old, new) == (1, 2):
        WAITS_FOR_FIRST[0] = 0
        pid = min(server.WORKERS, default=server.pid)
        server.num_workers = processes.fitting(server.wanted_workers, pid)
    else:
        project_hook("nworkers_changed", server, new, old)


def say_why(server_pid):
    why = BOOT_FAILURE[:].rstrip(b"\0").decode(errors="replace")
    # The workers are forks, and inherit what runs at the end of the server.
    if why and os.getpid() == server_pid:
        sys.stdout.flush()
        note(f"the web server cannot start: {why}", level="ERROR")


KILLS = processes.Kills()


def worker_exit(server, worker):
    if "django.db" in sys.modules:
        from cdk8s_django.databases import close_pools

        close_pools()
    flush_traces()
    project_hook("worker_exit", server, worker)


def child_exit(server, worker):
    metrics.forget_the_dead()
    KILLS.look()
    project_hook("child_exit", server, worker)


# What is neither ours nor on the command line is as the project says.
globals().update({name: value for name, value in PROJECT.items() if name not in globals()})
if "accesslog" in PROJECT:
    accesslog = PROJECT["accesslog"]
