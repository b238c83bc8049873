"""Logs as JSON: what the application decided about them stays, and no line is lost or plain."""

import json
import os
import subprocess
import sys

import pytest

from conftest import PROJECT, environment, python

MASK = """
import logging
class Mask(logging.Filter):
    def filter(self, record):
        record.msg = str(record.msg).replace("4711", "****")
        return True
class Below(logging.Filter):
    def filter(self, record):
        return record.levelno < logging.WARNING
class Colours(logging.StreamHandler):
    pass
class Tracker(logging.Handler):
    def emit(self, record):
        open(__file__ + ".tracked", "a").write(record.getMessage() + "\\n")
def make(**options):
    return logging.StreamHandler()
class MaskingFormatter(logging.Formatter):
    def format(self, record):
        return super().format(record).replace("4711", "****")
class MaskingJson(logging.Formatter):
    def format(self, record):
        import json
        return json.dumps({"msg": record.getMessage().replace("4711", "****"), "card": "****"})
class FailingFormatter(logging.Formatter):
    def format(self, record):
        raise KeyError("user")
"""
CONSOLE = {"class": "logging.StreamHandler", "formatter": "colours", "stream": "ext://sys.stderr"}
FILE = {"class": "logging.handlers.RotatingFileHandler", "filename": "/nowhere/x.log"}
NULL = {"class": "logging.NullHandler"}
# A formatter of a package that the image does not have.
COLOURS = {"colours": {"()": "missing_package.ColouredFormatter"}}


@pytest.fixture
def run(tmp_path):
    """run(LOGGING, code): the lines of a process with these settings, on both of its streams."""
    (tmp_path / "helpers.py").write_text(MASK)

    def run(logging, code, settings="", log_format="json", after="", **variables):
        (tmp_path / "own_settings.py").write_text(
            "from mysite.settings import *\n"
            + settings
            + f"\nLOGGING = {logging!r}\nif LOGGING: LOGGING.setdefault('version', 1)\n"
            + after
        )
        made = environment(
            CDK8S_DJANGO_SETTINGS_MODULE="own_settings",
            CDK8S_DJANGO_LOG_FORMAT=log_format,
            **variables,
        )
        made["PYTHONPATH"] += os.pathsep + str(tmp_path)
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\nimport logging\n{code}"],
            env=made,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout
        return [json.loads(line, parse_constant=pytest.fail) for line in done.stdout.splitlines()]

    return run


def messages(lines):
    return [line["message"] for line in lines]


def test_f16_filters_of_loggers_stay(run):
    own = {
        "filters": {"mask": {"()": "helpers.Mask"}},
        "loggers": {"polls": {"filters": ["mask"]}},
    }
    lines = run(own, "logging.getLogger('polls').warning('card 4711')")
    assert messages(lines) == ["card ****"]


@pytest.mark.parametrize("owner", ["root", "", "polls"])
@pytest.mark.parametrize("handler", [CONSOLE, FILE])
def test_f16_filters_of_replaced_handlers_move(run, owner, handler):
    logger = {"handlers": ["one"], "level": "INFO"}
    own = {
        "formatters": COLOURS,
        "filters": {"mask": {"()": "helpers.Mask"}},
        "handlers": {"one": {**handler, "filters": ["mask"]}},
        **({"root": logger} if owner == "root" else {"loggers": {owner: logger}}),
    }
    lines = run(own, "logging.getLogger('polls').warning('card 4711')")
    assert messages(lines) == ["card ****"]


def test_f16_a_file_without_the_filter_of_the_console_shows_nothing_more(run):
    own = {
        "filters": {"mask": {"()": "helpers.Mask"}},
        "handlers": {"file": FILE, "console": {**CONSOLE, "filters": ["mask"]}},
        "formatters": COLOURS,
        "root": {"handlers": ["console"]},
        "loggers": {"polls": {"handlers": ["file"]}},
    }
    lines = run(own, "logging.getLogger('polls').warning('card 4711')")
    assert messages(lines) == ["card ****"]


def test_f16_two_handlers_that_share_the_levels_write_each_line_once(run):
    own = {
        "filters": {"below": {"()": "helpers.Below"}},
        "formatters": COLOURS,
        "handlers": {
            "out": {**CONSOLE, "stream": "ext://sys.stdout", "filters": ["below"]},
            "err": {**CONSOLE, "level": "WARNING"},
        },
        "root": {"handlers": ["out", "err"], "level": "DEBUG"},
        "loggers": {"polls": {"handlers": ["out", "err"], "level": "DEBUG"}},
    }
    code = "log = logging.getLogger('polls')\nlog.debug('a')\nlog.warning('b')\nlog.error('c')"
    assert messages(run(own, code)) == ["a", "b", "c"]


