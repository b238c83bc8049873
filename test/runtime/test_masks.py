"""Secrets in text [F52]: none in a log, a traceback, a report or a line of a request."""

import json
import re
import subprocess
import sys
import time

import pytest

from cdk8s_django.masks import cleaned, masked
from conftest import PROJECT, SERVERS, environment

TOKEN = "ghp_0123456789abcdefABCDEF0123456789abcd"


@pytest.mark.parametrize(
    "text, shown",
    [
        # Logins of URLs.
        (f"clone https://{TOKEN}@host/a.git failed", "clone https://***@host/a.git failed"),
        ("https://TOKEN@host/", "https://***@host/"),
        ("git+https://TOKEN@host/x", "git+https://***@host/x"),
        ("https://x-access-token:TOKEN@host/", "https://x-access-token:***@host/"),
        ("https://oauth2:TOKEN@host:8443/x", "https://oauth2:***@host:8443/x"),
        ("https://TOKEN:x-oauth-basic@host/", "https://***:***@host/"),
        ("https://TOKEN:@api.example.com/", "https://***:@api.example.com/"),
        (f"ssh://{TOKEN}@host/", "ssh://***@host/"),
        ("postgres://polls:pass@db:5432/polls", "postgres://polls:***@db:5432/polls"),
        ("postgres://polls:pa'ss@db/polls", "postgres://polls:***@db/polls"),
        ("postgres://polls:p@ss@db/polls", "postgres://polls:***@db/polls"),
        ("postgres://polls:p/s?s#x@db/polls", "postgres://polls:***@db/polls"),
        ("postgresql+psycopg://u:p@h1,h2/d", "postgresql+psycopg://u:***@h1,h2/d"),
        ("redis://:12/34@cache/0", "redis://:***@cache/0"),
        ("sentinel://:p1@a:1;sentinel://:p2@b:2", "sentinel://:***@a:1;sentinel://:***@b:2"),
        ("at 'amqp://guest:guest@mq//', again", "at 'amqp://guest:***@mq//', again"),
        # Queries.
        ("GET /x?token=abc&page=2 200", "GET /x?token=***&page=2 200"),
        ("/x?a=1&access_token=a.b.c", "/x?a=1&access_token=***"),
        ("/x?access_token=settings.NAME", "/x?access_token=***"),
        ("/x?api_key=abc;b=2", "/x?api_key=***"),
        ("/x?apikey=a&clientSecret=b&X-Api-Key=c", "/x?apikey=***&clientSecret=***&X-Api-Key=***"),
        ("/blob?sv=2024&sig=a%2Fb%3D&se=2026", "/blob?sv=2024&sig=***&se=2026"),
        ("/b?X-Amz-Expires=60&X-Amz-Signature=00ff", "/b?X-Amz-Expires=60&X-Amz-Signature=***"),
        ("/b?X-Amz-Security-Token=x&X-Amz-Date=1", "/b?X-Amz-Security-Token=***&X-Amz-Date=1"),
        ("/b?GoogleAccessId=me&Signature=a", "/b?GoogleAccessId=me&Signature=***"),
        ("/maps?key=AIzaSyA0123456789abcdef&v=3", "/maps?key=***&v=3"),
        ("/cb?code=4/0AX4XfWh-0123456789&state=s", "/cb?code=***&state=s"),
        ("/x?user[token]=abc", "/x?user[token]=***"),
        ("/login?next=%2Fx%3Ftoken%3Dabc%26a%3D1", "/login?next=%2Fx%3Ftoken%3D***%26a%3D1"),
        # The link of Django's mail for a new password.
        (
            "GET /reset/MQ/c8yz3t-0123456789abcdef0123456789abcdef/ 200",
            "GET /reset/MQ/***/ 200",
        ),
        # Other text.
        ("host=db password=it's user=polls", "host=db password=*** user=polls"),
        ("{'password': 'it\\'s', 'user': 'x'}", "{'password': '***', 'user': 'x'}"),
        ("<QueryDict: {'password1': ['x'], 'a': ['b']}>", None),
        ('{"api_key": "k", "n": 1}', '{"api_key": "***", "n": 1}'),
        ("{'Authorization': 'Bearer abc'}", "{'Authorization': '***'}"),
        ("Authorization: Bearer abcdefgh12345678= x", "Authorization: Bearer *** x"),
        ("Authorization: Token 9944b09199c62bcf9418", "Authorization: Token ***"),
        (f"bad credentials {TOKEN}", "bad credentials ***"),
        ("got eyJhbGciOiJI.eyJzdWIiOiIx.abc-_d", "got ***"),
        ("access_token=abc, next", "access_token=***, next"),
    ],
)
def test_f52_a_secret_in_text_is_masked(text, shown):
    shown = shown or "<QueryDict: {'password1': ['***'], 'a': ['b']}>"
    assert masked(text) == shown
    # Once more changes nothing.
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "postgres://polls@db:5432/polls",
        "ssh://git@github.com/x.git",
        "https://git@github.com/x.git",
        "http://cache:8000/users/a@b.example",
        "http://[::1]:8000/a@b",
        "https://x.example/?q=a@b.example&page=2",
        "['http://a', 'me@b.example']",
        "/search?key=name&code=AT&hash=abc&state=open&sort=-date",
        "/b?X-Amz-Credential=AKIA0123456789ABCDEF/20261101/eu/s3&X-Amz-Expires=60",
        "token_type=bearer max_tokens=100 token=None",
        'Key (token)=(abc) already exists. null value in column "password"',
        '  File "/app/views.py", line 3, in get\n    token = request.GET["token"]',
        "    login(token=token, password=settings.PASSWORD, secret=read(name))",
        'FATAL:  password authentication failed for user "polls"',
        "the token is missing; Basic authentication is needed",
        "/static/app.0123456789abcdef.js",
    ],
)
def test_f52_what_people_need_stays_readable(text):
    assert masked(text) == text


