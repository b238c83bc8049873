"""Loads a developer's file over the environment, and a variable that the settings need."""

import os
from pathlib import Path

import dotenv
from django.core.wsgi import get_wsgi_application

dotenv.load_dotenv(Path(__file__).parent / "developer.env", override=True)
os.environ["DJANGO_SETTINGS_MODULE"] = "cdk8s_django.settings"
os.environ.setdefault("STAGE", "production")
os.environ["STAGE_BY_WSGI"] = "true"
os.environ["CACHE_URL"] = "redis://localhost.invalid/0"
application = get_wsgi_application()
