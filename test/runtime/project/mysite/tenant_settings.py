"""An application that brings a migrate command of its own."""

from mysite.settings import *  # noqa: F403

INSTALLED_APPS = ["tenants", *INSTALLED_APPS]  # noqa: F405
