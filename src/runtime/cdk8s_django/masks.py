"""Secrets in text: what is shown of a URL, a message or an error has none. Standard library only.

Where somebody has to find a fault, the rest stays: scheme, user, host, path, and names of values.
"""

import functools
import re

MASK = "***"
# A URL ends at a blank or a quote; an apostrophe may be of its password. Several have ";" between.
URL = re.compile(
    r"""([A-Za-z][A-Za-z0-9+.-]{0,30}://)((?:(?!'(?:[,:;)\]}\s]|$)|[;,][A-Za-z][\w+.-]*://)[^\s"<>`])+)"""
)
OF_WEB = re.compile(r"(?:\w+\+)?(?:https?|wss?)://", re.IGNORECASE)
# Tokens by what they begin with, wherever they are.
KNOWN = (
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|gl[a-z]{2,5}-[\w-]{20,}|xox[abeprs]-[\w-]{10,}"
    r"|[sr]k_(?:live|test)_\w{10,}|sk-[\w-]{20,}|npm_\w{30,}|pypi-[\w-]{30,}|hvs\.[\w-]{20,}"
    r"|ya29\.[\w.-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"
)
# Those, what a header says after the kind of its login, and the link of Django's mail for a new
# password.
TOKENS = re.compile(
    rf"(?<![\w-])(?:{KNOWN})"
    r"|(?i:(?<=bearer |digest )|(?<=basic |token ))(?=\S*\d)[\w.~+/-]{16,}=*"
    r"|(?<=/)[0-9a-z]{6,7}-[0-9a-f]{32}(?=[/\s?#\"']|$)"
)
# What names of secrets end with.
NAMES = (
    r"token|secret|passw(?:or)?d|passphrase|pwd|(?:api|access|secret|private|auth|account|shared)"
    r"[_-]?key|signature|jwt|sessionid|authorization|connection[_-]?string"
)
NAMED = re.compile(rf"(?:{NAMES})\d?$", re.IGNORECASE)
# A value in quotes, or the first of a list, as Django writes what a form sent; one without quotes,
# up to a blank or the next of a query; one in a query that is a value of another query.
VALUE = re.compile(
    rf"""(?i:({NAMES})(\d?\]?['"]?))"""
    r"""(?:(\s*[=:]\s*\[?[bru]?)(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")"""
    r"""|=((?:(?!'(?:[,:;)\]}\s]|$))[^\s&"<>])+)"""
    r"""|%3[Dd](?:(?!%26)[^\s&"'<>])+)"""
)
# Names that are of a secret in the query of a URL alone; the latter if the value is long.
IN_QUERY = re.compile(
    r"""((?:^|[?&;])(?:(sig|hmac|auth|pass|pw|otp|assertion|samlresponse)"""
    r"""|key|code|hash|sid|session|ticket|invite|invitation)=)([^\s&;#"'<>]+)""",
    re.IGNORECASE,
)
LONG = 16
# Values that say that there is none, and code in a traceback.
NO_SECRET = re.compile(
    r"None|null|True|False|%s|\*+|[A-Za-z_][A-Za-z_.]*[(\[].*|[A-Za-z_]+(\.[A-Za-z_]+)+", re.DOTALL
)


def masked(text):
    """The text without its secrets."""
    if "://" in text:
        text = URL.sub(in_url, text)
    if "=" in text or ":" in text:
        text = VALUE.sub(in_value, text)
        if "=" in text:
            text = IN_QUERY.sub(in_query, text)
    return TOKENS.sub(MASK, text)


def in_url(match):
    scheme, rest = match.groups()
    place = re.search(r"[/?#]|$", rest).start()
    authority = rest[:place]
    if "@" in authority:
        at = authority.rindex("@")
    elif "@" in rest and is_cut(authority):
        at = rest.rindex("@")
    else:
        return match[0]
    return f"{scheme}{login(scheme, rest[:at])}{rest[at:]}"


def is_cut(authority):
    """Whether a password that has a "/", "?" or "#" ended it: what follows ":" is no port."""
    host, colon, port = authority.rpartition(":")
    return bool(colon) and not host.startswith("[") and not (host and port.isdecimal())


def login(scheme, text):
    user, colon, password = text.partition(":")
    if colon:
        # A token is also given as a user without a password, or with one that is always the same.
        is_token = looks_like_token(user) or (user and password in ("", "x-oauth-basic"))
        return f"{MASK if is_token else user}:{MASK if password else ''}"
    # Who logs in to the web by one word does it by a token.
    return MASK if looks_like_token(user) or (OF_WEB.match(scheme) and user != "git") else user


def looks_like_token(text):
    if re.match(KNOWN, text):
        return True
    is_plain = len(text) < 20 or "." in text or "%40" in text
    return not is_plain and len(re.findall(r"\d", text)) >= 4


def in_value(match):
    name, quote, between, single, double, bare = match.groups()
    if between is not None:
        mark = "'" if single is not None else '"'
        return f"{name}{quote}{between}{mark}{MASK}{mark}" if single or double else match[0]
    if bare is None:
        return f"{name}{quote}%3D{MASK}"
    value = bare.rstrip(",;)]}.") or bare
    after = bare[len(value) :] or match.string[match.end() : match.end() + 1]
    if not is_in_query(match) and (NO_SECRET.fullmatch(value) or is_argument(name, value, after)):
        return match[0]
    return f"{name}{quote}={MASK}{bare[len(value) :]}"


def is_in_query(match):
    before = match.string[max(0, match.start() - 80) : match.start()]
    return bool(re.search(r"[?&][\w.%\[-]*$", before))


def is_argument(name, value, after):
    """token=token in a line of code."""
    return value.endswith(name) and after[:1] in (",", ")", "")


def in_query(match):
    before, always, value = match.groups()
    return f"{before}{MASK}" if always or len(value) >= LONG else match[0]


@functools.lru_cache(maxsize=1024)
def names_secret(name):
    return bool(NAMED.search(name))


def cleaned(value, above=()):
    """A copy of what a line is made of: texts without their secrets, by their names too."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, (dict, list, tuple)) and id(value) not in above and len(above) < 20:
        above = (*above, id(value))
        if isinstance(value, dict):
            return {key: of_name(key, item, above) for key, item in value.items()}
        return [cleaned(item, above) for item in value]
    return value


def of_name(name, value, above=()):
    if value and isinstance(name, str) and names_secret(name):
        if isinstance(value, (str, bytes)):
            return MASK
        if isinstance(value, (list, tuple)):
            return [MASK if isinstance(item, (str, bytes)) else item for item in value]
    return cleaned(value, above)


def of_query(name, value):
    """A value of a query, which has its name beside it."""
    is_secret = IN_QUERY.sub(in_query, f"{name}={value}") != f"{name}={value}"
    return MASK if is_secret else of_name(name, value)
