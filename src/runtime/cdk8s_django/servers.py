"""The Redis or Valkey servers of an application: its cache, Celery's broker, Channels' layer."""

import importlib
import importlib.util
import json
import os
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from cdk8s_django.environment import BadVariable, items, number, text

NAMES = ("CACHE", "CELERY_BROKER", "CHANNEL_LAYER")
# redis-py knows no valkey:// scheme; the protocol is the same.
SCHEMES = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}
# Brokers that no redis:// URL names: what to install, and the packages that are looked for.
BROKERS = {
    "amqp": ("celery", ("amqp",)),
    "amqps": ("celery", ("amqp",)),
    "sentinel": ("celery[redis]", ("redis", "packaging")),
    "sqs": ("celery[sqs]", ("boto3", "urllib3")),
}
# A server that does not answer must not hold a process for ever.
TIMEOUTS = {"socket_connect_timeout": 2, "socket_timeout": 5}


def export_urls():
    """Puts each user and password, quoted, into its URL: manifests cannot quote."""
    names = [(f"{name}_URL", name) for name in NAMES]
    # Of databases of any kind, under the application's own names.
    names += [(name, name) for name in items("CDK8S_DJANGO_URLS")]
    for url_name, name in names:
        password = os.environ.get(f"{name}_PASSWORD", "")
        url = text(url_name)
        if password and "://" in url:
            user = quote(os.environ.get(f"{name}_USERNAME", ""), safe="")
            # Several, of Sentinels.
            urls = url.replace(f":{password}@", "@").split(";")
            quoted = quote(password, safe="")
            os.environ[url_name] = ";".join(with_login(one, user, quoted) for one in urls)


def with_login(url, user, password):
    scheme, _, rest = url.partition("://")
    login, _, place = rest.rpartition("@")
    return f"{scheme}://{user or login.partition(':')[0]}:{password}@{place}"


def url_of(name, others=()):
    """The URL as redis-py reads it; none when the variable is not set.

    `others` are schemes of servers of another kind, whose URLs stay as they are.
    """
    url = text(f"{name}_URL")
    if not url:
        return ""
    scheme, _, rest = url.partition("://")
    if scheme in others:
        return url
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
    url = url_of("CELERY_BROKER", BROKERS)
    if not url:
        return
    require_transport(url)
    values["CELERY_BROKER_URL"] = url
    if url.startswith("sentinel"):
        # By its name: nothing of redis-py is loaded before the first task.
        aliases = importlib.import_module("kombu.transport").TRANSPORT_ALIASES
        aliases["sentinel"] = "cdk8s_django.sentinels:Transport"
    values["CELERY_BROKER_TRANSPORT_OPTIONS"] = {
        **transport_options(),
        **values.get("CELERY_BROKER_TRANSPORT_OPTIONS", {}),
    }
    if url.startswith("amqps"):
        # By itself kombu takes any certificate.
        values.setdefault("CELERY_BROKER_USE_SSL", amqp_tls())


def amqp_tls():
    import ssl

    # None: the host of the URL.
    options = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None}
    if text("CELERY_BROKER_SSL_CA_CERT"):
        options["ca_certs"] = text("CELERY_BROKER_SSL_CA_CERT")
    return options


def require_transport(url):
    """Otherwise the first task, perhaps of a request, would find that a package is missing.

    Where all are there, nothing is imported: that takes time.
    """
    scheme = url.partition(":")[0]
    extra, packages = BROKERS.get(scheme) or ("celery[redis]", ("redis", "packaging"))
    if all(importlib.util.find_spec(package) for package in ("celery", *packages)):
        return
    try:
        importlib.import_module("kombu").Connection(url).transport  # noqa: B018
    # Without redis, kombu trips over it.
    except (ImportError, AttributeError) as error:
        raise ImproperlyConfigured(
            f"Celery cannot open its broker ({error}): install {extra} in the image"
        ) from None


def transport_options():
    """Of kombu's transport: those of the manifests, and what fits the broker."""
    url = text("CELERY_BROKER_URL")
    try:
        given = json.loads(text("CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS", "{}"))
    except ValueError as error:
        raise BadVariable(f"CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS is not JSON: {error}") from None
    if url.startswith("amqp"):
        return given
    visibility = {
        "visibility_timeout": number("CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT", 3600),
    }
    if url.startswith("sqs"):
        return {**visibility, **given}
    if url.startswith("sentinel"):
        # One that is away must not hold those that ask: there are others.
        password = os.environ.get("CELERY_BROKER_SENTINEL_PASSWORD")
        own = {"password": password} if password else {}
        given["sentinel_kwargs"] = {**TIMEOUTS, "retry": None, **own}
    return {
        **visibility,
        # Look for such tasks every ten seconds; kombu by itself, and before 5.7, every hundred.
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_timeout": 10,
        "socket_keepalive": True,
        **given,
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
