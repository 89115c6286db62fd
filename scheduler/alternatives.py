"""What a patient would notice: the ways in which one plan differs from another.

A plan differs noticeably from one that is shown when

- each of its sessions is at least an hour away from the usual hour of the other; or
- one of the usual weekdays of the other is not used at all; or
- it ends at least a week sooner; or, where several sessions a day are meant, begins at least a week later.

Each of these leaves out some starts and nothing else, which is what lets the search stay exact (`search`).
When a series is planned again, what counts is the places that are new: another plan must leave out at least
one of them, by another date or by an hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scheduler.chain import Chain, Spot
from scheduler.found import Found, Keep, Ways
from scheduler.preferences import best_hour, usual_days
from scheduler.roles import Roles

OTHER_HOUR_MINUTES = 60
A_WEEK = 7


def from_plan(chain: Chain) -> Ways:
    """The ways to differ from a plan of a whole series."""

    def ways(shown: Found) -> Sequence[Keep]:
        first, last = shown.spots[0].day, shown.spots[-1].day
        if chain.block:
            return [_until(last - A_WEEK), _from(first + A_WEEK)]
        found = [_until(last - A_WEEK), _off_hour(best_hour(spot.clock for spot in shown.spots))]
        days = usual_days(chain.case.phase.spacing)
        if days < A_WEEK:
            counts = Counter(spot.weekday for spot in shown.spots)
            usual = sorted(counts, key=lambda weekday: (-counts[weekday], weekday))[:days]
            found.extend(_not_on(weekday) for weekday in sorted(usual))
        return found

    return ways


def from_change(roles: Roles) -> Ways:
    """The ways to differ from a plan of what is left of a series."""
    kept = frozenset(roles.old)

    def without(left: Spot) -> Keep:
        def keep(spot: Spot) -> bool:
            near = spot.day == left.day and abs(spot.start - left.start) < OTHER_HOUR_MINUTES
            return spot.start in kept or not near

        return keep

    return lambda shown: [without(spot) for spot in shown.spots if spot.start not in kept]


def _until(day: int) -> Keep:
    return lambda spot: spot.day <= day


def _from(day: int) -> Keep:
    return lambda spot: spot.day >= day


def _off_hour(hour: int) -> Keep:
    return lambda spot: abs(spot.clock - hour) >= OTHER_HOUR_MINUTES


def _not_on(weekday: int) -> Keep:
    return lambda spot: spot.weekday != weekday
