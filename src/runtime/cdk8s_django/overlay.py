"""Imports the application's settings module and lays the pod's production values over it."""

import importlib
import importlib.util
import json
import os

import django
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django import databases, environment, local_servers, logs, servers, tasks
from cdk8s_django.application_settings import (
    CLASS,
    AlreadyLaid,
    application_settings,
    lay_on_module,
    lay_on_replacement,
)
from cdk8s_django.environment import BadVariable, flag, given, items, mapping, number, text
from cdk8s_django.errors import SQLITE_REMEDY

HEALTH = "cdk8s_django.middleware.FirstMiddleware"
FILES = "cdk8s_django.files.FilesMiddleware"
REPLICAS = "cdk8s_django.replicas.ReplicaMiddleware"
MEDIA = "cdk8s_django.media.MediaMiddleware"
SECURITY = "django.middleware.security.SecurityMiddleware"
CONTENT_SECURITY = "django.middleware.csp.ContentSecurityPolicyMiddleware"
WHITENOISE = "whitenoise.middleware.WhiteNoiseMiddleware"
# Storages that need the manifest of collectstatic in STATIC_ROOT. Others (of a bucket, or the
# application's own) know where theirs is.
LOCAL_MANIFESTS = (
    "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    "whitenoise.storage.CompressedManifestStaticFilesStorage",
)
AZURE_STORAGE = "storages.backends.azure_storage.AzureStorage"
AZURE_CREDENTIALS = ("token_credential", "account_key", "sas_token", "connection_string")


