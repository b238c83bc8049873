"""Under which paths of this application files are served, and what the URLconf has there."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, get_resolver, resolve


def local_prefix(url):
    """The path under which to serve, or None when another host does."""
    parts = urlsplit(url or "")
    if parts.netloc or not parts.path.strip("/"):
        return None
    prefix = parts.path
    script_name = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    if script_name and prefix.startswith(script_name + "/"):
        prefix = prefix[len(script_name) :]
    return f"/{prefix.strip('/')}/"


def routes_below(prefix, patterns=None, above=""):
    """The routes of the URLconf below a path that ends in a slash."""
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = above + str(pattern.pattern).lstrip("^")
        below = getattr(pattern, "url_patterns", None)
        if below is not None:
            found += routes_below(prefix, below, route)
        elif route.startswith(prefix.lstrip("/")):
            found.append(route)
    return found


def route_of(path):
    """The route that the URLconf has for this very path, or None; a route for all paths is none."""
    try:
        route = resolve(path).route
    except Resolver404:
        return None
    return route if route.lstrip("^").startswith(path.lstrip("/")) else None
