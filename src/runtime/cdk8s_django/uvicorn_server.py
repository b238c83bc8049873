"""Starts uvicorn, whose processes are started anew and not forked."""

import asyncio
import inspect
import os
import signal

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from cdk8s_django import access_log, command_line, listen, processes
from cdk8s_django.loading import flush_traces, loading, served

LOGGERS = ("uvicorn", "uvicorn.error")


def flushing(shutdown):
    """The server ends its process by the signal that told it to stop: nothing runs afterwards."""

    async def flushed(self, *arguments, **named):
        await shutdown(self, *arguments, **named)
        await asyncio.get_running_loop().run_in_executor(None, flush_traces)

    return flushed


class PodConfig(Config):
    """Each process makes its application by it."""

    def load(self):
        Server.shutdown = flushing(Server.shutdown)
        with loading():
            super().load()
        self.loaded_app = served(self.loaded_app, is_asgi=True)
        if self.workers > 1:
            # To the supervisor: the first process can be measured.
            os.kill(os.getppid(), signal.SIGTTIN)


class Processes(Multiprocess):
    """The first process alone at first: by its size it is known how many fit."""

    wanted = 1
    is_told = False
    kills = None

    def init_processes(self):
        self.kills = processes.Kills()
        self.wanted, self.processes_num = self.processes_num, 1
        super().init_processes()

    def handle_ttin(self):
        if self.wanted > len(self.processes) == 1:
            fitting = processes.fitting(self.wanted, self.processes[0].pid)
            for _ in range(fitting - 1):
                super().handle_ttin()
        self.wanted = 1

    def handle_term(self):
        self.is_told = True
        super().handle_term()

    def keep_subprocess_alive(self):
        super().keep_subprocess_alive()
        self.kills.look()


def serve(options):
    command_line.of_server(
        "uvicorn", options.application, port=options.port, workers=options.processes
    )
    config = PodConfig(
        options.application,
        workers=options.processes,
        timeout_graceful_shutdown=options.graceful_timeout,
        timeout_keep_alive=options.keep_alive,
        log_config=access_log.logging_config(
            LOGGERS, "uvicorn.access", "cdk8s_django.access_log.UvicornFilter"
        ),
        **replacement(options.max_requests),
    )
    sockets = listen.SERVING = listen.sockets(options.port)
    # A process alone that ends after some requests would end the container.
    if options.processes == 1 and options.max_requests is None:
        server = Server(config)
        server.run(sockets=sockets)
        raise SystemExit(0 if server.started else 3)
    for sock in sockets:
        sock.set_inheritable(True)
    known = inspect.signature(Multiprocess.__init__).parameters
    target = {"target": Server(config).run} if "target" in known else {}
    supervisor = Processes(config, sockets=sockets, **target)
    supervisor.run()
    # It ends by itself when its processes cannot start.
    raise SystemExit(0 if supervisor.is_told else 3)


def replacement(max_requests):
    if max_requests is None:
        return {}
    known = inspect.signature(Config.__init__).parameters
    jitter = {"limit_max_requests_jitter": round(max_requests / 10)}
    return {
        "limit_max_requests": max_requests,
        **(jitter if "limit_max_requests_jitter" in known else {}),
    }
