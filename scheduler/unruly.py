"""The same question with some of the rules left out, asked as another case that simply has nothing to
break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import time, timedelta

from scheduler.case import Case, Wish
from scheduler.diary import PatientSession
from scheduler.hours import day_start
from scheduler.protocol import NurseNeed, Protocol, RollingLimit, Spacing
from scheduler.supply import Chair, OpeningHours
from scheduler.violations import Rule

_LONG_AGO = timedelta(days=3_650)  # any start anybody asks about is in the future of that
_FAR_DAYS = 36_500


def without(case: Case, rules: Iterable[Rule]) -> Case:
    """A case in which those rules bar no place on the grid, and each other rule judges as before.

    The case itself where they bar nothing anyway. What is between two places (`patient_overlap`, `chair`) is
    told to the chain, see `Chain.skip`; a least gap of a day keeps `one_per_day` in force when only `min_gap`
    is left out.
    """
    left_out = frozenset(rules)
    for rule, change in _WITHOUT.items():
        if rule in left_out:
            case = change(case)
    if Rule.MIN_GAP in left_out:
        case = nearer(case, minutes=0, days=0 if Rule.ONE_PER_DAY in left_out else 1)
    return case


def nearer(case: Case, *, minutes: int, days: int) -> Case:
    """A case in which no least gap, also of what is booked, asks for more than that."""

    def most(spacing: Spacing) -> Spacing:
        if spacing.min_gap_minutes <= minutes and spacing.min_gap_days <= days:
            return spacing
        return replace(
            spacing,
            min_gap_minutes=min(minutes, spacing.min_gap_minutes),
            min_gap_days=min(days, spacing.min_gap_days),
        )

    def phases(protocol: Protocol) -> Protocol:
        return replace(
            protocol, phases=tuple(replace(one, spacing=most(one.spacing)) for one in protocol.phases)
        )

    changed = replace(
        case,
        phase=replace(case.phase, spacing=most(case.phase.spacing)),
        booked=_under(case.booked, phases),
    )
    return case if changed == case else changed


def washed(case: Case, *, fewer: int) -> Case:
    """A case in which each washout, also of what is booked, is so many days shorter."""

    def shorter(protocol: Protocol) -> Protocol:
        washouts = (replace(one, days=one.days - fewer) for one in protocol.washouts)
        return replace(protocol, washouts=tuple(one for one in washouts if one.days > 0))

    changed = replace(case, protocol=shorter(case.protocol), booked=_under(case.booked, shorter))
    return case if changed == case else changed


def _under(
    booked: Sequence[PatientSession], change: Callable[[Protocol], Protocol]
) -> tuple[PatientSession, ...]:
    return tuple(replace(one, protocol=change(one.protocol)) if one.protocol else one for one in booked)


def idle(case: Case, rule: Rule) -> bool:
    """Whether a rule bars nothing in this case that the others do not bar as well."""
    spacing = case.phase.spacing
    if rule is Rule.ONE_PER_DAY:
        return True  # where it holds, the least gap of a day does too
    if rule is Rule.PATIENT_OVERLAP:
        return not case.booked and spacing.min_gap_minutes >= case.protocol.visit_minutes
    return without(case, {rule, Rule.ONE_PER_DAY}) is case


def spaced(case: Case, **changes: int | RollingLimit | None) -> Case:
    """A case whose phase is spaced differently in those ways."""
    spacing = replace(case.phase.spacing, **changes)  # type: ignore[arg-type]
    return replace(case, phase=replace(case.phase, spacing=spacing))


def _no_overlap(case: Case) -> Case:
    if not case.booked:
        return case
    length = case.protocol.visit_minutes
    return replace(case, booked=tuple(replace(one, end=one.start - length) for one in case.booked))


def _no_stagger(case: Case) -> Case:
    return (
        case
        if case.supply.start_stagger is None
        else replace(case, supply=replace(case.supply, start_stagger=None))
    )


def _no_nursing(case: Case) -> Case:
    steps = tuple(replace(step, nurse=NurseNeed.NONE) for step in case.protocol.steps)
    return (
        case if steps == case.protocol.steps else replace(case, protocol=replace(case.protocol, steps=steps))
    )


def _no_chair(case: Case) -> Case:
    spare = Chair("spare", "spare", case.protocol.chair_features)
    return replace(case, supply=replace(case.supply, chairs=(*case.supply.chairs, spare)))


def _always_open(case: Case) -> Case:
    hours = tuple(OpeningHours(weekday, time(0), time(0)) for weekday in range(1, 8))
    closures = tuple(closure for closure in case.supply.closures if closure.chair is not None)
    return replace(case, supply=replace(case.supply, hours=hours, closures=closures))


def _no_washout(case: Case) -> Case:
    return washed(case, fewer=_FAR_DAYS)


def _no_rolling_limit(case: Case) -> Case:
    return spaced(case, rolling_limit=None) if case.phase.spacing.rolling_limit else case


def _no_max_gap(case: Case) -> Case:
    return case if case.phase.spacing.max_gap_days is None else spaced(case, max_gap_days=None)


def _no_deadline(case: Case) -> Case:
    return (
        case if case.phase.spacing.complete_within_days is None else spaced(case, complete_within_days=None)
    )


def _no_horizon(case: Case) -> Case:
    return replace(case, protocol=replace(case.protocol, horizon_days=_FAR_DAYS)) if case.by_patient else case


def _no_lead_time(case: Case) -> Case:
    today = case.supply.date_of(case.now)
    then = day_start(today - _LONG_AGO, case.supply.time_zone)
    horizon = case.protocol.horizon_days + _LONG_AGO.days
    return replace(case, now=then, protocol=replace(case.protocol, lead_time_hours=0, horizon_days=horizon))


def _no_clearance(case: Case) -> Case:
    return case if case.clearance is None else replace(case, clearance=None)


def _no_wish(case: Case) -> Case:
    return case if case.wish == Wish() else replace(case, wish=Wish())


_WITHOUT: dict[Rule, Callable[[Case], Case]] = {
    Rule.PATIENT_OVERLAP: _no_overlap,
    Rule.START_STAGGER: _no_stagger,
    Rule.NURSING: _no_nursing,
    Rule.CHAIR: _no_chair,
    Rule.CLOSED: _always_open,
    Rule.WASHOUT: _no_washout,
    Rule.ROLLING_LIMIT: _no_rolling_limit,
    Rule.MAX_GAP: _no_max_gap,
    Rule.COMPLETE_WITHIN: _no_deadline,
    Rule.HORIZON: _no_horizon,
    Rule.LEAD_TIME: _no_lead_time,
    Rule.CLEARANCE: _no_clearance,
    Rule.WISH: _no_wish,
}

#: Every rule, in the order in which it is tried without. Where several sets of rules would each explain a
#: refusal, the rules at the end are the ones named: a wish is easier to change than a wall.
ORDER = (
    Rule.PATIENT_OVERLAP,
    Rule.START_STAGGER,
    Rule.NURSING,
    Rule.CHAIR,
    Rule.CLOSED,
    Rule.ONE_PER_DAY,
    Rule.WASHOUT,
    Rule.ROLLING_LIMIT,
    Rule.MIN_GAP,
    Rule.HORIZON,
    Rule.LEAD_TIME,
    Rule.CLEARANCE,
    Rule.MAX_GAP,
    Rule.COMPLETE_WITHIN,
    Rule.WISH,
)
