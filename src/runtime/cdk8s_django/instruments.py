"""Counts what a process of the application does: requests, queries, reads of caches."""

import asyncio
import os
import sys
import time
import weakref
from bisect import bisect_left
from time import perf_counter

from cdk8s_django import metric_files
from cdk8s_django.metric_names import METRICS, QUERY_BOUNDS, REQUEST_BOUNDS, TASK_BOUNDS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
RESPONSES = "django_http_responses_total"
REQUESTS = "django_http_requests_total"
DURATION = "django_http_request_duration_seconds"
IN_PROGRESS = "django_http_requests_in_progress"
QUERIES = "django_database_query_duration_seconds"
# A header of Celery's messages.
SENT = "cdk8s_django_sent"
ERRORS = "django_database_errors_total"


def start(capacity=None):
    """In a process that serves requests, before the application is loaded."""
    numbers = metric_files.own()
    with numbers.lock:
        for metric in (RESPONSES, IN_PROGRESS, METRICS[IN_PROGRESS].lost):
            numbers.place(metric)
    serve(capacity)
    hook()


def hook():
    """Into what Django does for any process."""
    from django.core.cache import CacheHandler
    from django.db.backends.base.base import BaseDatabaseWrapper

    BaseDatabaseWrapper.connect = counting_connect(BaseDatabaseWrapper.connect)
    BaseDatabaseWrapper.close = counting_close(BaseDatabaseWrapper.close)
    CacheHandler.create_connection = counting_caches(CacheHandler.create_connection)


def serve(capacity=None, metric="django_request_capacity"):
    """This process works now, at as much as `capacity` at once."""
    numbers = metric_files.own()
    numbers.set("django_processes", to=1)
    if capacity:
        numbers.set(metric, to=capacity)


def loaded():
    """Once the application is there: what has not happened yet has the number 0."""
    from django.conf import settings

    if "celery" in sys.modules:
        from celery import signals

        signals.before_task_publish.connect(note_time, weak=False)
    numbers = metric_files.own()
    with numbers.lock:
        for alias in settings.DATABASES:
            numbers.place(ERRORS, alias)
            numbers.place(QUERIES, alias)
            numbers.place("django_database_connections", alias)
            numbers.place("django_database_connections_opened_total", alias)
        for alias in settings.CACHES:
            numbers.place("django_cache_reads_total", alias)


def note_time(headers, **_):
    """In each message, so that it is known for how long it waits."""
    if isinstance(headers, dict):
        headers[SENT] = time.time()


def counted(get_response, is_async):
    """What a middleware calls: the rest of the application, which is counted."""

    def answer(request):
        begin()
        began, status = perf_counter(), 500
        try:
            response = get_response(request)
            status = response.status_code
            return response
        finally:
            end(request, perf_counter() - began, status)

    async def answer_async(request):
        begin()
        began, status = perf_counter(), 500
        try:
            response = await get_response(request)
            status = response.status_code
            return response
        except asyncio.CancelledError:
            # The client has gone.
            status = 499
            raise
        finally:
            end(request, perf_counter() - began, status)

    return answer_async if is_async else answer


def begin():
    numbers = metric_files.own()
    with numbers.lock:
        numbers.numbers[place_of(numbers, IN_PROGRESS)] += 1


