"""Plans for a whole series: the best, the others, and what is said when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import HealthCheck, given, settings

from scheduler.case import Clearance, Wish
from scheduler.protocol import Phase, Protocol, RollingLimit, Spacing, Step
from scheduler.relaxing import RELAXED
from scheduler.rules import check
from scheduler.series import Plan, Unplannable, earliest_plan, plan_series
from scheduler.supply import OpeningHours
from scheduler.violations import Rule
from tests.scheduler.oracle import judge
from tests.scheduler.small_cases import Question, questions
from tests.scheduler.worlds import ask, at, north, protocol, session

APRIL, MAY = date(2026, 4, 6), date(2026, 5, 8)


def plans(case, *, count: int = 6, latest: date = MAY, limit: int = 3) -> tuple[Plan, ...]:  # type: ignore[no-untyped-def]
    answer = plan_series(case, numbers=range(1, count + 1), earliest=APRIL, latest=latest, limit=limit)
    assert not isinstance(answer, Unplannable)
    return answer


def refusal(case, *, count: int = 6, latest: date = MAY) -> Unplannable:  # type: ignore[no-untyped-def]
    answer = plan_series(case, numbers=range(1, count + 1), earliest=APRIL, latest=latest)
    assert isinstance(answer, Unplannable)
    return answer


def starts(plan: Plan) -> list[int]:
    return [place.start for place in plan.places]


def test_an_empty_clinic_gives_two_days_a_week_at_one_hour() -> None:
    best, *others = plans(ask(), limit=4)
    assert starts(best) == [
        at(f"{day} 08:00")
        for day in ("2026-04-06", "2026-04-09", "2026-04-13", "2026-04-16", "2026-04-20", "2026-04-23")
    ]
    assert best.reasons[0].detail == "Mondays and Thursdays at 08:00"
    assert best.finishes == date(2026, 4, 23)
    assert [place.number for place in best.places] == [1, 2, 3, 4, 5, 6]
    assert len(others) == 3
    assert [plan.cost for plan in (best, *others)] == sorted(plan.cost for plan in (best, *others))


def test_elapsed_hours_bind_over_the_change_of_clock() -> None:
    weekend = north(date(2026, 3, 2), weekdays=(5, 7))
    case = ask("2026-03-01 09:00", treatment=protocol(Spacing(48 * 60, 2, 2), sessions=2), supply=weekend)
    answer = plan_series(case, numbers=[1, 2], earliest=date(2026, 3, 6), latest=date(2026, 3, 8))
    assert not isinstance(answer, Unplannable)
    first, second = starts(answer[0])
    assert second - first >= 48 * 60
    assert second - first < 48 * 60 + 60  # an hour of the wall clock is lost, so the hours differ by one


def test_a_month_of_consecutive_days_keeps_one_hour() -> None:
    daily = protocol(Spacing(20 * 60, 1, 1, None, 1), sessions=30)
    case = ask(treatment=daily, supply=north(weekdays=(1, 2, 3, 4, 5, 6, 7)))
    (plan,) = plans(case, count=30, limit=1)
    assert [two - one for one, two in zip(starts(plan), starts(plan)[1:], strict=False)] == [24 * 60] * 29


def test_ten_sessions_a_day_for_five_days() -> None:
    spacing = Spacing(
        min_gap_minutes=50, max_gap_days=1, rolling_limit=RollingLimit(10, 1), complete_within_days=4
    )
    phase = Phase("accelerated", 50, spacing)
    treatment = Protocol("saint", "SAINT", "tms", (phase,), (Step("pulses", 10),))
    long_days = replace(north(), hours=tuple(OpeningHours(day, time(7), time(18)) for day in range(1, 6)))
    case = ask(treatment=treatment, supply=long_days)
    (plan, *_) = plans(case, count=50)
    assert plan.finishes == date(2026, 4, 10)
    assert check(case, plan.places) == ()


def test_what_cannot_be_placed_is_named_with_a_smallest_set_of_rules_and_what_would_help() -> None:
    case = ask(wish=Wish(weekdays=frozenset({1})))
    answer = refusal(case, latest=date(2026, 5, 15))
    assert answer.session == 5  # four Mondays lie within 21 days
    assert {violation.rule for violation in answer.violations} == {"wish", "complete_within", "min_gap"}
    assert [(one.rule, one.change) for one in answer.relaxations] == [
        ("wish", "On other weekdays as well"),
        ("complete_within", "The phase may take 35 days, 14 more than its rule"),
    ]
    wider = replace(case, wish=Wish())
    assert check(wider, answer.relaxations[0].plan.places) == ()


def test_too_few_days_are_helped_by_the_fewest_more() -> None:
    answer = refusal(ask(), latest=date(2026, 4, 15))
    assert (answer.session, [violation.rule for violation in answer.violations]) == (6, ["min_gap"])
    (later,) = answer.relaxations
    assert (later.rule, later.change) == (Rule.HORIZON, "The last session as late as Fri 17 April")
    assert later.plan.finishes == date(2026, 4, 17)


def test_a_clearance_for_fewer_sessions_is_what_stands_in_the_way() -> None:
    case = ask(clearance=Clearance(4, date(2026, 6, 1)))
    answer = refusal(case)
    assert answer.session == 5
    assert [(one.rule, one.required, one.actual) for one in answer.violations] == [("clearance", 4, 5)]
    assert [one.rule for one in answer.relaxations] == ["clearance"]


def test_only_a_member_of_staff_is_offered_a_shorter_least_gap() -> None:
    short = date(2026, 4, 10)
    patient, staff = (
        refusal(ask(), count=4, latest=short),
        refusal(ask(by_patient=False), count=4, latest=short),
    )
    assert "min_gap" not in {one.rule for one in patient.relaxations}
    assert "min_gap" in {one.rule for one in staff.relaxations}


def test_a_place_between_booked_sessions_bridges_a_gap_that_would_be_too_long() -> None:
    case = ask(booked=(session(1, "2026-04-06 10:00"), session(3, "2026-04-27 10:00")), series="own")
    answer = plan_series(case, numbers=[2], earliest=APRIL, latest=MAY)
    assert not isinstance(answer, Unplannable)
    assert date(2026, 4, 13) <= answer[0].finishes <= date(2026, 4, 20)


def test_there_must_be_a_session_to_place() -> None:
    with pytest.raises(ValueError, match="session to place"):
        plan_series(ask(), numbers=[], earliest=APRIL, latest=MAY)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(questions(most=3))
def test_a_refusal_is_true_and_its_relaxations_help(question: Question) -> None:
    case, first, last = question.case, question.first, question.last
    numbers = range(1, question.count + 1)
    answer = plan_series(case, numbers=numbers, earliest=first, latest=last)
    if not isinstance(answer, Unplannable):
        return
    if answer.session > 1:
        before = plan_series(case, numbers=range(1, answer.session), earliest=first, latest=last)
        assert not isinstance(before, Unplannable)
    up_to = plan_series(case, numbers=range(1, answer.session + 1), earliest=first, latest=last)
    assert isinstance(up_to, Unplannable)
    assert up_to.violations == answer.violations
    assert len({violation.rule for violation in answer.violations}) == len(answer.violations)
    costs = [relaxation.plan.cost for relaxation in answer.relaxations]
    assert costs == sorted(costs)
    for relaxation in answer.relaxations:
        places = relaxation.plan.places
        assert len(places) == question.count
        broken = {violation.rule for violation in check(case, places)}
        assert relaxation.rule in RELAXED
        assert broken <= {relaxation.rule, Rule.ONE_PER_DAY}
        assert all(first <= judge.on(case, place.start) for place in places)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(questions())
def test_there_is_an_earliest_plan_just_where_there_is_a_plan(question: Question) -> None:
    asked = {"numbers": range(1, question.count + 1), "earliest": question.first, "latest": question.last}
    best = plan_series(question.case, **asked, limit=1)
    earliest = earliest_plan(question.case, **asked)
    assert (earliest is None) == isinstance(best, Unplannable)
    if earliest is not None:
        assert check(question.case, earliest.places) == ()
