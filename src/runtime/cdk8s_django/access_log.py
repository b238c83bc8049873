"""The line that a web server writes of each request. Standard library only."""

import logging

from cdk8s_django import request_ids
from cdk8s_django.environment import HEALTH_PATHS
from cdk8s_django.logs import log_format
from cdk8s_django.masks import masked


def fields(**known):
    """The keys of a line: method, path (with the query), status, seconds, client and so on."""
    if log_format() != "gke":
        return known
    names = {
        "method": "requestMethod",
        "path": "requestUrl",
        "status": "status",
        "bytes": "responseSize",
        "user_agent": "userAgent",
        "referer": "referer",
        "client": "remoteIp",
        "seconds": "latency",
        "protocol": "protocol",
    }
    request = {names[key]: value for key, value in known.items()}
    if "latency" in request:
        request["latency"] = f"{request['latency']:.6f}s"
    if "responseSize" in request:
        request["responseSize"] = str(request["responseSize"])
    return {"httpRequest": request}


def is_probe(path):
    return path.partition("?")[0] in HEALTH_PATHS


def safe(value):
    """An argument of a server's own line, which may be the query in bytes."""
    if isinstance(value, bytes):
        return masked(value.decode("latin-1")).encode("latin-1")
    return masked(value) if isinstance(value, str) else value


class AccessFilter(logging.Filter):
    """Takes a server's own record of a request apart; drops those of probes.

    `parts` makes a request's keys of the record's arguments; None leaves the record as it is.
    """

    def filter(self, record):
        known = self.parts(record.args)
        if known is None:
            return True
        if is_probe(known["path"]):
            return False
        if log_format():
            record.msg = f"{known['method']} {known['path']} {known['status']}"
            record.args = ()
            vars(record).update(fields(**known))
        elif isinstance(record.args, dict):
            record.args = {name: safe(value) for name, value in record.args.items()}
        else:
            record.args = tuple(map(safe, record.args))
        return True


class UvicornFilter(AccessFilter):
    @staticmethod
    def parts(arguments):
        if not isinstance(arguments, tuple) or len(arguments) != 5:
            return None
        client, method, path, version, status = arguments
        return {
            "method": method,
            "path": path,
            "status": int(status),
            "client": str(client).rpartition(":")[0],
            "protocol": f"HTTP/{version}",
        }


class GranianFilter(AccessFilter):
    def filter(self, record):
        # It writes after the request, in the same context.
        setattr(record, request_ids.FACTS, request_ids.facts(is_over_too=True))
        return super().filter(record)

    @staticmethod
    def parts(arguments):
        if not isinstance(arguments, dict) or "dt_ms" not in arguments:
            return None
        query = arguments["query_string"]
        if isinstance(query, bytes):
            # Under ASGI, of releases before 2.8.4.
            query = query.decode("latin-1")
        return {
            "method": arguments["method"],
            "path": f"{arguments['path']}?{query}" if query else arguments["path"],
            "status": arguments["status"],
            "seconds": round(arguments["dt_ms"] / 1000, 6),
            # It listens on one address, which takes connections over IPv4 too.
            "client": arguments["addr"].replace("::ffff:", "", 1),
            "protocol": arguments["protocol"],
        }


class CuttingGranianFilter(GranianFilter):
    """For releases that cut the end off an address over IPv6: no client is better than a wrong."""

    @staticmethod
    def parts(arguments):
        known = GranianFilter.parts(arguments)
        if known and ":" in known["client"]:
            del known["client"]
        return known


def logging_config(logger_names, access_name, access_filter):
    """A server's logging, as the standard library configures it: JSON when the pod's logs are."""
    platform = log_format()
    formatter = (
        {"()": "cdk8s_django.logs.JsonFormatter", "platform": platform}
        if platform
        else {"format": "%(levelname)s: %(message)s"}
    )
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}
    logger = {"handlers": ["stdout"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "filters": {"access": {"()": access_filter}},
        "handlers": {"stdout": handler},
        "loggers": {
            **dict.fromkeys(logger_names, logger),
            access_name: {**logger, "filters": ["access"]},
        },
    }