def end(request, seconds, status):
    match = getattr(request, "resolver_match", None)
    # A view without a name has Django's, which is made of Python's names.
    view = "none" if match is None else match.view_name if match.url_name else "unnamed"
    method = request.method if request.method in METHODS else "other"
    own = metric_files.own()
    with own.lock:
        places = own.known.get((view, method))
        if places is None:
            places = (own.place(REQUESTS, view, method), own.place(DURATION, view, method))
            if len(own.known) < metric_files.MOST:
                own.known[view, method] = places
        requests, duration = places
        numbers = own.numbers
        part = min(max(status // 100, 1), 5) - 1
        numbers[place_of(own, RESPONSES) + part] += 1
        numbers[requests + part] += 1
        numbers[duration] += seconds
        numbers[duration + 1 + bisect_left(REQUEST_BOUNDS, seconds)] += 1
        numbers[place_of(own, IN_PROGRESS)] -= 1


def place_of(own, metric):
    place = own.known.get(metric)
    if place is None:
        place = own.known[metric] = own.place(metric)
    return place


class Open:
    """The connections of this process, by identity: they are closed, or vanish with a thread."""

    def __init__(self):
        self.pid = os.getpid()
        self.found = {}

    def add(self, connection):
        key, alias = id(connection), connection.alias
        if self.pid != os.getpid():
            # A fork, which has closed those of its parent.
            self.pid, self.found = os.getpid(), {}

        def vanished(_):
            self.remove(key, alias)

        if key not in self.found:
            self.found[key] = weakref.ref(connection, vanished)
            metric_files.own().add_to("django_database_connections", alias)

    def remove(self, key, alias):
        if self.pid == os.getpid() and self.found.pop(key, None) is not None:
            metric_files.own().add_to("django_database_connections", alias, by=-1)


OPEN = Open()


def counting_connect(connect):
    def counted_connect(self):
        try:
            connect(self)
        except Exception:
            metric_files.own().add_to(ERRORS, self.alias, part="connect")
            raise
        metric_files.own().add_to("django_database_connections_opened_total", self.alias)
        OPEN.add(self)
        if counted_query not in self.execute_wrappers:
            # The first is the outermost: it has what other wrappers make of the query.
            self.execute_wrappers.insert(0, counted_query)

    return counted_connect


def counting_close(close):
    def counted_close(self):
        try:
            close(self)
        finally:
            if self.connection is None:
                OPEN.remove(id(self), self.alias)

    return counted_close


def counted_query(execute, sql, params, many, context):
    began = perf_counter()
    alias = context["connection"].alias
    try:
        return execute(sql, params, many, context)
    except Exception as error:
        metric_files.own().add_to(ERRORS, alias, part=kind_of(error))
        raise
    finally:
        observe(QUERIES, QUERY_BOUNDS, perf_counter() - began, alias)


def kind_of(error):
    from django.db import IntegrityError, InterfaceError, OperationalError

    if isinstance(error, (OperationalError, InterfaceError)):
        return "operational"
    return "integrity" if isinstance(error, IntegrityError) else "other"


def observe(metric, bounds, seconds, *labels):
    own = metric_files.own()
    with own.lock:
        key = (metric, *labels)
        place = own.known.get(key)
        if place is None:
            place = own.place(metric, *labels)
            if len(own.known) < metric_files.MOST:
                own.known[key] = place
        own.numbers[place] += seconds
        own.numbers[place + 1 + bisect_left(bounds, seconds)] += 1


def migrations_pending(alias, count):
    metric_files.own().say("django_migrations_pending", alias, value=count, now=time.time())


def counting_caches(create):
    def create_counted(self, alias):
        cache = create(self, alias)
        count_reads(cache, alias)
        return cache

    return create_counted


def count_reads(cache, alias):
    get, get_many = cache.get, cache.get_many

    def counted_get(key, default=None, *arguments, **named):
        value = get(key, default, *arguments, **named)
        read(alias, hits=0 if value is default else 1, of=1)
        return value

    def counted_get_many(keys, *arguments, **named):
        keys = list(keys)
        found = get_many(keys, *arguments, **named)
        read(alias, hits=len(found), of=len(keys))
        return found

    cache.get = counted_get
    from django.core.cache.backends.base import BaseCache

    # That of the base calls `get` for each key.
    if type(cache).get_many is not BaseCache.get_many:
        cache.get_many = counted_get_many


def read(alias, hits, of):
    own = metric_files.own()
    with own.lock:
        place = own.place("django_cache_reads_total", alias)
        own.numbers[place] += hits
        own.numbers[place + 1] += of - hits


class Tasks:
    """The runs of tasks in this process."""

    def __init__(self, names=()):
        own = metric_files.own()
        with own.lock:
            for metric in ("finished_total", "in_progress", "lost_total"):
                own.place(f"django_tasks_{metric}")
            own.place("django_task_wait_seconds")
            for name in names:
                own.place("django_task_runs_total", name)

    def began(self, waited=None):
        metric_files.own().add_to("django_tasks_in_progress")
        if waited is not None:
            observe("django_task_wait_seconds", TASK_BOUNDS, max(0, waited))

    def ended(self, name, state, seconds):
        own = metric_files.own()
        own.add_to("django_tasks_in_progress", by=-1)
        own.add_to("django_tasks_finished_total", part=state)
        own.add_to("django_task_runs_total", name, part=state)
        observe("django_task_duration_seconds", TASK_BOUNDS, seconds, name)
