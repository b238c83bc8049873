"""django-environ: DATABASE_URL, CACHE_URL and a list, of the environment and of a .env file."""

from pathlib import Path

import environ

from mysite.settings import *  # noqa: F403

env = environ.Env()
# As in an image that was built beside a developer's file: it wins over the environment.
env.read_env(Path(__file__).parent / "developer.env", overwrite=True)
SECRET_KEY = env("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
DATABASES = {"default": env.db("DATABASE_URL")}
FORM = "django-environ"
