"""Starts daphne, which is one process."""

import logging

from daphne import cli, server  # first: it chooses what Twisted runs on
from twisted.internet import reactor

from cdk8s_django import access_log, command_line, listen
from cdk8s_django.loading import loading, served
from cdk8s_django.logs import log_format
from cdk8s_django.masks import masked

log = logging.getLogger("daphne.access")


class AccessLog(cli.AccessLogGenerator):
    def __call__(self, protocol, action, details):
        path = details.get("path", "")
        if protocol == "http" and access_log.is_probe(path):
            return
        if not log_format():
            super().__call__(protocol, action, {**details, "path": masked(path)})
            return
        client = str(details.get("client")).rpartition(":")[0]
        if protocol == "websocket":
            log.info(f"WebSocket {action} {path}", extra={"client": client})
        elif action == "complete":
            known = {
                "method": details["method"],
                "path": path,
                "status": details["status"],
                "bytes": details["size"],
                "seconds": round(details["time_taken"], 6),
                "client": client,
            }
            message = f"{known['method']} {path} {known['status']}"
            log.info(message, extra=access_log.fields(**known))


class PodServer(server.Server):
    """Listens on the sockets that it is given."""

    sockets = ()

    def run(self):
        self.endpoints = []
        reactor.callWhenRunning(self.listen)
        super().run()

    def listen(self):
        for sock in self.sockets:
            sock.listen(1024)
            sock.setblocking(False)
            reactor.adoptStreamPort(sock.fileno(), sock.family, self.http_factory)


class PodInterface(cli.CommandLineInterface):
    server_class = PodServer

    def load_asgi_app(self, asgi_app_path):
        with loading():
            return served(super().load_asgi_app(asgi_app_path), is_asgi=True)


def serve(options):
    command_line.of_server("daphne", options.application, port=options.port)
    PodServer.sockets = listen.SERVING = listen.sockets(options.port)
    cli.AccessLogGenerator = AccessLog
    PodInterface().run([options.application])
