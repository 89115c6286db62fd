"""While the database is away every door says so, and nothing needs a restart when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESSES = ["/", "/my/", "/desk/", "/desk/north/day/", "/v/abcDEF012345/", "/admin/login/"]


@contextmanager
def without_database() -> Iterator[None]:
    """The address leads to a database that is not there; waiting for a connection is given up soon."""
    connection.close()
    connection.close_pool()
    settings = connection.settings_dict
    name, pool = settings["NAME"], settings["OPTIONS"]["pool"]
    settings["NAME"] = "no_such_database"
    settings["OPTIONS"]["pool"] = {**pool, "timeout": 0.3}
    try:
        yield
    finally:
        connection.close_pool()
        settings["NAME"], settings["OPTIONS"]["pool"] = name, pool


@pytest.fixture
def reader(cast) -> Client:
    """Somebody with a session, which a page would look up."""
    client = Client(raise_request_exception=False)
    client.force_login(cast.desk)
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_says_that_it_is_back_in_a_moment(reader, address):
    with without_database():
        answer = reader.get(address)
        spanish = reader.get(address, headers={"Accept-Language": "es"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "Back in a moment" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "Volvemos enseguida" in spanish.content.decode()
    assert "no_such_database" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/api/v1/clinics/", "/api/v1/me/", "/api/v1/sessions/"])
def test_the_api_says_busy(reader, address):
    with without_database():
        answer = reader.get(address, headers={"Authorization": "Bearer of-nobody"})
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer["Retry-After"]) >= 1


def test_nothing_needs_a_restart_afterwards(reader):
    with without_database():
        assert reader.get("/").status_code == 503
    assert reader.get("/").status_code == 200
    assert reader.get("/api/v1/clinics/").status_code == 200
