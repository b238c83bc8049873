"""Every switch of the settings overlay, and the errors of settings modules."""

import json
import sys

import django
import pytest
from django.core.exceptions import ImproperlyConfigured

from cdk8s_django.environment import BadVariable
from conftest import last_line, python

SECURITY = "django.middleware.security.SecurityMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
FIRST = "cdk8s_django.middleware.FirstMiddleware"
FILES = "cdk8s_django.files.FilesMiddleware"
MEDIA = "cdk8s_django.media.MediaMiddleware"


def test_hosts_come_from_the_environment(load):
    values = load(
        CDK8S_DJANGO_ALLOWED_HOSTS="a.example, b.example",
        CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS="https://a.example",
    )
    assert values["ALLOWED_HOSTS"] == ["a.example", "b.example"]
    assert values["CSRF_TRUSTED_ORIGINS"] == ["https://a.example"]


def test_hosts_of_the_module_stay_without_variables(load):
    values = load(
        {"ALLOWED_HOSTS": ["own"]},
        CDK8S_DJANGO_ALLOWED_HOSTS=None,
        CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS=None,
    )
    assert values["ALLOWED_HOSTS"] == ["own"]
    assert "CSRF_TRUSTED_ORIGINS" not in values


def test_trusted_origins_are_added_to_those_of_the_application(load):
    """[F26] A front end on another origin stays trusted."""
    own = {"CSRF_TRUSTED_ORIGINS": ["https://shop.example", "https://a.example"]}
    values = load(own, CDK8S_DJANGO_CSRF_TRUSTED_ORIGINS="https://a.example,https://b.example")
    assert values["CSRF_TRUSTED_ORIGINS"] == [
        "https://shop.example",
        "https://a.example",
        "https://b.example",
    ]


def test_behind_a_route(load):
    values = load()
    assert values["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert values["SESSION_COOKIE_SECURE"] is True
    assert values["CSRF_COOKIE_SECURE"] is True
    assert "SECURE_SSL_REDIRECT" not in values
    assert "SECURE_HSTS_SECONDS" not in values


def test_without_a_route_nobody_can_forge_https(load):
    values = load(CDK8S_DJANGO_BEHIND_ROUTE=None)
    assert "SECURE_PROXY_SSL_HEADER" not in values
    assert "SESSION_COOKIE_SECURE" not in values


def test_redirect_and_hsts(load):
    values = load(
        CDK8S_DJANGO_SSL_REDIRECT="true",
        CDK8S_DJANGO_HSTS_SECONDS="3600",
        CDK8S_DJANGO_HSTS_PRELOAD="true",
    )
    assert values["SECURE_SSL_REDIRECT"] is True
    assert values["SECURE_HSTS_SECONDS"] == 3600
    assert "SECURE_HSTS_INCLUDE_SUBDOMAINS" not in values
    assert values["SECURE_HSTS_PRELOAD"] is True
    assert load({"SECURE_SSL_REDIRECT": True}, CDK8S_DJANGO_SSL_REDIRECT="false")[
        "SECURE_SSL_REDIRECT"
    ] is (False)


def test_secret_key_and_fallbacks(load):
    values = load(
        {"SECRET_KEY": "own"},
        SECRET_KEY="new",
        CDK8S_DJANGO_SECRET_KEY_FALLBACKS="old\nolder new\n",
    )
    assert values["SECRET_KEY"] == "new"
    assert values["SECRET_KEY_FALLBACKS"] == ["old", "older"]
    assert load({"SECRET_KEY": "own"})["SECRET_KEY"] != "own"


def test_secret_key_of_the_module_stays_without_variable(load):
    assert load({"SECRET_KEY": "own"}, SECRET_KEY=None)["SECRET_KEY"] == "own"


def test_debug_is_off_and_says_so_once(load, capsys):
    assert load({"DEBUG": True}, CDK8S_DJANGO_KEEP="DEBUG")["DEBUG"] is False
    assert capsys.readouterr().err == (
        "cdk8s-django: DEBUG is True in the settings module: the overlay makes it False\n"
    )
    assert load({"DEBUG": False})["DEBUG"] is False
    assert capsys.readouterr().err == ""


def test_keep(load):
    own = {"MIDDLEWARE": [COMMON], "LOGGING": {"version": 1}, "SECRET_KEY": "own"}
    values = load(
        own,
        CDK8S_DJANGO_KEEP="LOGGING, SECRET_KEY,SESSION_COOKIE_SECURE",
        CDK8S_DJANGO_LOG_FORMAT="json",
    )
    assert values["LOGGING"] == {"version": 1}
    assert values["SECRET_KEY"] == "own"
    assert "SESSION_COOKIE_SECURE" not in values
    assert values["CSRF_COOKIE_SECURE"] is True
    assert values["MIDDLEWARE"][0] == FIRST


def test_lower_case_names_are_no_settings(load):
    assert "helper" not in load({"helper": 1, "OTHER": 2})


def test_cache(load):
    values = load(
        {"CACHES": {"other": {"BACKEND": "x"}}},
        CACHE_URL="valkeys://cache.example:6380/2",
        CACHE_PASSWORD="p@ss/word #?%",
        CACHE_KEY_PREFIX="polls",
        CACHE_SSL_CA_CERT="/ca.crt",
    )
    assert values["CACHES"] == {
        "other": {"BACKEND": "x"},
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "rediss://:p%40ss%2Fword%20%23%3F%25@cache.example:6380/2",
            "KEY_PREFIX": "polls",
            "OPTIONS": {
                "socket_connect_timeout": 2,
                "socket_timeout": 5,
                "ssl_ca_certs": "/ca.crt",
            },
        },
    }


