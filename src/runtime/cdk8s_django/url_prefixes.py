"""Under which paths of this application the files of a URL are served."""

from urllib.parse import urlsplit

from django.conf import settings


def local_prefix(url):
    """The path under which to serve, or None when another host does."""
    parts = urlsplit(url or "")
    if parts.netloc or not parts.path.strip("/"):
        return None
    prefix = parts.path
    script_name = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    if script_name and prefix.startswith(script_name + "/"):
        prefix = prefix[len(script_name) :]
    return f"/{prefix.strip('/')}/"
