"""Who takes the patient home, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.bookings.scenes import book_one
from tests.cast import Cast, new_york


@pytest.fixture
def path(cast: Cast) -> str:
    return f"sessions/{book_one(cast, new_york('2026-04-13 10:00')).id}/"


def escort(answer: Any) -> Any:
    assert answer.status_code == 200, answer.json()
    return answer.json()["escort"]


def test_whoever_sees_the_visit_sees_who_was_named(ada: Caller, desk: Caller, path: str):
    noor = {"name": "Noor Quill", "phone": "+12025550142"}

    assert escort(ada.get(path)) is None
    assert escort(ada.post(f"{path}escort/", {"name": "Noor Quill", "phone": "202 555 0142"})) == noor
    assert escort(desk.get(path)) == noor
    assert desk.get("sessions/").json()["results"][0]["escort"] == noor


def test_a_telephone_may_be_left_out_and_a_name_taken_back(desk: Caller, path: str):
    assert escort(desk.post(f"{path}escort/", {"name": "Noor"})) == {"name": "Noor", "phone": ""}
    assert escort(desk.post(f"{path}escort/", {"name": ""})) is None


def test_who_has_not_seen_the_last_change_is_refused(ada: Caller, path: str):
    tag = ada.get(path)["ETag"]
    ada.post(f"{path}escort/", {"name": "Noor"})

    assert ada.post(f"{path}escort/", {"name": "Another"}, if_match=tag).status_code == 412


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "name"), ({"name": "x" * 101}, "name"), ({"name": "Noor", "phone": "call me"}, "phone")],
)
def test_a_malformed_body_names_the_field(ada: Caller, path: str, body: Any, field: str):
    response = ada.post(f"{path}escort/", body)

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)
