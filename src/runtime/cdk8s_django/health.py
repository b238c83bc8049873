"""The checks behind the health endpoints and the migration gate."""

import fcntl
import logging
import sys
import threading
import time

from django.conf import settings
from django.core.cache import caches
from django.db import connections, router
from django.urls import get_resolver

from cdk8s_django.environment import HEALTH_PATHS, flag, items, number, text
from cdk8s_django.errors import database_reason, reason
from cdk8s_django.terminate import CONTAINER, marker, terminating
from cdk8s_django.url_prefixes import local_prefix, route_of, routes_below

log = logging.getLogger("cdk8s_django.health")


def migration_aliases():
    """The databases whose migrations this application needs.

    The default one, and those to which a router sends the writes of a model; a replica or
    somebody else's database that is only read has no migrations of ours.
    """
    if items("CDK8S_DJANGO_MIGRATE_DATABASES"):
        return items("CDK8S_DJANGO_MIGRATE_DATABASES")
    from django.apps import apps

    aliases = ["default"]
    for model in apps.get_models():
        alias = router.db_for_write(model)
        managed = model._meta.managed and not model._meta.proxy
        if managed and alias not in aliases and router.allow_migrate_model(alias, model):
            aliases.append(alias)
    return [alias for alias in aliases if connections[alias].vendor != "unknown"]


def missing_migrations(alias):
    """Migrations that this code has and the database has not. A newer schema misses none."""
    # Imported when it is asked for: it is half of what this module would import.
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def collations():
    # Only pods that count have the module.
    from cdk8s_django import collations

    return collations


def name_some(names):
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def database_address(alias):
    """Where the database is, without its password."""
    parameters = connections[alias].settings_dict
    port = f":{parameters['PORT']}" if parameters.get("PORT") else ""
    return f"{parameters.get('HOST') or ''}{port}/{parameters.get('NAME')}"


class Readiness:
    """Says whether this process can serve; a dictionary of reasons, empty when it can.

    The checks run in a thread of their own, so that an answer comes in time whatever hangs,
    and at most once a second, because everybody can ask through the public route.
    """

    def __init__(self):
        self.timeout = number("CDK8S_DJANGO_READY_TIMEOUT", 3)
        self.checks = items("CDK8S_DJANGO_READY_CHECKS") or ["database", "migrations", "cache"]
        self.lock = threading.Lock()
        self.thread = None
        self.finished_at = None
        self.failures = {}
        self.asked = "checks"
        self.migrated = set()
        self.log = ChangeLog("readiness")

    def __call__(self):
        if terminating():
            return {"process": "terminating"}
        with self.lock:
            fresh = self.finished_at and time.monotonic() - self.finished_at < 1
            if self.thread is None and not fresh:
                thread = threading.Thread(target=self.run, daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:
                    # No thread can start at the limit of processes; the next probe tries again.
                    return {"checks": reason(error)}
                self.thread = thread
            thread = self.thread
        if thread:
            thread.join(self.timeout)
            if thread.is_alive():
                failures = {self.asked: f"no answer within {self.timeout} s"}
                self.log.tell(failures)
                return failures
        return self.failures

    def run(self):
        failures = {}
        try:
            for alias in self.aliases():
                self.asked = f"database {alias}"
                problem = self.check_database(alias)
                if problem:
                    failures[self.asked] = problem
            if "cache" in self.checks and text("CACHE_URL"):
                self.asked = "cache"
                problem = check_cache()
                if problem:
                    failures["cache"] = problem
        except Exception as error:
            failures["checks"] = reason(error)
        try:
            self.log.tell(failures)
        finally:
            # A filter of the application's logging may fail: the next check is made all the same.
            with self.lock:
                self.failures = failures
                self.finished_at = time.monotonic()
                self.thread = None

    def aliases(self):
        """The databases that count: all with migrations of the application, or those named."""
        named = [check.partition(":")[2] for check in self.checks if check.startswith("database:")]
        if "database" in self.checks or ("migrations" in self.checks and not named):
            return migration_aliases()
        return named

    def check_database(self, alias):
        # A connection of this thread alone and never a pool's: what a new worker would need.
        connection = connections[alias].copy()
        options = connection.settings_dict["OPTIONS"]
        options.pop("pool", None)
        if connection.vendor == "postgresql":
            options["connect_timeout"] = max(2, self.timeout)
        connections[alias] = connection
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            instruments = sys.modules.get("cdk8s_django.instruments")
            if instruments:
                collations().look(connection)
            if "migrations" in self.checks and alias not in self.migrated:
                missing = missing_migrations(alias)
                if instruments:
                    instruments.migrations_pending(alias, len(missing))
                if missing:
                    return f"not migrated: {name_some(missing)}"
                self.migrated.add(alias)
        except Exception as error:
            why = database_reason(error)
            if "too many clients" in why or "remaining connection slots" in why:
                # It is up and serves the connections that are open: taking every pod out
                # of service would make an outage of a shortage.
                return None
            return why
        finally:
            connection.close()
        return None


def check_cache():
    try:
        caches["default"].get("cdk8s-django-ready")
    except Exception as error:
        return reason(error)
    return None


class ChangeLog:
    """Writes a line when what fails has changed, once for all processes of a container.

    The reason of a failure may read otherwise each time; what fails counts.
    """

    def __init__(self, name):
        # Where every process of the container may write.
        self.path = f"{marker()}-{name}"
        self.lock = threading.Lock()
        self.failing = None

    def tell(self, failures):
        failing = ",".join(sorted(failures))
        with self.lock:
            if failing == (self.failing or ""):
                return
            self.failing = failing
            if not self.is_news(failing):
                return
        log.warning(f"not ready: {failures}" if failures else "ready again")

    def is_news(self, failing):
        """Whether no other process of this container has said so."""
        try:
            with open(self.path, "a+") as said:
                fcntl.flock(said, fcntl.LOCK_EX)
                said.seek(0)
                now = f"{CONTAINER}\n{failing}"
                if said.read() == now:
                    return False
                said.truncate(0)
                said.write(now)
        except OSError:
            pass
        return True


class Started:
    """Whether the URLconf can be imported, and with it every view that it names."""

    def __init__(self):
        self.done = False
        self.said = None

    def __call__(self):
        if self.done:
            return {}
        try:
            list(get_resolver().url_patterns)
        except Exception as error:
            why = reason(error)
            if why != self.said:
                log.error("not started: %s", why)
                self.said = why
            return {"urlconf": why}
        self.done = True
        name_shadowed_routes()
        return {}


def name_shadowed_routes():
    """Says once a start which routes of the application never get a request."""
    for path in HEALTH_PATHS:
        route = route_of(path)
        if route is not None:
            log.warning("the overlay answers %s, not the application's route '%s'", path, route)
    static = local_prefix(settings.STATIC_URL) if flag("CDK8S_DJANGO_SERVE_STATIC", True) else None
    for route in routes_below(static) if static else ():
        log.warning(
            "static files come before the application's route '%s' below %s; "
            "settingsOverlay.serveStatic false leaves these paths to the application",
            *(route, static),
        )
