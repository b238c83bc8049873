"""gunicorn --config python:cdk8s_django.gunicorn_conf

gunicorn takes the settings that it knows among this module's names; the command line wins.
"""

import atexit
import mmap
import os
import sys

from gunicorn.glogging import Logger

from cdk8s_django.environment import HEALTH_PATHS
from cdk8s_django.errors import Failure, reason
from cdk8s_django.logs import TRACE, JsonFormatter, NotHealth, log_format, note

# The heartbeat file of a worker: on a disk it can block the worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
# Since 25.1 gunicorn opens a socket under HOME to be controlled through; nothing here uses it.
control_socket_disable = True
# Each worker opens its own connections and threads.
preload_app = False
accesslog = "-"

# As the pod has it: wsgi.py may set another one.
SETTINGS_MODULE = os.environ.get("DJANGO_SETTINGS_MODULE")
# Shared with the workers, which are forked after this: why one of them could not start.
BOOT_FAILURE = mmap.mmap(-1, 4096)


class ContainerLogger(Logger):
    """No lines for probes; JSON when the pod's logs are."""

    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.access_log.handlers:
            handler.addFilter(NotHealth())
        if log_format():
            for handler in [*self.access_log.handlers, *self.error_log.handlers]:
                handler.setFormatter(JsonFormatter(log_format()))

    def access(self, resp, req, environ, request_time):
        if environ.get("PATH_INFO") in HEALTH_PATHS:
            return
        if not log_format():
            super().access(resp, req, environ, request_time)
            return
        atoms = self.atoms(resp, req, environ, request_time)
        status = str(atoms["s"])
        seconds = request_time.total_seconds()
        url = f"{atoms['U']}?{atoms['q']}" if atoms["q"] else atoms["U"]
        client = environ.get("HTTP_X_FORWARDED_FOR") or environ.get("REMOTE_ADDR")
        message = f"{atoms['m']} {url} {status}"
        if log_format() == "gke":
            fields = {
                "httpRequest": {
                    "requestMethod": atoms["m"],
                    "requestUrl": url,
                    "status": int(status),
                    "responseSize": str(atoms["B"]),
                    "userAgent": atoms["a"],
                    "referer": atoms["f"],
                    "remoteIp": client,
                    "latency": f"{seconds:.6f}s",
                    "protocol": atoms["H"],
                }
            }
        else:
            fields = {
                "method": atoms["m"],
                "path": url,
                "status": int(status),
                "bytes": atoms["B"],
                "seconds": round(seconds, 6),
                "client": client,
                "user_agent": atoms["a"],
                "referer": atoms["f"],
            }
        TRACE.set(environ.get("HTTP_TRACEPARENT"))
        self.access_log.info(message, extra=fields)


logger_class = ContainerLogger


def post_fork(server, worker):
    load = worker.load_wsgi

    def load_wsgi():
        try:
            load()
            check_settings_module()
        except (Exception, SystemExit) as error:
            why = reason(error).encode()[:4000]
            BOOT_FAILURE[: len(why)] = why
            if isinstance(error, SystemExit):
                # gunicorn would start a worker again and again.
                raise Failure(reason(error)) from error
            raise

    worker.load_wsgi = load_wsgi


def check_settings_module():
    """Without the overlay every probe would fail, and nothing would say why."""
    from django.conf import settings

    if settings.SETTINGS_MODULE != SETTINGS_MODULE:
        raise Failure(
            f"it uses the settings module '{settings.SETTINGS_MODULE}' in spite of "
            "DJANGO_SETTINGS_MODULE: let wsgi.py call os.environ.setdefault()"
        )


def on_starting(server):
    """gunicorn falls over a second worker that cannot start, and then forgets on_exit."""
    atexit.register(say_why, os.getpid())


def say_why(server_pid):
    why = BOOT_FAILURE[:].rstrip(b"\0").decode(errors="replace")
    # The workers are forks, and inherit what runs at the end of the server.
    if why and os.getpid() == server_pid:
        sys.stdout.flush()
        note(f"the web server cannot start: {why}", level="ERROR")


def worker_exit(server, worker):
    if "django.db" in sys.modules:
        from cdk8s_django.databases import close_pools

        close_pools()


def child_exit(server, worker):
    """Forgets the gauges of a worker that is gone, where the application uses that mode."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        try:
            from prometheus_client import multiprocess
        except ImportError:
            return
        multiprocess.mark_process_dead(worker.pid)
