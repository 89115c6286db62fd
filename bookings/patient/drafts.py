"""What somebody has typed and chosen so far, kept in their session by the server until it is booked.

A hold is known to a page only through this: whoever guesses the id of another's hold sees nothing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

_HOLDS, _PERSON = "holds", "person"
_MOST_HOLDS = 5


def keep_hold(request: HttpRequest, hold: UUID, **facts: Any) -> None:
    """Remember a hold of this browser: for what it is, so that it can be made again."""
    kept = request.session.get(_HOLDS, {})
    kept[str(hold)] = {**kept.get(str(hold), {}), **facts}
    request.session[_HOLDS] = dict(list(kept.items())[-_MOST_HOLDS:])


def hold_facts(request: HttpRequest, hold: UUID) -> dict[str, Any] | None:
    """What is remembered of that hold; None where this browser has none such."""
    facts: dict[str, Any] | None = request.session.get(_HOLDS, {}).get(str(hold))
    return facts


def held_before(request: HttpRequest) -> list[UUID]:
    """The holds of this browser that have not become a booking."""
    return [UUID(key) for key, facts in request.session.get(_HOLDS, {}).items() if not facts.get("series")]


def keep_person(request: HttpRequest, typed: dict[str, Any]) -> None:
    """Remember what was typed, as it was typed."""
    request.session[_PERSON] = typed


def person(request: HttpRequest) -> dict[str, Any]:
    """What was typed."""
    typed: dict[str, Any] = request.session.get(_PERSON, {})
    return typed


def forget_person(request: HttpRequest) -> None:
    """It is booked: what was typed is kept with the patient and nowhere else."""
    request.session.pop(_PERSON, None)
