"""The clinic that is measured: 12 chairs, 6 nurses, a 15-minute grid, 60 % of its chair time booked.

The same days are used pure (for the engine) and as rows (for the service), so that both answer one question.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from scheduler.diary import Claim, Diary
from scheduler.hours import opening_span
from scheduler.protocol import NurseNeed, Phase, Protocol, RollingLimit, Spacing, Step
from scheduler.rules import Case, Place, Rule, check
from scheduler.spans import Minute, Span
from scheduler.supply import Chair, OpeningHours, Shift, Supply

CHAIRS, NURSES, FILL = 12, 6, 0.6
OPENS, CLOSES = time(8), time(17)
ZONE = ZoneInfo("America/New_York")
PATTERNS = 20  # different days, used over and over
SERIES_RULES = frozenset(Rule) - {Rule.CLOSED, Rule.CHAIR, Rule.NURSING}  # judged for each patient, not here

#: The six-session induction of SCENARIOS' KET6, sources in DOMAIN.md A1 and section 0.
INDUCTION = Phase(
    "induction",
    6,
    Spacing(
        min_gap_minutes=2640,
        min_gap_days=2,
        target_gap_days=3,
        soft_max_gap_days=7,
        max_gap_days=14,
        complete_within_days=21,
        rolling_limit=RollingLimit(3, 7),
    ),
)
PROTOCOL = Protocol(
    slug="bench",
    name="Measured infusion",
    spacing_group="bench",
    phases=(INDUCTION,),
    steps=(
        Step("check-in", 15),
        Step("nurse set-up", 15, NurseNeed.EXCLUSIVE),
        Step("infusion", 40, NurseNeed.SHARED),
        Step("recovery", 60, NurseNeed.SHARED),
        Step("turnover", 20, patient=False),
    ),
    horizon_days=800,
)


@dataclass(frozen=True)
class Taken:
    """One session of a day's pattern: minutes after opening, and the number of the chair."""

    offset: int
    chair: int


def open_days(first: date, *, count: int) -> list[date]:
    """The first `count` weekdays from `first` on."""
    days = (first + timedelta(days=n) for n in range(count * 2 + 7))
    return [day for day in days if day.isoweekday() <= 5][:count]


def supply(first: date, *, days: int) -> Supply:
    """The clinic from `first` on, with all its nurses on duty on each of so many days."""
    shifts = [
        Shift(f"nurse {nurse}", Span(opening(day), opening(day) + 540))
        for day in (first + timedelta(days=n) for n in range(days))
        if day.isoweekday() <= 5
        for nurse in range(NURSES)
    ]
    return Supply(
        time_zone=ZONE,
        hours=tuple(OpeningHours(weekday, OPENS, CLOSES) for weekday in range(1, 6)),
        chairs=tuple(Chair(str(number), f"Chair {number}") for number in range(1, CHAIRS + 1)),
        shifts=tuple(shifts),
    )


def opening(day: date) -> Minute:
    """The minute at which the clinic opens on that day."""
    return opening_span(day, OPENS, CLOSES, ZONE).start


@cache
def patterns() -> tuple[tuple[Taken, ...], ...]:
    """So many different days that keep every rule of place, each filled to 60 % of chair time."""
    return tuple(_pattern(random.Random(seed)) for seed in range(PATTERNS))


def pattern_of(day: date) -> tuple[Taken, ...]:
    """What is taken on that day: the same for everybody who asks."""
    return patterns()[day.toordinal() * 7 % PATTERNS]


def diary(first: date, *, days: int) -> Diary:
    """What is taken on each weekday of so many days from `first` on."""
    return Diary(
        tuple(
            Claim(f"{day}/{index}", str(taken.chair), opening(day) + taken.offset, PROTOCOL.timed_steps)
            for day in (first + timedelta(days=n) for n in range(days))
            if day.isoweekday() <= 5
            for index, taken in enumerate(pattern_of(day))
        )
    )


def _pattern(dice: random.Random) -> tuple[Taken, ...]:
    """A random day: a fair share of visits per chair, at random distances; drawn until it keeps the rules."""
    monday = date(2026, 6, 1)
    case = Case(supply(monday, days=1), Diary(), PROTOCOL, INDUCTION, now=0, by_patient=False)
    visits = round(FILL * CHAIRS * 540 / PROTOCOL.chair_minutes)
    while True:
        found = [
            Taken(offset, chair)
            for chair in range(1, CHAIRS + 1)
            for offset in _offsets(dice, visits // CHAIRS + (chair <= visits % CHAIRS))
        ]
        places = [Place(1, opening(monday) + taken.offset, str(taken.chair)) for taken in found]
        if not check(case, places, skip=SERIES_RULES):
            return tuple(found)


def _offsets(dice: random.Random, visits: int) -> list[int]:
    slack = (540 - PROTOCOL.visit_minutes - PROTOCOL.chair_minutes * (visits - 1)) // 15
    waits = sorted(dice.randint(0, slack) for _ in range(visits))
    return [wait * 15 + PROTOCOL.chair_minutes * index for index, wait in enumerate(waits)]
