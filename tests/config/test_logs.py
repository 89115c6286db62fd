"""A link in a message is a password: no log line carries one."""

import logging

import pytest
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
