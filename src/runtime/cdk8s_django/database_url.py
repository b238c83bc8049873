"""URLs of PostgreSQL: what libpq, django-environ and dj-database-url agree on. Standard library."""

from urllib.parse import parse_qsl, quote, unquote, urlencode

from cdk8s_django.environment import BadVariable

SCHEMES = ("postgres", "postgresql", "psql", "pgsql", "postgis")
# Keys of the query that are Django's own settings of a database, as django-environ has them.
SETTINGS = (
    "ATOMIC_REQUESTS",
    "AUTOCOMMIT",
    "CONN_HEALTH_CHECKS",
    "CONN_MAX_AGE",
    "DISABLE_SERVER_SIDE_CURSORS",
)
# Keys of the query that libpq reads in place of the parts before it.
PARTS = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
WORDS = {"true": True, "false": False, "none": None}


def parse(variable, url):
    """The parts of a URL. Its text never goes into a message: it holds the password."""
    location, _, query = url.partition("://")[2].partition("?")
    netloc, _, name = location.partition("/")
    # By hand: urlsplit makes the host lower-case, which breaks the path of a Unix socket.
    login, _, address = netloc.rpartition("@")
    user, _, password = login.partition(":")
    # A comma separates servers, of which libpq takes the first that answers.
    places = [host_and_port(place) for place in address.split(",")]
    ports = [port for _, port in places]
    found = {
        "NAME": unquote(name),
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": ",".join(unquote(host) for host, _ in places),
        "PORT": ",".join(ports) if any(ports) else "",
        "OPTIONS": {},
    }
    for key, text in parse_qsl(query):
        lay_parameter(variable, found, key, text)
    if any(port and not port.isdecimal() for port in found["PORT"].split(",")):
        raise BadVariable(
            f"{variable} cannot be read: its port is not a number (percent-encode the password)"
        )
    if not found["NAME"]:
        raise BadVariable(f"{variable} names no database (percent-encode the password)")
    return found


def host_and_port(place):
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        return host, port[1:]
    host, _, port = place.partition(":")
    return host, port


def lay_parameter(variable, found, key, text):
    """One parameter of the query."""
    if key in PARTS:
        found[PARTS[key]] = text
    elif key.upper() in SETTINGS:
        found[key.upper()] = setting(variable, key, text)
    elif key == "ssl":
        # JDBC's, which libpq takes too.
        if text.lower() == "true":
            found["OPTIONS"].setdefault("sslmode", "require")
    elif key == "currentSchema":
        found["OPTIONS"]["options"] = f"-c search_path={text}"
    else:
        found["OPTIONS"][key] = value_of(text)


def setting(variable, key, text):
    value = value_of(text)
    if key.upper() == "CONN_MAX_AGE":
        if value is None or type(value) is int:
            return value
        raise BadVariable(f"{variable}: {key} is '{text}', it must be a whole number or None")
    if value in (True, False):  # 1 and 0 are equal to them
        return bool(value)
    raise BadVariable(f"{variable}: {key} is '{text}', it must be true or false")


def value_of(text):
    """Numbers and truth as such. What only looks like a number, with a zero first, stays text."""
    if text.isdecimal() and str(int(text)) == text:
        return int(text)
    return WORDS.get(text.lower(), text)


def compose(scheme, found):
    """The URL of these parts, percent-encoded, for settings modules that read it themselves."""
    hosts = found["HOST"].split(",")
    ports = str(found["PORT"]).split(",")
    ports = ports if len(ports) == len(hosts) else ports[:1] * len(hosts)
    address = ",".join(map(address_of, hosts, ports))
    login = f"{quote(found['USER'], safe='')}:{quote(found['PASSWORD'], safe='')}"
    settings = {key.lower(): found[key] for key in SETTINGS if key in found}
    query = urlencode({**found["OPTIONS"], **settings}, quote_via=quote)
    name = quote(found["NAME"], safe="")
    return f"{scheme}://{login}@{address}/{name}{'?' if query else ''}{query}"


def address_of(host, port):
    ipv6 = ":" in host and "/" not in host
    host = f"[{host}]" if ipv6 else quote(host, safe="")
    return f"{host}:{port}" if port else host
