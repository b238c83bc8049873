#!/usr/bin/env bash
# One Redis URL with options is taken by redis-py and by Celery's result backend, and refused by Celery's broker, or the reverse.
#
# kombu 5.7.0 hands the query of a broker's URL to its connection as arguments: `?socket_timeout=3` and `?db=2` raise a
# TypeError, at the first message. redis-py, which Django's cache uses, and the result backend take both. A socket is
# `unix://` for redis-py alone. `ssl_cert_reqs=CERT_REQUIRED`, which Celery long asked for, is refused by redis-py alone;
# `required` is taken by all.
# Seen on 2026-11-30 with celery 5.7.0, kombu 5.7.0 and redis 6.4.0 on Python 3.11. Needs Python; no server runs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install celery==5.7.0 kombu==5.7.0 redis==6.4.0 packaging==25.0
env -u CELERY_BROKER_URL -u CELERY_RESULT_BACKEND venv/bin/python - >seen <<'PYTHON'
import redis
from celery import Celery

URLS = [
    "redis://redis.example.com/1?socket_timeout=3",
    "redis://redis.example.com/1?db=2",
    "unix:///run/redis.sock?db=3",
    "rediss://redis.example.com/1?ssl_cert_reqs=required",
    "rediss://redis.example.com/1?ssl_cert_reqs=CERT_REQUIRED",
]


def redis_py(url):
    redis.ConnectionPool.from_url(url).make_connection()


def broker(url):
    Celery(broker=url, set_as_current=False).connection_for_write().transport


def backend(url):
    Celery(backend=url, set_as_current=False).backend.connparams


for url in URLS:
    print(url)
    for name, read in (("redis-py", redis_py), ("broker", broker), ("result backend", backend)):
        try:
            read(url)
            print(f"  {name}: taken")
        except Exception as error:
            print(f"  {name}: {type(error).__name__}")
PYTHON

diff seen - <<'SEEN' && echo 'as seen: the three readers agree on one of five'
redis://redis.example.com/1?socket_timeout=3
  redis-py: taken
  broker: TypeError
  result backend: taken
redis://redis.example.com/1?db=2
  redis-py: taken
  broker: TypeError
  result backend: taken
unix:///run/redis.sock?db=3
  redis-py: taken
  broker: KeyError
  result backend: ModuleNotFoundError
rediss://redis.example.com/1?ssl_cert_reqs=required
  redis-py: taken
  broker: taken
  result backend: taken
rediss://redis.example.com/1?ssl_cert_reqs=CERT_REQUIRED
  redis-py: RedisError
  broker: taken
  result backend: taken
SEEN
