"""What the project itself says to gunicorn: in its file, and in GUNICORN_CMD_ARGS of the image."""

import importlib
import os
import runpy
import shlex
import sys

from gunicorn.config import KNOWN_SETTINGS, Config

from cdk8s_django.errors import Failure, reason
from cdk8s_django.gunicorn_server import GIVEN
from cdk8s_django.logs import note

# What the pod says, whether it is on the command line or not: threads would make gthread of sync.
OURS = (
    *("bind", "workers", "worker_class", "threads", "timeout", "graceful_timeout", "keepalive"),
    *("worker_tmp_dir", "control_socket_disable", "logger_class"),
    *(("max_requests", "max_requests_jitter") if "--max-requests" in sys.argv else ()),
)
# With these a pod would end, start anew, or answer no probe. False says nothing.
NOT_IN_PODS = (
    *("daemon", "reload", "spew", "check_config", "print_config", "pidfile", "user", "group"),
    *("initgroups", "certfile", "keyfile", "proxy_protocol", "protocol", "paste"),
    *("control_socket", "control_socket_mode"),
)
PROJECT_FILE = "gunicorn.conf.py"
KNOWN = {setting.name for setting in KNOWN_SETTINGS}


def project_settings():
    """Of the project's own file, which gunicorn reads by itself, and of GUNICORN_CMD_ARGS."""
    arguments = of_arguments()
    path = arguments.pop("config", None) or PROJECT_FILE
    found = of_file(path)
    known = {name: value for name, value in found.items() if name in KNOWN}
    for source, values in ((path, known), ("GUNICORN_CMD_ARGS", arguments)):
        say_read(source, values)
    return {
        name: value for name, value in {**known, **arguments}.items() if not kept_out(name, value)
    }


def of_arguments():
    text = GIVEN[0] if GIVEN else ""
    if not text.strip():
        return {}
    parser = Config().parser()
    parser.error = cannot_be_read
    try:
        values = vars(parser.parse_args(shlex.split(text)))
    except (Failure, SystemExit, ValueError) as error:
        refuse("GUNICORN_CMD_ARGS", reason(error))
    return {name: value for name, value in values.items() if value is not None and name != "args"}


def cannot_be_read(message):
    raise Failure(message)


def of_file(path):
    try:
        if path.startswith("python:"):
            return vars(importlib.import_module(path[len("python:") :]))
        path = os.path.join(os.getcwd(), path[len("file:") :] if path.startswith("file:") else path)
        if path.endswith(os.sep + PROJECT_FILE) and not os.path.exists(path):
            return {}
        return runpy.run_path(path)
    except (Exception, SystemExit) as error:
        refuse(os.path.basename(path), reason(error))


def refuse(source, why):
    note(f"the web server cannot start: {source} cannot be read: {why}", level="ERROR")
    sys.exit(1)


def kept_out(name, value):
    return name in OURS or (name in NOT_IN_PODS and value not in (False, None, ""))


def say_read(source, values):
    out = sorted(name for name, value in values.items() if kept_out(name, value))
    if values:
        said = f"; the pod's own values win for {', '.join(out)}" if out else ""
        note(f"{source} is read{said}", level="WARNING" if out else "INFO")


PROJECT = project_settings()
