"""The overlay's rule, by generated settings and generated pods.

- What the application decided explicitly is never weakened.
- What the platform alone knows always counts, whatever the settings module did to os.environ.
- A default of ours never meets an explicit choice in a way that fails.
"""

import os
import random
import sys

import django
import pytest

from conftest import HOST

POSTGRES = "django.db.backends.postgresql"
NULL = {"class": "logging.NullHandler"}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
]
# What an application may say, for each setting; None leaves it out.
CHOICES = {
    "DEBUG": [None, True, False],
    "SECRET_KEY": [None, "own"],
    "ALLOWED_HOSTS": [None, [], ["*"], ["own.example"], ("own.example",)],
    "CSRF_TRUSTED_ORIGINS": [None, [], ["https://shop.example"], ("https://*.shop.example",)],
    "SECURE_PROXY_SSL_HEADER": [None, ("HTTP_X_SCHEME", "https")],
    "SECURE_SSL_REDIRECT": [None, True, False],
    "SECURE_HSTS_SECONDS": [None, 31536000],
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": [None, True],
    "SECURE_HSTS_PRELOAD": [None, True],
    "SESSION_COOKIE_SECURE": [None, True],
    "SESSION_COOKIE_SAMESITE": [None, "Strict", "None"],
    "STATIC_URL": [None, "static/", "/static/", "https://cdn.example/"],
    "MIDDLEWARE": [None, (), MIDDLEWARE, MIDDLEWARE[::2], tuple(MIDDLEWARE[1:])],
    "STORAGES": [
        None,
        {"staticfiles": {"BACKEND": "storages.backends.s3.S3ManifestStaticStorage"}},
        {"default": {"BACKEND": "shop.storage.Encrypted", "OPTIONS": {"key": "k"}}},
    ],
    "DATABASES": [
        None,
        {},
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        {
            "default": {"ENGINE": POSTGRES, "OPTIONS": {"sslmode": "verify-full"}},
            "replica": {"ENGINE": POSTGRES, "HOST": "replica.example"},
        },
        {"default": {"ENGINE": "django.contrib.gis.db.backends.postgis", "CONN_MAX_AGE": None}},
        {"default": {"ENGINE": POSTGRES, "OPTIONS": {"pool": True}, "CONN_HEALTH_CHECKS": False}},
    ],
    "CACHES": [
        None,
        {"default": {"BACKEND": "django_redis.cache.RedisCache", "OPTIONS": {"A": 1}}},
        {"other": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    ],
    "LOGGING": [
        None,
        {
            "version": 1,
            "filters": {"mask": {"()": "logging.Filter"}},
            "handlers": {"null": NULL},
            "loggers": {
                "quiet": {"handlers": ["null"], "propagate": False},
                "masked": {"filters": ["mask"], "level": "ERROR"},
            },
        },
    ],
}
# What the pod may have beside hosts, key and proxy header.
PODS = {
    "CDK8S_DJANGO_SSL_REDIRECT": [None, "true"],
    "CDK8S_DJANGO_HSTS_SECONDS": [None, "3600"],
    "CDK8S_DJANGO_SERVE_STATIC": [None, "false"],
    "CDK8S_DJANGO_SERVE_MEDIA": [None, "true"],
    "CDK8S_DJANGO_PATH_PREFIX": [None, "/app"],
    "CDK8S_DJANGO_LOG_FORMAT": [None, "json", "gke", "keep"],
    "CDK8S_DJANGO_ASGI": [None, "true"],
    "DATABASE_URL": [None, "postgres://u:p%40@db.example:5433/polls"],
    "CACHE_URL": [None, "redis://cache.example:6379/0"],
}
MISCHIEF = [
    "",
    "os.environ.clear()",
    "os.environ.update(dict.fromkeys(os.environ, 'changed'))",
    "os.environ.update(DATABASE_URL='sqlite:///x', CACHE_URL='x', SECRET_KEY='developer')",
]


def chosen(generator, choices):
    picked = {name: generator.choice(values) for name, values in choices.items()}
    return {name: value for name, value in picked.items() if value is not None}


@pytest.mark.parametrize("seed", range(150))
def test_the_rule(pod, monkeypatch, tmp_path, seed):
    from cdk8s_django import overlay

    generator = random.Random(seed)
    own = chosen(generator, CHOICES)
    given = chosen(generator, PODS)
    if "MIDDLEWARE" in own and generator.random() < 0.5:
        given["CDK8S_DJANGO_KEEP_STATIC"] = "true"
    source = [f"{name} = {value!r}" for name, value in own.items()]
    source += ["import os", generator.choice(MISCHIEF)]
    (tmp_path / "generated.py").write_text("\n".join(source))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "generated", raising=False)
    before = dict(os.environ)
    pod(CDK8S_DJANGO_SETTINGS_MODULE="generated", **given)
    try:
        values = overlay.load()
        check_platform(values, given)
        check_choices(values, own, given)
        check_harmony(values)
    finally:
        os.environ.update(before)


