"""Imports the application's settings module and lays the pod's production values over it."""

import importlib
import importlib.util
import json
import os

import django
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django import databases, logs, servers, tasks
from cdk8s_django.environment import BadVariable, flag, items, number, text
from cdk8s_django.errors import reason

HEALTH = "cdk8s_django.middleware.FirstMiddleware"
FILES = "cdk8s_django.files.FilesMiddleware"
SECURITY = "django.middleware.security.SecurityMiddleware"
WHITENOISE = "whitenoise.middleware.WhiteNoiseMiddleware"
AZURE_STORAGE = "storages.backends.azure_storage.AzureStorage"
AZURE_CREDENTIALS = ("token_credential", "account_key", "sas_token", "connection_string")


def load():
    """Every setting, as a dictionary."""
    # Before the import: the application may read DATABASE_URL or CACHE_URL itself.
    databases.export_url()
    servers.export_urls()
    user = user_settings()
    values = dict(user)
    for lay in (
        lay_secret_key,
        lay_hosts,
        lay_https,
        databases.lay,
        servers.lay,
        lay_storages,
        lay_static_and_media,
        lay_middleware,
        tasks.lay,
        logs.lay,
    ):
        lay(values)
    for name in items("CDK8S_DJANGO_KEEP"):
        if name in user:
            values[name] = user[name]
        else:
            values.pop(name, None)
    # After KEEP: a debug page shows settings and source to everybody.
    if values.get("DEBUG"):
        logs.note("DEBUG is True in the settings module: the overlay makes it False")
    values["DEBUG"] = False
    return values


def user_settings():
    name = text("CDK8S_DJANGO_SETTINGS_MODULE")
    if not name or name == "cdk8s_django.settings":
        raise ImproperlyConfigured(
            "CDK8S_DJANGO_SETTINGS_MODULE must name the application's own settings module"
        )
    try:
        module = importlib.import_module(name)
    except Exception as error:
        raise ImproperlyConfigured(
            f"settings module '{name}' cannot be imported: {reason(error)}"
        ) from error
    return {key: getattr(module, key) for key in dir(module) if key.isupper()}


def lay_secret_key(values):
    if "SECRET_KEY" in os.environ:
        values["SECRET_KEY"] = text("SECRET_KEY")
        if not values["SECRET_KEY"]:
            raise BadVariable("SECRET_KEY is empty")
    if "SECRET_KEY_FALLBACKS" in os.environ:
        fallbacks = os.environ["SECRET_KEY_FALLBACKS"].split()
        values["SECRET_KEY_FALLBACKS"] = [
            key for key in fallbacks if key != values.get("SECRET_KEY")
        ]


def lay_hosts(values):
    for name in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"):
        if items(name):
            values[name] = items(name)


def lay_https(values):
    if flag("CDK8S_DJANGO_BEHIND_ROUTE"):
        # Only behind a router that sets the header itself: anybody else could forge it.
        values["SECURE_PROXY_SSL_HEADER"] = ("HTTP_X_FORWARDED_PROTO", "https")
        values["SESSION_COOKIE_SECURE"] = True
        values["CSRF_COOKIE_SECURE"] = True
    # Probes and internal paths are answered before SecurityMiddleware redirects.
    if "CDK8S_DJANGO_SSL_REDIRECT" in os.environ:
        values["SECURE_SSL_REDIRECT"] = flag("CDK8S_DJANGO_SSL_REDIRECT")
    if "CDK8S_DJANGO_HSTS_SECONDS" in os.environ:
        values["SECURE_HSTS_SECONDS"] = number("CDK8S_DJANGO_HSTS_SECONDS", 0)
        values["SECURE_HSTS_INCLUDE_SUBDOMAINS"] = flag("CDK8S_DJANGO_HSTS_INCLUDE_SUBDOMAINS")
        values["SECURE_HSTS_PRELOAD"] = flag("CDK8S_DJANGO_HSTS_PRELOAD")


