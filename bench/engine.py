"""The engine alone: openings over 92 days, and the best plans over eight weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import count

from bench import clinic
from bench.timing import Line, measure, milliseconds
from scheduler.diary import Diary
from scheduler.openings import openings
from scheduler.rules import Case, Wish
from scheduler.series import plan_series

FIRST = date(2027, 1, 4)
OPENINGS_DAYS, PLAN_WEEKS = 92, 8
OPENINGS_TARGET, PLAN_TARGET = 0.010, 0.030
WISHES = [
    Wish(),
    Wish(weekdays=frozenset({1, 4})),
    Wish(weekdays=frozenset({2, 5}), not_before=time(9), not_after=time(12)),
    Wish(not_before=time(12)),
    Wish(same_time=True),
]


def lines() -> Iterator[Line]:
    """The engine's part of the report."""
    supply = clinic.supply(FIRST, days=OPENINGS_DAYS + 1)
    taken = clinic.diary(FIRST, days=OPENINGS_DAYS)
    last = FIRST + timedelta(days=OPENINGS_DAYS - 1)

    def search(diary: Diary) -> object:
        return openings(_case(supply, diary), first=FIRST, last=last)

    warm = measure(lambda: search(taken), times=100)
    cold = measure(lambda: search(Diary(taken.claims)), times=50)
    what = f"openings over {OPENINGS_DAYS} days, {len(taken.claims)} claims"
    yield Line(
        "engine",
        f"{what}, p50",
        milliseconds(warm.p50),
        f"≤ {milliseconds(OPENINGS_TARGET)}",
        warm.p50 <= OPENINGS_TARGET,
    )
    yield Line("engine", f"{what}, diary built anew, p50", milliseconds(cold.p50))

    turn = count()

    def plan() -> object:
        asked = next(turn)
        earliest = FIRST + timedelta(days=asked % 30)
        case = _case(supply, Diary(taken.claims), WISHES[asked % len(WISHES)])
        latest = earliest + timedelta(weeks=PLAN_WEEKS)
        return plan_series(case, numbers=range(1, 7), earliest=earliest, latest=latest, limit=4)

    timing = measure(plan, times=150)
    what = f"best plan of six sessions over {PLAN_WEEKS} weeks with three alternatives, five wishes"
    yield Line("engine", f"{what}, p50", milliseconds(timing.p50))
    yield Line(
        "engine",
        f"{what}, p95",
        milliseconds(timing.p95),
        f"≤ {milliseconds(PLAN_TARGET)}",
        timing.p95 <= PLAN_TARGET,
    )


def _case(supply: clinic.Supply, diary: Diary, wish: Wish | None = None) -> Case:
    return Case(
        supply=supply,
        diary=diary,
        protocol=clinic.PROTOCOL,
        phase=clinic.INDUCTION,
        now=clinic.opening(FIRST) - 3 * 24 * 60,
        wish=wish or Wish(),
    )
