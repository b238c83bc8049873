"""Text orders that a server has in another version than its data was made with."""

import pytest
from django.db import ProgrammingError
from scrapes import Scrape

from cdk8s_django import collations, metric_files
from conftest import free_port, sql

METRIC = "django_database_collations_outdated"


@pytest.fixture
def outdated(serve, migrated_copy, tmp_path):
    """What a pod says that starts now; a statement makes the database another one before."""

    def ask(*statements, **variables):
        name = migrated_copy["DATABASE_NAME"]
        for statement in statements:
            sql(statement, name)
        port = free_port()
        variables = {
            **migrated_copy,
            "CDK8S_DJANGO_METRICS_FOLDER": str(tmp_path / str(port)),
            "CDK8S_DJANGO_METRICS_PORT": str(port),
            **variables,
        }
        server = serve("wsgi", **variables)
        assert server.probe("/readyz").status == 200
        return Scrape(port).values(METRIC, database="default")

    return ask


def test_the_order_of_the_database_counts(outdated):
    assert outdated() == [0]
    changed = "UPDATE pg_database SET datcollversion = '1.0' WHERE datname = current_database()"
    assert outdated(changed) == [1]
    # Also where the probe asks for migrations alone.
    assert outdated(CDK8S_DJANGO_READY_CHECKS="migrations") == [1]
    assert outdated(changed.replace("'1.0'", "NULL")) == [0]


def test_the_order_of_a_column_counts_once_and_that_of_none_does_not(outdated):
    german, french = (
        "UPDATE pg_collation SET collversion = '0' WHERE collname = 'de-x-icu'",
        "fr-x-icu",
    )
    assert outdated(german, german.replace("de-x-icu", french)) == [0]
    columns = 'a text COLLATE "de-x-icu", b text COLLATE "de-x-icu"'
    assert outdated(f"CREATE TABLE words ({columns})") == [1]
    dropped = [f"ALTER TABLE words DROP {column}" for column in "ab"]
    assert outdated(*dropped) == [0]
    assert outdated('ALTER TABLE words ADD c text COLLATE "de-x-icu"') == [1]
    assert outdated('ALTER COLLATION "de-x-icu" REFRESH VERSION') == [0]


class Server:
    """A connection that counts how often it is asked."""

    alias = "default"
    asked = 0

    def __init__(self, vendor="postgresql", pg_version=150000):
        self.vendor, self.pg_version = vendor, pg_version

    def cursor(self):
        self.asked += 1
        raise ProgrammingError("no such function")


def test_a_server_that_does_not_tell_is_left_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("CDK8S_DJANGO_METRICS_FOLDER", str(tmp_path))
    monkeypatch.setattr(metric_files, "OWN", None)
    clock = iter([0, 1, collations.SECONDS, 0, 0])
    monkeypatch.setattr(collations, "LOOKED", {})
    monkeypatch.setattr(collations.time, "monotonic", lambda: next(clock))
    fails = Server()
    for asked in (1, 1, 2):
        collations.look(fails)
        assert fails.asked == asked
    for other in (Server(pg_version=140013), Server(vendor="mysql")):
        monkeypatch.setattr(collations, "LOOKED", {})
        collations.look(other)
        assert other.asked == 0
