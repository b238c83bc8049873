"""Starts granian, whose processes are started anew and not forked."""

import contextlib
import os
import re
import signal
import time

from granian import Granian, __version__
from granian._internal import load_target
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from cdk8s_django import access_log, command_line, listen, processes
from cdk8s_django.environment import flag
from cdk8s_django.errors import Failure
from cdk8s_django.loading import loading, served

DEFAULT_THREADS = 4
# Under WSGI the access log of older ones, the last for Python 3.9 among them, cuts addresses.
WHOLE_ADDRESSES = (2, 8, 5)
# 2.5.7, the last for Python 3.9, sometimes does not end under ASGI, and has to be killed.
OLDEST_FOR_ASGI = (2, 8)


def loaded_file(pid):
    """Made by the first process of the server `pid` when it has loaded the application."""
    return f"/tmp/cdk8s-django-loaded-{pid}"


def load(target):
    # A fork has the handler of its parent, which would make nothing of being told to stop.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with loading():
        application = served(load_target(target), flag("CDK8S_DJANGO_ASGI"))
    with open(loaded_file(os.getppid()), "w"):
        pass
    return application


class PodServer(MPServer):
    """The first process alone at first: by its size it is known how many fit."""

    def _spawn_workers(self, spawn_target, target_loader):
        loaded = loaded_file(os.getpid())
        with contextlib.suppress(FileNotFoundError):
            os.remove(loaded)
        wanted, self.workers = self.workers, 1
        super()._spawn_workers(spawn_target, target_loader)
        first = self.wrks[0]
        while not os.path.exists(loaded) and first.is_alive() and not self.interrupt_signal:
            time.sleep(0.05)
        if wanted == 1 or not first.is_alive() or self.interrupt_signal:
            return
        self.workers = processes.fitting(wanted, first.inner.pid)
        for number in range(1, self.workers):
            worker = self._spawn_worker(
                idx=number, target=spawn_target, callback_loader=target_loader
            )
            worker.start()
            self.wrks.append(worker)


def numbers(version):
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def check_version(version=__version__):
    if numbers(version) < OLDEST_FOR_ASGI:
        raise Failure(
            f"granian {version} does not always stop under ASGI: the image needs 2.8 or newer, "
            "and for it Python 3.10 or newer"
        )


def access_filter(is_asgi, version=__version__):
    whole = is_asgi or numbers(version) >= WHOLE_ADDRESSES
    return f"cdk8s_django.access_log.{'GranianFilter' if whole else 'CuttingGranianFilter'}"


def serve(options):
    is_asgi = flag("CDK8S_DJANGO_ASGI")
    if is_asgi:
        check_version()
    if not is_asgi:
        # Each process reads it.
        os.environ["CDK8S_DJANGO_REQUEST_CAPACITY"] = str(options.threads or DEFAULT_THREADS)
    interface = Interfaces.ASGI if is_asgi else Interfaces.WSGI
    command_line.of_server(
        "granian",
        options.application,
        interface=interface.value,
        port=options.port,
        workers=options.processes,
    )
    # Python without its lock has a server with threads in the place of processes.
    server = PodServer if issubclass(Granian, MPServer) else Granian
    server(
        options.application,
        address=listen.host(),
        port=options.port,
        interface=interface,
        workers=options.processes,
        blocking_threads=None if is_asgi else options.threads or DEFAULT_THREADS,
        http1_settings=HTTP1Settings(header_read_timeout=options.keep_alive * 1000),
        workers_kill_timeout=options.graceful_timeout,
        log_access=True,
        log_dictconfig=access_log.logging_config(
            ("_granian",), "granian.access", access_filter(is_asgi)
        ),
    ).serve(target_loader=load)
