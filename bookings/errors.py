"""Every way in which the diary says no: a code, a sentence for a person, and facts for a program.

Facts are ready for JSON but for their times, which are aware datetimes: each door writes them its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from scheduler.violations import Violation
from scheduler.wording import plural

Facts = dict[str, Any]


def violation_facts(violations: Sequence[Violation]) -> list[Facts]:
    """Violations as clients see them."""
    return [
        {
            "rule": violation.rule.value,
            "sessions": list(violation.sessions),
            "required": violation.required,
            "actual": violation.actual,
            "detail": violation.detail,
        }
        for violation in violations
    ]


class Refused(Exception):
    """The diary says no. Nothing was written."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Facts = facts


class Invalid(Refused):
    """The question itself is malformed."""

    code = "invalid"
    status = 400

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, errors=[{"field": field, "detail": detail}])


class NotAllowed(Refused):
    """This one may not do that."""

    code = "forbidden"
    status = 403


class NotFound(Refused):
    """There is no such thing, or it is somebody else's."""

    code = "not-found"
    status = 404


class Stale(Refused):
    """It has changed since the caller read it."""

    code = "stale"
    status = 412

    def __init__(self, *, version: int) -> None:
        super().__init__("It has changed since you read it. Read it again.", version=version)


class WrongState(Refused):
    """The session or series is not in a state from which this can be done."""

    code = "wrong-state"
    status = 409

    def __init__(self, detail: str, *, now: str, allowed: Sequence[str]) -> None:
        super().__init__(detail, status=now, allowed=list(allowed))


class WrongCredentials(Refused):
    """The pair does not fit. Which half is wrong, or whether anybody is known there, is never said."""

    code = "credentials"
    status = 401

    def __init__(self) -> None:
        super().__init__("That does not match. Check what you typed, or ask for a new code.")


class HoldExpired(Refused):
    """The time for which the places were kept is over, or they were given back."""

    code = "hold-expired"
    status = 409

    def __init__(self) -> None:
        super().__init__("The places were kept for a while only, and that time is over. Please choose again.")


class Taken(Refused):
    """Somebody else has the place."""

    code = "taken"
    status = 409

    def __init__(
        self,
        *,
        sessions: Sequence[Mapping[str, Any]],
        violations: Sequence[Violation] = (),
        alternatives: Sequence[Mapping[str, Any]] = (),
        **facts: Any,
    ) -> None:
        detail = violations[0].detail if violations else "That place was taken a moment ago."
        super().__init__(
            detail,
            sessions=list(sessions),
            alternatives=list(alternatives),
            violations=violation_facts(violations),
            **facts,
        )


class _Violated(Refused):
    status = 422

    def __init__(self, violations: Sequence[Violation], **facts: Any) -> None:
        super().__init__(violations[0].detail, violations=violation_facts(violations), **facts)


class SpacingBroken(_Violated):
    """The patient's sessions would be too close together or too far apart."""

    code = "spacing"


class NotOffered(_Violated):
    """The clinic does not offer that place: hours, capacity, notice, horizon."""

    code = "not-offered"


class AssessmentNeeded(Refused):
    """A prescriber looks at the patient before this session may begin."""

    code = "assessment-needed"
    status = 409

    def __init__(self, *, after: int, allowed: Sequence[str]) -> None:
        super().__init__(
            f"An assessment is needed after {plural(after, 'session')}, before the next one begins.",
            after=after,
            allowed=list(allowed),
            override={"needs": "prescriber", "rules": ["assessment"]},
        )


class UnplannableSeries(Refused):
    """No plan keeps every rule."""

    code = "unplannable"
    status = 422

    def __init__(
        self, *, session: int, violations: Sequence[Violation], relaxations: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(
            f"Session {session} cannot be placed.",
            session=session,
            violations=violation_facts(violations),
            relaxations=list(relaxations),
        )


class NotTogether(Refused):
    """Some of many series cannot be placed so. Facts: which, each with its reason, and the rest of them."""

    code = "not-together"
    status = 409

    def __init__(self, series: Sequence[Mapping[str, Any]], *, possible: Sequence[UUID]) -> None:
        super().__init__(
            "Not all of these can be carried out together. Nothing was changed.",
            series=list(series),
            possible=list(possible),
        )


class Busy(Refused):
    """Others are writing on the same days; nothing is wrong with the question."""

    code = "busy"
    status = 503

    def __init__(self, *, retry_after: int = 1) -> None:
        super().__init__("The diary is busy just now. Please try again.", retry_after=retry_after)
