"""pydantic-settings: a model that parses lists as JSON, and refuses what it cannot parse."""

from pydantic import PostgresDsn
from pydantic_settings import BaseSettings

from mysite.settings import *  # noqa: F403


class Settings(BaseSettings):
    secret_key: str
    secret_key_fallbacks: list[str] = []
    debug: bool = True
    allowed_hosts: list[str] = ["localhost"]
    csrf_trusted_origins: list[str] = []
    database_url: PostgresDsn


read = Settings()
SECRET_KEY = read.secret_key
SECRET_KEY_FALLBACKS = read.secret_key_fallbacks
DEBUG = read.debug
ALLOWED_HOSTS = read.allowed_hosts
CSRF_TRUSTED_ORIGINS = read.csrf_trusted_origins
FORM = "pydantic-settings"
