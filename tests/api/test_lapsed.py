"""A patient whose course waits for a prescriber: what the API shows is what it would do."""

from __future__ import annotations

from typing import Any

import pytest

from bookings.models import Series
from tests.api.conftest import Caller
from tests.bookings.scenes import book_ket6, session
from tests.cast import Cast, new_york

KET6 = {"clinic": "north", "protocol": "ket6"}
OPENINGS = {**KET6, "from": "2026-04-06", "to": "2026-04-30"}


@pytest.fixture
def lapsed(cast: Cast) -> Any:
    series = book_ket6(cast)
    Series.objects.filter(id=series.id).update(status="lapsed")
    return series


def refused(response: Any) -> bool:
    problem = response.json()
    if response.status_code == 200:
        return False
    assert (response.status_code, problem["code"]) == (422, "spacing")
    (violation,) = problem["violations"]
    assert (violation["rule"], violation["actual"]) == ("clearance", "lapsed")
    return True


def test_moving_is_not_among_the_verbs_and_refused(ada: Caller, desk: Caller, lapsed: Any):
    path = f"sessions/{session(lapsed, 3).id}/"

    assert ada.get(path).json()["allowed"] == ["confirm", "cancel"]
    assert "move" in desk.get(path).json()["allowed"]
    assert refused(ada.post(f"{path}move/", {"start": new_york("2026-04-13 13:00").isoformat()}))


def test_the_verbs_are_the_same_wherever_a_session_is_shown(ada: Caller, lapsed: Any):
    of_series = ada.get(f"series/{lapsed.id}/").json()["sessions"]
    listed = ada.get("sessions/").json()["results"]

    assert [one["allowed"] for one in of_series] == [one["allowed"] for one in listed]
    assert {tuple(one["allowed"]) for one in listed} == {("confirm", "cancel")}


def test_another_series_of_the_treatment_does_not_move_either(cast: Cast, ada: Caller, lapsed: Any):
    later = [new_york(f"2026-05-{day} 10:00") for day in ("04", "07", "11", "14", "18", "21")]
    other = book_ket6(cast, starts=later, actor=cast.as_prescriber, override_reason="A second course.")

    assert ada.get(f"sessions/{session(other, 1).id}/").json()["allowed"] == ["confirm", "cancel"]


def test_openings_and_plans_are_refused_as_booking_would_be(ada: Caller, lapsed: Any):
    third = str(session(lapsed, 3).id)

    assert refused(ada.get("openings/", **OPENINGS))
    assert refused(ada.get("openings/", series=str(lapsed.id)))
    assert refused(ada.get("openings/", session=third))
    assert refused(ada.post("plans/", KET6))
    assert refused(ada.post("plans/", {"series": str(lapsed.id)}))
    assert refused(ada.post(f"series/{lapsed.id}/replan/"))


def test_of_another_treatment_everything_is_offered(ada: Caller, lapsed: Any):
    infliximab = {"clinic": "north", "protocol": "infliximab"}

    assert not refused(ada.get("openings/", **{**OPENINGS, **infliximab}))
    assert not refused(ada.post("plans/", infliximab))


def test_to_staff_strangers_and_other_patients_nothing_changes(
    desk: Caller, bea: Caller, anyone: Caller, lapsed: Any
):
    for caller in (desk, bea, anyone):
        assert not refused(caller.get("openings/", **OPENINGS))
        assert not refused(caller.post("plans/", KET6))


def test_once_it_goes_on_everything_is_offered_again(ada: Caller, lapsed: Any):
    Series.objects.filter(id=lapsed.id).update(status="active")

    assert ada.get(f"sessions/{session(lapsed, 3).id}/").json()["allowed"] == ["confirm", "move", "cancel"]
    assert not refused(ada.get("openings/", session=str(session(lapsed, 3).id)))
