"""python-decouple: casts, and defaults for what pods do not have."""

import dj_database_url
from decouple import Csv, config

from mysite.settings import *  # noqa: F403

SECRET_KEY = config("SECRET_KEY")
DEBUG = config("DEBUG", default=True, cast=bool)
ALLOWED_HOSTS = config("ALLOWED_HOSTS", default="localhost", cast=Csv())
DATABASES = {"default": config("DATABASE_URL", cast=dj_database_url.parse)}
FORM = "python-decouple"
