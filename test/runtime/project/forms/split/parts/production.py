import os

FORM = "split"
# Of the environment of the process, not of the pod: the application may read it.
CACHE_OF_WSGI = os.environ.get("CACHE_URL")
if "STAGE_BY_WSGI" in os.environ:
    assert CACHE_OF_WSGI == "redis://localhost.invalid/0"
