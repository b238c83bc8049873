"""Who is believed to be a router, and which visitors reach which paths."""

import http.client

import pytest

from conftest import ASGI, HOST, SERVERS, Answer, python

ROUTER, POD, VISITOR = "127.0.0.2", "127.0.0.3", "203.0.113.9"
ROUTERS = {"CDK8S_DJANGO_ROUTER_ADDRESSES": "192.0.2.0/24, 127.0.0.2/32"}
ADMIN = {
    "CDK8S_DJANGO_TRUSTED_PROXIES": "1",
    "CDK8S_DJANGO_RESTRICTED_PATHS": '{"/admin": ["203.0.113.0/24", "2001:db8::/32"]}',
}


def ask(server, path, source, **headers):
    """A request from an address of this machine."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, timeout=20, source_address=(source, 0)
    )
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request("GET", path, headers={"Host": HOST, **headers})
        return Answer(connection.getresponse())
    finally:
        connection.close()


ROUTED = {"X_Forwarded_For": VISITOR, "X_Forwarded_Proto": "https"}


@pytest.mark.parametrize("each", SERVERS)
def test_only_a_router_is_believed(serve, migrated, each):
    """[F49] A pod that claims to be a router is what it is, by every server."""
    server = serve(
        each,
        **migrated,
        **ROUTERS,
        CDK8S_DJANGO_TRUSTED_PROXIES="1",
        CDK8S_DJANGO_SSL_REDIRECT="true",
        CDK8S_DJANGO_INTERNAL_PATHS="/metrics",
    )
    routed = ask(server, "/address", ROUTER, **ROUTED)
    assert (routed.status, routed.text) == (200, VISITOR)
    # Over plain HTTP, which it is: the header that says otherwise does not count.
    spoofed = ask(server, "/address", POD, **ROUTED, Forwarded=f"for={VISITOR};proto=https")
    assert spoofed.status == 301
    assert spoofed.headers["Location"] == f"https://{HOST}/address"
    # Whoever names a visitor does not come from inside, believed or not.
    assert ask(server, "/metrics", POD, **ROUTED).status == 404
    assert ask(server, "/metrics", POD).status == 200
    assert ask(server, "/livez", POD).status == 200


def test_the_address_of_who_is_no_router(serve, kind, migrated):
    """[F49]"""
    server = serve(kind, **migrated, **ROUTERS, CDK8S_DJANGO_TRUSTED_PROXIES="1")
    assert ask(server, "/address", POD, **ROUTED, X_Real_IP=VISITOR).text == POD


def test_everybody_is_believed_where_the_routers_are_not_known(serve, kind, migrated):
    """The network policy is what keeps others out."""
    server = serve(
        kind, **migrated, CDK8S_DJANGO_TRUSTED_PROXIES="1", CDK8S_DJANGO_SSL_REDIRECT="true"
    )
    assert ask(server, "/address", POD, **ROUTED).text == VISITOR


def test_a_header_with_an_underscore_says_nothing_for_the_router(pod):
    """Before its fixes, Django read both as one header, and the visitor had the last word."""
    from django.core.handlers.asgi import ASGIRequest
    from django.http import HttpResponse

    from cdk8s_django.middleware import FirstMiddleware

    pod(CDK8S_DJANGO_TRUSTED_PROXIES="1")
    router = (b"x-forwarded-for", b"198.51.100.7")
    visitors = (b"x_forwarded_for", VISITOR.encode())
    told = {}
    for title, headers in {"routed": [router], "claimed": [router, visitors]}.items():
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
        request = ASGIRequest({**scope, "headers": headers, "client": (ROUTER, 1)}, None)
        # As Django before its fixes has it.
        request.META["HTTP_X_FORWARDED_FOR"] = b",".join(text for _, text in headers).decode()
        FirstMiddleware(lambda _: HttpResponse())(request)
        told[title] = request.META["REMOTE_ADDR"]
    assert told == {"routed": "198.51.100.7", "claimed": ROUTER}


@pytest.mark.parametrize(
    ("ranges", "peer", "believed"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.0.0.0/8, 2001:db8::/32", "2001:db8::1", True),
        ("2001:db8::/32", "10.1.2.3", False),
        # A server that knows no address of its peer.
        ("0.0.0.0/0", "", False),
    ],
)
def test_ranges_of_routers(pod, ranges, peer, believed):
    from django.http import HttpResponse
    from django.test import RequestFactory

    from cdk8s_django.middleware import FirstMiddleware

    pod(CDK8S_DJANGO_ROUTER_ADDRESSES=ranges)
    told = {
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_X_FORWARDED_PORT": "443",
        "HTTP_FORWARDED": "for=1.1.1.1",
        "HTTP_X_REAL_IP": "1.1.1.1",
    }
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **told)
    FirstMiddleware(lambda _: HttpResponse())(request)
    assert [name for name in told if name in request.META] == (list(told) if believed else [])


def test_a_path_for_some_visitors(serve, kind, migrated):
    server = serve(kind, **migrated, **ROUTERS, **ADMIN)

    def status(path, visitor, source=ROUTER):
        return ask(server, path, source, X_Forwarded_For=visitor, X_Forwarded_Proto="https").status

    for path in ("/admin/login/", "/admin/nothing/"):
        assert status(path, VISITOR) in (200, 302), path
        assert status(path, "2001:db8::1") in (200, 302), path
        assert status(path, "198.51.100.7") == 403, path
        # A claim of the visitor, before what the router adds; and a pod that claims to be it.
        assert status(path, f"{VISITOR}, 198.51.100.7") == 403, path
        assert status(path, VISITOR, POD) == 403, path
    for path in ("/admin", "/admin?next=/", "//admin/login/", "/%61dmin/login/", "/admin/./login/"):
        assert status(path, "198.51.100.7") in (403, 404), path
    assert status("/questions", "198.51.100.7") == 200
    assert status("/static/admin/css/base.css", "198.51.100.7") == 200
    assert status("/administration", "198.51.100.7") == 404


def test_a_path_for_some_visitors_below_a_prefix(serve, kind, migrated):
    server = serve(
        kind,
        **migrated,
        CDK8S_DJANGO_PATH_PREFIX="/app",
        CDK8S_DJANGO_TRUSTED_PROXIES="1",
        CDK8S_DJANGO_RESTRICTED_PATHS='{"/app/admin/": ["203.0.113.0/24"]}',
    )
    assert ask(server, "/app/admin/login/", ROUTER, X_Forwarded_For=VISITOR).status == 200
    assert ask(server, "/app/admin/login/", ROUTER, X_Forwarded_For="1.1.1.1").status == 403
    assert ask(server, "/admin/login/", ROUTER, X_Forwarded_For="1.1.1.1").status == 403
    assert ask(server, "/app/questions", ROUTER, X_Forwarded_For="1.1.1.1").status == 200


@pytest.mark.parametrize("own", ["/app", "/app/"])
@pytest.mark.parametrize("path", ["/app", "/app/", "/app/admin/"])
@pytest.mark.parametrize(
    "closed",
    [
        lambda own: {"CDK8S_DJANGO_RESTRICTED_PATHS": f'{{"{own}": ["203.0.113.0/24"]}}'},
        lambda own: {"CDK8S_DJANGO_SIGN_IN_PATHS": own},
    ],
)
def test_a_path_that_is_the_prefix_is_all_below_it(pod, closed, own, path):
    from django.http import HttpResponse
    from django.test import RequestFactory

    from cdk8s_django.middleware import FirstMiddleware

    pod(CDK8S_DJANGO_PATH_PREFIX="/app", **closed(own))
    request = RequestFactory().get(path, REMOTE_ADDR="198.51.100.7")
    assert FirstMiddleware(lambda _: HttpResponse())(request).status_code == 403


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CDK8S_DJANGO_ROUTER_ADDRESSES", "10.0.0.1/8"),
        ("CDK8S_DJANGO_RESTRICTED_PATHS", '{"/admin": ["office"]}'),
        ("CDK8S_DJANGO_RESTRICTED_PATHS", "/admin"),
    ],
)
def test_what_is_no_range_ends_the_start(variable, value):
    """An error at the start: never a path that is open by a slip."""
    done = python(*SERVERS["asgi"], "--port", "1", **{variable: value}, CDK8S_DJANGO_ASGI="true")
    assert ASGI in SERVERS["asgi"]
    assert done.returncode != 0
    assert variable in done.stderr.strip().rsplit("\n", 1)[-1]


ADMIN_HOST = "admin.example.com"
SIGN_IN = {
    "CDK8S_DJANGO_ALLOWED_HOSTS": f"{HOST},{ADMIN_HOST}",
    "CDK8S_DJANGO_SIGN_IN_HOSTS": ADMIN_HOST,
    "CDK8S_DJANGO_SIGN_IN_PATHS": "/address",
}


@pytest.mark.parametrize("each", SERVERS)
def test_a_path_that_needs_a_sign_in(serve, migrated, each):
    """It is closed at a host whose router asks nobody to sign in, by any spelling of it."""
    server = serve(each, **migrated, **SIGN_IN)
    status = {
        (host, path): ask(server, path, POD, **ROUTED, Host=host).status
        for host in (HOST, ADMIN_HOST, f"{ADMIN_HOST}:443", f"{ADMIN_HOST}.", f"x.{ADMIN_HOST}")
        for path in ("/address", "/%61ddress", "/livez")
    }
    closed = {key for key, value in status.items() if value == 403}
    paths = ("/address", "/%61ddress")
    hosts = (HOST, f"{ADMIN_HOST}.", f"x.{ADMIN_HOST}")
    assert closed == {(host, path) for host in hosts for path in paths}
    assert {status[key] for key in status if key not in closed} == {200}


def test_a_path_that_needs_a_sign_in_is_closed_to_who_is_no_router(serve, kind, migrated):
    server = serve(kind, **migrated, **SIGN_IN, **ROUTERS)
    assert ask(server, "/address", ROUTER, **ROUTED, Host=ADMIN_HOST).status == 200
    assert ask(server, "/address", POD, **ROUTED, Host=ADMIN_HOST).status == 403


FORGED = {
    "HTTP_X_GOOG_AUTHENTICATED_USER_EMAIL": "accounts.google.com:boss@example.com",
    "HTTP_X_GOOG_AUTHENTICATED_USER_ID": "accounts.google.com:1",
    "HTTP_X_GOOG_IAP_JWT_ASSERTION": "e30.e30.x",
    "HTTP_X_AMZN_OIDC_DATA": "e30.e30.x",
    "HTTP_X_AMZN_OIDC_IDENTITY": "boss",
    "HTTP_X_AMZN_OIDC_ACCESSTOKEN": "x",
    "HTTP_X_AUTH_REQUEST_EMAIL": "boss@example.com",
    "HTTP_X_FORWARDED_USER": "boss",
    "HTTP_X_FORWARDED_EMAIL": "boss@example.com",
    "HTTP_X_FORWARDED_GROUPS": "admins",
    "HTTP_X_FORWARDED_PREFERRED_USERNAME": "boss",
    "HTTP_X_FORWARDED_ACCESS_TOKEN": "x",
}


@pytest.mark.parametrize(
    ("variables", "peer", "host", "believed"),
    [
        (SIGN_IN, POD, ADMIN_HOST, True),
        (SIGN_IN, POD, HOST, False),
        ({**SIGN_IN, **ROUTERS}, ROUTER, ADMIN_HOST, True),
        ({**SIGN_IN, **ROUTERS}, POD, ADMIN_HOST, False),
        (ROUTERS, POD, HOST, False),
        # A router that is not of the program may have visitors sign in.
        ({}, POD, HOST, True),
        ({"CDK8S_DJANGO_SIGN_IN_HOSTS": "*.example.com"}, POD, ADMIN_HOST, True),
        ({"CDK8S_DJANGO_SIGN_IN_HOSTS": "*.example.com"}, POD, "example.com", False),
    ],
)
def test_who_may_say_who_signed_in(pod, variables, peer, host, believed):
    """A forged identity goes, before anything of the application sees it."""
    from django.http import HttpResponse
    from django.test import RequestFactory

    from cdk8s_django.middleware import FirstMiddleware

    pod(**variables)
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_HOST=host, **FORGED)
    FirstMiddleware(lambda _: HttpResponse())(request)
    assert [name for name in FORGED if name in request.META] == (list(FORGED) if believed else [])
