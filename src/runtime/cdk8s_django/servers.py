"""The Redis or Valkey servers of an application: its cache, Celery's broker, Channels' layer."""

import importlib.util
import os
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from cdk8s_django.environment import BadVariable, items, number, text

NAMES = ("CACHE", "CELERY_BROKER", "CHANNEL_LAYER")
# redis-py knows no valkey:// scheme; the protocol is the same.
SCHEMES = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}
# A server that does not answer must not hold a process for ever.
TIMEOUTS = {"socket_connect_timeout": 2, "socket_timeout": 5}


def export_urls():
    """Puts each password, quoted, into its URL: manifests cannot quote."""
    names = [(f"{name}_URL", f"{name}_PASSWORD") for name in NAMES]
    # Of databases of any kind, under the application's own names.
    names += [(name, f"{name}_PASSWORD") for name in items("CDK8S_DJANGO_URLS")]
    for name, password_name in names:
        password = os.environ.get(password_name, "")
        scheme, separator, rest = text(name).partition("://")
        if password and separator:
            login, _, place = rest.rpartition("@")
            user = login.partition(":")[0]
            os.environ[name] = f"{scheme}://{user}:{quote(password, safe='')}@{place}"


def url_of(name):
    """The URL as redis-py reads it; none when the variable is not set."""
    url = text(f"{name}_URL")
    if not url:
        return ""
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        raise BadVariable(f"{name}_URL starts with '{scheme}://': it must be redis:// or rediss://")
    return f"{SCHEMES[scheme]}://{rest}"


def require(package, name):
    if importlib.util.find_spec(package) is None:
        raise ImproperlyConfigured(
            f"{name}_URL is set, but the package '{package}' is missing from the image"
        )


def lay(values):
    lay_caches(values)
    lay_celery(values)
    lay_channel_layers(values)


def lay_caches(values):
    url = url_of("CACHE")
    if not url:
        return
    own = dict(values.get("CACHES", {}).get("default", {}))
    if "redis" not in own.get("BACKEND", "").lower():
        require("redis", "CACHE")
        options = dict(TIMEOUTS)
        if text("CACHE_SSL_CA_CERT"):
            options["ssl_ca_certs"] = text("CACHE_SSL_CA_CERT")
        own = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "OPTIONS": options}
    own["LOCATION"] = url
    if text("CACHE_KEY_PREFIX"):
        own["KEY_PREFIX"] = text("CACHE_KEY_PREFIX")
    values["CACHES"] = {**values.get("CACHES", {}), "default": own}


def lay_celery(values):
    """Where the broker is, for `config_from_object("django.conf:settings", namespace="CELERY")`.

    Celery itself reads CELERY_BROKER_URL too. The rest is for workers alone: celery_conf.py.
    """
    url = url_of("CELERY_BROKER")
    if not url:
        return
    values["CELERY_BROKER_URL"] = url
    values["CELERY_BROKER_TRANSPORT_OPTIONS"] = {
        **transport_options(),
        **values.get("CELERY_BROKER_TRANSPORT_OPTIONS", {}),
    }


def transport_options():
    """Of kombu's transport for Redis."""
    return {
        "visibility_timeout": number("CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT", 3600),
        # Look for such tasks every ten seconds; kombu by itself, and before 5.7, every hundred.
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_timeout": 10,
        "socket_keepalive": True,
    }


def lay_channel_layers(values):
    url = url_of("CHANNEL_LAYER")
    if not url:
        return
    own = dict(values.get("CHANNEL_LAYERS", {}).get("default", {}))
    if "channels_redis" not in own.get("BACKEND", ""):
        require("channels_redis", "CHANNEL_LAYER")
        own = {"BACKEND": "channels_redis.core.RedisChannelLayer"}
    own["CONFIG"] = {**own.get("CONFIG", {}), "hosts": [url]}
    values["CHANNEL_LAYERS"] = {**values.get("CHANNEL_LAYERS", {}), "default": own}