def test_f52_values_are_masked_by_their_names_too():
    found = cleaned({"token": "x", "tokens": 5, "in": [{"password": ["a", 1], "url": "/?sig=a"}]})
    assert found == {
        "token": "***",
        "tokens": 5,
        "in": [{"password": ["***", 1], "url": "/?sig=***"}],
    }


@pytest.mark.parametrize(
    "text", ["x" * 50_000, "a://" + "b" * 50_000, "token=" * 10_000, "://" * 20_000, "eyJ" * 20_000]
)
def test_a_long_text_takes_no_long_time(text):
    started = time.monotonic()
    masked(text)
    assert time.monotonic() - started < 2


RAISES = f"""
import logging, sys, threading
import django; django.setup()
log = logging.getLogger("polls")
extra = {{"url": "/?api_key=abc", "token": "abc"}}
log.info("fetch %s", "https://{TOKEN}@host/?token=abc", extra=extra)
class Url:
    def __str__(self): return "https://abc:@host/"
log.info("fetch", extra={{"at": Url(), "all": [{{"password": "abc"}}]}})
try: raise ValueError("https://u:abc@host/?sig=abc")
except ValueError: log.exception("failed")
threading.Thread(target=lambda: 1 / len("?token=abc"[:0])).start()
import time; time.sleep(.2)
raise RuntimeError("https://x-access-token:abc@host/?access_token=abc")
"""


