"""The hard rules: the one judge of what may be booked.

`check` is the door. Each rule is one small function, opened by a sentence that a nurse could confirm or deny;
a place rule judges one place in the clinic's diary, a series rule the patient's sessions against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from scheduler import place_rules, series_rules
from scheduler.case import Case, Clearance, Place, Visit, Wish
from scheduler.diary import Claim
from scheduler.series_rules import SoftGap, soft_gaps
from scheduler.violations import Rule, Violation

__all__ = [
    "PLACE_RULES",
    "SERIES_RULES",
    "Case",
    "Clearance",
    "Place",
    "SoftGap",
    "Visit",
    "Wish",
    "check",
    "soft_gaps",
]

PlaceRule = Callable[[Case, Place], Violation | None]
SeriesRule = Callable[[Case, Sequence[Visit]], Iterable[Violation]]

PLACE_RULES: dict[Rule, PlaceRule] = {
    Rule.CLOSED: place_rules.closed,
    Rule.CHAIR: place_rules.chair,
    Rule.NURSING: place_rules.nursing,
    Rule.START_STAGGER: place_rules.start_stagger,
    Rule.LEAD_TIME: place_rules.lead_time,
    Rule.HORIZON: place_rules.horizon,
}
SERIES_RULES: dict[Rule, SeriesRule] = {
    Rule.PATIENT_OVERLAP: series_rules.patient_overlap,
    Rule.MIN_GAP: series_rules.min_gap,
    Rule.ONE_PER_DAY: series_rules.one_per_day,
    Rule.MAX_GAP: series_rules.max_gap,
    Rule.ROLLING_LIMIT: series_rules.rolling_limit,
    Rule.COMPLETE_WITHIN: series_rules.complete_within,
    Rule.WASHOUT: series_rules.washout,
    Rule.CLEARANCE: series_rules.clearance,
    Rule.WISH: series_rules.wish,
}


def check(
    case: Case, places: Sequence[Place], *, skip: frozenset[Rule] = frozenset()
) -> tuple[Violation, ...]:
    """Every rule that the places break, place by place in order of time, then the rules between the sessions.

    Empty when all of them may be booked together. `skip` names rules that are not judged.
    """
    found: list[Violation] = []
    placed: list[Place] = []
    for place in sorted(places, key=lambda place: (place.start, place.number)):
        with_earlier = _beside(case, place, placed)
        placed.append(place)
        for rule, judge in PLACE_RULES.items():
            if rule not in skip and (violation := judge(with_earlier, place)):
                found.append(violation)
    timeline = case.timeline(places)
    for rule, judge_series in SERIES_RULES.items():
        if rule not in skip:
            found.extend(judge_series(case, timeline))
    return tuple(found)


def _beside(case: Case, place: Place, placed: Sequence[Place]) -> Case:
    """The case with those earlier places in the diary that are so near that they could matter to this one."""
    stagger = case.supply.start_stagger
    reach = max(case.protocol.chair_minutes, stagger.minutes if stagger else 0)
    near = [other for other in placed if other.start + reach > place.start]
    for other in near:
        free = place_rules.free_chairs(case, other.start)
        chair = other.chair or (free[0].id if free else "")
        claim = Claim(f"session {other.number}", chair, other.start, case.protocol.timed_steps)
        case = replace(case, diary=case.diary.with_claims([claim]))
    return case