def test_f16_levels_of_handlers_stay(run):
    own = {
        "formatters": COLOURS,
        "handlers": {"console": {**CONSOLE, "level": "ERROR"}},
        "root": {"handlers": ["console"], "level": "DEBUG"},
    }
    code = "log = logging.getLogger('polls')\nlog.info('a')\nlog.error('b')"
    assert messages(run(own, code)) == ["b"]


def test_f16_the_level_of_the_root_stays_unless_the_pod_says_another(run):
    own = {"root": {"level": "ERROR"}}
    code = "log = logging.getLogger('polls')\nlog.info('a')\nlog.error('b')"
    assert messages(run(own, code)) == ["b"]
    assert messages(run(own, code, CDK8S_DJANGO_LOG_LEVEL="info")) == ["a", "b"]
    assert messages(run(None, code)) == ["a", "b"]


def test_f16_a_console_for_development_still_writes(run):
    own = {
        "filters": {"debug": {"()": "django.utils.log.RequireDebugTrue"}},
        "formatters": COLOURS,
        "handlers": {"console": {**CONSOLE, "filters": ["debug"]}},
        "loggers": {"polls": {"handlers": ["console"], "propagate": False}},
    }
    assert messages(run(own, "logging.getLogger('polls').error('b')")) == ["b"]


def test_f16_handlers_that_write_no_lines_stay(run, tmp_path):
    own = {
        "handlers": {"tracker": {"class": "helpers.Tracker", "level": "ERROR"}},
        "root": {"handlers": ["tracker"]},
    }
    lines = run(own, "logging.error('down')\nlogging.warning('slow')")
    assert messages(lines) == ["down", "slow"]
    assert (tmp_path / "helpers.py.tracked").read_text() == "down\n"


@pytest.mark.parametrize("made", [{"class": "helpers.Colours"}, {"()": "helpers.make", "a": 1}])
def test_f16_a_console_of_the_applications_own_class_writes_json(run, made):
    own = {
        "formatters": COLOURS,
        "handlers": {"console": {**made, "level": "INFO"}},
        "root": {"handlers": ["console"]},
    }
    assert messages(run(own, "logging.error('down')")) == ["down"]


SILENT = [
    {"handlers": ["null"], "propagate": False},
    {"handlers": [], "propagate": False},
    {"propagate": False},
    {"handlers": ["null"]},
]


@pytest.mark.parametrize("silent", SILENT)
@pytest.mark.parametrize("level", ["info", "error"])
def test_f32_silenced_loggers_stay_silent(run, silent, level):
    own = {"handlers": {"null": NULL}, "loggers": {"perf": silent, "perf.loud": {}}}
    code = f"logging.getLogger('perf.sql').{level}('x')\nlogging.getLogger('polls').error('y')"
    assert messages(run(own, code)) == ["y"]


def test_f32_what_is_null_but_heard_above_is_heard(run):
    own = {
        "formatters": COLOURS,
        "handlers": {"null": NULL, "console": CONSOLE},
        "root": {"handlers": ["console"]},
        "loggers": {"perf": {"handlers": ["null"]}, "perf.loud": {"level": "DEBUG"}},
    }
    assert messages(run(own, "logging.getLogger('perf.loud').debug('x')")) == ["x"]


def test_f32_a_logger_below_a_silenced_one_that_has_a_console_is_heard(run):
    own = {
        "formatters": COLOURS,
        "handlers": {"null": NULL, "console": CONSOLE},
        "root": {"handlers": ["console"]},
        "loggers": {
            "perf": {"handlers": ["null"], "propagate": False},
            "perf.loud": {"handlers": ["console"]},
        },
    }
    code = "logging.getLogger('perf.loud').error('x')\nlogging.getLogger('perf').error('y')"
    assert messages(run(own, code)) == ["x"]


def test_f32_a_silenced_root_keeps_the_servers_and_django(run):
    own = {"handlers": {"null": NULL}, "root": {"handlers": ["null"]}}
    code = (
        "for name in ('', 'other', 'django.request', 'uvicorn.error', 'cdk8s_django.health'):\n"
        "    logging.getLogger(name).error(name)"
    )
    heard = ["django.request", "uvicorn.error", "cdk8s_django.health"]
    assert messages(run(own, code)) == heard