def check_platform(values, given):
    """What the platform alone knows."""
    assert values["DEBUG"] is False
    assert values["SECRET_KEY"].startswith("the-key-of-the-pods")
    assert values["ALLOWED_HOSTS"] == [HOST]
    assert f"https://{HOST}" in values["CSRF_TRUSTED_ORIGINS"]
    assert values["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert values["SESSION_COOKIE_SECURE"] is values["CSRF_COOKIE_SECURE"] is True
    assert values["MIDDLEWARE"][0] == "cdk8s_django.middleware.FirstMiddleware"
    if "DATABASE_URL" in given:
        database = values["DATABASES"]["default"]
        place = [database[key] for key in ("HOST", "USER", "PASSWORD", "NAME")]
        assert place == ["db.example", "u", "p@", "polls"]
        assert str(database["PORT"]) == "5433"
    if "CACHE_URL" in given:
        assert values["CACHES"]["default"]["LOCATION"] == given["CACHE_URL"]
    if "CDK8S_DJANGO_HSTS_SECONDS" in given:
        assert values["SECURE_HSTS_SECONDS"] == 3600
    if "CDK8S_DJANGO_PATH_PREFIX" in given:
        assert values["FORCE_SCRIPT_NAME"] == "/app"


def check_choices(values, own, given):
    """What the application decided, and neither the program nor the platform."""
    for origin in own.get("CSRF_TRUSTED_ORIGINS", ()):
        assert origin in values["CSRF_TRUSTED_ORIGINS"]
    kept = {"SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SESSION_COOKIE_SAMESITE"}
    if "CDK8S_DJANGO_SSL_REDIRECT" not in given:
        kept.add("SECURE_SSL_REDIRECT")
    if "CDK8S_DJANGO_HSTS_SECONDS" not in given:
        kept.add("SECURE_HSTS_SECONDS")
    if "DATABASE_URL" not in given:
        kept.add("DATABASES")
    if "CACHE_URL" not in given:
        kept.add("CACHES")
    if given.get("CDK8S_DJANGO_LOG_FORMAT", "keep") == "keep":
        kept.add("LOGGING")
    for name in kept:
        assert values.get(name) == own.get(name), name
    order = [name for name in values["MIDDLEWARE"] if name in own.get("MIDDLEWARE", ())]
    assert order == list(own.get("MIDDLEWARE", ()))
    for alias, storage in own.get("STORAGES", {}).items():
        assert values["STORAGES"][alias] == storage
    for name in ("DATABASES", "CACHES"):
        for alias, parameters in own.get(name, {}).items():
            if alias != "default":
                assert values[name][alias] == parameters
    default = own.get("DATABASES", {}).get("default", {})
    if "postg" in default.get("ENGINE", ""):
        assert values["DATABASES"]["default"]["ENGINE"] == default["ENGINE"]
        options = values["DATABASES"]["default"].get("OPTIONS", {})
        assert default.get("OPTIONS", {}).items() <= options.items()
    if "LOGGING" in own and "LOGGING" not in kept:
        assert values["LOGGING"]["loggers"]["masked"]["level"] == "ERROR"
        assert "mask" in values["LOGGING"]["filters"]
        assert values["LOGGING"]["loggers"]["quiet"]["propagate"] is False


def check_harmony(values):
    """What Django and its backends refuse together."""
    assert not {"STORAGES", "STATICFILES_STORAGE"} <= values.keys() or django.VERSION >= (5, 1)
    for parameters in values.get("DATABASES", {}).values():
        if parameters.get("OPTIONS", {}).get("pool"):
            assert not parameters.get("CONN_MAX_AGE")
    for url in (values.get("STATIC_URL"), values.get("MEDIA_URL")):
        assert not url or url.endswith("/")
    files = "cdk8s_django.files.FilesMiddleware"
    assert values["MIDDLEWARE"].count(files) <= 1
    assert len(set(values["MIDDLEWARE"])) == len(values["MIDDLEWARE"])
