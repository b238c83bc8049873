"""Says in one line why something failed, and runs commands that way. Standard library only."""

import importlib
import os
import re
import signal
import sys
import traceback

from cdk8s_django.environment import flag, text
from cdk8s_django.masks import masked

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARIES = (os.path.dirname(os.__file__), HERE, "<frozen")

SQLITE_REMEDY = (
    "no pod can write there; give the DjangoApp database: new PostgresBackend(…), "
    "or addVolume for the folder of the file"
)
LOCAL_REMEDY = (
    "it is the pod itself; give the DjangoApp database: new PostgresBackend(…), or a database of "
    "your own by its host, unless a sidecar answers there"
)
LOCAL = re.compile(r"localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|0\.0\.0\.0", re.IGNORECASE)
# What drivers of PostgreSQL, MySQL and Oracle say of a server on their own machine.
LOCAL_DATABASE = re.compile(
    rf"(?:connection to server at|could not connect to server|Can't connect to (?:MySQL )?server on"
    rf"|Can't connect to (?:MySQL )?server)[^\w\[:]*(?:{LOCAL.pattern})\b"
    r"|connection to server on socket|local (?:MySQL )?server through socket",
    re.IGNORECASE,
)
# What is said of a variable that is missing: by os.environ, django-environ, python-decouple,
# environs, pydantic and dynaconf.
ASKS_FOR_VARIABLE = re.compile(
    r"\benv(ironment)? ?var|\[type=missing\b|\bis required in env\b", re.IGNORECASE
)
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
# The options that give variables of the library's own names. All others are the application's.
GIVEN_BY = {
    "DATABASE_": "database: new PostgresBackend(…)",
    "CACHE_URL": "cache",
    "CELERY_BROKER_URL": "celery: { broker: … }",
    "CHANNEL_LAYER_URL": "channelLayer",
}
# Lists that pods get under names of the library's own.
UNSET_LISTS = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECRET_KEY_FALLBACKS")
SQLITE_ERRORS = ("unable to open database file", "attempt to write a readonly database")


class Failure(Exception):
    """A command failed; its message is complete."""

    exit_code = 1


def reason(error):
    """Why, in one line, with the place in the application's own code."""
    # The explanation that was made nearest to the fault is the best one.
    complete = {"Failure", "BadVariable", "ImproperlyConfigured", "CommandError"}
    if complete & {kind.__name__ for kind in type(error).__mro__}:
        return one_line(error) + way_to_give(error)
    if isinstance(error, ModuleNotFoundError):
        said = f"no module named '{error.name}': it is missing from the image or misspelt"
    elif isinstance(error, SystemExit):
        said = f"the application ends the process: {one_line(error)}"
    elif isinstance(error, KeyError) and raised_by_environ(error):
        said = f"environment variable '{error.args[0]}' is missing"
    else:
        said = f"{type(error).__name__}: {one_line(error)}"
    place = own_place(error)
    return (
        (f"{said} ({place})" if place else said) + way_to_give(error, said) + way_to_database(error)
    )


def way_to_give(error, said=None):
    """The option of the manifests that gives the variable for which the application asks."""
    said = said or one_line(error)
    if isinstance(error, Failure) or not ASKS_FOR_VARIABLE.search(said) or "DjangoApp" in said:
        return ""
    names = VARIABLE.findall(said)
    if any(name in UNSET_LISTS for name in names):
        return ""  # told where settings are imported
    for name in names:
        for begin, option in GIVEN_BY.items():
            if name.startswith(begin):
                return f"; give the DjangoApp {option}"
    return "; give it by environment or secretEnvironment of the DjangoApp"


def one_line(error):
    return masked(" ".join(str(error).split()))[:500]


def raised_by_environ(error):
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == os.environ.__getitem__.__code__.co_filename


def own_place(error):
    """File and line of the innermost frame that is no library's."""
    if isinstance(error, SyntaxError):
        return ""  # its text has the place
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        installed = re.search(r"[/\\](site|dist)-packages[/\\]", frame.filename)
        if not installed and not frame.filename.startswith(LIBRARIES):
            return f"{frame.filename}, line {frame.lineno}"
    return ""


def database_reason(error):
    """What the server said, or why it could not, of the driver's account of all its attempts."""
    return shortest_reason(error) + way_to_database(error)


def is_local(host):
    return isinstance(host, str) and bool(LOCAL.fullmatch(host))


def way_to_database(error):
    """The most likely omission: no database in the program, and that of a developer's machine."""
    said = one_line(error)
    if text("DATABASE_HOST") or text("DATABASE_URL") or not LOCAL_DATABASE.search(said):
        return ""
    # One that answers is there.
    return "" if "FATAL:" in said or "Access denied" in said else f"; {LOCAL_REMEDY}"


def shortest_reason(error):
    pieces = re.split(r"connection to server (?:at|on) .*? failed: ", one_line(error))
    if len(pieces) == 1:
        return f"{pieces[0]}: {SQLITE_REMEDY}" if pieces[0] in SQLITE_ERRORS else pieces[0]
    pieces = [piece.partition(" - host: ")[0].strip() for piece in pieces[1:]]
    said = [piece for piece in pieces if piece.startswith("FATAL:")]
    return (said or pieces)[0].replace("FATAL:", "").strip()


def run(main):
    """Runs a command: every failure is one line on stderr and exit code 1."""
    # As process 1 of a container Python would ignore SIGTERM without a handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if flag("CDK8S_DJANGO_DEBUG"):
            print(masked(traceback.format_exc()), file=sys.stderr)
        print(f"error: {reason(error)}", file=sys.stderr, flush=True)
        sys.exit(getattr(error, "exit_code", 1))


def start_django():
    """django.setup() for a command that runs once."""
    # A pool opens several connections at once; a command needs one.
    os.environ.pop("DATABASE_POOL_MAX_SIZE", None)
    try:
        importlib.import_module("django").setup()
    except ModuleNotFoundError as error:
        if error.name == "django":
            raise Failure("Django is missing from the image") from None
        raise