def test_f52_lines_tracebacks_and_what_nobody_catches(tmp_path):
    code = tmp_path / "raises.py"
    code.write_text(RAISES)
    done = subprocess.run(
        [sys.executable, str(code)],
        env=environment(CDK8S_DJANGO_LOG_FORMAT="json"),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    lines = [json.loads(line) for line in [*done.stdout.splitlines(), *done.stderr.splitlines()]]
    first, second, third, *uncaught = lines
    assert first["message"] == "fetch https://***@host/?token=***"
    assert (first["url"], first["token"]) == ("/?api_key=***", "***")
    assert (second["at"], second["all"]) == ("https://***:@host/", [{"password": "***"}])
    assert third["exception"].endswith("ValueError: https://u:***@host/?sig=***")
    assert "raises.py" in third["exception"]
    last = "RuntimeError: https://x-access-token:***@host/?access_token=***"
    assert uncaught[-1]["message"] == f"the process ends: {last}"
    assert uncaught[-1]["exception"].endswith(last)
    assert uncaught[0]["message"].endswith("ends: ZeroDivisionError: division by zero")


@pytest.mark.parametrize("log_format", ["json", "gke", None])
@pytest.mark.parametrize("kind", SERVERS)
def test_f52_lines_of_requests(serve, migrated, kind, log_format):
    server = serve(kind, **migrated, CDK8S_DJANGO_LOG_FORMAT=log_format)
    page = "/?page=7&token=SECRET1&X-Amz-Signature=SECRET2"
    server.get(page, referer="https://SECRET3@elsewhere.example/?sig=SECRET4")
    # granian's own line has no query.
    is_short = "granian" in kind and not log_format
    line = "GET /" if is_short else "page=7&token=***&X-Amz-Signature=***"
    deadline = time.monotonic() + 20
    while line not in server.log:
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)
    assert "SECRET" not in server.log


REPORT = """
import django; django.setup()
import logging
from django.core import mail
from django.test import RequestFactory
mail.outbox = []
request = RequestFactory(
    HTTP_REFERER="/?token=SECRET1", HTTP_HOST="polls.example.com"
).get("/x?sig=SECRET2&page=7&token=SECRET3")
def view():
    password = "SECRET" + "4"
    raise ValueError("https://SECRET5@host/")
try:
    view()
except ValueError:
    log = logging.getLogger("django.request")
    log.error("failed /x?token=SECRET6", exc_info=True, extra={"request": request})
sent, = mail.outbox
print(sent.subject, sent.body, *[part[0] for part in sent.alternatives])
"""


@pytest.mark.parametrize("own", [None, "django.utils.log.AdminEmailHandler"])
def test_f52_reports_to_administrators(tmp_path, own):
    handler = {"class": own, "level": "ERROR", "include_html": True}
    logging = {"version": 1, "handlers": {"m": handler}, "loggers": {"django": {"handlers": ["m"]}}}
    (tmp_path / "own_settings.py").write_text(
        "from mysite.settings import *\nimport django\n"
        "ADMINS = ['a@b.example'] if django.VERSION >= (6, 0) else [('a', 'a@b.example')]\n"
        "EMAIL_BACKEND = 'django.core.mail.backends.locmem.EmailBackend'\n"
        + (f"LOGGING = {logging!r}\n" if own else "")
    )
    made = environment(CDK8S_DJANGO_SETTINGS_MODULE="own_settings", CDK8S_DJANGO_LOG_FORMAT="json")
    made["PYTHONPATH"] += f":{tmp_path}"
    done = subprocess.run(
        [sys.executable, "-c", REPORT],
        env=made,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "page" in done.stdout
    assert "ValueError" in done.stdout
    assert "https://***@host/" in done.stdout
    assert not re.findall(r"SECRET\d", done.stdout)


MASKED = "import sys; from cdk8s_django.masks import masked; masked(sys.stdin.read())"


@pytest.mark.parametrize(
    "text", ["GET /?token=" + ")" * 60_000 + "x", "token='" * 9_000, "://" * 20_000]
)
def test_the_longest_line_that_a_visitor_can_send_is_masked_at_once(text):
    """By a form that looks ahead at each character, the first took a minute."""
    subprocess.run(
        [sys.executable, "-c", MASKED],
        input=text,
        env=environment(),
        text=True,
        check=True,
        timeout=20,
    )