def load():
    """Every setting, as a dictionary."""
    logs.capture()
    added = environment.put_back()
    # Before the import: the application may read DATABASE_URL or CACHE_URL itself.
    databases.export_url()
    servers.export_urls()
    # It may write to os.environ (a .env file of the image): the pod's values count all the same.
    environment.remember()
    os.environ.update({**added, **os.environ})
    user = application_settings()
    give_back()
    values = dict(user)
    for lay in (
        lay_secret_key,
        lay_hosts,
        lay_https,
        databases.lay,
        servers.lay,
        lay_storages,
        lay_static_and_media,
        lay_prefix,
        lay_middleware,
        lay_content_security,
        tasks.lay,
        explain_sqlite,
        local_servers.explain,
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
    lay_on_replacement(values)
    lay_on_module(values)
    if text(CLASS):
        values[text(CLASS)] = AlreadyLaid
    return values


def give_back():
    """What Django's commands and Celery read from the environment themselves, as the pod has it."""
    for name in ("DJANGO_SETTINGS_MODULE", "CELERY_BROKER_URL"):
        if name in given():
            os.environ[name] = given()[name]


def lay_secret_key(values):
    if "SECRET_KEY" in given():
        values["SECRET_KEY"] = text("SECRET_KEY")
        if not values["SECRET_KEY"]:
            raise BadVariable("SECRET_KEY is empty")
    if "CDK8S_DJANGO_SECRET_KEY_FALLBACKS" in given():
        fallbacks = text("CDK8S_DJANGO_SECRET_KEY_FALLBACKS").split()
        values["SECRET_KEY_FALLBACKS"] = [
            key for key in fallbacks if key != values.get("SECRET_KEY")
        ]


def lay_hosts(values):
    # Names of the library's own: an application may read ALLOWED_HOSTS in a form of its own.
    if items("CDK8S_DJANGO_ALLOWED_HOSTS"):
        values["ALLOWED_HOSTS"] = items("CDK8S_DJANGO_ALLOWED_HOSTS")
    origins = items("CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS")
    if origins:
        # In addition to those that the application trusts, such as a front end elsewhere.
        own = values.get("CSRF_TRUSTED_ORIGINS") or []
        values["CSRF_TRUSTED_ORIGINS"] = list(dict.fromkeys([*own, *origins]))


def lay_https(values):
    if flag("CDK8S_DJANGO_BEHIND_ROUTE"):
        # Only behind a router that sets the header itself: anybody else could forge it.
        values["SECURE_PROXY_SSL_HEADER"] = ("HTTP_X_FORWARDED_PROTO", "https")
        values["SESSION_COOKIE_SECURE"] = True
        values["CSRF_COOKIE_SECURE"] = True
    # Probes and internal paths are answered before SecurityMiddleware redirects.
    if "CDK8S_DJANGO_SSL_REDIRECT" in given():
        values["SECURE_SSL_REDIRECT"] = flag("CDK8S_DJANGO_SSL_REDIRECT")
    if "CDK8S_DJANGO_HSTS_SECONDS" in given():
        values["SECURE_HSTS_SECONDS"] = number("CDK8S_DJANGO_HSTS_SECONDS", 0)
        if "CDK8S_DJANGO_HSTS_INCLUDE_SUBDOMAINS" in given():
            subdomains = flag("CDK8S_DJANGO_HSTS_INCLUDE_SUBDOMAINS")
            values["SECURE_HSTS_INCLUDE_SUBDOMAINS"] = subdomains
        if "CDK8S_DJANGO_HSTS_PRELOAD" in given():
            values["SECURE_HSTS_PRELOAD"] = flag("CDK8S_DJANGO_HSTS_PRELOAD")


def lay_content_security(values):
    policy = mapping("CDK8S_DJANGO_CONTENT_SECURITY_POLICY")
    if not policy:
        return
    if django.VERSION < (6, 0):
        raise ImproperlyConfigured(
            "settingsOverlay.contentSecurityPolicy needs Django 6.0, and the image has "
            f"{django.__version__}: leave it out, or use a package such as django-csp"
        )
    if values.get("SECURE_CSP"):
        logs.note(
            "SECURE_CSP is in the settings module, and counts: contentSecurityPolicy does not"
        )
    else:
        values["SECURE_CSP"] = policy
    middleware = values["MIDDLEWARE"]
    if CONTENT_SECURITY not in middleware:
        # Around all that makes pages, and after the redirects.
        place = middleware.index(SECURITY) + 1 if SECURITY in middleware else 1
        values["MIDDLEWARE"] = [*middleware[:place], CONTENT_SECURITY, *middleware[place:]]


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
    own_place = {"manifest_storage", "location"} & set(current.get("OPTIONS", {}))
    if current["BACKEND"] in LOCAL_MANIFESTS and not own_place:
        manifest = os.path.join(root, "staticfiles.json") if root else None
        if not manifest or not os.path.exists(manifest):
            logs.note(
                f"no {manifest or 'STATIC_ROOT'}: run collectstatic with the production settings "
                "to have hashed names; static files keep their plain names"
            )
            plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
            values["STORAGES"] = {**storages(values), "staticfiles": plain}


def lay_prefix(values):
    prefix = text("CDK8S_DJANGO_PATH_PREFIX")
    if not prefix:
        return
    values["FORCE_SCRIPT_NAME"] = prefix
    for name in ("STATIC_URL", "MEDIA_URL"):
        url = values.get(name)
        # Not left to Django, which does so by what the script prefix is when it is first asked.
        if url and not str(url).startswith(("http://", "https://", "//", f"{prefix}/")):
            values[name] = f"{prefix}/{str(url).lstrip('/')}"


def explain_sqlite(values):
    """The most likely omission: no database in the program, and development settings."""
    default = values.get("DATABASES", {}).get("default", {})
    name = str(default.get("NAME", ""))
    if "sqlite" in default.get("ENGINE", "") and os.path.isabs(name):
        folder = os.path.dirname(name)
        if not os.access(folder, os.W_OK):
            logs.note(f"DATABASES['default'] is SQLite in {folder}: {SQLITE_REMEDY}", "ERROR")


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
    if keep_static and FILES not in added:
        added.append(FILES)
    values["CDK8S_DJANGO_SERVE_STATIC"] = serve_static and WHITENOISE not in [*middleware, *added]
    # After SecurityMiddleware, so that files have its headers and redirects too.
    place = middleware.index(SECURITY) + 1 if SECURITY in middleware else 0
    if keep_static:
        # After a WhiteNoise of the application, which has the files of the image.
        own = [at for at, name in enumerate(middleware) if "whitenoise" in name.lower()]
        place = max([place, *(at + 1 for at in own)])
    last = [MEDIA] if flag("CDK8S_DJANGO_SERVE_MEDIA") else []
    first = [HEALTH]
    if databases.REPLICA_ROUTER in values.get("DATABASE_ROUTERS", []):
        first.append(REPLICAS)
    values["MIDDLEWARE"] = [*first, *middleware[:place], *added, *middleware[place:], *last]
