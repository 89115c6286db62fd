"""What the engine says when a rule is broken: which rule, which sessions, what it asks and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The names of the rules, as clients see them."""

    MIN_GAP = "min_gap"
    MAX_GAP = "max_gap"
    ROLLING_LIMIT = "rolling_limit"
    ONE_PER_DAY = "one_per_day"
    COMPLETE_WITHIN = "complete_within"
    WASHOUT = "washout"
    CLEARANCE = "clearance"
    LEAD_TIME = "lead_time"
    HORIZON = "horizon"
    CLOSED = "closed"
    CHAIR = "chair"
    NURSING = "nursing"
    START_STAGGER = "start_stagger"
    PATIENT_OVERLAP = "patient_overlap"
    WISH = "wish"


#: Only a prescriber may override these.
CLINICAL = frozenset(
    {
        Rule.MIN_GAP,
        Rule.MAX_GAP,
        Rule.ROLLING_LIMIT,
        Rule.ONE_PER_DAY,
        Rule.COMPLETE_WITHIN,
        Rule.WASHOUT,
        Rule.CLEARANCE,
    }
)
#: Any member of staff may override these.
OPERATIONAL = frozenset(
    {Rule.CLOSED, Rule.NURSING, Rule.START_STAGGER, Rule.LEAD_TIME, Rule.HORIZON, Rule.WISH}
)
#: Nobody may override these: two bodies in one chair, one body in two chairs.
PHYSICAL = frozenset({Rule.CHAIR, Rule.PATIENT_OVERLAP})
#: Rules between the sessions of one patient, refused as `spacing`; the others, about a place, as
#: `not-offered`.
SPACING = frozenset(
    {
        Rule.MIN_GAP,
        Rule.MAX_GAP,
        Rule.ROLLING_LIMIT,
        Rule.ONE_PER_DAY,
        Rule.COMPLETE_WITHIN,
        Rule.WASHOUT,
        Rule.CLEARANCE,
    }
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule. `required` and `actual` are numbers or words that a client can show side by side."""

    rule: Rule
    sessions: tuple[int, ...]  # numbers of the sessions concerned, in the order of the series
    required: int | str | None
    actual: int | str | None
    detail: str  # a sentence for a person; says what would be possible where that is known
