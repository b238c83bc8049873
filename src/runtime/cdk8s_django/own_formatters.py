"""What the application's own formatter makes of a record: it may mask what is personal.

Its layout goes, because a line of JSON has its own; what it does to the text stays. Standard
library only.
"""

import copy
import json
import logging
import logging.config
import re

PLAIN = ("logging", "django.utils.log", "cdk8s_django.logs")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
LAYOUTS = {"%": "%(message)s", "{": "{message}", "$": "$message"}


def made(config):
    """A formatter of LOGGING; a plain one in place of one whose package the image does not have."""
    try:
        return logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(config))
    except ValueError as error:
        if not isinstance(error.__cause__, ImportError):
            raise
        return logging.Formatter()


def own(formatter):
    """The application's formatter, if it is more than a layout, ready for `message_of`."""
    if formatter is None or type(formatter).__module__ in PLAIN:
        return None
    processors = getattr(formatter, "processors", None)
    if processors and type(formatter).__module__.startswith("structlog."):
        return Structlog(formatter)
    formatter = copy.copy(formatter)
    layout = LAYOUTS.get(layout_of(formatter), "%(message)s")
    if hasattr(formatter, "_style"):
        formatter._style = copy.copy(formatter._style)
        formatter._fmt = formatter._style._fmt = layout
    return Own(formatter)


def layout_of(formatter):
    kind = type(getattr(formatter, "_style", None)).__name__
    return {"StrFormatStyle": "{", "StringTemplateStyle": "$"}.get(kind, "%")


class Own:
    def __init__(self, formatter):
        self.formatter = formatter

    def message_of(self, record, extra):
        """The message and all fields, of which `extra` are those of the record."""
        text = self.text_of(record)
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, dict):
            for key in ("message", "event", "msg"):
                if key in found:
                    return str(found.pop(key)), found
            return "", found
        return text, {key: self.masked(record, value) for key, value in extra.items()}

    def text_of(self, record):
        bare = copy.copy(record)
        # These have their own places in the line.
        bare.exc_info = bare.exc_text = bare.stack_info = None
        return COLOURS.sub("", self.formatter.format(bare)).strip()

    def masked(self, record, value):
        """A value of `extra`, as the formatter writes text."""
        if not isinstance(value, str):
            return value
        bare = copy.copy(record)
        bare.msg, bare.args = value, ()
        text = self.text_of(bare)
        return value if text.startswith("{") else text

    def stack_of(self, text):
        """A traceback, which may hold what messages hold."""
        return self.masked(logging.makeLogRecord({}), text)


class Structlog:
    """All processors of structlog's formatter but the last, which writes the line."""

    def __init__(self, formatter):
        self.formatter = copy.copy(formatter)
        self.formatter.processors = [*formatter.processors[:-1], self.keep]
        self.kept = {}

    def keep(self, _logger, _name, event):
        self.kept = dict(event) if isinstance(event, dict) else {"event": event}
        return ""

    def message_of(self, record, _extra):
        self.formatter.format(record)
        fields = self.kept
        return str(fields.pop("event", "")), fields

    def stack_of(self, text):
        return text
