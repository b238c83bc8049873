#!/usr/bin/env bash
# django-environ, dj-database-url and libpq read one DATABASE_URL differently where it has a socket, two hosts or options.
#
# A socket's folder in the place of the host is decoded by dj-database-url and libpq; django-environ 0.14.0 leaves
# `%2Frun%2Fpostgresql` as a host name. Two hosts are taken by django-environ and libpq; dj-database-url 3.1.2 raises.
# `conn_max_age` is Django's setting for django-environ, and an option of the driver for the other, which libpq refuses
# at connect. `pool=true` is a text for one and True for the other: Django's pool takes True. `a+b` has a blank for two.
# Seen on 2026-11-30 with psycopg 3.3.9, whose wheel brings libpq, and Python 3.11. Needs Python; no server runs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install django==5.2.8 django-environ==0.14.0 dj-database-url==3.1.2 \
  'psycopg[binary]==3.3.9'
venv/bin/python - >seen <<'PYTHON'
import dj_database_url
import environ
from psycopg.conninfo import conninfo_to_dict

CASES = [
    ("postgres://shop@%2Frun%2Fpostgresql/shop", ["HOST", "host"]),
    ("postgres://shop@one:5432,two:5433/shop", ["HOST", "PORT", "host", "port"]),
    ("postgres://shop@one/shop?conn_max_age=600", ["CONN_MAX_AGE", "OPTIONS"]),
    ("postgres://shop@one/shop?pool=true", ["OPTIONS"]),
    ("postgres://shop@one/shop?application_name=a+b", ["OPTIONS", "application_name"]),
]
READERS = [
    ("django-environ", environ.Env.db_url_config),
    ("dj-database-url", dj_database_url.parse),
    ("libpq", conninfo_to_dict),
]
for url, keys in CASES:
    print(url)
    for name, read in READERS:
        try:
            found = read(url)
            print(f"  {name}: {({key: found[key] for key in keys if key in found})}")
        except Exception as error:
            print(f"  {name}: {type(error).__name__}")
PYTHON

diff seen - <<'SEEN' && echo 'as seen: no two readers agree on all'
postgres://shop@%2Frun%2Fpostgresql/shop
  django-environ: {'HOST': '%2Frun%2Fpostgresql'}
  dj-database-url: {'HOST': '/run/postgresql'}
  libpq: {'host': '/run/postgresql'}
postgres://shop@one:5432,two:5433/shop
  django-environ: {'HOST': 'one,two', 'PORT': '5432,5433'}
  dj-database-url: ParseError
  libpq: {'host': 'one,two', 'port': '5432,5433'}
postgres://shop@one/shop?conn_max_age=600
  django-environ: {'CONN_MAX_AGE': 600, 'OPTIONS': {}}
  dj-database-url: {'CONN_MAX_AGE': 0, 'OPTIONS': {'conn_max_age': 600}}
  libpq: ProgrammingError
postgres://shop@one/shop?pool=true
  django-environ: {'OPTIONS': {'pool': 'true'}}
  dj-database-url: {'OPTIONS': {'pool': True}}
  libpq: ProgrammingError
postgres://shop@one/shop?application_name=a+b
  django-environ: {'OPTIONS': {'application_name': 'a b'}}
  dj-database-url: {'OPTIONS': {'application_name': 'a b'}}
  libpq: {'application_name': 'a+b'}
SEEN
