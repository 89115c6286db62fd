"""A rule bent by a little, where it is a matter of degree: the same question asked as a milder case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from scheduler.case import Case
from scheduler.protocol import RollingLimit
from scheduler.supply import OpeningHours, Supply
from scheduler.unruly import nearer, spaced, washed
from scheduler.violations import Rule

_DAY = 24 * 60
#: The changes that make a least gap one day shorter: first its hours give way, then the date.
CHANGES_A_DAY = 2


def bends(case: Case, rule: Rule, *, first: date, last: date) -> int:
    """By how many steps a rule can be bent on those dates before it bars nothing more; 0 where it cannot."""
    spacing, span = case.phase.spacing, max(1, (last - first).days)
    if rule is Rule.MIN_GAP:
        spacings = [spacing, *(visit.spacing for visit in case.history)]
        return max(
            max(CHANGES_A_DAY * one.min_gap_days, CHANGES_A_DAY * -(-one.min_gap_minutes // _DAY) - 1)
            for one in spacings
        )
    if rule is Rule.WASHOUT:
        washouts = [*case.protocol.washouts, *(one for visit in case.history for one in visit.washouts)]
        return max((one.days for one in washouts), default=0)
    if rule is Rule.LEAD_TIME:
        return case.protocol.lead_time_hours if case.by_patient else 0
    if rule is Rule.MAX_GAP:
        return 0 if spacing.max_gap_days is None else span
    if rule is Rule.COMPLETE_WITHIN:
        return 0 if spacing.complete_within_days is None else span
    return 2 if rule is Rule.CLOSED and case.supply.hours else 0


def bent(case: Case, rule: Rule, steps: int) -> Case:
    """The case with a rule bent by so many steps. More steps never bar more.

    A step is half a day, a day, an hour or one session more; or, of a clinic that is closed, opening on all
    days at its usual hours first, and then also through its closures.
    """
    spacing = case.phase.spacing
    if rule is Rule.MIN_GAP:
        spacings = [spacing, *(visit.spacing for visit in case.history)]
        days = max(one.min_gap_days for one in spacings) - steps // CHANGES_A_DAY
        minutes = max(one.min_gap_minutes for one in spacings) - (steps + 1) // CHANGES_A_DAY * _DAY
        return nearer(case, minutes=max(0, minutes), days=max(0, days))
    if rule is Rule.WASHOUT:
        return washed(case, fewer=steps)
    if rule is Rule.LEAD_TIME:
        hours = case.protocol.lead_time_hours - steps
        return replace(case, protocol=replace(case.protocol, lead_time_hours=hours))
    if rule is Rule.MAX_GAP:
        return spaced(case, max_gap_days=(spacing.max_gap_days or 0) + steps)
    if rule is Rule.COMPLETE_WITHIN:
        return spaced(case, complete_within_days=(spacing.complete_within_days or 0) + steps)
    if rule is Rule.CLOSED:
        return replace(case, supply=_opened(case.supply, closures=steps < 2))
    limit = spacing.rolling_limit
    assert limit is not None, "the rules that bend are those with a degree"
    return spaced(case, rolling_limit=RollingLimit(limit.sessions + steps, limit.days))


def _opened(supply: Supply, *, closures: bool) -> Supply:
    opens = min(row.opens for row in supply.hours)
    ends = [row.closes for row in supply.hours]
    closes = time(0) if time(0) in ends else max(ends)
    return replace(
        supply,
        hours=tuple(OpeningHours(weekday, opens, closes) for weekday in range(1, 8)),
        closures=tuple(one for one in supply.closures if closures or one.chair is not None),
    )
