"""The checks behind the health endpoints and the migration gate."""

import logging
import threading
import time

from django.conf import settings
from django.core.cache import caches
from django.db import connections, router
from django.db.migrations.executor import MigrationExecutor
from django.urls import get_resolver

from cdk8s_django.environment import HEALTH_PATHS, flag, items, number, text
from cdk8s_django.errors import database_reason, reason
from cdk8s_django.terminate import terminating
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
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


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
        self.migrated = set()

    def __call__(self):
        if terminating():
            return {"process": "terminating"}
        with self.lock:
            fresh = self.finished_at and time.monotonic() - self.finished_at < 1
            if self.thread is None and not fresh:
                self.thread = threading.Thread(target=self.run, daemon=True)
                self.thread.start()
            thread = self.thread
        if thread:
            thread.join(self.timeout)
            if thread.is_alive():
                return {"checks": f"no answer within {self.timeout} s"}
        return self.failures

    def run(self):
        failures = {}
        try:
            if "database" in self.checks or "migrations" in self.checks:
                for alias in migration_aliases():
                    problem = self.check_database(alias)
                    if problem:
                        failures[f"database {alias}"] = problem
            if "cache" in self.checks and text("CACHE_URL"):
                problem = check_cache()
                if problem:
                    failures["cache"] = problem
        except Exception as error:
            failures["checks"] = reason(error)
        if failures != self.failures:
            log.warning("ready again" if not failures else f"not ready: {failures}")
        with self.lock:
            self.failures = failures
            self.finished_at = time.monotonic()
            self.thread = None

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
            if "migrations" in self.checks and alias not in self.migrated:
                missing = missing_migrations(alias)
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


class Started:
    """Whether the URLconf can be imported, and with it every view that it names."""

    def __init__(self):
        self.done = False

    def __call__(self):
        if self.done:
            return {}
        try:
            list(get_resolver().url_patterns)
        except Exception as error:
            why = reason(error)
            log.error("not started: %s", why)
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
