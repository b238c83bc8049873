"""Reading the pod's environment. Standard library only: some commands run without Django."""

import os


class BadVariable(Exception):
    """An environment variable has a value that cannot be used."""


def text(name, default=""):
    return os.environ.get(name, "").strip() or default


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


def live_path():
    return text("CDK8S_DJANGO_LIVE_PATH", "/livez")


def ready_path():
    return text("CDK8S_DJANGO_READY_PATH", "/readyz")


def started_path():
    return text("CDK8S_DJANGO_STARTED_PATH", "/startupz")
