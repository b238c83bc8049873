import gzip
import shutil
import tempfile

from django.core.management import call_command
from django.test import TestCase, override_settings


class ProductionStaticFilesTests(TestCase):
    """The storage of the settings, after the collectstatic that the image's build runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, root)
        cls.enterClassContext(override_settings(STATIC_ROOT=root))
        call_command("collectstatic", interactive=False, verbosity=0)

    def stylesheet_url(self):
        page = self.client.get("/").content.decode()
        return page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]

    def test_urls_contain_a_hash(self):
        self.assertRegex(self.stylesheet_url(), r"^/static/polls/style\.[0-9a-f]{12}\.css$")

    def test_hashed_files_are_served_compressed_and_cached_for_ever(self):
        response = self.client.get(self.stylesheet_url(), headers={"accept-encoding": "gzip"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Encoding"], "gzip")
        self.assertIn("immutable", response.headers["Cache-Control"])
        self.assertIn(b":focus-visible", gzip.decompress(response.getvalue()))
