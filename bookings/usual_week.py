"""A usual week of a clinic: what each weekday is asked for, and what it has to offer.

What is asked for is what was booked, whoever came in the end: of each kind of visit, so many a day that four
days of five asked for no more. What there is to offer are today's chairs, hours and way of counting nurses,
and at each minute as many nurses as were on duty then on at least half of those dates.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bookings import lifecycle, snapshot
from bookings.models import Clinic
from bookings.quarters import Started, most_at_once, set_ups, started
from scheduler.bits import ones
from scheduler.hours import dates
from scheduler.spans import Minute, Span
from scheduler.start_template import QUARTER
from scheduler.supply import Shift, Supply, Window
from scheduler.templating import Kind

#: From so many weeks a template is drawn up unless told otherwise, and from so many at most.
USUAL_WEEKS, MOST_WEEKS = 12, 52
#: Of so many days, so many ask for no more of a kind than the usual day.
DAYS, ENOUGH = 5, 4


@dataclass(frozen=True)
class UsualDay:
    """A weekday: the `supply` has its nurses on the date of `day` and stands for all such dates."""

    weekday: int  # ISO
    day: date
    dates: int  # on which the clinic was open
    supply: Supply
    wanted: dict[Kind, int]
    mean_peak: float  # of the dates' most visits at one time that need a nurse to themselves


@dataclass(frozen=True)
class UsualWeek:
    """The weekdays on which anything is asked for, and all that they were made of."""

    days: tuple[UsualDay, ...]
    booked: tuple[Booked, ...]


@dataclass(frozen=True, order=True, slots=True)
class Booked:
    """So many visits of one length began in one quarter of a weekday, all dates together."""

    weekday: int
    clock: int  # minutes after midnight
    length: int
    visits: int


def usual_week(clinic: Clinic, first: date, last: date) -> UsualWeek:
    """The usual week of those dates, without those on which the clinic was closed or its clock changed. Two
    queries besides the clinic's supply.
    """
    supply = snapshot.supply_of(clinic)
    windows: defaultdict[int, list[Window]] = defaultdict(list)
    for day in dates(first, last):
        window = supply.window(day, 0)
        if window.open & ones(window.end - window.start) and len(window.stretches) == 1:
            windows[day.isoweekday()].append(window)
    taught = {window.date for there in windows.values() for window in there}
    rows = [row for row in started(clinic, first, last, without={lifecycle.CANCELLED}) if row.date in taught]
    high = most_at_once(rows, set_ups)
    days = []
    for weekday, there in sorted(windows.items()):
        if wanted := _wanted([row for row in rows if row.date.isoweekday() == weekday], len(there)):
            mean = sum(high.get(window.date, 0) for window in there) / len(there)
            usual = replace(supply, closures=(), shifts=_usual_shifts(supply, there), template=None)
            days.append(UsualDay(weekday, there[-1].date, len(there), usual, wanted, mean))
    return UsualWeek(tuple(days), _booked(rows))


def _wanted(rows: Sequence[Started], dates_open: int) -> dict[Kind, int]:
    by_kind: defaultdict[Kind, Counter[date]] = defaultdict(Counter)
    for row in rows:
        by_kind[Kind.of(row.protocol)][row.date] += row.visits
    found = {}
    for kind, visits in sorted(by_kind.items()):
        counts = sorted([*visits.values(), *[0] * (dates_open - len(visits))])
        if usual := counts[-(-ENOUGH * dates_open // DAYS) - 1]:
            found[kind] = usual
    return found


def _usual_shifts(supply: Supply, windows: Sequence[Window]) -> tuple[Shift, ...]:
    """Shifts on the last of the dates with as many nurses at each minute as on at least half of them."""
    base = windows[-1].start
    changes: defaultdict[Minute, Counter[int]] = defaultdict(
        Counter
    )  # minute of the day → date → nurses more
    for index, window in enumerate(windows):
        for shift in supply.shifts_near(window.start, window.end):
            changes[max(shift.start, window.start) - window.start][index] += 1
            changes[min(shift.end, window.end) - window.start][index] -= 1
    on_duty, usual = [0] * len(windows), 0
    begun: list[Minute] = []
    shifts: list[Shift] = []
    for at in sorted(changes):
        for index, more in changes[at].items():
            on_duty[index] += more
        usual = sorted(on_duty)[(len(on_duty) - 1) // 2]
        while len(begun) > usual:
            shifts.append(Shift(f"nurse {len(begun)}", Span(base + begun.pop(), base + at)))
        begun += [at] * (usual - len(begun))
    return tuple(shifts)


def _booked(rows: Sequence[Started]) -> tuple[Booked, ...]:
    counts: Counter[tuple[int, int, int]] = Counter()
    for row in rows:
        counts[row.date.isoweekday(), row.clock - row.clock % QUARTER, row.protocol.chair_minutes] += (
            row.visits
        )
    return tuple(Booked(*key, visits) for key, visits in sorted(counts.items()))