REQUEST = """
from django.core import mail
from django.test import Client
status = Client().get("/", headers={"host": "evil.example.net"}).status_code
logging.getLogger("polls").warning("status %s, %s mails", status, len(getattr(mail, "outbox", [])))
"""
ADMINS = (
    "ADMINS = [('A', 'a@example.com')]\n"
    "EMAIL_BACKEND = 'django.core.mail.backends.locmem.EmailBackend'\n"
)


def test_f32_a_foreign_host_sent_to_null_makes_no_line_and_no_mail(run):
    """As Django's manual has it."""
    silenced = {
        "handlers": {"null": NULL},
        "loggers": {"django.security.DisallowedHost": {"handlers": ["null"], "propagate": False}},
    }
    lines = run(silenced, REQUEST, ADMINS)
    assert messages(lines)[-1] == "status 400, 0 mails"
    assert not [line for line in lines if "exception" in line or line["level"] == "ERROR"]
    # It is that logger which speaks otherwise.
    lines = run(None, REQUEST, ADMINS)
    assert messages(lines)[-1] == "status 400, 1 mails"
    assert "DisallowedHost" in lines[0]["exception"]


def test_f32_mail_that_the_application_took_from_django_is_not_sent(run):
    own = {
        "formatters": COLOURS,
        "handlers": {"console": CONSOLE},
        "loggers": {"django": {"handlers": ["console"]}},
    }
    assert messages(run(own, REQUEST, ADMINS))[-1] == "status 400, 0 mails"


@pytest.mark.parametrize("log_format", ["json", "gke"])
def test_each_line_has_the_release_that_the_pod_names(run, log_format):
    named = {"CDK8S_DJANGO_RELEASE": "2026.11", "CDK8S_DJANGO_COMMIT": "3f1c2ab"}
    code = "logging.error('one')\nlogging.error('two', extra={'release': 'own'})"
    lines = run(None, f"import warnings; warnings.warn('x')\n{code}", "", log_format, **named)
    assert [line["release"] for line in lines] == ["2026.11", "2026.11", "own"]
    assert {line["commit"] for line in lines} == {"3f1c2ab"}


def test_logging_that_is_none_starts(run):
    assert messages(run(None, "logging.error('up')")) == ["up"]


STRUCTLOG = """
log = logging.getLogger("polls")
try:
    1 / 0
except ZeroDivisionError as error:
    log.error({{"event": "vote", "question": 7, "name": "n", "_record": log, "exc_info": {raised}}},
              extra={{"_logger": log, "_name": "polls"}})
"""


@pytest.mark.parametrize("raised", ["True", "error", "(type(error), error, None)"])
def test_f17_a_dictionary_gives_its_keys(run, raised):
    (line,) = run(None, STRUCTLOG.format(raised=raised))
    assert line.pop("exception").endswith("ZeroDivisionError: division by zero")
    assert line.pop("time")
    wanted = {"message": "vote", "level": "ERROR", "logger": "polls", "question": 7, "name": "n"}
    assert line == wanted


def test_f17_structlog_itself(run):
    code = (
        "import structlog\n"
        "structlog.configure(logger_factory=structlog.stdlib.LoggerFactory(), processors=[\n"
        "    structlog.stdlib.add_log_level, structlog.processors.TimeStamper(),\n"
        "    structlog.stdlib.ProcessorFormatter.wrap_for_formatter])\n"
        "structlog.get_logger('polls').bind(user=3).warning('vote', question={'id': 7})\n"
    )
    (line,) = run(None, code)
    assert (line["message"], line["user"], line["question"]) == ("vote", 3, {"id": 7})
    assert (line["level"], line["logger"]) == ("WARNING", "polls")
    assert not [key for key in line if key.startswith("_")]


def test_f17_google_finds_the_stack_in_the_message(run):
    code = "logging.error({'event': 'vote', 'exception': 'Traceback: x', 'level': 'error'})"
    (line,) = run(None, code, log_format="gke")
    assert line["message"] == "vote\nTraceback: x"
    assert line["severity"] == "ERROR"


@pytest.mark.parametrize(
    "extra",
    [
        "{1: 2, ('a', 'b'): 3, None: 4}",
        "{'ratio': float('nan'), 'other': float('inf')}",
        "{'nested': {('a', 1): [float('-inf'), {2: object()}]}}",
        "{'name_': 'caf\\udce9', 'emoji': '\\U0001f5dd'}",
        "{'large': 10 ** 5000}",
        "{'cyclic': cyclic}",
        "{'bad': type('Bad', (), {'__str__': lambda self: 1 / 0})()}",
        "{'deep': deep}",
    ],
)
def test_no_record_is_lost_for_what_json_does_not_have(run, extra):
    code = (
        "cyclic = {}; cyclic['x'] = [cyclic, cyclic]\n"
        "deep = []\nfor _ in range(5000): deep = [deep]\n"
        f"logging.error('down', extra={extra})"
    )
    (line,) = run(None, code)
    assert line["message"] == "down"


