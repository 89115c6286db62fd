"""What the environment decides, read in a process of its own, as a deployment would."""

import ast
import json
import os
import subprocess
import sys

import pytest

READ = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


def read(*names: str, **environment: str) -> dict:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", READ, *names],
        env={**kept, "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "k" * 50, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_every_connection_waits_three_seconds_for_a_lock_at_most():
    options = read("DATABASES", DATABASE_URL="postgresql://u:p@db/cadence")["DATABASES"]["default"]["OPTIONS"]
    assert "-c lock_timeout=3s" in options["options"]
    assert "-c statement_timeout=30s" in options["options"]


@pytest.mark.django_db
def test_the_limits_reach_the_database():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        assert cursor.fetchone() == ("3s", "30s")


@pytest.mark.parametrize(
    ("url", "expected"), [("https://book.example", True), ("http://book.example", False)]
)
def test_the_public_address_decides_about_secure_cookies_and_redirects(url, expected):
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    settings = read(*names, "ALLOWED_HOSTS", "SECURE_HSTS_SECONDS", PUBLIC_URL=url)
    assert [settings[name] for name in names] == [expected] * 3
    cookies = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME")
    assert [name.startswith("__Host-") for name in read(*cookies, PUBLIC_URL=url).values()] == [expected] * 3
    assert settings["ALLOWED_HOSTS"] == ["book.example", "127.0.0.1", "localhost"]
    assert (settings["SECURE_HSTS_SECONDS"] > 0) is expected


def test_without_a_database_there_is_none_to_be_hit_by_mistake():
    assert read("DATABASES")["DATABASES"] == {}


def test_a_forwarded_header_is_believed_only_behind_a_proxy():
    assert read("SECURE_PROXY_SSL_HEADER")["SECURE_PROXY_SSL_HEADER"] is None
    behind = read("SECURE_PROXY_SSL_HEADER", BEHIND_TLS_PROXY="1")
    assert behind["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_a_mail_server_that_does_not_answer_is_given_up():
    settings = read(
        "EMAIL_TIMEOUT", "EMAIL_HOST", "EMAIL_USE_TLS", EMAIL_URL="smtp+tls://u:p@mail.example:587"
    )
    assert settings == {"EMAIL_TIMEOUT": 10, "EMAIL_HOST": "mail.example", "EMAIL_USE_TLS": True}


def test_a_secret_may_be_in_a_file_that_its_variable_names(tmp_path):
    address = "postgresql://u:p@db/cadence"
    (tmp_path / "url").write_text(address)
    found = read("DATABASE_URL", "DATABASES", DATABASE_URL_FILE=str(tmp_path / "url"))
    assert found["DATABASE_URL"] == address
    assert found["DATABASES"]["default"]["HOST"] == "db"


def test_a_provider_s_key_may_be_in_a_file_and_no_other_file_is_read(tmp_path):
    (tmp_path / "key").write_text("abc")
    told = {"ANYMAIL_POSTMARK_SERVER_TOKEN_FILE": str(tmp_path / "key"), "SSL_CERT_FILE": "/nowhere"}
    found = read("ANYMAIL", EMAIL_PROVIDER="postmark", ANYMAIL_WEBHOOK_SECRET="a:b", **told)
    assert found["ANYMAIL"] == {"POSTMARK_SERVER_TOKEN": "abc", "WEBHOOK_SECRET": "a:b"}


QUEUES = """
from config.celery import app
app.loader.import_default_modules()
where = lambda task: app.amqp.router.route({}, task)["queue"].name
print(sorted({(where(name), name.split(".")[0]) for name in app.tasks if "celery." not in name}))
print(sorted(app.amqp.queues.consume_from))
"""


@pytest.mark.parametrize(
    ("told", "queues"),
    [
        ({}, ["celery"]),
        ({"QUEUES_BY_KIND": "1"}, ["celery", "messages", "planning"]),
    ],
)
def test_work_of_one_kind_has_a_queue_of_its_own_where_that_is_wished(told, queues):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **told}
    ran = subprocess.run([sys.executable, "-c", QUEUES], env=environment, capture_output=True, text=True)
    used, consumed = (ast.literal_eval(line) for line in ran.stdout.splitlines())
    assert sorted({queue for queue, _ in used}) == queues
    assert consumed == queues  # by a worker that was not told which
    if len(queues) > 1:
        assert [package for queue, package in used if queue == "messages"] == ["notifications"]
        assert ("planning", "notifications") not in used