def test_cache_backend_of_the_application_stays(load):
    own = {"default": {"BACKEND": "django_redis.cache.RedisCache", "OPTIONS": {"A": 1}}}
    values = load({"CACHES": own}, CACHE_URL="redis://user@cache:6379/0", CACHE_PASSWORD="p")
    assert values["CACHES"]["default"] == {
        "BACKEND": "django_redis.cache.RedisCache",
        "OPTIONS": {"A": 1},
        "LOCATION": "redis://user:p@cache:6379/0",
    }
    assert own["default"] == {"BACKEND": "django_redis.cache.RedisCache", "OPTIONS": {"A": 1}}


def test_no_cache_variable(load):
    assert "CACHES" not in load()


def test_media_storage(load):
    values = load(
        CDK8S_DJANGO_MEDIA_STORAGE="storages.backends.s3.S3Storage",
        CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS='{"bucket_name": "polls"}',
    )
    assert values["STORAGES"] == {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": "polls"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


AZURE = {
    "CDK8S_DJANGO_MEDIA_STORAGE": "storages.backends.azure_storage.AzureStorage",
    "CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS": '{"azure_container": "polls"}',
}


@pytest.fixture
def azure_identity(monkeypatch):
    """A stand-in for the package azure-identity: what it makes of the pod's identity."""
    package, module = type(sys)("azure"), type(sys)("azure.identity")
    module.DefaultAzureCredential = lambda: "the pod's identity"
    monkeypatch.setitem(sys.modules, "azure", package)
    monkeypatch.setitem(sys.modules, "azure.identity", module)


def azure_options(values):
    return values["STORAGES"]["default"]["OPTIONS"]


def test_media_storage_on_azure(load, azure_identity):
    assert azure_options(load(**AZURE)) == {
        "azure_container": "polls",
        "token_credential": "the pod's identity",
    }


@pytest.mark.parametrize(
    "name",
    [
        "AZURE_TOKEN_CREDENTIAL",
        "AZURE_ACCOUNT_KEY",
        "AZURE_SAS_TOKEN",
        "AZURE_CONNECTION_STRING",
    ],
)
def test_a_credential_of_the_application_on_azure(load, name):
    assert azure_options(load({name: "own"}, **AZURE)) == {"azure_container": "polls"}


@pytest.mark.skipif(django.VERSION >= (5, 1), reason="the older names are gone")
def test_older_storage_names(load):
    values = load({"STATICFILES_STORAGE": "own.Storage"}, CDK8S_DJANGO_MEDIA_STORAGE="m.Storage")
    assert values["STORAGES"]["staticfiles"] == {"BACKEND": "own.Storage"}
    assert "STATICFILES_STORAGE" not in values


def test_media_and_static_places(load):
    values = load(
        CDK8S_DJANGO_MEDIA_ROOT="/media",
        CDK8S_DJANGO_MEDIA_URL="/files/",
        CDK8S_DJANGO_STATIC_ROOT="/static",
    )
    assert values["MEDIA_ROOT"] == "/media"
    assert values["MEDIA_URL"] == "/files/"
    assert values["STATIC_ROOT"] == "/static"


MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


def test_manifest_storage_without_manifest(load, tmp_path, capsys):
    own = {"STATIC_ROOT": tmp_path, "STORAGES": {"staticfiles": {"BACKEND": MANIFEST}}}
    values = load(own)
    assert values["STORAGES"]["staticfiles"]["BACKEND"].endswith(".StaticFilesStorage")
    assert f"no {tmp_path}/staticfiles.json: run collectstatic" in capsys.readouterr().err
    (tmp_path / "staticfiles.json").write_text("{}")
    assert load(own)["STORAGES"]["staticfiles"]["BACKEND"] == MANIFEST


@pytest.mark.parametrize(
    "backend",
    [
        "storages.backends.s3.S3ManifestStaticStorage",
        "shop.storage.ManifestStaticStorage",
        "shop.storage.HashedFiles",
    ],
)
def test_a_storage_that_is_not_for_development_stays(load, backend, capsys):
    """[F29] Its manifest may be in a bucket: a word in the name of a class says nothing."""
    own = {"staticfiles": {"BACKEND": backend, "OPTIONS": {"bucket_name": "static"}}}
    assert load({"STORAGES": own})["STORAGES"] == own
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("option", ["location", "manifest_storage"])
def test_a_manifest_in_a_place_of_its_own_stays(load, option):
    """[F29]"""
    own = {"staticfiles": {"BACKEND": MANIFEST, "OPTIONS": {option: "/srv/static"}}}
    assert load({"STORAGES": own})["STORAGES"] == own


@pytest.mark.skipif(django.VERSION >= (5, 1), reason="the older names are gone")
def test_a_storage_by_its_older_name_stays(load):
    """[F29]"""
    values = load({"STATICFILES_STORAGE": "storages.backends.s3.S3ManifestStaticStorage"})
    assert values["STATICFILES_STORAGE"] == "storages.backends.s3.S3ManifestStaticStorage"


SQLITE_REMEDY = (
    "no pod can write there; give the DjangoApp database: new PostgresBackend(…), "
    "or addVolume for the folder of the file"
)


def sqlite(path):
    return {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path}}}


