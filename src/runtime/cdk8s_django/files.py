"""Serves static files from the application's own process.

For images without WhiteNoise, and for static files of other releases. One
process less than a web server beside every pod, nothing to configure, and the files are those of
this very image before all others; a site with much traffic puts a CDN in front, for which the
caching headers are made.
"""

import mimetypes
import os
import re

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from cdk8s_django.both_modes import Middleware
from cdk8s_django.environment import flag
from cdk8s_django.keep_static import KeptStatic
from cdk8s_django.url_prefixes import local_prefix

# The name that ManifestStaticFilesStorage gives: its content never changes.
HASHED = re.compile(r"\.[0-9a-f]{12}\.[^/]+$")
CHUNK = 64 * 1024
FOR_EVER = "max-age=31536000, immutable, public"
# Minimal images have no /etc/mime.types.
TYPES = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


class FilesMiddleware(Middleware):
    def __init__(self, get_response):
        super().__init__(get_response)
        self.static_prefix = local_prefix(settings.STATIC_URL)
        self.static = {}
        if settings.CDK8S_DJANGO_SERVE_STATIC and self.static_prefix:
            self.static = find_static(settings.STATIC_ROOT)
        self.kept = None
        if self.static_prefix and keeps_static():
            self.kept = KeptStatic()

    def __call__(self, request):
        if not asks_for_file(request, self.static_prefix):
            return self.get_response(request)
        if self.is_async:
            return self.serve_async(request)
        return self.serve(request) or self.serve_kept(request) or self.get_response(request)

    async def serve_async(self, request):
        response = await sync_to_async(self.serve)(request)
        if not response and self.kept:
            # In a thread of its own: a storage that is slow holds up nobody else.
            response = await sync_to_async(self.serve_kept, thread_sensitive=False)(request)
        return response or await self.get_response(request)

    def serve(self, request):
        # Looked up among the files that were there at the start: nothing to traverse.
        found = self.static.get(request.path_info[len(self.static_prefix) :])
        return self.static_response(request, found) if found else None

    def static_response(self, request, path):
        response = file_response(request, path, self.is_async)
        response["Cache-Control"] = FOR_EVER if HASHED.search(path) else "max-age=60, public"
        # Fonts and modules are fetched with CORS when a CDN serves the pages.
        response["Access-Control-Allow-Origin"] = "*"
        return response

    def serve_kept(self, request):
        """A hashed static file that this image has not, but that of another release."""
        if not self.kept:
            return None
        name = request.path_info[len(self.static_prefix) :]
        content = self.kept.read(name)
        if content is None:
            return None
        response = HttpResponse(content, content_type=content_type(name))
        response["Content-Length"] = str(len(content))
        response["Cache-Control"] = FOR_EVER
        response["Access-Control-Allow-Origin"] = "*"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def asks_for_file(request, prefix):
    return bool(
        prefix and request.method in ("GET", "HEAD") and request.path_info.startswith(prefix)
    )


def file_response(request, path, is_async):
    stat = os.stat(path)
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    unchanged = get_conditional_response(request, etag, int(stat.st_mtime))
    if unchanged:
        unchanged["Content-Type"] = content_type(path)
        return unchanged
    if is_async:
        # Django would read the whole file into memory from an iterator that is not async.
        response = StreamingHttpResponse(chunks(path))
    else:
        response = FileResponse(open(path, "rb"))  # noqa: SIM115  the response closes it
        del response["Content-Disposition"]
    response["Content-Type"] = content_type(path)
    response["Content-Length"] = str(stat.st_size)
    response["Last-Modified"] = http_date(stat.st_mtime)
    response["ETag"] = etag
    return response


def keeps_static():
    return flag("CDK8S_DJANGO_KEEP_STATIC") and flag("CDK8S_DJANGO_SERVE_STATIC", True)


def find_static(root):
    """Name and path of every static file: of STATIC_ROOT, else of the installed applications."""
    found = {}
    if root and os.path.isdir(root):
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                found[os.path.relpath(path, root).replace(os.sep, "/")] = path
    elif "django.contrib.staticfiles" in settings.INSTALLED_APPS:
        from django.contrib.staticfiles import finders

        for finder in finders.get_finders():
            for name, storage in finder.list([]):
                prefix = getattr(storage, "prefix", None)
                found.setdefault(f"{prefix}/{name}" if prefix else name, storage.path(name))
    return found


def content_type(path):
    kind = TYPES.get(os.path.splitext(path)[1].lower())
    if not kind:
        kind, encoding = mimetypes.guess_type(path)
        if encoding or not kind:
            return "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


async def chunks(path):
    file = await sync_to_async(open)(path, "rb")
    try:
        while True:
            chunk = await sync_to_async(file.read)(CHUNK)
            if not chunk:
                return
            yield chunk
    finally:
        file.close()