def test_keys_and_numbers_that_json_does_not_have_are_text(run):
    code = "logging.error('x', extra={1: 2, ('a',): 3, 'ratio': float('nan'), 'half': '\\udce9'})"
    (line,) = run(None, code)
    assert (line["1"], line["('a',)"], line["ratio"], line["half"]) == (2, 3, "nan", "?")


def test_arguments_that_do_not_fit_keep_their_message(run):
    (line,) = run(None, "logging.error('%d votes', 'many')")
    assert line["message"] == "%d votes ('many',)"


@pytest.mark.parametrize("log_format", ["json", "gke"])
def test_f38_warnings_are_lines_of_the_log_from_the_import_of_settings_on(run, log_format):
    settings = "import warnings\nwarnings.warn('old\\nsetting')\n"
    code = "import warnings; warnings.warn('later', UserWarning)"
    first, second = run(None, code, settings, log_format)
    assert first["message"] == "UserWarning: old\nsetting"
    assert first["logger"] == second["logger"] == "py.warnings"
    assert first["place"].endswith("own_settings.py:3")
    assert second["message"] == "UserWarning: later"


def test_f38_warnings_that_the_application_silences_are_silent(run):
    own = {"loggers": {"py.warnings": {"handlers": [], "propagate": False}}}
    assert run(own, "import warnings; warnings.warn('later')") == []


def test_the_application_keeps_its_own_logs_without_json():
    code = "import django; django.setup()\nimport warnings; warnings.warn('plain')"
    done = python("-c", code)
    assert "UserWarning: plain" in done.stderr


MASKED = {"filters": {"mask": {"()": "helpers.Mask"}}}
MASKED_CONSOLE = {"class": "logging.StreamHandler", "filters": ["mask"]}
BUFFER = {"class": "logging.handlers.MemoryHandler", "capacity": 9}


def test_f16_filters_of_a_console_behind_a_buffer_stay(run):
    own = {
        **MASKED,
        "handlers": {"console": MASKED_CONSOLE, "buffer": {**BUFFER, "target": "console"}},
        "root": {"handlers": ["buffer"]},
    }
    assert messages(run(own, "logging.getLogger('polls').warning('card 4711')")) == ["card ****"]


def test_f16_filters_and_the_level_of_a_buffer_stay(run):
    buffer = {**BUFFER, "filters": ["mask"], "level": "ERROR", "target": "console"}
    own = {
        **MASKED,
        "handlers": {"console": {"class": "logging.StreamHandler"}, "buffer": buffer},
        "loggers": {"polls": {"handlers": ["buffer"], "propagate": False}},
    }
    code = "log = logging.getLogger('polls')\nlog.info('a')\nlog.error('card 4711')"
    assert messages(run(own, code)) == ["card ****"]


def test_f16_a_buffer_of_what_writes_no_lines_stays(run, tmp_path):
    own = {
        "handlers": {
            "tracker": {"class": "helpers.Tracker"},
            "buffer": {**BUFFER, "target": "tracker"},
        },
        "root": {"handlers": ["buffer"]},
    }
    assert messages(run(own, "logging.error('down')")) == ["down"]
    assert (tmp_path / "helpers.py.tracked").read_text() == "down\n"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="dictConfig makes no queues")
def test_f16_filters_of_a_console_behind_a_queue_stay(run):
    queue = {"class": "logging.handlers.QueueHandler", "handlers": ["console"]}
    own = {
        **MASKED,
        "handlers": {"console": MASKED_CONSOLE, "queue": queue},
        "root": {"handlers": ["queue"]},
    }
    code = (
        "listener = logging.getHandlerByName('queue').listener\nlistener.start()\n"
        "logging.getLogger('polls').warning('card 4711')\nlistener.stop()"
    )
    assert messages(run(own, code)) == ["card ****"]


