"""An application that reads more than it writes."""

import os

from mysite.settings import *  # noqa: F403

DATABASES["default"]["ATOMIC_REQUESTS"] = False  # noqa: F405
ROOT_URLCONF = "mysite.replica_urls"
if os.environ.get("TEST_OWN_ROUTER"):
    DATABASE_ROUTERS = ["mysite.replica_urls.OwnRouter"]
