"""LOGGING with JSON in place of the application's own output; what it decided about logs stays."""

import importlib
import logging
import logging.config
import logging.handlers
import sys

from cdk8s_django.environment import text

STDOUT = {"class": "cdk8s_django.logs.Stdout"}
MAIL_CLASS = "cdk8s_django.mails.AdminEmailHandler"
DJANGO_MAIL_CLASS = "django.utils.log.AdminEmailHandler"
# Servers give these handlers of their own, before they load the application.
SERVERS = ("django.server", "uvicorn", "uvicorn.error", "uvicorn.access", "daphne")
# What may be imported while settings are; a module of the application may ask for settings.
BUFFERS = (logging.handlers.MemoryHandler, logging.handlers.QueueHandler)
PLAIN_FORMATTERS = ("logging.", "django.utils.log.")
HARMLESS = ("logging", "django.utils.log", "rich.logging", "colorlog")


def resolve(name):
    """The class, or another factory, of a handler or filter; none when it cannot be known yet."""
    if not isinstance(name, str):
        return name
    module, _, attribute = name.removeprefix("ext://").rpartition(".")
    if module not in sys.modules and not module.startswith(HARMLESS):
        return None
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None


class JsonLogging:
    """What LOGGING becomes: each handler that wrote lines writes JSON to stdout instead."""

    def __init__(self, own):
        self.filters = own.get("filters") or {}
        self.formatters = own.get("formatters") or {}
        self.handlers = dict(own.get("handlers") or {})
        self.buffers = []
        loggers = dict(own.get("loggers") or {})
        # Python knows the root by three names.
        named = [loggers.pop(name) for name in ("", "root") if name in loggers]
        root = own.get("root") or next(iter(named), None) or {}
        self.root = self.past_buffers(root)
        self.loggers = {name: self.past_buffers(config or {}) for name, config in loggers.items()}
        self.stdout = self.free_name("stdout")
        self.mail = self.free_name("mail_admins")
        self.mute = self.free_name("null")

    def past_buffers(self, logger):
        """A logger whose lines would go through a buffer or a queue to a console: to that at once.

        With the filters and the level of both.
        """
        names = []
        for name in logger.get("handlers") or []:
            targets = self.targets_of(name)
            self.buffers += [name] if targets else []
            for target in targets:
                names.append(f"{name}_{target}")
                self.handlers[names[-1]] = both(self.handlers[name], self.handlers[target])
            if not targets:
                names.append(name)
        return {**logger, "handlers": names} if names else logger

    def targets_of(self, name):
        """The consoles and files that a handler hands its records to."""
        config = self.handlers.get(name) or {}
        made_by = resolve(config.get("()") or config.get("class"))
        targets = []
        if isinstance(made_by, type) and issubclass(made_by, BUFFERS):
            targets = config.get("handlers") or [config.get("target")]
        return targets if all(self.kind(one) in ("console", "file") for one in targets) else []

    def free_name(self, name):
        return f"cdk8s_django_{name}" if name in self.handlers else name

    def config(self, mails):
        """For logging.config.dictConfig. mails: whether there are administrators to mail to."""
        root = self.root_logger()
        # For loggers that would be heard by the root, had the application not silenced it.
        speak = [self.stdout] if root["handlers"] == [self.mute] else []
        loggers = {name: self.logger(name) for name in self.loggers}
        if "django" not in loggers:
            handlers = [*speak, self.mail] if mails else speak
            loggers["django"] = {"level": root["level"], "handlers": handlers}
        for name in (*SERVERS, "cdk8s_django"):
            server = {"handlers": speak, "propagate": not speak, "level": root["level"]}
            loggers.setdefault(name, server)
        if self.buffers:
            # The application may start the listener of a queue, by the name of its handler.
            loggers["cdk8s_django.unused"] = {"handlers": self.buffers, "propagate": False}
        handlers = {name: self.handler(config) for name, config in self.handlers.items()}
        handlers[self.stdout] = STDOUT
        if any(self.mail in logger["handlers"] for logger in loggers.values()):
            handlers[self.mail] = {"level": "ERROR", "class": MAIL_CLASS}
        if any(self.mute in logger["handlers"] for logger in [root, *loggers.values()]):
            handlers[self.mute] = {"class": "logging.NullHandler"}
        # What nobody uses could be of a package that the image does not have.
        formatters = [handler.get("formatter") for handler in handlers.values()]
        filtering = [*handlers.values(), *loggers.values(), root]
        filters = [name for one in filtering for name in one.get("filters") or []]
        return {
            "version": 1,
            "disable_existing_loggers": False,
            # What nobody uses could be a package that the image does not have.
            "formatters": lenient(used(self.formatters, formatters)),
            "filters": used(self.filters, filters),
            "handlers": handlers,
            "root": root,
            "loggers": loggers,
        }

    def root_logger(self):
        kept = {"filters": self.root["filters"]} if self.root.get("filters") else {}
        level = text("CDK8S_DJANGO_LOG_LEVEL").upper() or self.root.get("level") or "INFO"
        names = self.root.get("handlers") or []
        if names and not self.speaking(names):
            return {**kept, "handlers": [self.mute], "level": level}
        handlers = self.chosen(names, [names])
        if not any(self.kind(name) in ("console", "file") for name in handlers):
            handlers = [self.stdout, *handlers]
        return {**kept, "handlers": handlers, "level": level}

    def logger(self, name):
        config = self.loggers[name]
        kept = {key: config[key] for key in ("level", "filters") if config.get(key)}
        names = config.get("handlers") or []
        propagate = config.get("propagate", True)
        heard = self.heard_by(name)
        if not self.speaking(names):
            silenced = names and not any(map(self.speaking, heard))
            if silenced or not propagate:
                # Without any handler Python would write to stderr by itself.
                return {**kept, "handlers": [self.mute], "propagate": False}
        return {**kept, "handlers": self.chosen(names, heard), "propagate": propagate}

    def heard_by(self, name):
        """The lists of handlers that a record of this logger comes to."""
        lists = []
        while name:
            config = self.loggers.get(name, {})
            lists.append(config.get("handlers") or [])
            if not config.get("propagate", True):
                return lists
            name = name.rpartition(".")[0]
        return [*lists, self.root.get("handlers") or []]

    def speaking(self, names):
        return [name for name in names if self.kind(name) != "null"]

    def chosen(self, names, heard):
        """Of a console and a file the console: its filters were made for what people read."""
        console = any(self.kind(name) == "console" for names in heard for name in names)
        return [
            name for name in self.speaking(names) if not (console and self.kind(name) == "file")
        ]

    def kind(self, name):
        """console, file (or for development alone), null, or other: mail, an error tracker."""
        config = self.handlers.get(name) if isinstance(name, str) else None
        return "other" if config is None else self.kind_of(config)

    def kind_of(self, config):
        made_by = resolve(config.get("()") or config.get("class"))
        if not isinstance(made_by, type):
            return "other"
        if issubclass(made_by, logging.NullHandler):
            return "null"
        if issubclass(made_by, (logging.FileHandler, logging.handlers.SysLogHandler)):
            return "file"
        if issubclass(made_by, logging.StreamHandler) or made_by.__module__ == "rich.logging":
            development = any(map(self.for_development, config.get("filters") or []))
            return "file" if development else "console"
        return "other"

    def for_development(self, filter_name):
        config = self.filters.get(filter_name) if isinstance(filter_name, str) else {}
        made_by = resolve((config or {}).get("()", ""))
        return getattr(made_by, "__name__", "") == "RequireDebugTrue"

    def handler(self, config):
        """One that writes lines writes JSON; one that is not known yet is looked at later."""
        made_by = config.get("()") or config.get("class")
        if self.kind_of(config) in ("console", "file"):
            filters = [one for one in config.get("filters") or [] if not self.for_development(one)]
            level = {"level": config["level"]} if config.get("level") else {}
            formatter = self.formatter_of(config)
            return {**STDOUT, **level, **({"filters": filters} if filters else {}), **formatter}
        if made_by and resolve(made_by) is None and "target" not in config:
            rest = {key: value for key, value in config.items() if key not in ("()", "class")}
            return {**rest, "()": "cdk8s_django.logs.adapted", "made_by": made_by}
        if made_by == DJANGO_MAIL_CLASS:
            return {**config, "()" if "()" in config else "class": MAIL_CLASS}
        return config

    def formatter_of(self, config):
        """One of a class of its own, which may mask something; a layout alone goes."""
        name = config.get("formatter")
        own = self.formatters.get(name) or {}
        made_by = own.get("()") or own.get("class")
        is_plain = not made_by or str(made_by).startswith(PLAIN_FORMATTERS)
        return {} if is_plain else {"formatter": name}


