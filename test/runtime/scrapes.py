"""Scrapes of what the processes of a container have counted."""

import http.client
import time

from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    """What a scrape has shown, as Prometheus' own parser of Python reads it."""

    def __init__(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        assert response.status == 200
        self.kind = response.headers["Content-Type"]
        self.text = response.read().decode()
        self.families = list(text_string_to_metric_families(self.text))
        self.samples = [sample for family in self.families for sample in family.samples]

    def values(self, name, **labels):
        return [
            value
            for own, its, value, *_ in self.samples
            if own == name and labels.items() <= its.items()
        ]

    def sum(self, name, **labels):
        return sum(self.values(name, **labels))

    def labels(self, name, label):
        return {its[label] for own, its, *_ in self.samples if own == name}


class Scraper:
    """Scrapes a port again and again."""

    def __init__(self, port):
        self.port = port

    def __call__(self):
        return Scrape(self.port)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def wait_for_sum(scrape, name, value, **labels):
    try:
        wait_for(lambda: scrape().sum(name, **labels) == value, 120)
    except AssertionError:
        # What there is instead.
        print(scrape().text)
        raise
