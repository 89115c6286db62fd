"""Where one session fits, in order, with reasons for every hour that was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from scheduler import place_rules
from scheduler.allowance import Allowance
from scheduler.bits import ones, positions, tally
from scheduler.case import Case, Place
from scheduler.hours import dates
from scheduler.rules import check
from scheduler.spans import Minute
from scheduler.supply import Window
from scheduler.vacancy import Vacancy, vacancy
from scheduler.violations import Violation

_NEAREST_DAYS = 92  # how far `nearest` looks, either way


class Opening(NamedTuple):
    """One start at which a session would fit."""

    start: Minute
    end: Minute  # when the patient would leave
    chairs: int  # how many chairs are free for it


@dataclass(frozen=True, slots=True)
class Refusal:
    """One start at which a session would not fit, with every rule that it breaks."""

    start: Minute
    violations: tuple[Violation, ...]


def openings(case: Case, *, first: date, last: date, number: int = 1) -> dict[date, tuple[Opening, ...]]:
    """Every start on the clinic's grid at which session `number` keeps every rule, by clinic-local date.

    These are the starts for which `rules.check` finds nothing, one session at a time, against the diary and
    what the patient has booked. Each date from `first` to `last` is there, with no openings where there are
    none.
    """
    allowance = Allowance(case, number=number)
    return {day: _on_date(case, allowance, day) for day in dates(first, last)}


def lone_starts(case: Case, *, first: date, last: date) -> dict[date, list[Minute]]:
    """The starts of the openings of a first session alone, in order, for the dates that have any: plans look
    at so many that counting the chairs of each would take a good part of the time.
    """
    allowance = Allowance(case, number=1)
    found = {}
    for day in dates(first, last):
        window, _, fitting = _fitting(case, allowance, day)
        if fitting:
            found[day] = [window.start + at for at in positions(fitting)]
    return found


def explain(case: Case, *, first: date, last: date, number: int = 1) -> tuple[Refusal, ...]:
    """Every other start on the grid within the weekly hours, in order, with all the rules that it breaks."""
    found = []
    for day in dates(first, last):
        window = case.supply.window(day, case.protocol.chair_minutes)
        for at in positions(window.grid & window.hours):
            violations = check(case, [Place(number, window.start + at)])
            if violations:
                found.append(Refusal(window.start + at, violations))
    return tuple(found)


def nearest(case: Case, start: Minute, *, limit: int = 3, number: int = 1) -> tuple[Opening, ...]:
    """The openings nearest in time to `start`, nearest first, the earlier of two equally near ones first.

    Looks at most 92 days either way.
    """
    day = case.supply.date_of(start)
    allowance = Allowance(case, number=number)
    found: list[Opening] = []
    for days in range(_NEAREST_DAYS + 1):
        for near in sorted({day - timedelta(days=days), day + timedelta(days=days)}):
            found.extend(_on_date(case, allowance, near))
        found.sort(key=lambda opening: (abs(opening.start - start), opening.start))
        # Every date further out is more than this many days of 24 hours away, also over a change of clock.
        if len(found) >= limit and abs(found[limit - 1].start - start) <= (days - 1) * 24 * 60:
            break
    return tuple(found[:limit])


def free_chairs(case: Case, start: Minute) -> tuple[str, ...]:
    """The chairs that are free and fit for a visit from `start`, in the clinic's order."""
    return tuple(chair.id for chair in place_rules.free_chairs(case, start))


def choose_chair(case: Case, start: Minute) -> str | None:
    """The free chair that this visit fits most tightly, or None.

    First one with the fewest features that the treatment does not need, then the one whose free time around
    the visit is shortest, so that long free stretches stay whole; then the clinic's order.
    """
    window = case.supply.window(case.supply.date_of(start), case.protocol.chair_minutes)
    taken = case.diary.taken(window.start, window.end + window.reach)
    offset, end = start - window.start, start - window.start + case.protocol.chair_minutes

    def slack(chair_id: str) -> int:
        barred = (taken.busy.get(chair_id, 0) | window.out.get(chair_id, 0)) & window.all
        before = offset - (barred & ones(offset)).bit_length()
        after = next(positions(barred >> end), window.length - end)
        return before + after

    free = place_rules.free_chairs(case, start)
    if not free:
        return None
    needed = case.protocol.chair_features
    return min(free, key=lambda chair: (len(chair.features - needed), slack(chair.id))).id


def _on_date(case: Case, allowance: Allowance, day: date) -> tuple[Opening, ...]:
    window, vacant, starts = _fitting(case, allowance, day)
    if vacant is None:
        return ()
    first, length = window.start, case.protocol.visit_minutes
    return tuple(
        [Opening(first + at, first + at + length, chairs) for at, chairs in tally(vacant.chairs, starts)]
    )


def _fitting(case: Case, allowance: Allowance, day: date) -> tuple[Window, Vacancy | None, int]:
    """The minutes of a date at which a visit may start; with what is vacant, unless the rules for one session
    allow none.
    """
    window = case.supply.window(day, case.protocol.chair_minutes)
    starts = allowance.starts(window)
    if not starts:
        return window, None, 0
    vacant = vacancy(case.supply, case.diary, window, case.protocol)
    starts &= vacant.starts
    return window, vacant, allowance.keeps_dates(window, starts) if starts else 0