def used(configs, names):
    return {name: config for name, config in configs.items() if name in names}


def both(first, second):
    """A handler that writes as the second, with what the first one lets through."""
    levels = [one["level"] for one in (first, second) if one.get("level")]
    filters = [*(first.get("filters") or []), *(second.get("filters") or [])]
    level = {"level": max(levels, key=logging._checkLevel)} if levels else {}
    return {**second, **({"filters": filters} if filters else {}), **level}


def lenient(formatters):
    """Each is made when logging is configured, if the image has its package."""
    return {
        name: {"()": "cdk8s_django.own_formatters.made", "config": config}
        for name, config in formatters.items()
    }


# Whether the application has configured logging by itself, and not by LOGGING alone.
CONFIGURED = []


def capture():
    """What the application configures by itself, at any time, is JSON too."""
    config = logging.config
    if not getattr(config.dictConfig, "writes_json", False):
        config.dictConfig = json_of_dict(config.dictConfig)
        config.fileConfig = json_of_file(config.fileConfig)


def json_of_dict(configure):
    def dict_config(config):
        if is_of_application(config):
            CONFIGURED.append(True)
            config = JsonLogging(config).config(mails=False)
        return configure(config)

    dict_config.writes_json = True
    return dict_config


def is_of_application(config):
    """Not the overlay's, a server's of the runtime, or that with which Django begins."""
    if not isinstance(config, dict) or config.get("incremental"):
        return False
    made = [*(config.get("handlers") or {}).values(), *(config.get("formatters") or {}).values()]
    names = [str(one.get("()") or one.get("class")) for one in made if isinstance(one, dict)]
    default = getattr(sys.modules.get("django.utils.log"), "DEFAULT_LOGGING", None)
    return config is not default and not any(name.startswith("cdk8s_django") for name in names)


def json_of_file(configure):
    def file_config(*arguments, **options):
        CONFIGURED.append(True)
        configure(*arguments, **options)
        known = logging.root.manager.loggerDict.values()
        for logger in [logging.root, *(one for one in known if isinstance(one, logging.Logger))]:
            for handler in list(logger.handlers):
                if isinstance(handler, logging.StreamHandler):
                    logger.removeHandler(handler)
                    logger.addHandler(json_in_place_of(handler))

    return file_config


def json_in_place_of(handler):
    made = resolve(STDOUT["class"])()
    made.setLevel(handler.level)
    for one in handler.filters:
        made.addFilter(one)
    return made
