"""Nobody sees what is somebody else's: to them it does not exist, and it is as it was."""

from __future__ import annotations

from typing import Any

import pytest

from bookings.models import Claim, Hold, Series, Session
from tests.api.conftest import Caller
from tests.cast import Cast, new_york, phoenix

PLACE = {
    "clinic": "north",
    "protocol": "booster",
    "sessions": [{"start": new_york("2026-04-06 10:00").isoformat()}],
}


@pytest.fixture
def theirs(cast: Cast, ada: Caller) -> dict[str, str]:
    """Ada's series, session and hold."""
    series = ada.post("series/", PLACE).json()
    later = {**PLACE, "sessions": [{"start": new_york("2026-04-20 10:00").isoformat()}]}
    hold = ada.post("holds/", later).json()
    return {"series": series["id"], "session": series["sessions"][0]["id"], "hold": hold["id"]}


def state(theirs: dict[str, str]) -> Any:
    return (
        list(Series.objects.values()),
        list(Session.objects.values()),
        list(Hold.objects.values()),
        Claim.objects.count(),
    )


ADDRESSES = [
    ("get", "series/{series}/", None),
    ("post", "series/{series}/cancel/", {}),
    ("post", "series/{series}/replan/", {}),
    ("post", "series/{series}/replan/", {"apply": True}),
    ("get", "sessions/{session}/", None),
    ("post", "sessions/{session}/move/", {"start": new_york("2026-04-07 10:00").isoformat()}),
    ("post", "sessions/{session}/confirm/", {}),
    ("post", "sessions/{session}/cancel/", {}),
    ("post", "sessions/{session}/escort/", {"name": "Somebody"}),
    ("post", "waitlist/", {"session": "{session}"}),
    ("get", "openings/?series={series}", None),
    ("get", "openings/?session={session}", None),
    ("post", "plans/", {"series": "{series}"}),
    ("post", "series/", {**PLACE, "patient": "{patient}"}),
    ("post", "series/", {"hold": "{hold}"}),
    ("post", "holds/", {**PLACE, "patient": "{patient}"}),
    ("post", "plans/", {"clinic": "north", "protocol": "ket6", "patient": "{patient}"}),
]


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(part, ids) for name, part in value.items()}
    return value.format(**ids) if isinstance(value, str) else value


@pytest.mark.parametrize(("method", "path", "body"), ADDRESSES)
def test_another_patient_finds_nothing(
    cast: Cast, bea: Caller, theirs: dict[str, str], method: str, path: str, body: Any
):
    before = state(theirs)
    ids = {**theirs, "patient": str(cast.ada.id)}
    address = path.format(**ids)

    response = bea.get(address) if method == "get" else bea.post(address, filled(body, ids))

    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert state(theirs) == before


@pytest.mark.parametrize(("method", "path", "body"), [row for row in ADDRESSES if "{hold}" not in str(row)])
def test_staff_of_another_clinic_find_nothing(
    cast: Cast, cy: Caller, theirs: dict[str, str], method: str, path: str, body: Any
):
    before = state(theirs)
    ids = {**theirs, "patient": str(cast.ada.id)}
    address = path.format(**ids)

    response = cy.get(address) if method == "get" else cy.post(address, filled(body, ids))

    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert state(theirs) == before


def test_lists_hold_ones_own_alone(cast: Cast, ada: Caller, bea: Caller, cy: Caller, desk: Caller, theirs):
    west = {"clinic": "west", "protocol": "booster"}
    body = {**west, "sessions": [{"start": phoenix("2026-04-06 10:00").isoformat()}]}
    own = bea.post("series/", body).json()

    def seen(caller: Caller, path: str, **query: str) -> set[str]:
        return {row["id"] for row in caller.get(path, **query).json()["results"]}

    assert seen(ada, "series/") == {theirs["series"]}
    assert seen(bea, "series/") == {own["id"]}
    assert seen(cy, "series/") == {own["id"]}
    assert seen(desk, "series/") == {theirs["series"], own["id"]}
    assert seen(bea, "sessions/", series=theirs["series"]) == set()
    assert seen(bea, "sessions/", patient=str(cast.ada.id)) == set()
    assert seen(bea, "series/", patient=str(cast.ada.id)) == set()
    assert cy.get("sessions/", clinic="north").status_code == 404
    assert cy.get("series/", clinic="north").status_code == 404


def test_a_hold_of_somebody_signed_in_books_for_nobody_else(cast: Cast, bea: Caller, desk: Caller, theirs):
    assert bea.post("series/", {"hold": theirs["hold"]}).status_code == 404
    other = desk.post("series/", {"hold": theirs["hold"], "patient": str(cast.bea.id)})
    assert (other.status_code, other.json()["code"]) == (409, "hold-expired")
    assert Series.objects.filter(patient=cast.bea).count() == 0


def test_a_token_opens_nothing_once_it_is_given_back(ada: Caller, theirs):
    assert ada.delete("tokens/current/").status_code == 204
    assert ada.get(f"series/{theirs['series']}/").status_code == 401
