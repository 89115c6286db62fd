"""How level the days are: set-ups at one time, starts against the template, chairs in use across the day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from bookings import lifecycle, snapshot
from bookings.quarters import Started, most_at_once, set_ups, started
from bookings.queries.reports.period import Period
from scheduler.start_template import QUARTER, StartTemplate

_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class LevelDay:
    """A date with visits."""

    date: date
    visits: int
    set_ups: int  # the most steps at one time that need a nurse to themselves
    chairs: int  # the most chairs taken at one time


@dataclass(frozen=True, slots=True)
class LevelQuarter:
    """A quarter of an hour of the clinic's wall, all dates with visits together."""

    begins: time
    visits: int  # that begin in it
    opened: int | None  # starts that the template opens on those dates; None without one
    beyond: int | None  # visits beyond what it opens for their length on their date
    chairs: float  # in use, on average


@dataclass(frozen=True)
class Levelling:
    """The dates with visits, and the quarters from the first in which anything happens to the last."""

    days: tuple[LevelDay, ...]
    quarters: tuple[LevelQuarter, ...]
    template: UUID | None  # the one in force, also where the clinic does not level by it now

    @property
    def mean_set_ups(self) -> float | None:
        """The mean of the days' most set-ups at one time; None without days."""
        return sum(day.set_ups for day in self.days) / len(self.days) if self.days else None


def levelling(period: Period) -> Levelling:
    """What began or will begin in the period, cancelled and missed visits aside, by the date of its start.
    Three queries. A quarter that the clock shows twice on a date counts once, with the visits of both.
    """
    rows = started(period.clinic, period.first, period.last, without=lifecycle.GONE)
    in_force = period.clinic.start_templates.filter(in_force_since__isnull=False).first()
    template = snapshot.parse_template(in_force.opened) if in_force else None
    visits: Counter[date] = Counter()
    for row in rows:
        visits[row.date] += row.visits
    at_once, taken = most_at_once(rows, set_ups), most_at_once(rows, _chair)
    days = tuple(LevelDay(day, visits[day], at_once[day], taken[day]) for day in sorted(visits))
    quarters = _quarters(rows, template, [day.date for day in days])
    return Levelling(days, quarters, in_force.id if in_force else None)


def _chair(row: Started) -> Iterable[tuple[int, int]]:
    return [(0, row.protocol.chair_minutes)]


def _quarters(
    rows: Sequence[Started], template: StartTemplate | None, days: Sequence[date]
) -> tuple[LevelQuarter, ...]:
    if not rows:
        return ()
    began: Counter[int] = Counter()
    for row in rows:
        began[row.clock - row.clock % QUARTER] += row.visits
    held = _chair_minutes(rows)
    opened, beyond = _opened(template, days), _beyond(template, rows)
    used = sorted({*began, *held, *opened})
    return tuple(
        LevelQuarter(
            begins=time(*divmod(at, 60)),
            visits=began[at],
            opened=opened[at] if template else None,
            beyond=beyond[at] if template else None,
            chairs=held[at] / QUARTER / len(days),
        )
        for at in range(used[0], used[-1] + 1, QUARTER)
    )


def _chair_minutes(rows: Sequence[Started]) -> Counter[int]:
    """Minutes for which chairs are held in each quarter of the day, all dates together."""
    alike: Counter[tuple[int, int]] = Counter()
    for row in rows:
        alike[row.clock, row.protocol.chair_minutes] += row.visits
    held: Counter[int] = Counter()
    for (clock, length), visits in alike.items():
        at = clock
        while at < clock + length:
            until = min(at - at % QUARTER + QUARTER, clock + length)
            held[(at - at % QUARTER) % _A_DAY] += visits * (until - at)
            at = until
    return held


def _opened(template: StartTemplate | None, days: Sequence[date]) -> Counter[int]:
    found: Counter[int] = Counter()
    if template is not None:
        weekdays = Counter(day.isoweekday() for day in days)
        for one in template.opened:
            if weekdays[one.weekday]:
                found[one.clock] += one.starts * weekdays[one.weekday]
    return found


def _beyond(template: StartTemplate | None, rows: Sequence[Started]) -> Counter[int]:
    found: Counter[int] = Counter()
    if template is None:
        return found
    began: defaultdict[tuple[date, int, int], int] = defaultdict(int)
    for row in rows:
        began[row.date, row.clock // QUARTER, row.protocol.chair_minutes] += row.visits
    for (day, quarter, length), visits in began.items():
        week = template.of_length(length)
        if week is not None:
            found[quarter * QUARTER] += max(0, visits - week[day.isoweekday()][quarter])
    return found
