"""One module of assignments."""

from mysite.settings import *  # noqa: F403

FORM = "plain"
