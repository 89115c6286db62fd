"""Each refusal of the diary that the contract names, with its facts, as a client meets it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from bookings.models import Claim, Clearance, Closure, Series
from tests.api.conftest import Caller
from tests.api.refusing import book, booster, facts, fill, ket6, refusal, starts
from tests.cast import (
    ESKETAMINE,
    MONDAYS_AND_THURSDAYS,
    Cast,
    make_chairs,
    make_clinic,
    make_patient,
    make_protocol,
    make_shifts,
    new_york,
)

# --- taken ------------------------------------------------------------------------------------------


def test_taken_names_the_sessions_that_lost_their_place_and_other_plans(cast: Cast, ada: Caller):
    fill(cast, new_york("2026-04-13 10:00"), chairs=2)  # the strict nurses are all taken at set-up

    problem = refusal(ada.post("series/", ket6(*MONDAYS_AND_THURSDAYS)), 409, "taken")

    assert facts(problem) == {"sessions", "alternatives", "violations"}
    assert problem["sessions"] == [{"number": 3, "start": "2026-04-13T10:00:00-04:00"}]
    assert {one["rule"] for one in problem["violations"]} == {"nursing"}
    assert 1 <= len(problem["alternatives"]) <= 3
    for plan in problem["alternatives"]:
        assert [one["number"] for one in plan["sessions"]] == [1, 2, 3, 4, 5, 6]
        assert "2026-04-13T10:00:00-04:00" not in [one["start"] for one in plan["sessions"]]
    assert Series.objects.filter(patient=cast.ada).count() == 0


def test_an_alternative_can_be_booked_as_it_is(cast: Cast, ada: Caller):
    fill(cast, new_york("2026-04-13 10:00"), chairs=2)
    problem = ada.post("series/", ket6(*MONDAYS_AND_THURSDAYS)).json()

    body = {"clinic": "north", "protocol": "ket6", "sessions": problem["alternatives"][0]["sessions"]}

    assert ada.post("series/", body).status_code == 201


def test_another_visit_of_the_patient_at_that_time_is_taken(cast: Cast, ada: Caller):
    book(ada, booster(new_york("2026-04-06 10:00")))
    body = {"clinic": "north", "protocol": "infliximab", "sessions": starts(new_york("2026-04-06 11:00"))}

    problem = refusal(ada.post("series/", body), 409, "taken")

    assert "patient_overlap" in {one["rule"] for one in problem["violations"]}


# --- spacing ----------------------------------------------------------------------------------------


def test_spacing_says_what_is_required_and_what_is(cast: Cast, ada: Caller):
    too_close = [*MONDAYS_AND_THURSDAYS]
    too_close[1] = new_york("2026-04-07 10:00")

    problem = refusal(ada.post("series/", ket6(*too_close)), 422, "spacing")

    assert facts(problem) == {"violations"}
    rules = {one["rule"]: one for one in problem["violations"]}
    assert rules["min_gap"]["sessions"] == [1, 2]
    for one in problem["violations"]:
        assert set(one) == {"rule", "sessions", "required", "actual", "detail"}


def test_staff_are_told_who_could_override(cast: Cast, desk: Caller, ada: Caller):
    too_close = [*MONDAYS_AND_THURSDAYS]
    too_close[1] = new_york("2026-04-07 10:00")
    body = ket6(*too_close, patient=str(cast.ada.id), override={"reason": "She travels."})

    problem = refusal(desk.post("series/", body), 422, "spacing")

    assert facts(problem) == {"violations", "override"}
    assert problem["override"]["needs"] == "prescriber"
    assert "min_gap" in problem["override"]["rules"]


def test_a_prescriber_overrides_and_the_session_remembers(cast: Cast, prescriber: Caller):
    too_close = [*MONDAYS_AND_THURSDAYS]
    too_close[1] = new_york("2026-04-07 10:00")
    body = ket6(*too_close, patient=str(cast.ada.id), override={"reason": "She travels."})

    series = book(prescriber, body)

    remembered = {tuple(o["rule"] for o in one["overrides"]): one["number"] for one in series["sessions"]}
    assert any("min_gap" in rules for rules in remembered)
    override = next(o for one in series["sessions"] for o in one["overrides"] if o["rule"] == "min_gap")
    assert (override["reason"], override["by"], override["at"]) == (
        "She travels.",
        str(cast.prescriber.id),
        "2026-04-01T08:00:00-04:00",
    )


def test_a_patient_cannot_override(cast: Cast, ada: Caller):
    body = booster(new_york("2026-04-04 10:00"), override={"reason": "I want to."})  # a Saturday

    assert "closed" in {one["rule"] for one in ada.post("series/", body).json()["violations"]}


# --- not offered ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("2026-04-04 10:00", "closed"),  # a Saturday
        ("2026-04-06 15:00", "closed"),  # the visit would end at 17:10
        ("2026-04-06 10:07", "closed"),  # off the grid
        ("2026-04-01 08:00", "lead_time"),  # has begun: see the parametrised clock below
        ("2026-10-05 10:00", "horizon"),
    ],
)
def test_not_offered_says_which_rule(cast: Cast, ada: Caller, clock, at: str, rule: str):
    clock.forward(minutes=1)

    problem = refusal(ada.post("series/", booster(new_york(at))), 422, "not-offered")

    assert facts(problem) == {"violations"}
    assert rule in {one["rule"] for one in problem["violations"]}
    assert [one["sessions"] for one in problem["violations"] if one["rule"] == rule] == [[1]]


def test_what_nobody_could_give_is_not_offered_rather_than_taken(cast: Cast, ada: Caller):
    night = make_clinic("night", time_zone="America/New_York")
    make_chairs(night, "X1")
    cast.booster.clinics.add(night)  # a chair, but never a nurse
    body = {"clinic": "night", "protocol": "booster", "sessions": starts(new_york("2026-04-06 10:00"))}

    problem = refusal(ada.post("series/", body), 422, "not-offered")

    assert {one["rule"] for one in problem["violations"]} == {"nursing"}


# --- unplannable ------------------------------------------------------------------------------------


def test_unplannable_says_what_stands_in_the_way_and_what_would_help(cast: Cast, anyone: Caller):
    body = {
        "clinic": "north",
        "protocol": "ket6",
        "earliest": "2026-04-06",
        "latest": "2026-04-15",
        "wish": {"weekdays": [1]},
    }

    problem = refusal(anyone.post("plans/", body), 422, "unplannable")

    assert facts(problem) == {"session", "violations", "relaxations"}
    assert problem["session"] == 3  # the 6th and the 13th are Mondays, and there is no other
    assert problem["violations"]
    for relaxation in problem["relaxations"]:
        assert set(relaxation) == {"rule", "change", "plan"}
        assert len(relaxation["plan"]["sessions"]) == 6


# --- clearance --------------------------------------------------------------------------------------


def test_a_clearance_for_too_few_sessions_is_a_matter_of_spacing(cast: Cast, ada: Caller):
    Clearance.objects.create(
        patient=cast.ada,
        protocol=cast.esketamine,
        sessions=7,
        expires=date(2026, 12, 31),
        granted_by=cast.prescriber,
        granted_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    times = [new_york(f"2026-04-{day:02} 10:00") for day in (6, 9, 13, 16, 20, 23, 27, 30)]
    body = {"clinic": "north", "protocol": "esketamine", "phase": "induction", "sessions": starts(*times)}

    problem = refusal(ada.post("series/", body), 422, "spacing")

    assert {one["rule"] for one in problem["violations"]} == {"clearance"}


def test_without_any_clearance_the_series_is_requested(cast: Cast, ada: Caller):
    times = [new_york(f"2026-04-{day:02} 10:00") for day in (6, 9, 13, 16, 20, 23, 27, 30)]
    body = {"clinic": "north", "protocol": "esketamine", "sessions": starts(*times)}

    series = book(ada, body)

    assert (series["status"], {one["status"] for one in series["sessions"]}) == ("requested", {"requested"})
    assert Claim.objects.filter(patient=cast.ada).count() == len(times) == ESKETAMINE["phases"][0]["sessions"]


# --- times and closures ----------------------------------------------------------------------------------


def test_a_closure_on_the_day_is_not_offered(cast: Cast, ada: Caller):
    Closure.objects.create(
        clinic=cast.north,
        starts=datetime.combine(date(2026, 4, 6), time(0), cast.north.zone),
        ends=datetime.combine(date(2026, 4, 7), time(0), cast.north.zone),
        reason="Training",
    )
    cast.north.roster_version += 1
    cast.north.save()

    problem = refusal(ada.post("series/", booster(new_york("2026-04-06 10:00"))), 422, "not-offered")

    assert {one["rule"] for one in problem["violations"]} == {"closed"}


def test_times_of_refusals_are_in_the_clinics_own_offset(cast: Cast, desk: Caller):
    make_protocol(
        {**ESKETAMINE, "slug": "short", "needs_clearance": False}, cast.west, signed_by=cast.prescriber
    )
    make_shifts(cast.west, cast.ben, time(8), time(17))
    cast.west.roster_version += 1
    cast.west.save()
    for number in range(2):
        patient = make_patient(f"Guest{number}", "Stone", number=60 + number)
        body = {"clinic": "west", "protocol": "booster", "patient": str(patient.id)}
        book(desk, {**body, "sessions": [{"start": "2026-04-06T17:00:00+00:00"}]})
    body = {"clinic": "west", "protocol": "booster", "patient": str(cast.ada.id)}

    problem = refusal(
        desk.post("series/", {**body, "sessions": [{"start": "2026-04-06T17:00:00+00:00"}]}), 409, "taken"
    )

    assert problem["sessions"] == [{"number": 1, "start": "2026-04-06T10:00:00-07:00"}]
    assert all(
        one["start"].endswith("-07:00") for plan in problem["alternatives"] for one in plan["sessions"]
    )
