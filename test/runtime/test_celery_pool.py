"""A worker has as many processes as its memory can hold [F34]."""

from types import SimpleNamespace

import pytest

from cdk8s_django import celery_pool, memory


@pytest.fixture
def fitted(monkeypatch, capfd):
    """fitted(…): how many processes a worker has whose main one uses 100Mi, and what it says."""

    def fit(pool="prefork", asked=8, limit=400, is_default=True):
        monkeypatch.setattr(memory, "used", lambda: 100 * memory.MEBIBYTE)
        monkeypatch.setattr(memory, "limit", lambda: limit and limit * memory.MEBIBYTE)
        monkeypatch.setenv("CDK8S_DJANGO_CELERY_FIT_MEMORY", "true" if is_default else "false")
        monkeypatch.delenv("CDK8S_DJANGO_LOG_FORMAT", raising=False)
        pool_class = SimpleNamespace(__module__=f"celery.concurrency.{pool}")
        worker = SimpleNamespace(pool_cls=pool_class, concurrency=asked)
        celery_pool.fit(worker)
        return worker.concurrency, capfd.readouterr().err

    return fit


def test_the_processes_that_do_not_fit_are_not_made(fitted):
    concurrency, said = fitted()
    assert concurrency == 3
    assert "3 processes and the main one use 400 of 400Mi: 8 would not fit" in said


def test_what_the_program_chose_stays_and_a_line_says_what_fits(fitted):
    concurrency, said = fitted(is_default=False)
    assert concurrency == 8
    assert "8 processes and the main one use 900 of 400Mi: 3 would fit" in said
    assert "Raise memoryLimit or lower concurrency" in said


def test_processes_that_fit_are_all_made_and_a_line_says_what_they_use(fitted):
    concurrency, said = fitted(asked=2)
    assert concurrency == 2
    assert "2 processes and the main one use 300 of 400Mi" in said


def test_one_process_is_made_in_any_case(fitted):
    assert fitted(limit=50)[0] == 1


@pytest.mark.parametrize("changes", [{"limit": None}, {"pool": "solo"}, {"pool": "gevent"}])
def test_without_a_limit_or_processes_nothing_changes(fitted, changes):
    assert fitted(**changes) == (8, "")
