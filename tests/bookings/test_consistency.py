"""Rules of a protocol that no series could keep are found before anybody is booked under them."""

from copy import deepcopy

import pytest

from bookings.consistency import contradictions
from tests.cast import KET6


def ket6(**spacing):
    rules = deepcopy(KET6)
    rules["phases"][0]["spacing"] = {
        name: value for name, value in (rules["phases"][0]["spacing"] | spacing).items() if value is not None
    }
    return rules


def found(rules):
    return [field for field, _ in contradictions(rules)]


def test_a_protocol_of_the_field_is_consistent():
    assert contradictions(KET6) == ()


@pytest.mark.parametrize(
    ("spacing", "field"),
    [
        ({"min_gap_days": 4, "target_gap_days": 3}, "target_gap_days"),
        ({"target_gap_days": 8, "soft_max_gap_days": 7}, "soft_max_gap_days"),
        ({"soft_max_gap_days": 15, "max_gap_days": 14}, "max_gap_days"),
        ({"target_gap_days": None, "soft_max_gap_days": None, "min_gap_days": 15}, "max_gap_days"),
    ],
)
def test_gaps_are_in_order(spacing, field):
    assert found(ket6(**spacing, complete_within_days=None)) == [f"phases.0.spacing.{field}"]


@pytest.mark.parametrize("equal", [{"target_gap_days": 2}, {"target_gap_days": 7}, {"soft_max_gap_days": 14}])
def test_gaps_may_be_equal(equal):
    assert found(ket6(**equal)) == []


@pytest.mark.parametrize(("minutes", "fields"), [(15 * 1440 - 1, []), (15 * 1440, ["min_gap_minutes"])])
def test_elapsed_minutes_fit_into_the_longest_gap_of_calendar_days(minutes, fields):
    rules = ket6(min_gap_minutes=minutes, complete_within_days=None)

    assert found(rules) == [f"phases.0.spacing.{field}" for field in fields]


@pytest.mark.parametrize(("days", "fields"), [(10, []), (9, ["complete_within_days"])])
def test_six_sessions_two_days_apart_take_ten_days(days, fields):
    rules = ket6(complete_within_days=days)

    assert found(rules) == [f"phases.0.spacing.{field}" for field in fields]


@pytest.mark.parametrize(("days", "fields"), [(13, []), (12, ["complete_within_days"])])
def test_elapsed_minutes_count_for_the_window_too(days, fields):
    # Five gaps of 2.8 days are 14 days, which lie on 14 dates at the least.
    rules = ket6(
        min_gap_days=0, min_gap_minutes=2 * 1440 + 1151, complete_within_days=days, target_gap_days=3
    )

    assert found(rules) == [f"phases.0.spacing.{field}" for field in fields]


@pytest.mark.parametrize(("days", "fields"), [(14, []), (13, ["complete_within_days"])])
def test_a_rolling_limit_stretches_a_course(days, fields):
    # Two in any seven days: the third starts a week after the first, the fifth a week after the third.
    rules = ket6(rolling_limit={"sessions": 2, "days": 7}, complete_within_days=days)

    assert found(rules) == [f"phases.0.spacing.{field}" for field in fields]


def test_an_open_ended_phase_has_no_window_to_fit_into():
    rules = ket6(complete_within_days=1)
    rules["phases"][0]["sessions"] = None

    assert contradictions(rules) == ()


def test_two_phases_of_one_name_are_told_apart_by_nobody():
    rules = ket6()
    rules["phases"] *= 2

    assert found(rules) == ["phases.1.name"]


def test_a_washout_names_each_group_once_and_not_its_own():
    washouts = [{"spacing_group": group, "days": 1} for group in ("*", "iron", "iron", "ketamine")]

    assert found({**KET6, "washouts": washouts}) == ["washouts.2.spacing_group", "washouts.3.spacing_group"]


def step(minutes, *, patient=True):
    return {"name": "step", "minutes": minutes, "nurse": "none", "patient": patient}


@pytest.mark.parametrize(("minutes", "fields"), [(1440 - 60, []), (1440 - 59, ["steps"])])
def test_a_visit_takes_a_day_at_most(minutes, fields):
    assert found({**KET6, "steps": [step(60), step(minutes)]}) == fields


@pytest.mark.parametrize(
    ("steps", "fields"),
    [
        ([step(10, patient=False), step(10)], ["steps.0.patient", "steps.1.patient"]),
        ([step(10), step(10, patient=False), step(10)], ["steps.2.patient"]),
        ([step(10), step(10, patient=False), step(10, patient=False)], []),
    ],
)
def test_a_patient_who_has_left_does_not_come_back(steps, fields):
    assert found({**KET6, "steps": steps}) == fields


@pytest.mark.parametrize("solids", [6, 2])
def test_who_may_not_eat_may_drink_for_as_long_or_longer(solids):
    assert found({**KET6, "preparation": {"solids_hours": solids, "clear_fluids_hours": 2}}) == []


@pytest.mark.parametrize("solids", [1, None])
def test_who_may_not_drink_may_not_eat_either(solids):
    told = {"solids_hours": solids, "clear_fluids_hours": 2}

    assert found({**KET6, "preparation": told}) == ["preparation.clear_fluids_hours"]


def phases(*parts):
    rules = deepcopy(KET6)
    rules["phases"] = [
        {**deepcopy(KET6["phases"][0]), "name": f"part {number}", **part} for number, part in enumerate(parts)
    ]
    return rules


@pytest.mark.parametrize(
    ("after", "fields"),
    [
        ([2], []),
        ([2, 4, 6], []),
        ([7], ["assess_after"]),
        ([4, 2], ["assess_after"]),
        ([2, 2], ["assess_after"]),
    ],
)
def test_assessments_are_within_the_phase_each_once_and_in_order(after, fields):
    assert found(phases({"assess_after": after})) == [f"phases.0.{field}" for field in fields]


def test_an_open_ended_phase_has_assessments_as_late_as_one_likes():
    assert found(phases({"sessions": None, "assess_after": [30]})) == []


@pytest.mark.parametrize(
    ("then", "fields"),
    [("append", []), ("restart", []), ("clinician", []), ("maintenance", ["phases.0.on_missed.then"])],
)
def test_a_last_phase_has_nothing_to_go_on_to_after_a_missed_session(then, fields):
    assert found(phases({"on_missed": {"then": then}})) == fields
    assert found(phases({"on_missed": {"then": then}}, {})) == []


@pytest.mark.parametrize("then", ["restart", "clinician", "maintenance"])
def test_an_open_ended_phase_has_no_session_that_must_be_made_up_for(then):
    assert found(phases({"sessions": None, "on_missed": {"then": then}}, {})) == ["phases.0.on_missed.then"]
