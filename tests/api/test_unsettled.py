"""Questions that the engine leaves open: answered for fewer dates, or refused, and never a fault."""

from __future__ import annotations

import pytest

from bookings import settling
from tests.api.conftest import Caller
from tests.bookings.scenes import book_ket6
from tests.cast import MONDAYS_AND_THURSDAYS, Cast

ASKED = {"clinic": "north", "protocol": "ket6", "earliest": "2026-04-06"}


@pytest.fixture
def nothing_is_proven(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settling, "REQUEST", 4_000)


def test_the_earliest_plan_is_given_where_the_best_is_not_known(
    cast: Cast, anyone: Caller, nothing_is_proven
):
    response = anyone.post("plans/", ASKED)

    answer = response.json()
    [plan] = answer["plans"]
    assert answer["proven"] is False
    starts = [session["start"][:16] for session in plan["sessions"]]
    assert starts == [f"2026-04-{day}T08:00" for day in ("06", "08", "10", "13", "15", "17")]


def test_what_is_proven_says_so(cast: Cast, anyone: Caller, ada: Caller):
    series = book_ket6(cast)

    anew = anyone.post("plans/", ASKED).json()
    again = ada.post(f"series/{series.id}/replan/", {"wish": {"not_before": "13:00"}}).json()
    of_it = ada.post("plans/", {"series": str(series.id), "wish": {"not_before": "13:00"}}).json()

    assert [one["proven"] for one in (anew, again, of_it)] == [True, True, True]


def test_a_new_plan_for_a_series_is_refused_as_too_much(cast: Cast, ada: Caller, nothing_is_proven):
    series = book_ket6(cast)

    response = ada.post(f"series/{series.id}/replan/", {"wish": {"not_before": "13:00"}})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "latest")


def test_a_lost_place_is_refused_without_alternatives(cast: Cast, bea: Caller, nothing_is_proven):
    for patient in (cast.ada, cast.carl):  # one for each nurse
        book_ket6(cast, patient=patient)
    starts = [{"start": at.isoformat()} for at in MONDAYS_AND_THURSDAYS]

    response = bea.post("series/", {"clinic": "north", "protocol": "ket6", "sessions": starts})

    assert (response.status_code, response.json()["code"]) == (409, "taken")
    assert response.json()["alternatives"] == []
