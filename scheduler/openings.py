"""Where one session fits, in order, with reasons for every hour that was refused."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from scheduler.bits import positions
from scheduler.hours import dates
from scheduler.place_rules import free_chairs as _free_chairs
from scheduler.rules import Case, Place, check
from scheduler.spans import Minute


class Opening(NamedTuple):
    """One start at which a session would fit."""

    start: Minute
    end: Minute  # when the patient would leave
    chairs: int  # how many chairs are free for it


def openings(case: Case, *, first: date, last: date, number: int = 1) -> dict[date, tuple[Opening, ...]]:
    """Every start on the clinic's grid at which session `number` keeps every rule, by clinic-local date.

    Each date from `first` to `last` is there, with no openings where there are none.
    """
    found = {}
    for day in dates(first, last):
        window = case.supply.window(day, case.protocol.chair_minutes)
        found[day] = tuple(
            Opening(start, start + case.protocol.visit_minutes, len(_free_chairs(case, start)))
            for start in (window.start + at for at in positions(window.starts(case.protocol.visit_minutes)))
            if not check(case, [Place(number, start)])
        )
    return found
