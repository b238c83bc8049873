"""The application's own settings, in whatever form it has them."""

import contextlib
import importlib
import importlib.util
import os
import sys

from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django.environment import text
from cdk8s_django.errors import UNSET_LISTS, reason

# The variable by which django-configurations knows the class of the settings.
CLASS = "DJANGO_CONFIGURATION"


class AlreadyLaid:
    """What the importer of django-configurations finds in the overlay's module: nothing to do.

    wsgi.py may have installed it before, for the module that DJANGO_SETTINGS_MODULE names.
    """

    @classmethod
    def pre_setup(cls):
        pass

    setup = post_setup = pre_setup


def application_settings():
    name = text("CDK8S_DJANGO_SETTINGS_MODULE")
    if not name or name == "cdk8s_django.settings":
        raise ImproperlyConfigured(
            "CDK8S_DJANGO_SETTINGS_MODULE must name the application's own settings module"
        )
    try:
        with importer_of_classes(name):
            module = importlib.import_module(name)
    except Exception as error:
        raise ImproperlyConfigured(
            f"settings module '{name}' cannot be imported: {reason(error)}{remedy(error)}"
        ) from error
    return {key: getattr(module, key) for key in dir(module) if key.isupper()}


@contextlib.contextmanager
def importer_of_classes(name):
    """Has django-configurations, if the pod names a class for it, read the application's module."""
    if not text(CLASS) or not importlib.util.find_spec("configurations"):
        yield
        return
    overlay = os.environ["DJANGO_SETTINGS_MODULE"]
    os.environ["DJANGO_SETTINGS_MODULE"] = name
    try:
        importlib.import_module("configurations.importer").install()
        yield
    finally:
        os.environ["DJANGO_SETTINGS_MODULE"] = overlay


def remedy(error):
    for name in UNSET_LISTS:
        if name in str(error) and not text(name):
            how = f"give it as the settings read it, environment: {{ {name}: '…' }}"
            return f"; pods have no {name}: {how}"
    if "configurations" in sys.modules and not text(CLASS):
        return f"; settings that are a class need environment: {{ {CLASS}: '…' }} with its name"
    return ""


def lay_on_replacement(values):
    """Lays the values where the application looks, when a package (dynaconf) replaced settings."""
    replacement = sys.modules["django.conf"].settings
    if isinstance(replacement, LazySettings):
        return
    for name, value in values.items():
        if hasattr(replacement, "set"):
            # A dictionary is the whole value, not to be merged with the one before.
            replacement.set(name, value, merge=False)
        else:
            setattr(replacement, name, value)


def lay_on_module(values):
    """For code that imports the settings module itself, and would see its DEBUG and hosts."""
    module = sys.modules.get(text("CDK8S_DJANGO_SETTINGS_MODULE"))
    for name, value in values.items():
        # It may have put an object of its own in its place, whose attributes are fixed.
        with contextlib.suppress(Exception):
            setattr(module, name, value)
