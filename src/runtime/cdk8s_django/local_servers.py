"""Servers of a developer's machine that the settings still name: none of them is in the pod."""

from urllib.parse import urlsplit

from cdk8s_django import logs
from cdk8s_django.environment import text
from cdk8s_django.errors import LOCAL_REMEDY, is_local

REMEDY = "it is the pod itself; {}, unless a sidecar answers there"


def explain(values):
    """One line for each, at the start."""
    for what, option, hosts in found(values):
        local = next(filter(is_local, hosts), None)
        if local:
            remedy = option and REMEDY.format(f"give the DjangoApp {option}")
            logs.note(f"{what} is at {local}: {remedy or LOCAL_REMEDY}")


def found(values):
    """What, the option that gives it, and the hosts; nothing of what the pod was given."""
    default = (values.get("DATABASES") or {}).get("default") or {}
    has_server = "sqlite" not in str(default.get("ENGINE", "sqlite"))
    if has_server and not (text("DATABASE_HOST") or text("DATABASE_URL")):
        yield "DATABASES['default']", None, [default.get("HOST")]
    if not text("CACHE_URL"):
        cache = (values.get("CACHES") or {}).get("default") or {}
        yield "CACHES['default']", "cache", hosts_of(cache.get("LOCATION"))
    if not text("CELERY_BROKER_URL"):
        yield (
            "CELERY_BROKER_URL",
            "celery: { broker: … }",
            hosts_of(values.get("CELERY_BROKER_URL")),
        )
    if not text("CHANNEL_LAYER_URL"):
        layer = (values.get("CHANNEL_LAYERS") or {}).get("default") or {}
        config = layer.get("CONFIG") or {}
        hosts = config.get("hosts") if isinstance(config, dict) else None
        yield "CHANNEL_LAYERS['default']", "channelLayer", hosts_of(hosts)


def hosts_of(places):
    """The hosts of URLs, of pairs with a port, or of dictionaries, as packages take them."""
    if isinstance(places, str):
        places = places.replace(",", ";").split(";")
    hosts = []
    for place in places if isinstance(places, (list, tuple)) else ():
        if isinstance(place, dict):
            place = place.get("address") or place.get("host")
        if isinstance(place, (list, tuple)):
            place = place[0] if place else None
        if isinstance(place, str):
            hosts.append(host_of(place.strip()))
    return hosts


def host_of(place):
    if "://" not in place:
        # memcached's form, or a host alone. A path is of no server.
        return None if "/" in place else place.rpartition(":")[0] or place
    try:
        return urlsplit(place).hostname
    except ValueError:
        return None
