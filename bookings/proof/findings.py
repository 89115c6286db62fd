"""What a proof finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bookings.proof.rows import Row
from scheduler.violations import Rule

#: Rules that look at the roster, which may have changed since the place was judged.
_OF_THE_ROSTER = frozenset({Rule.CLOSED, Rule.CHAIR, Rule.NURSING, Rule.START_STAGGER})


class Excuse(StrEnum):
    """Why a broken rule is no fault of the diary."""

    NONE = "none"
    OVERRIDDEN = "overridden"  # staff decided so, with a reason
    DISPLACED = "displaced"  # the roster has changed since; a person must look


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule of one session or hold. `rule` is a rule's name, or `claim`, `whole`, `state` for
    rows that do not fit together.
    """

    clinic: str  # slug
    start: str  # ISO, UTC
    session: str | None
    series: str | None
    hold: str | None
    number: int
    rule: str
    detail: str
    excuse: Excuse

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def found(row: Row, rule: str, detail: str, excuse: Excuse) -> Finding:
    """A finding about the session or hold of that row."""
    return Finding(
        clinic=row.clinic_slug,
        start=row.started.isoformat(),
        session=row.session,
        series=row.series,
        hold=row.hold,
        number=row.number,
        rule=str(rule),
        detail=detail,
        excuse=excuse,
    )


def excuse_of(row: Row, rule: Rule, *, roster_version: int) -> Excuse:
    """Whether the session itself was allowed to break the rule, or was placed under another roster."""
    if rule in row.overridden:
        return Excuse.OVERRIDDEN
    if rule in _OF_THE_ROSTER and row.roster_version < roster_version:
        return Excuse.DISPLACED
    return Excuse.NONE
