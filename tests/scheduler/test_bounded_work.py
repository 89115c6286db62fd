"""Long courses are answered, and what is not settled within bounded work is said and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from scheduler import search
from scheduler.protocol import NurseNeed, Phase, Protocol, RollingLimit, Spacing, Step
from scheduler.rules import Case, check
from scheduler.series import Remaining, Replan, Unplannable, Unsettled, plan_series, replan
from scheduler.spans import Span
from scheduler.supply import Closure, OpeningHours
from tests.scheduler.worlds import ask, at, north

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


def again(case: Case, olds: list[str], *, limit: int = 3) -> tuple[Replan, ...]:
    remaining = [Remaining(number, at(old)) for number, old in enumerate(olds, start=1)]
    answer = replan(case, remaining=remaining, earliest=FIRST, latest=LAST, limit=limit)
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


def test_further_plans_that_are_not_settled_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    case = tms(closed("2026-04-20 00:00", "2026-04-21 00:00"))
    everything = again(case, TMS_OLD)
    monkeypatch.setattr(search, "MOST_STEPS", 10_000)
    some = again(case, TMS_OLD)
    assert 0 < len(some) < len(everything)
    assert some == everything[: len(some)]


def test_a_best_plan_that_is_not_settled_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_STEPS", 100)
    with pytest.raises(Unsettled, match="not proven after 100 steps"):
        again(tms(closed("2026-04-20 00:00", "2026-04-21 00:00")), TMS_OLD)
