"""Reading the pod's environment. Standard library only: some commands run without Django."""

import json
import os
import re

# Where the probes of the manifests ask.
LIVE_PATH = "/livez"
READY_PATH = "/readyz"
STARTED_PATH = "/startupz"
HEALTH_PATHS = (LIVE_PATH, READY_PATH, STARTED_PATH)
# What the overlay reads, and what commands of the runtime change of it for themselves.
OWN = ("CDK8S_DJANGO_", "DATABASE_", "CACHE_", "CELERY_BROKER_", "CHANNEL_LAYER_", "SECRET_KEY")
CHANGED = ("CDK8S_DJANGO_DATABASE_DIRECT", "DATABASE_POOL_MAX_SIZE")
# Those of the container: programs that read its files themselves are started with these.
WITHOUT_FILES = dict(os.environ)
# The variables once the application's settings module may have changed os.environ.
GIVEN = None


def read_files():
    """Variables whose values are files: the environment of the container does not have them."""
    folder = os.environ.get("CDK8S_DJANGO_SECRET_FILES")
    if not folder:
        return
    found = {}
    # Beside them are folders of the kubelet.
    for name in (name for name in os.listdir(folder) if not name.startswith("..")):
        with open(os.path.join(folder, name), "rb") as file:
            found[name] = os.fsdecode(file.read())
    os.environ.update(found)
    # The kubelet writes values of variables into others, and does not know these.
    for name in filter(None, os.environ.get("CDK8S_DJANGO_SECRET_TEXTS", "").split(",")):
        os.environ[name] = re.sub(
            r"\$\(([\w.-]+)\)", lambda match: found.get(match[1], match[0]), os.environ[name]
        )


read_files()
# The variables when the process began, before wsgi.py of the application could change them.
START = dict(os.environ)


class BadVariable(Exception):
    """An environment variable has a value that cannot be used."""


def given():
    """The variables that the pod was given, whatever the application made of os.environ."""
    return os.environ if GIVEN is None else GIVEN


def put_back():
    """Undoes what wsgi.py of the application (a .env file of the image) did to our variables.

    Returns those that it added: the application may read them, and the overlay does not.
    """
    added = {}
    for name in {*START, *os.environ} if START is not None else ():
        if name.startswith(OWN) and name not in CHANGED:
            if name in START:
                os.environ[name] = START[name]
            else:
                added[name] = os.environ.pop(name)
    return added


def remember():
    """To be called before the application's settings module is imported."""
    global GIVEN
    GIVEN = dict(os.environ)


def text(name, default=""):
    return given().get(name, "").strip() or default


def flag(name, default=False):
    value = text(name).lower()
    if not value:
        return default
    if value in ("true", "1", "yes", "on"):
        return True
    if value in ("false", "0", "no", "off"):
        return False
    raise BadVariable(f"{name} is '{value}': it must be true or false")


def number(name, default=None):
    value = text(name)
    if not value:
        return default
    if not value.isdecimal():
        raise BadVariable(f"{name} is '{value}': it must be a whole number")
    return int(value)


def items(name):
    """The parts of a comma-separated value."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def mapping(name):
    """A map, in JSON."""
    try:
        return json.loads(text(name, "{}"))
    except ValueError as error:
        raise BadVariable(f"{name} is not JSON: {error}") from None
