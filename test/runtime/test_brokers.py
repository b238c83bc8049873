"""Brokers by URL [F28]: what the overlay makes of them, and packages that are missing."""

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured


def test_rabbitmq_has_user_and_password_quoted_and_its_certificate_is_checked(load):
    values = load(
        CELERY_BROKER_USERNAME="us@er",
        CELERY_BROKER_PASSWORD="p/w;@",
        CELERY_BROKER_URL="amqps://us@er:p/w;@@rabbitmq:5671/shop",
        CELERY_BROKER_SSL_CA_CERT="/ca.pem",
    )
    assert values["CELERY_BROKER_URL"] == "amqps://us%40er:p%2Fw%3B%40@rabbitmq:5671/shop"
    # Options of Redis would be refused by the other protocol.
    assert values["CELERY_BROKER_TRANSPORT_OPTIONS"] == {}
    tls = values["CELERY_BROKER_USE_SSL"]
    assert (tls["cert_reqs"], tls["ca_certs"], tls["server_hostname"]) == (2, "/ca.pem", None)


def test_rabbitmq_by_a_whole_url_of_a_secret_stays_as_it_is(load):
    url = "amqp://user:pass@rabbitmq:5672/%2F"
    values = load({"CELERY_BROKER_USE_SSL": False}, CELERY_BROKER_URL=url)
    assert values["CELERY_BROKER_URL"] == url
    assert values["CELERY_BROKER_USE_SSL"] is False


def test_sentinels_have_the_password_each_and_their_own(load):
    values = load(
        CELERY_BROKER_PASSWORD="p@;w",
        CELERY_BROKER_SENTINEL_PASSWORD="other",
        CELERY_BROKER_URL="sentinel://:p@;w@one:26379/2;sentinel://:p@;w@two:26379/2",
        CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS='{"master_name": "queue"}',
    )
    assert values["CELERY_BROKER_URL"] == (
        "sentinel://:p%40%3Bw@one:26379/2;sentinel://:p%40%3Bw@two:26379/2"
    )
    options = values["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert options["master_name"] == "queue"
    assert options["sentinel_kwargs"] == {
        "password": "other",
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "retry": None,
    }
    assert options["visibility_timeout"] == 3600


def test_sqs_has_its_queues_and_no_options_of_redis(load, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    options = '{"region": "eu-west-1", "predefined_queues": {"celery": {"url": "https://x"}}}'
    values = load(CELERY_BROKER_URL="sqs://", CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS=options)
    assert values["CELERY_BROKER_TRANSPORT_OPTIONS"] == {
        "visibility_timeout": 3600,
        "region": "eu-west-1",
        "predefined_queues": {"celery": {"url": "https://x"}},
    }


def test_a_prefix_of_keys_is_that_of_every_pod(load):
    values = load(
        CELERY_BROKER_URL="redis://queue",
        CDK8S_DJANGO_CELERY_TRANSPORT_OPTIONS='{"global_keyprefix": "shop:"}',
    )
    assert values["CELERY_BROKER_TRANSPORT_OPTIONS"]["global_keyprefix"] == "shop:"


@pytest.mark.parametrize("missing", ["packaging", "redis"])
def test_a_package_that_the_broker_needs_is_named_at_the_start_not_by_the_first_task(
    load, monkeypatch, missing
):
    for name in [name for name in sys.modules if name.partition(".")[0] in ("kombu", missing)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    message = "Celery cannot open its broker .*: install celery.redis. in the image"
    with pytest.raises(ImproperlyConfigured, match=message):
        load(CELERY_BROKER_URL="redis://queue")
