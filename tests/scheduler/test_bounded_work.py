"""Long courses are answered, and what is not settled within the effort allowed is said and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.diary import Diary
from scheduler.hours import day_start
from scheduler.protocol import NurseNeed, Phase, Protocol, RollingLimit, Spacing, Step
from scheduler.rules import Case, Wish, check
from scheduler.series import Effort, Remaining, Replan, Unplannable, Unsettled, plan_series, replan
from scheduler.spans import Span
from scheduler.supply import Chair, Closure, OpeningHours, Shift, Supply
from tests.scheduler.worlds import ask, at, north

DAY = 24 * 60
FIRST, LAST = date(2026, 4, 6), date(2026, 6, 25)
TMS = Spacing(20 * 60, 1, 1, 3, 14, RollingLimit(5, 7))
SAINT = Spacing(min_gap_minutes=50, max_gap_days=1, rolling_limit=RollingLimit(10, 1), complete_within_days=4)


def weekdays(count: int) -> list[date]:
    days = [FIRST + timedelta(days=k) for k in range(count * 2)]
    return [day for day in days if day.isoweekday() <= 5][:count]


def closed(start: str, end: str) -> tuple[Closure, ...]:
    return (Closure(Span(at(start), at(end))),)


def tms(closures: tuple[Closure, ...] = (), *, days: tuple[int, ...] = (1, 2, 3, 4, 5)) -> Case:
    steps = (Step("pulses", 40, NurseNeed.SHARED), Step("clean", 5, patient=False))
    treatment = Protocol("tms", "TMS", "tms", (Phase("course", 36, TMS),), steps)
    return ask(
        treatment=treatment, series="own", supply=replace(north(weeks=20, weekdays=days), closures=closures)
    )


def again(case: Case, olds: list[str], *, limit: int = 3, effort: int | None = None) -> tuple[Replan, ...]:
    remaining = [Remaining(number, at(old)) for number, old in enumerate(olds, start=1)]
    answer = replan(case, remaining=remaining, earliest=FIRST, latest=LAST, limit=limit, effort=effort)
    assert not isinstance(answer, Unplannable)
    for one in answer:
        assert check(case, one.plan.places) == ()
    return answer


TMS_OLD = [f"{day} 10:00" for day in weekdays(36)]


def test_a_closed_day_in_seven_weeks_of_daily_sessions_moves_one_session_to_the_end() -> None:
    best, *others = again(tms(closed("2026-04-20 00:00", "2026-04-21 00:00")), TMS_OLD)
    assert [(move.number, move.after) for move in best.moves] == [(11, at("2026-05-26 10:00"))]
    assert [len(one.moves) for one in others] == [1, 1]


def test_a_closed_week_moves_five_sessions_to_the_end() -> None:
    (best, *_) = again(tms(closed("2026-04-20 00:00", "2026-04-25 00:00")), TMS_OLD)
    assert [move.number for move in best.moves] == [11, 12, 13, 14, 15]
    assert [move.after for move in best.moves] == [
        at(f"{day} 10:00") for day in ("2026-05-26", "2026-05-27", "2026-05-28", "2026-05-29", "2026-06-01")
    ]


def test_five_a_week_in_a_clinic_that_never_closes_are_planned() -> None:
    case = tms(days=(1, 2, 3, 4, 5, 6, 7))
    answer = plan_series(case, numbers=range(1, 37), earliest=FIRST, latest=LAST, limit=3)
    assert not isinstance(answer, Unplannable)
    assert [plan.finishes for plan in answer] == [date(2026, 5, 25)] * 3
    assert all(check(case, plan.places) == () for plan in answer)


def saint() -> tuple[Case, list[str]]:
    treatment = Protocol("saint", "SAINT", "tms", (Phase("course", 50, SAINT),), (Step("pulses", 10),))
    hours = tuple(OpeningHours(day, time(7), time(18)) for day in range(1, 6))
    supply = replace(north(), hours=hours, closures=closed("2026-04-08 09:00", "2026-04-08 10:30"))
    olds = [f"{day} {hour:02}:00" for day in weekdays(5) for hour in range(7, 17)]
    return ask(treatment=treatment, series="own", supply=supply), olds


def test_two_closed_hours_push_eight_of_ten_sessions_on_that_day_and_the_next_ones() -> None:
    case, olds = saint()
    (best,) = again(case, olds, limit=1)
    assert len(best.moves) == 24
    assert best.plan.finishes == date(2026, 4, 10)


#: Each zone with a date a few days before one of its changes of clock.
CHANGES = {
    "Australia/Lord_Howe": date(2026, 3, 30),
    "Europe/London": date(2026, 10, 20),
    "America/New_York": date(2026, 3, 3),
}


@pytest.mark.parametrize(("zone", "first"), CHANGES.items())
def test_daily_sessions_that_must_drift_along_the_clock_are_planned(zone: str, first: date) -> None:
    daily = Spacing(min_gap_minutes=1500, min_gap_days=1, max_gap_days=1, complete_within_days=4)
    case = day_and_night(daily, zone=zone, first=first, sessions=5, minutes=150)
    answer = plan_series(case, numbers=range(1, 6), earliest=first, latest=first + timedelta(days=9), limit=3)
    assert not isinstance(answer, Unplannable)
    assert [plan.cost for plan in answer] == [600, 600, 600]
    assert all(check(case, plan.places) == () for plan in answer)


def test_a_rolling_limit_that_binds_by_the_hour_across_a_change_of_clock_is_planned() -> None:
    limit = RollingLimit(4, 5)
    daily = Spacing(min_gap_minutes=20 * 60, min_gap_days=1, target_gap_days=1, rolling_limit=limit)
    first = date(2026, 3, 4)  # the clock goes forward on Sunday the 8th, so that five days end an hour later
    case = day_and_night(daily, zone="America/New_York", first=first, sessions=8, minutes=40)
    case = replace(case, wish=Wish(not_before=time(12)))
    answer = plan_series(
        case, numbers=range(1, 9), earliest=first, latest=first + timedelta(days=30), limit=1
    )
    assert not isinstance(answer, Unplannable)
    (plan,) = answer
    assert check(case, plan.places) == ()
    assert {reason.preference: reason.cost for reason in plan.reasons if reason.cost} == {
        "finish": 540,
        "target_gap": 240,
    }


def day_and_night(spacing: Spacing, *, zone: str, first: date, sessions: int, minutes: int) -> Case:
    """An empty clinic with one chair and one nurse that never closes."""
    where = ZoneInfo(zone)
    begins = day_start(first, where)
    treatment = Protocol(
        "made-up",
        "Made-up",
        "made-up",
        (Phase("course", sessions, spacing),),
        (Step("infusion", minutes, NurseNeed.EXCLUSIVE),),
    )
    supply = Supply(
        time_zone=where,
        hours=tuple(OpeningHours(day, time(0), time(0)) for day in range(1, 8)),
        chairs=(Chair("a", "A"),),
        shifts=(Shift("nurse", Span(begins - 10 * DAY, begins + 60 * DAY)),),
    )
    return Case(supply, Diary(), treatment, treatment.phases[0], now=begins - 5 * DAY)


def test_further_plans_that_are_not_settled_are_left_out() -> None:
    case = tms(closed("2026-04-20 00:00", "2026-04-21 00:00"))
    everything = again(case, TMS_OLD)
    some = again(case, TMS_OLD, effort=150_000)
    assert 0 < len(some) < len(everything)
    assert some == everything[: len(some)]


@pytest.mark.parametrize(("further", "plans"), [(1, 1), (1_000_000, 3)])
def test_further_plans_may_be_given_less_than_the_first(further: int, plans: int) -> None:
    everything = plan_series(ask(), numbers=range(1, 7), earliest=FIRST, latest=date(2026, 5, 8))
    effort = Effort(further=further)
    some = plan_series(ask(), numbers=range(1, 7), earliest=FIRST, latest=date(2026, 5, 8), effort=effort)
    assert len(everything) == 3
    assert some == everything[:plans]


def test_a_best_plan_that_is_not_settled_is_not_guessed() -> None:
    with pytest.raises(Unsettled, match="not proven after 100 steps"):
        again(tms(closed("2026-04-20 00:00", "2026-04-21 00:00")), TMS_OLD, effort=100)


def test_that_there_is_no_plan_is_not_guessed_either() -> None:
    case = tms(closed("2026-04-06 00:00", "2026-06-26 00:00"))
    with pytest.raises(Unsettled):
        plan_series(case, numbers=range(1, 37), earliest=FIRST, latest=LAST, effort=100)
    answer = plan_series(case, numbers=range(1, 37), earliest=FIRST, latest=LAST)
    assert isinstance(answer, Unplannable)


def test_one_effort_is_shared_by_all_questions_to_which_it_is_given() -> None:
    case, effort = tms(), Effort(2_000_000)
    before = effort.left
    plan_series(case, numbers=range(1, 37), earliest=FIRST, latest=LAST, limit=1, effort=effort)
    assert 0 < effort.left < before
    effort.spend(int(effort.left))
    with pytest.raises(Unsettled, match="not proven after 2000000 steps"):
        plan_series(case, numbers=range(1, 37), earliest=FIRST, latest=LAST, limit=1, effort=effort)
