import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase

from . import plain_static_files

# What one worker process does: it counts a vote and answers a scrape.
WORKER = """
import django
django.setup()
from django.test import Client
from polls.metrics import VOTES
VOTES.inc()
print(Client().get("/metrics", headers={"host": "localhost"}).content.decode())
"""


@plain_static_files
class MetricsTests(SimpleTestCase):
    def test_page_has_the_metrics_of_requests_and_of_polls(self):
        response = self.client.get("/metrics")
        self.assertContains(response, "django_http_requests_before_middlewares_total")
        self.assertContains(response, "polls_votes_total")

    def test_workers_add_up_in_a_directory_that_is_made_when_missing(self):
        with tempfile.TemporaryDirectory() as parent:
            directory = Path(parent) / "prometheus" / "metrics"
            env = {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "mysite.settings",
                "PROMETHEUS_MULTIPROC_DIR": str(directory),
            }
            for total in ["1.0", "2.0"]:
                page = subprocess.run(
                    [sys.executable, "-c", WORKER],
                    cwd=settings.BASE_DIR,
                    env=env,
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
                self.assertIn(f"polls_votes_total {total}\n", page)