def test_sqlite_without_a_database_names_the_remedy(load, tmp_path, capsys):
    """[F54] At the start, in one line."""
    load(sqlite("/nowhere/db.sqlite3"))
    assert capsys.readouterr().err == (
        f"cdk8s-django: DATABASES['default'] is SQLite in /nowhere: {SQLITE_REMEDY}\n"
    )
    # A volume, memory, or PostgreSQL of the pod.
    load(sqlite(tmp_path / "db.sqlite3"))
    load(sqlite(":memory:"))
    load(sqlite("/nowhere/db.sqlite3"), DATABASE_URL="postgres://u:p@db/polls")
    assert capsys.readouterr().err == ""


def test_sqlite_without_a_database_in_the_log_of_commands_and_probes(serve):
    """[F54]"""
    missing = {"TEST_SQLITE": "/nowhere/db.sqlite3"}
    line = f"unable to open database file: {SQLITE_REMEDY}"
    done = python("-m", "cdk8s_django.migrate", "--check", **missing)
    assert last_line(done.stderr) == f"error: database /{missing['TEST_SQLITE']}: {line}"
    assert serve(**missing).probe("/readyz").json()["failures"]["database default"] == line


def test_a_user_without_an_entry_in_passwd_has_a_name(monkeypatch):
    """[F27] getpass.getuser() ends no settings module: the pods have LOGNAME."""
    import getpass

    monkeypatch.setenv("LOGNAME", "django")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    assert getpass.getuser() == "django"


def test_first_middleware_and_files_after_security(load):
    values = load({"MIDDLEWARE": (SECURITY, COMMON), "STATIC_URL": "static/"})
    assert values["MIDDLEWARE"] == [FIRST, SECURITY, FILES, COMMON]
    assert values["CDK8S_DJANGO_SERVE_STATIC"] is True


def test_files_come_second_without_security(load):
    values = load({"MIDDLEWARE": [COMMON], "STATIC_URL": "static/"})
    assert values["MIDDLEWARE"] == [FIRST, FILES, COMMON]


def test_whitenoise_of_the_application_stays(load):
    own = [SECURITY, "whitenoise.middleware.WhiteNoiseMiddleware", COMMON]
    values = load({"MIDDLEWARE": own, "STATIC_URL": "static/"})
    assert values["MIDDLEWARE"] == [FIRST, *own]


def test_whitenoise_of_the_image_is_used(load, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "whitenoise.py").touch()
    own = {"MIDDLEWARE": [SECURITY, COMMON], "STATIC_URL": "static/"}
    values = load(own)
    assert values["MIDDLEWARE"] == [
        *(FIRST, SECURITY, "whitenoise.middleware.WhiteNoiseMiddleware", COMMON)
    ]
    assert values["WHITENOISE_USE_FINDERS"] is True
    assert "WHITENOISE_USE_FINDERS" not in load({**own, "STATIC_ROOT": str(tmp_path)})


def test_static_can_be_left_to_others(load):
    own = {"MIDDLEWARE": [COMMON], "STATIC_URL": "static/"}
    assert load(own, CDK8S_DJANGO_SERVE_STATIC="false")["MIDDLEWARE"] == [FIRST, COMMON]
    with_media = load(own, CDK8S_DJANGO_SERVE_STATIC="false", CDK8S_DJANGO_SERVE_MEDIA="true")
    assert with_media["MIDDLEWARE"] == [FIRST, COMMON, MEDIA]
    assert with_media["CDK8S_DJANGO_SERVE_STATIC"] is False


