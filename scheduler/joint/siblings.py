"""What keeps the sessions of two courses of one patient apart, as sums over where they could be."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.joint.spacing import Spacing
from scheduler.protocol import Protocol


class _Apart(NamedTuple):
    """The least distance of two sessions, one of each course, start to start and by calendar days."""

    before: int  # minutes that the other starts before
    after: int  # minutes that the other starts after
    days: int


def keep_apart(one: Spacing, other: Spacing) -> None:
    """min_gap, one_per_day, washout, patient_overlap: where there is a session of the one, none of the other
    is too near.
    """
    least = _least(one, other)
    together: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    for spot, sessions in zip(one.spots, one.there, strict=True):
        by_day = [spot.day - least.days + 1, spot.day + least.days] if least.days else [spot.day, spot.day]
        first, last = (bisect_left(other.spots, day, key=lambda spot: spot.day) for day in by_day)
        soonest = bisect_left(other.starts, spot.start - least.before + 1)
        latest = bisect_left(other.starts, spot.start + least.after)
        if least.days:
            soonest, latest = min(first, soonest), max(last, latest)
        if soonest < latest:
            together[soonest, latest] += sessions
    for (first, last), sessions in together.items():
        none = one.model.add(cp_model.LinearExpr.sum(other.between(first, last)) == 0)
        none.only_enforce_if(one.any(sessions))


def _least(one: Spacing, other: Spacing) -> _Apart:
    mine, theirs = one.case.protocol, other.case.protocol
    minutes = days = 0
    if mine.spacing_group == theirs.spacing_group:
        minutes = max(one.spacing.min_gap_minutes, other.spacing.min_gap_minutes)
        days = max(one.spacing.min_gap_days, other.spacing.min_gap_days)
    else:
        days = max(_washout(mine, theirs), _washout(theirs, mine))
    return _Apart(max(minutes, theirs.visit_minutes), max(minutes, mine.visit_minutes), days)


def _washout(one: Protocol, other: Protocol) -> int:
    """The calendar days that the one treatment keeps from the other."""
    return max(
        (rule.days for rule in one.washouts if rule.spacing_group in (other.spacing_group, "*")), default=0
    )