def storages(values):
    """A copy of STORAGES that has both of Django's own entries."""
    result = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Until Django 5.0 the older names count, and Django refuses both kinds together.
    if django.VERSION < (5, 1) and "STORAGES" not in values:
        for name, older in (
            ("default", "DEFAULT_FILE_STORAGE"),
            ("staticfiles", "STATICFILES_STORAGE"),
        ):
            if older in values:
                result[name] = {"BACKEND": values.pop(older)}
    result.update(values.get("STORAGES", {}))
    return result


def lay_storages(values):
    backend = text("CDK8S_DJANGO_MEDIA_STORAGE")
    if backend:
        try:
            options = json.loads(text("CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS", "{}"))
        except ValueError as error:
            raise BadVariable(f"CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS is not JSON: {error}") from None
        given = any(
            options.get(name) or values.get(f"AZURE_{name.upper()}") for name in AZURE_CREDENTIALS
        )
        if backend == AZURE_STORAGE and not given:
            options["token_credential"] = azure_credential()
        values["STORAGES"] = {
            **storages(values),
            "default": {"BACKEND": backend, "OPTIONS": options},
        }


def azure_credential():
    """The pod's identity on Azure: an object, which no variable can hold. It connects later."""
    try:
        identity = importlib.import_module("azure.identity")
    except ModuleNotFoundError:
        raise ImproperlyConfigured(
            "media files are on Azure, but the package 'azure-identity' is missing from the image"
        ) from None
    return identity.DefaultAzureCredential()


def lay_static_and_media(values):
    if text("CDK8S_DJANGO_STATIC_ROOT"):
        values["STATIC_ROOT"] = text("CDK8S_DJANGO_STATIC_ROOT")
    if text("CDK8S_DJANGO_MEDIA_ROOT"):
        values["MEDIA_ROOT"] = text("CDK8S_DJANGO_MEDIA_ROOT")
    if text("CDK8S_DJANGO_MEDIA_URL"):
        values["MEDIA_URL"] = text("CDK8S_DJANGO_MEDIA_URL")

    # An image whose build ran collectstatic with development settings has no manifest, and
    # every page with {% static %} would fail. Plain names work.
    root = values.get("STATIC_ROOT")
    current = storages(dict(values))["staticfiles"]
    if "Manifest" in current["BACKEND"] and "manifest_storage" not in current.get("OPTIONS", {}):
        manifest = os.path.join(root, "staticfiles.json") if root else None
        if not manifest or not os.path.exists(manifest):
            logs.note(
                f"no {manifest or 'STATIC_ROOT'}: run collectstatic with the production settings "
                "to have hashed names; static files keep their plain names"
            )
            plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
            values["STORAGES"] = {**storages(values), "staticfiles": plain}


def lay_middleware(values):
    middleware = list(values.get("MIDDLEWARE", []))
    added = []
    serve_static = flag("CDK8S_DJANGO_SERVE_STATIC", True) and "STATIC_URL" in values
    if serve_static and not any("whitenoise" in name.lower() for name in middleware):
        if importlib.util.find_spec("whitenoise"):
            added.append(WHITENOISE)
            if not os.path.isdir(values.get("STATIC_ROOT") or ""):
                # Nothing was collected: serve the files where the applications keep them.
                values.setdefault("WHITENOISE_USE_FINDERS", True)
        else:
            added.append(FILES)
    keep_static = serve_static and flag("CDK8S_DJANGO_KEEP_STATIC")
    if (flag("CDK8S_DJANGO_SERVE_MEDIA") or keep_static) and FILES not in added:
        added.append(FILES)
    values["CDK8S_DJANGO_SERVE_STATIC"] = serve_static and WHITENOISE not in [*middleware, *added]
    # After SecurityMiddleware, so that files have its headers and redirects too.
    place = middleware.index(SECURITY) + 1 if SECURITY in middleware else 0
    if keep_static:
        # After a WhiteNoise of the application, which has the files of the image.
        own = [at for at, name in enumerate(middleware) if "whitenoise" in name.lower()]
        place = max([place, *(at + 1 for at in own)])
    values["MIDDLEWARE"] = [HEALTH, *middleware[:place], *added, *middleware[place:]]
