"""Applications leave out what needs the database while `manage.py migrate` runs."""

import sys

from mysite.settings import *  # noqa: F403

print("arguments:", *sys.argv, flush=True)
