"""The waiting list over HTTP."""

from __future__ import annotations

import pytest

from bookings.models import WaitingEntry
from tests.api.conftest import Caller
from tests.api.counting import statements
from tests.bookings.scenes import book_one
from tests.cast import Cast, new_york

COURSE = {
    "clinic": "north",
    "protocol": "ket6",
    "wish": {"weekdays": [2], "not_after": "12:00"},
    "earliest": "2026-04-06",
    "notice_hours": 48,
}


def test_a_patient_joins_for_a_course(cast: Cast, ada: Caller, desk: Caller):
    made = ada.post("waitlist/", COURSE)

    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "status": "open",
        "patient": str(cast.ada.id),
        "clinic": str(cast.north.id),
        "protocol": str(cast.ket6.id),
        "phase": "induction",
        "series": None,
        "session": None,
        "wish": {"weekdays": [2], "not_before": None, "not_after": "12:00"},
        "earliest": "2026-04-06",
        "latest": None,
        "notice_hours": 48,
        "created_at": "2026-04-01T08:00:00-04:00",
        "closed_at": None,
    }
    for who in (ada, desk):
        assert who.get("waitlist/").json()["results"] == [made.json()]


def test_or_for_an_earlier_time_of_a_visit(cast: Cast, ada: Caller, desk: Caller):
    visit = book_one(cast, new_york("2026-04-13 10:00"))

    mine = ada.post("waitlist/", {"session": str(visit.id)}).json()
    same = desk.post("waitlist/", {"session": str(visit.id)}).json()

    assert mine["session"] == str(visit.id)
    assert same["id"] == mine["id"]


def test_who_leaves_is_listed_among_the_closed(ada: Caller):
    entry = ada.post("waitlist/", COURSE).json()["id"]

    assert ada.delete(f"waitlist/{entry}/").status_code == 204
    assert ada.delete(f"waitlist/{entry}/").status_code == 404
    assert ada.get("waitlist/").json()["results"] == []
    (closed,) = ada.get("waitlist/", status="closed").json()["results"]
    assert (closed["id"], closed["closed_at"]) == (entry, "2026-04-01T08:00:00-04:00")


def test_staff_join_for_a_patient_and_say_for_whom(cast: Cast, desk: Caller):
    without = desk.post("waitlist/", COURSE)

    assert (without.status_code, without.json()["errors"][0]["field"]) == (400, "patient")
    assert desk.post("waitlist/", {**COURSE, "patient": str(cast.bea.id)}).status_code == 201
    assert WaitingEntry.objects.get().patient == cast.bea


def test_to_others_there_is_no_such_place(cast: Cast, ada: Caller, bea: Caller, cy: Caller):
    entry = ada.post("waitlist/", COURSE).json()["id"]
    visit = book_one(cast, new_york("2026-04-13 10:00"))

    for other in (bea, cy):
        assert other.get("waitlist/", status="all").json()["results"] == []
        assert other.delete(f"waitlist/{entry}/").status_code == 404
        assert other.post("waitlist/", {"session": str(visit.id)}).status_code == 404
    assert bea.post("waitlist/", {**COURSE, "patient": str(cast.ada.id)}).status_code == 404
    assert cy.post("waitlist/", {**COURSE, "patient": str(cast.ada.id)}).status_code == 404
    assert WaitingEntry.objects.get().closed_at is None


def test_the_same_number_of_queries_for_three_as_for_one(cast: Cast, ada: Caller):
    ada.post("waitlist/", COURSE)
    one = statements(lambda: ada.get("waitlist/"))
    for protocol in ("booster", "infliximab"):
        ada.post("waitlist/", {**COURSE, "protocol": protocol})

    assert len(ada.get("waitlist/").json()["results"]) == 3
    assert statements(lambda: ada.get("waitlist/")) == one


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"notice_hours": 337}, "notice_hours"),
        ({"latest": "2026-04-05"}, "latest"),
        ({"wish": {"weekdays": [8]}}, "wish.weekdays.0"),
        ({"phase": "none"}, "phase"),
    ],
)
def test_a_malformed_body_names_the_field(ada: Caller, change: dict[str, object], field: str):
    response = ada.post("waitlist/", {**COURSE, **change})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)


def test_one_waits_at_several_clinics_by_one_call(cast: Cast, ada: Caller):
    made = ada.post("waitlist/", {**COURSE, "also_at": ["west"]})

    assert (made.status_code, made.json()["clinic"]) == (201, str(cast.north.id))
    found = ada.get("waitlist/").json()["results"]
    assert [one["clinic"] for one in found] == [str(cast.west.id), str(cast.north.id)]
    assert {one["notice_hours"] for one in found} == {48}
