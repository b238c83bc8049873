"""What a worker makes of settings: one time limit [F22], nothing that nobody asked for [F46]."""

import itertools
import json

import own_celery
import pytest
from celery import VERSION
from own_celery import SOURCES

from conftest import free_port, python

ASKED = "CDK8S_DJANGO_CELERY_ACKS_LATE"
GIVEN = {"CDK8S_DJANGO_CELERY_TASK_TIME_LIMIT": "300"}
NAMES = (
    "task_acks_late",
    "task_reject_on_worker_lost",
    "task_retry_on_worker_lost",
    "worker_prefetch_multiplier",
    "worker_disable_prefetch",
    "broker_transport_options",
)


CELERY = "settings with the namespace CELERY"
DEFAULTS = {
    "task_acks_late": False,
    "task_reject_on_worker_lost": None,
    "task_retry_on_worker_lost": False if VERSION >= (5, 7) else None,
    "worker_prefetch_multiplier": 4,
    "worker_disable_prefetch": False if VERSION >= (5, 6) else None,
}


@pytest.fixture
def show(tmp_path):
    """show(cases, **environment): what workers of such applications have, case by case."""

    def show(cases, **variables):
        folders = []
        for number, (source, settings) in enumerate(cases):
            folders.append(tmp_path / str(number))
            folders[-1].mkdir()
            own_celery.write(folders[-1], source, **settings)
        variables = {
            "CDK8S_DJANGO_SETTINGS_MODULE": "own_settings",
            "CDK8S_DJANGO_CELERY_APP": "own_celery_app:app",
            "CDK8S_DJANGO_HEARTBEAT_PORT": str(free_port()),
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
            **variables,
        }
        paths = json.dumps([str(folder) for folder in folders])
        done = python("-c", own_celery.SHOW, paths, *NAMES, **variables)
        assert done.returncode == 0, done.stderr
        for folder, case in zip(folders, cases):
            stderr = (folder / "stderr").read_text()
            shown = (folder / "shown").read_text()
            assert shown, (case, stderr)
            yield case, json.loads(shown), stderr

    return show


def cases(*settings):
    return list(itertools.product(SOURCES, settings))


def test_the_limit_of_the_program_counts_wherever_the_application_says_another_f22(show):
    others = [
        (CELERY, {"task_time_limit": 20}),
        (CELERY, {"task_soft_time_limit": 9}),
        (CELERY, {}),
    ]
    for case, shown, stderr in show([*cases({"task_time_limit": 3600}), *others], **GIVEN):
        assert shown["limits"] == [310, 300], case
        # A task has none of the settings, which its messages would carry to other workers.
        assert shown["tasks"]["wait"][:2] == [None, None], case
        assert shown["tasks"]["brief"][:2] == [7, 6], case
        assert shown["tasks"]["lengthy"][:2] == [310, None], case
        lengthy = "task 'own_celery_app.lengthy' may take 7200 s, and its worker ends it after 310"
        assert lengthy in stderr, case


def test_without_a_limit_of_the_program_that_of_the_application_stays_f22(show):
    expected = [
        ({}, [310, 300]),
        ({"task_time_limit": 3600}, [3600, None]),
        ({"task_time_limit": 20, "task_soft_time_limit": 15}, [20, 15]),
        ({"task_soft_time_limit": 50}, [60, 50]),
    ]
    shown = show([(CELERY, own) for own, _ in expected])
    for (case, found, stderr), (_, expected_limits) in zip(shown, expected):
        assert found["limits"] == expected_limits, case
        assert found["tasks"]["lengthy"][:2] == [7200, None], case
        warned = "the settings let a task take 3600 s, and a rollout cuts it off after 310 s: raise"
        assert (warned in stderr) == (expected_limits[0] == 3600), case


def test_nothing_is_laid_over_an_application_whose_program_does_not_ask_f46(show):
    for case, shown, _ in show(cases({})):
        conf = shown["conf"]
        assert {name: conf[name] for name in DEFAULTS} == DEFAULTS, case
        assert conf["broker_transport_options"]["visibility_timeout"] == 3600, case


def test_a_program_that_asks_loses_no_task_whatever_the_spelling_f46(show):
    for case, shown, _ in show(cases({}), **{ASKED: "true"}):
        conf = shown["conf"]
        assert conf["task_acks_late"] is True, case
        assert conf["task_reject_on_worker_lost"] is True, case
        assert bool(conf["task_retry_on_worker_lost"]) == (VERSION >= (5, 7)), case
        # Bound to its settings before the worker was there, and by its own word.
        assert shown["tasks"]["wait"][2] is True, case
        assert shown["tasks"]["early"][2] is False, case


def test_what_the_application_says_stays_though_the_program_asks_f46(show):
    said = [
        {"task_acks_late": False},
        {"task_reject_on_worker_lost": False},
        {"worker_prefetch_multiplier": 8},
    ]
    sources = ("settings with the old names", "the application's own arguments")
    for (source, own), shown, _ in show(itertools.product(sources, said), **{ASKED: "true"}):
        (name, value), conf = *own.items(), shown["conf"]
        assert conf[name] == value, (source, own)
        if name == "task_reject_on_worker_lost":
            assert not conf["task_retry_on_worker_lost"], (source, own)
        if name == "worker_prefetch_multiplier":
            assert not conf["worker_disable_prefetch"], (source, own)


@pytest.mark.parametrize("variable", [ASKED, "CDK8S_DJANGO_CELERY_SEES_QUEUE"])
def test_a_worker_of_a_redis_broker_takes_what_it_has_a_process_for(show, variable):
    (_, shown, _), *_ = show([(CELERY, {})], **{variable: "true"})
    assert bool(shown["conf"]["worker_disable_prefetch"]) == (VERSION >= (5, 6))
    assert shown["conf"]["worker_prefetch_multiplier"] == 1


def test_messages_of_other_pods_have_no_limit_of_the_settings_and_none_beyond_the_workers_f22():
    from cdk8s_django import celery_conf

    class Request:
        def __init__(self, *limits):
            self.time_limits = limits

    celery_conf.own_limits, celery_conf.limits = (3600, None), (310, 300)
    try:
        given = (None, 5, 305, 310, 3600)
        for hard, soft in itertools.product(given, given):
            request = Request(hard, soft)
            celery_conf.limit_request(request)
            found_hard, found_soft = request.time_limits
            if (hard, soft) == (3600, None):
                assert (found_hard, found_soft) == (None, None)
            else:
                assert found_hard == (hard and min(hard, 310))
                assert found_soft == (soft and min(soft, 300))
    finally:
        celery_conf.own_limits = celery_conf.limits = (None, None)
