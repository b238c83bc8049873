"""Requests per second through PgBouncer and by a connection of each request; run by `./run bench`.

Side by side and in turn, because the machine may do something else too. The median counts.
"""

import itertools
import threading
import time

from pooler_process import pooler

TARGET = 1.5


def rate(server, requests=120, clients=4):
    """Requests per second of so many clients at once."""
    left = itertools.count()
    failed = []

    def ask():
        while next(left) < requests:
            if server.get("/questions").status != 200:
                failed.append(1)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    return requests / (time.monotonic() - began)


def test_requests_per_second_against_connections_of_each_request(migrated, serve):
    with pooler(migrated, pool=4) as one:
        pooled = serve(**one.variables)
        direct = serve(**migrated, DATABASE_CONN_MAX_AGE="0", DATABASE_SSL_MODE="require")
        rate(pooled, 20), rate(direct, 20)
        ratios = sorted(rate(pooled) / rate(direct) for _ in range(5))
    print(f"requests per second through PgBouncer : by a connection of each: {ratios[2]:.2f}")
    assert ratios[2] >= TARGET
