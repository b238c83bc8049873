"""A settings module that reads DATABASE_URL itself, as many do."""

import dj_database_url

from mysite.settings import *  # noqa: F403

DATABASES = {"default": dj_database_url.config()}
