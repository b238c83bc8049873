"""What a router in front makes of a request, and what a request that came past it lacks."""

import functools
import ipaddress

from django.conf import settings

from cdk8s_django.environment import BadVariable

# Headers by which a visitor could claim another address.
CLAIMS = ("HTTP_FORWARDED", "HTTP_X_REAL_IP")


# What a router tells of a request, beside the claims.
TOLD = "HTTP_X_FORWARDED_"


# What a router tells of who signed in: that of Google, that of AWS, oauth2-proxy.
IDENTITY = (
    "HTTP_X_GOOG_AUTHENTICATED_USER_",
    "HTTP_X_GOOG_IAP_",
    "HTTP_X_AMZN_OIDC_",
    "HTTP_X_AUTH_REQUEST_",
    "HTTP_X_FORWARDED_USER",
    "HTTP_X_FORWARDED_EMAIL",
    "HTTP_X_FORWARDED_GROUPS",
    "HTTP_X_FORWARDED_PREFERRED_USERNAME",
    "HTTP_X_FORWARDED_ACCESS_TOKEN",
)


class Networks:
    """Ranges of addresses, and which address is in one of them."""

    def __init__(self, variable, ranges):
        try:
            self.ranges = [ipaddress.ip_network(one) for one in ranges]
        except ValueError as error:
            raise BadVariable(f"{variable}: {error}") from None
        # The same few peers ask again and again.
        self.has = functools.lru_cache(maxsize=1024)(self.look)

    def look(self, text):
        try:
            found = ipaddress.ip_address(text)
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in one for one in self.ranges)


def forget_what_no_router_said(request, routers):
    """Removes what a router would have told, from a request that none has sent."""
    if routers.has(request.META.get("REMOTE_ADDR", "")):
        return
    for name in [name for name in request.META if name.startswith(TOLD) or name in CLAIMS]:
        del request.META[name]
    forget_who_signed_in(request)
    if settings.SECURE_PROXY_SSL_HEADER:
        request.META.pop(settings.SECURE_PROXY_SSL_HEADER[0], None)


def forget_who_signed_in(request):
    """Removes what only a router that has visitors sign in may tell."""
    for name in [name for name in request.META if name.startswith(IDENTITY)]:
        del request.META[name]


def names_one_of(request, hosts):
    """Whether the request names one of the hosts, by which a router has taken it."""
    host = request.META.get("HTTP_HOST", "").lower().partition(":")[0]
    return any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in hosts)


def forget_what_underscores_said(request):
    """Removes what two headers said that Django takes for one, as it did before its fixes of 2025.

    ASGI servers pass on `X_Forwarded_For` beside the router's `X-Forwarded-For`.
    """
    for name, _ in getattr(request, "scope", {}).get("headers", ()):
        if b"_" in name:
            variable = name.decode("latin-1").upper().replace("-", "_")
            request.META.pop(f"HTTP_{variable}", None)


def is_forwarded(request):
    return "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META


def from_the_pod(request):
    """Whether the request comes from inside the pod itself, and through no proxy."""
    loopback = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1", "::ffff:127.0.0.1")
    return loopback and not is_forwarded(request)


def names_an_address(request):
    """Whether the request names an address as its host: a kubelet or a load balancer asks so."""
    return bool(address(request.META.get("HTTP_HOST", "")))


def treat_as_routed(request):
    """Gives a request by pod IP the host and the scheme that the route would give it."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "*"
    if host != "*":
        request.META["HTTP_HOST"] = host
    if settings.SECURE_PROXY_SSL_HEADER:
        header, secure = settings.SECURE_PROXY_SSL_HEADER
        request.META[header] = secure


def take_visitors_address(request, proxies):
    """Makes REMOTE_ADDR the visitor's: what the farthest trusted proxy saw.

    Each of them adds to the end of X-Forwarded-For whom it was asked by. What stands before is
    the visitor's own claim, and goes.
    """
    hops = request.META.pop("HTTP_X_FORWARDED_FOR", "").split(",")
    for claim in CLAIMS:
        request.META.pop(claim, None)
    found = address(hops[-proxies]) if len(hops) >= proxies else None
    if found:
        request.META["REMOTE_ADDR"] = request.META["HTTP_X_FORWARDED_FOR"] = found


def address(text):
    """An IP address, which some proxies write with a port; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def strip_prefix(request, prefix):
    """Leaves to the URLconf what follows the prefix; a path without it (a probe) stays whole."""
    # Django before 5.0 cuts the path under ASGI whether it has the prefix or not.
    path = request.scope["path"] if hasattr(request, "scope") else request.path_info
    if path == prefix or path.startswith(f"{prefix}/"):
        path = path[len(prefix) :] or "/"
    request.path_info = request.META["PATH_INFO"] = path
    request.path = prefix + path
