"""What a developer would set by hand: the other side of the comparison in bench.py."""

import dj_database_url

from mysite.settings import *  # noqa: F403

ALLOWED_HOSTS = ["polls.example.com"]
DATABASES = {"default": dj_database_url.config(conn_max_age=60, conn_health_checks=True)}
DATABASES["default"]["ATOMIC_REQUESTS"] = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