@pytest.mark.parametrize("log_format", [None, "keep"])
def test_logging_of_the_application_stays(load, log_format):
    assert "LOGGING" not in load(CDK8S_DJANGO_LOG_FORMAT=log_format)


def test_mail_to_the_administrators_stays(load):
    logging = load(
        {"ADMINS": [("A", "a@example.com")]},
        CDK8S_DJANGO_LOG_FORMAT="json",
        CDK8S_DJANGO_LOG_LEVEL="warning",
    )["LOGGING"]
    assert logging["loggers"]["django"]["handlers"] == ["mail_admins"]
    assert logging["root"]["level"] == "WARNING"


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"SECRET_KEY": " "}, "SECRET_KEY is empty"),
        (
            {"CDK8S_DJANGO_BEHIND_ROUTE": "maybe"},
            "CDK8S_DJANGO_BEHIND_ROUTE is 'maybe': it must be true or false",
        ),
        (
            {"CDK8S_DJANGO_HSTS_SECONDS": "-1"},
            "CDK8S_DJANGO_HSTS_SECONDS is '-1': it must be a whole number",
        ),
        (
            {"CACHE_URL": "memcached://x"},
            "CACHE_URL starts with 'memcached://': it must be redis:// or rediss://",
        ),
    ],
)
def test_bad_variables(load, variables, line):
    with pytest.raises(BadVariable) as caught:
        load(**variables)
    assert str(caught.value) == line


def test_bad_storage_options(load):
    with pytest.raises(BadVariable, match="CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS is not JSON"):
        load(CDK8S_DJANGO_MEDIA_STORAGE="x.Y", CDK8S_DJANGO_MEDIA_STORAGE_OPTIONS="{")


def test_missing_redis(load, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured) as caught:
        load(CACHE_URL="redis://cache:6379/0")
    assert str(caught.value) == (
        "CACHE_URL is set, but the package 'redis' is missing from the image"
    )


def test_missing_azure_identity(load, monkeypatch):
    monkeypatch.setitem(sys.modules, "azure", None)
    with pytest.raises(ImproperlyConfigured) as caught:
        load(**AZURE)
    assert str(caught.value) == (
        "media files are on Azure, but the package 'azure-identity' is missing from the image"
    )


# Errors that a developer meets: the last line of whatever program loads the settings.


def settings_error(module):
    done = python("-m", "cdk8s_django.migrate", "--check", CDK8S_DJANGO_SETTINGS_MODULE=module)
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


def test_wrong_module_name():
    assert settings_error("mysite.setings") == (
        "error: settings module 'mysite.setings' cannot be imported: "
        "no module named 'mysite.setings': it is missing from the image or misspelt\n"
    )


def test_no_module_name():
    assert settings_error(None) == (
        "error: CDK8S_DJANGO_SETTINGS_MODULE must name the application's own settings module\n"
    )


def test_missing_package():
    line = settings_error("mysite.missing_package")
    assert line.startswith(
        "error: settings module 'mysite.missing_package' cannot be imported: "
        "no module named 'no_such_package': it is missing from the image or misspelt ("
    )
    assert line.endswith("mysite/missing_package.py, line 1)\n")


def test_missing_variable():
    line = settings_error("mysite.missing_variable")
    assert line.startswith(
        "error: settings module 'mysite.missing_variable' cannot be imported: "
        "environment variable 'PAYMENT_TOKEN' is missing ("
    )
    assert line.endswith(
        "mysite/missing_variable.py, line 3); "
        "give it by environment or secretEnvironment of the DjangoApp\n"
    )


def test_traceback_on_demand():
    done = python(
        *("-m", "cdk8s_django.migrate", "--check"),
        CDK8S_DJANGO_SETTINGS_MODULE="mysite.missing_variable",
        CDK8S_DJANGO_DEBUG="true",
    )
    assert "Traceback" in done.stderr
    assert last_line(done.stderr).startswith("error: settings module")


def test_manage_py_ends_in_the_same_line():
    done = python("manage.py", "check", CDK8S_DJANGO_SETTINGS_MODULE="mysite.missing_variable")
    assert "missing_variable' cannot be imported: environment variable" in (last_line(done.stderr))


def test_manage_py_runs_with_the_overlay():
    code = "from django.conf import settings as s; import json; print(json.dumps(s.ALLOWED_HOSTS))"
    done = python("manage.py", "shell", "-c", code)
    assert json.loads(last_line(done.stdout)) == ["polls.example.com"]
