"""Plans over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bookings.models import Claim, Hold, JournalEntry
from tests.api.conftest import Caller
from tests.cast import KET6, Cast, make_protocol, new_york

ASKED = {"clinic": "north", "protocol": "ket6", "earliest": "2026-04-06"}


def plans(caller: Caller, **more: Any) -> list[dict[str, Any]]:
    response = caller.post("plans/", {**ASKED, **more})
    assert response.status_code == 200, response.json()
    return response.json()["plans"]


def when(plan: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(one["start"]) for one in plan["sessions"]]


def test_the_best_plan_comes_first_and_says_why(cast: Cast, anyone: Caller):
    found = plans(anyone)

    assert len(found) == 3
    assert [plan["cost"] for plan in found] == sorted(plan["cost"] for plan in found)
    for plan in found:
        assert set(plan) == {"sessions", "finishes", "cost", "reasons"}
        assert [one["number"] for one in plan["sessions"]] == [1, 2, 3, 4, 5, 6]
        assert plan["finishes"] == plan["sessions"][-1]["start"][:10]
        assert sum(reason["cost"] for reason in plan["reasons"]) == plan["cost"]
        for one in plan["sessions"]:
            assert one["start"].endswith("-04:00")
    assert len({tuple(when(plan)) for plan in found}) == 3


def test_a_plan_can_be_held_as_it_is(cast: Cast, anyone: Caller):
    for plan in plans(anyone):
        hold = anyone.post("holds/", {"clinic": "north", "protocol": "ket6", "sessions": plan["sessions"]})
        assert hold.status_code == 201
        assert hold.json()["sessions"] == plan["sessions"]
        anyone.delete(f"holds/{hold.json()['id']}/")


@pytest.mark.parametrize(
    ("limit", "status"), [(0, 400), (1, 200), (5, 200), (6, 400), (True, 400), ("3", 400)]
)
def test_one_to_five_plans(cast: Cast, anyone: Caller, limit: Any, status: int):
    response = anyone.post("plans/", {**ASKED, "limit": limit})

    assert response.status_code == status
    if status == 200:
        assert len(response.json()["plans"]) == limit


def test_wishes_are_kept(cast: Cast, anyone: Caller):
    wish = {"weekdays": [2, 5], "not_before": "09:00", "not_after": "10:30", "same_time": True}

    for plan in plans(anyone, wish=wish):
        assert {at.isoweekday() for at in when(plan)} <= {2, 5}
        assert len({at.time() for at in when(plan)}) == 1
        assert all("09:00" <= f"{at:%H:%M}" <= "10:30" for at in when(plan))


@pytest.mark.parametrize(
    "wish",
    [
        {"weekdays": [0]},
        {"weekdays": [8]},
        {"weekdays": ["Monday"]},
        {"weekdays": 2},
        {"not_before": "25:00"},
        {"not_before": "9"},
        {"not_before": "12:00", "not_after": "11:00"},
        {"same_time": "yes"},
        {"colour": "blue"},
        [],
        "mornings",
    ],
)
def test_wishes_that_make_no_sense(cast: Cast, anyone: Caller, wish: Any):
    response = anyone.post("plans/", {**ASKED, "wish": wish})

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert response.json()["errors"][0]["field"].startswith("wish")


def test_a_patient_is_planned_around_what_they_have(cast: Cast, ada: Caller, anyone: Caller):
    best = plans(anyone)[0]
    body = {"clinic": "north", "protocol": "booster"}
    taken = {**body, "sessions": [{"start": best["sessions"][0]["start"]}]}
    assert ada.post("series/", taken).status_code == 201

    first = when(plans(ada)[0])[0]

    assert (first - when(best)[0]).days >= 2
    assert when(plans(anyone)[0])[0].date() == when(best)[0].date()


def test_staff_plan_through_the_rules_of_a_patient(cast: Cast, desk: Caller, ada: Caller):
    body = {"clinic": "north", "protocol": "booster"}
    ada.post("series/", {**body, "sessions": [{"start": new_york("2026-04-06 10:00").isoformat()}]})

    assert when(plans(desk, patient=str(cast.ada.id))[0]) == when(plans(ada)[0])


def test_lead_time_and_horizon_bind_everybody_but_staff(cast: Cast, anyone: Caller, desk: Caller):
    strict = {**KET6, "slug": "strict", "lead_time_hours": 24 * 14}
    make_protocol(strict, cast.north, signed_by=cast.prescriber)

    patient_first = when(plans(anyone, protocol="strict", earliest="2026-04-01")[0])[0]
    staff_first = when(plans(desk, protocol="strict", earliest="2026-04-01")[0])[0]

    assert patient_first >= new_york("2026-04-15 08:00")
    assert staff_first < new_york("2026-04-15 08:00")


def test_how_many_sessions_is_open_only_where_the_phase_is(cast: Cast, anyone: Caller):
    booster = anyone.post("plans/", {**ASKED, "protocol": "booster", "sessions": 3})
    wrong = anyone.post("plans/", {**ASKED, "sessions": 3})

    assert len(booster.json()["plans"][0]["sessions"]) == 3
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "sessions")


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"latest": "2026-04-05"}, 400, "latest"),
        ({"latest": "2027-04-07"}, 200, None),
        ({"latest": "2027-04-08"}, 400, "latest"),
        ({"earliest": "9999-12-31"}, 400, "earliest"),
        ({"earliest": None}, 400, "earliest"),
        ({"clinic": "nowhere"}, 404, None),
        ({"clinic": ["north"]}, 400, "clinic"),
        ({"protocol": 7}, 400, "protocol"),
        ({"phase": "nonsense"}, 400, "phase"),
        ({"phase": "ind\x00uction"}, 400, "phase"),
        ({"series": "nonsense"}, 400, "series"),
        ({"patient": "01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f"}, 404, None),
        ({"limit": 10**30}, 400, "limit"),
        ({"sessions": 10**12}, 400, "sessions"),
        ({"x" * 5000: 1}, 400, "x" * 100),
    ],
)
def test_questions_that_make_no_sense(cast: Cast, anyone: Caller, more: dict, status: int, field: str | None):
    response = anyone.post("plans/", {**ASKED, **more})

    assert response.status_code == status
    if field:
        assert response.json()["errors"][0]["field"] == field


def test_what_is_left_of_a_series_is_planned_with_its_clinic_and_treatment_named(cast: Cast, ada: Caller):
    best = plans(ada)[0]
    body = {"clinic": "north", "protocol": "ket6", "phase": "induction"}
    series = ada.post("series/", {**body, "sessions": best["sessions"]}).json()["id"]
    late = {"series": series, "earliest": "2026-04-20", "latest": "2026-05-08"}

    named, alone = (
        ada.post("plans/", {**more, **late}).json()
        for more in ({**body, "patient": str(cast.ada.id)}, {"clinic": str(cast.north.id)})
    )

    assert named == alone
    assert [one["number"] for one in named["plans"][0]["sessions"]] == [1, 2, 3, 4, 5, 6]
    for plan in named["plans"]:
        assert min(one["start"] for one in plan["sessions"]) >= "2026-04-20"
        assert plan["finishes"] <= "2026-05-08"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"clinic": "west"}, "clinic"),
        ({"protocol": "booster"}, "protocol"),
        ({"phase": "maintenance"}, "phase"),
        ({"patient": "01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f"}, "patient"),
        ({"sessions": 6}, "sessions"),
        ({"earliest": "2026-04-20", "latest": "2026-04-19"}, "latest"),
    ],
)
def test_a_series_is_planned_as_what_it_is(cast: Cast, ada: Caller, more: dict[str, Any], field: str):
    body = {"clinic": "north", "protocol": "ket6", "sessions": plans(ada)[0]["sessions"]}
    series = ada.post("series/", body).json()["id"]

    response = ada.post("plans/", {"series": series, **more})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)


def test_planning_writes_nothing(cast: Cast, ada: Caller):
    plans(ada)

    assert [model.objects.count() for model in (Claim, Hold, JournalEntry)] == [0, 0, 0]