@pytest.mark.parametrize(
    "formatter",
    [
        {"()": "helpers.MaskingFormatter"},
        {"class": "helpers.MaskingFormatter", "format": "%(asctime)s %(levelname)s %(message)s"},
        {"()": "helpers.MaskingFormatter", "fmt": "{levelname} {message}", "style": "{"},
        {"()": "helpers.MaskingJson"},
    ],
)
def test_f16_what_a_formatter_masks_stays_masked(run, formatter):
    """[F16] Its layout goes: a line of JSON has its own."""
    own = {
        "formatters": {"own": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "own"}},
        "root": {"handlers": ["console"]},
    }
    code = (
        "log = logging.getLogger('polls')\nlog.warning('card %s', 4711, extra={'card': '4711'})\n"
        "try:\n    1 / 0\nexcept Exception:\n    log.exception('lost 4711')\n"
    )
    first, second = run(own, code)
    assert (first["message"], first["level"], first["card"]) == ("card ****", "WARNING", "****")
    assert second["message"] == "lost ****"
    assert second["exception"].endswith("ZeroDivisionError: division by zero")


def test_f16_a_formatter_that_fails_loses_no_line(run):
    own = {
        "formatters": {"own": {"()": "helpers.FailingFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "own"}},
        "root": {"handlers": ["console"]},
    }
    assert messages(run(own, "logging.error('down')")) == ["down"]


REDACTING = """
import structlog
def mask(logger, name, event):
    event.pop("token", None)
    return {**event, "card": "****"}
structlog.configure(
    logger_factory=structlog.stdlib.LoggerFactory(),
    processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
)
"""


@pytest.mark.parametrize("renderer", ["JSONRenderer()", "KeyValueRenderer()", "LogfmtRenderer()"])
def test_f17_processors_of_structlogs_formatter_see_each_event(run, renderer):
    """[F16] [F17] Events of structlog, and records of the standard library."""
    settings = (
        f"{REDACTING}\nmade_by = structlog.stdlib.ProcessorFormatter\nstructlog_formatter = {{\n"
        "    '()': made_by, 'foreign_pre_chain': [structlog.stdlib.ExtraAdder()], 'processors':\n"
        f"    [mask, made_by.remove_processors_meta, structlog.processors.{renderer}]}}"
    )
    own = {
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "own"}},
        "root": {"handlers": ["console"]},
    }
    code = (
        "import structlog\nstructlog.get_logger('polls').warning('paid', card='4711', token='x', "
        "order=7)\nlogging.getLogger('polls').warning('paid', extra={'card': '4711', 'token': 'x', "
        "'order': 7})"
    )
    after = "\nLOGGING['formatters'] = {'own': structlog_formatter}"
    for line in run(own, code, settings, after=after):
        assert (line["message"], line["card"], line["order"]) == ("paid", "****", 7)
        assert "token" not in line and "timestamp" not in line


OWN = {"handlers": {"c": {**CONSOLE, "level": "WARNING"}}, "root": {"handlers": ["c"], "level": 1}}
OWN["formatters"] = {"colours": {"format": "%(message)s"}}
SPEAKS = "log = logging.getLogger('polls')\nlog.info('a')\nlog.warning('b')"
FILE_CONFIG = """
[loggers]
keys=root
[handlers]
keys=c
[formatters]
keys=f
[logger_root]
level=INFO
handlers=c
[handler_c]
class=StreamHandler
level=WARNING
args=(sys.stderr,)
formatter=f
[formatter_f]
format=%(message)s
"""


@pytest.mark.parametrize("when", ["with the settings", "later"])
def test_f38_what_an_application_configures_by_itself_is_json(run, when):
    """[F38] LOGGING_CONFIG = None with dictConfig, or dictConfig in ready() or wsgi.py."""
    configure = f"import logging.config\nlogging.config.dictConfig({{'version': 1, **{OWN!r}}})\n"
    if when == "later":
        lines = run({}, configure + SPEAKS)
    else:
        lines = run({}, SPEAKS, after=f"LOGGING_CONFIG = None\n{configure}")
    assert messages(lines) == ["b"]


def test_f38_a_file_of_logging_is_json(run, tmp_path):
    """[F38]"""
    (tmp_path / "logging.ini").write_text(FILE_CONFIG)
    path = str(tmp_path / "logging.ini")
    after = f"LOGGING_CONFIG = None\nimport logging.config\nlogging.config.fileConfig({path!r})\n"
    assert messages(run({}, SPEAKS, after=after)) == ["b"]


def test_f38_logging_that_is_left_to_nobody_is_json(run):
    """[F38]"""
    assert messages(run({}, SPEAKS, after="LOGGING_CONFIG = None\n")) == ["a", "b"]


WRITES = """
import sys
from cdk8s_django import logs
class Stream:
    def write(self, text):
        print(repr(text))
    def flush(self):
        pass
sys.stderr = Stream()
logs.note("ready")
"""


def test_a_line_is_one_write():
    """Processes of a pod share its output: between two writes there may be a line of another."""
    assert python("-c", WRITES).stdout == "'cdk8s-django: ready\\n'\n"
