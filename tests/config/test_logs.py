"""A link in a message is a password: no log line carries one."""

import io
import json
import logging
import logging.config
from datetime import datetime

import pytest
from celery import shared_task
from django.conf import settings
from django.test import Client

from config.logs import WithoutSecrets


def line(message, *args):
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, None)
    return WithoutSecrets("{levelname}: {message}", style="{").format(record)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v/abcDEF012345/cancel/", "/v/…/cancel/"),
        ("/l/abcDEF012345/", "/l/…/"),
        ("/p/abcDEF012345/?x=1", "/p/…/?x=1"),
        ("/o/abcDEF012345/", "/o/…/"),
        ("/calendar/abcDEF012345.ics", "/calendar/…"),
        ("/messages/stop/abcDEF012345/", "/messages/stop/…/"),
        ("/my/sessions/0198c0de/move/", "/my/sessions/0198c0de/move/"),
        ("/api/v1/clinics/", "/api/v1/clinics/"),
        ("/static/p/x.css", "/static/p/x.css"),
    ],
)
def test_the_secret_part_of_an_address_is_hidden_and_no_other(path, said):
    assert line("%s: %s", "Not Found", path) == f"WARNING: Not Found: {said}"


def test_the_service_logs_through_it():
    assert settings.LOGGING["formatters"]["line"]["()"] == "config.logs.WithoutSecrets"


def test_a_link_that_opens_nothing_is_logged_without_itself(db, caplog):
    caplog.handler.setFormatter(WithoutSecrets())
    Client().get("/v/abcDEF012345/")

    assert caplog.text.splitlines()[-1] == "Not Found: /v/…/"


@pytest.fixture
def collected():
    """What a collector of logs would read of this process, object by object."""
    stream = io.StringIO()
    as_set = settings.LOGGING
    handler = {**as_set["handlers"]["stderr"], "formatter": "json", "stream": stream}
    logging.config.dictConfig({**as_set, "handlers": {"stderr": handler}})
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.config.dictConfig(as_set)


def test_a_request_leaves_one_line_that_says_nothing_of_whom_it_was_about(db, collected):
    answer = Client().get("/v/abcDEF012345/?name=Amara", HTTP_X_FORWARDED_FOR="198.51.100.7")

    (line,) = (one for one in collected() if one["logger"] == "cadence.requests")
    assert (line["level"], line["method"], line["route"]) == ("INFO", "GET", "v/<str:token>/")
    assert line["status"] == 404
    assert line["request_id"] == answer["X-Request-ID"]
    assert line["task_id"] is None
    assert datetime.fromisoformat(line["at"]).utcoffset() is not None
    everything = json.dumps(collected())
    assert "abcDEF012345" not in everything
    assert "Amara" not in everything
    assert "198.51.100.7" not in everything


def test_the_lines_of_one_request_share_its_id_and_those_of_another_do_not(db, collected):
    for _ in range(2):
        Client().get("/v/abcDEF012345/")

    ids = [line["request_id"] for line in collected()]
    assert [ids.count(one) for one in dict.fromkeys(ids)] == [2, 2]  # what was not found, and the request


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("6e2a0d1c8d6b4f3f9b7f0a7f8f1f5a11", True),
        ("an id\r\nSet-Cookie: a=b", False),
        ("x" * 5000, False),
    ],
)
def test_the_id_of_a_proxy_is_kept_where_it_is_one(client, sent, taken):
    answer = client.get("/healthz", headers={"X-Request-ID": sent})

    assert (answer["X-Request-ID"] == sent) == taken
    assert len(answer["X-Request-ID"]) == 32


@shared_task(name="tests.says_so")
def says_so():
    logging.getLogger("tests").warning("here")


def test_a_line_of_a_task_says_which(collected):
    result = says_so.apply()

    assert [(line["message"], line["task_id"]) for line in collected() if line["logger"] == "tests"] == [
        ("here", result.id)
    ]
