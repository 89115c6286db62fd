"""What staff may break, with a reason, and what a prescriber permits."""

from datetime import date, timedelta

import pytest

from bookings.actors import patient_actor
from bookings.errors import NotOffered, SpacingBroken, Taken
from bookings.models import Claim, Clearance, JournalEntry, Series
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_patient, new_york

SIX = MONDAYS_AND_THURSDAYS


def test_a_prescriber_overrides_the_minimum_gap_and_both_sessions_remember_it(cast):
    starts = [SIX[0], new_york("2026-04-07 10:00"), *SIX[2:]]

    series = book_ket6(cast, starts=starts, actor=cast.as_prescriber, override_reason="travels on Thursday")

    remembered = {one.number: [kept["rule"] for kept in one.overrides] for one in series.sessions.all()}
    assert remembered == {1: ["min_gap"], 2: ["min_gap"], 3: [], 4: [], 5: [], 6: []}
    kept = series.sessions.get(number=2).overrides[0]
    assert kept == {
        "rule": "min_gap",
        "reason": "travels on Thursday",
        "by": str(cast.prescriber.id),
        "at": NOW.isoformat(),
    }
    assert [(one.rule, one.excuse) for one in prove(now=NOW)] == [("min_gap", "overridden")]


@pytest.mark.parametrize("who", ["as_desk", "as_nurse", "as_manager", "as_ada"])
def test_nobody_but_a_prescriber_overrides_a_clinical_rule(cast, who):
    starts = [SIX[0], new_york("2026-04-07 10:00"), *SIX[2:]]

    with pytest.raises(SpacingBroken) as refusal:
        book_ket6(cast, starts=starts, actor=getattr(cast, who), override_reason="please")

    expected = None if who == "as_ada" else {"needs": "prescriber", "rules": ["min_gap"]}
    assert refusal.value.facts.get("override") == expected


@pytest.mark.parametrize("who", ["as_desk", "as_nurse", "as_prescriber", "as_manager"])
def test_any_staff_override_an_operational_rule(cast, who):
    starts = [new_york("2026-04-06 07:30"), *SIX[1:]]

    series = book_ket6(cast, starts=starts, actor=getattr(cast, who), override_reason="Ana comes early")

    assert [one["rule"] for one in series.sessions.get(number=1).overrides] == ["closed", "nursing"]


def test_a_patient_overrides_nothing(cast):
    with pytest.raises(NotOffered):
        book_ket6(
            cast, starts=[new_york("2026-04-06 07:30"), *SIX[1:]], actor=cast.as_ada, override_reason="please"
        )


def test_staff_without_a_reason_override_nothing(cast):
    with pytest.raises(NotOffered) as refusal:
        book_ket6(cast, starts=[new_york("2026-04-06 07:30"), *SIX[1:]])

    assert refusal.value.facts["override"] == {"needs": "staff", "rules": ["closed", "nursing"]}


def test_nobody_puts_two_patients_into_one_chair(cast):
    at = new_york("2026-04-14 13:00")
    for patient in (cast.ada, cast.bea):
        book_one(cast, at, patient=patient)
    third = book_one(
        cast, at, patient=cast.carl, actor=cast.as_prescriber, override_reason="a third nurse helps"
    )
    assert [one["rule"] for one in third.overrides] == ["nursing"]
    dan = make_patient("Dan", "Usher", number=4)

    with pytest.raises(Taken) as refusal:
        book_one(cast, at, patient=dan, actor=cast.as_prescriber, override_reason="squeeze in")

    assert refusal.value.facts["override"]["needs"] == "nobody"


# Clearance


def esketamine(cast, **more):
    starts = [new_york(f"2026-04-{day} 10:00") for day in ("06", "08", "10", "13", "15", "17", "20", "22")]
    return book_ket6(cast, protocol=cast.esketamine, starts=starts, phase="induction", **more)


def clear(cast, *, sessions, expires):
    return Clearance.objects.create(
        patient=cast.ada,
        protocol=cast.esketamine,
        sessions=sessions,
        expires=expires,
        granted_by=cast.prescriber,
        granted_at=NOW,
    )


def test_a_series_without_clearance_is_requested_and_takes_its_places(cast):
    series = esketamine(cast, actor=cast.as_ada)

    assert series.status == "requested"
    assert {one.status for one in series.sessions.all()} == {"requested"}
    assert Claim.objects.filter(session__series=series).count() == 8
    assert JournalEntry.objects.get().verb == "series_requested"
    assert prove(now=NOW) == []


def test_a_series_with_clearance_is_active_under_it(cast):
    clearance = clear(cast, sessions=8, expires=date(2026, 4, 22))

    series = esketamine(cast, actor=cast.as_ada)

    assert (series.status, series.clearance_id) == ("active", clearance.id)
    assert prove(now=NOW) == []


@pytest.mark.parametrize(
    ("sessions", "expires"), [(7, date(2026, 4, 22)), (8, date(2026, 4, 21))], ids=["too few", "too short"]
)
def test_a_clearance_that_does_not_reach_is_refused(cast, sessions, expires):
    clear(cast, sessions=sessions, expires=expires)

    with pytest.raises(SpacingBroken) as refusal:
        esketamine(cast)

    assert [one["rule"] for one in refusal.value.facts["violations"]] == ["clearance"]


def test_the_clearance_that_covers_the_series_is_used(cast):
    clear(cast, sessions=20, expires=date(2026, 4, 10))
    covering = clear(cast, sessions=8, expires=date(2026, 4, 22))

    assert esketamine(cast).clearance_id == covering.id


def test_a_patient_whose_course_lapsed_does_not_book_but_staff_do(cast):
    lapsed = book_ket6(cast)
    Series.objects.filter(id=lapsed.id).update(status="lapsed")
    later = [start + timedelta(days=28) for start in SIX]

    with pytest.raises(SpacingBroken) as refusal:
        book_ket6(cast, starts=later, actor=cast.as_ada)
    assert [one["rule"] for one in refusal.value.facts["violations"]] == ["clearance"]

    assert book_ket6(cast, starts=later, actor=cast.as_desk).status == "active"


def test_another_patient_is_not_bound_by_it(cast):
    lapsed = book_ket6(cast)
    Series.objects.filter(id=lapsed.id).update(status="lapsed")

    assert book_ket6(cast, patient=cast.bea, actor=patient_actor(cast.bea)).status == "active"
