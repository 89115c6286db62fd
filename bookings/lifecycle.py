"""The states of a session, as a table. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping

REQUESTED, BOOKED, CONFIRMED = "requested", "booked", "confirmed"
ARRIVED, INFUSING, RECOVERING = "arrived", "infusing", "recovering"
COMPLETED, NO_SHOW, CANCELLED = "completed", "no_show", "cancelled"

#: These take their place in the diary; with the finished ones they count for spacing.
LIVE = frozenset({REQUESTED, BOOKED, CONFIRMED, ARRIVED, INFUSING, RECOVERING})
FINISHED = frozenset({COMPLETED})
#: These have not begun: they can still be placed elsewhere.
#: Nobody knows yet whether the patient comes.
EXPECTED = frozenset({BOOKED, CONFIRMED})
MOVABLE = frozenset({REQUESTED, BOOKED, CONFIRMED})
#: These gave their place back.
GONE = frozenset({NO_SHOW, CANCELLED})

#: verb → from → to. `move` keeps the state, but a time that was confirmed is not the new time.
#: What `undo` leads to is the state before, which the session remembers.
VERBS: Mapping[str, Mapping[str, str]] = {
    "confirm": {BOOKED: CONFIRMED},
    "move": {REQUESTED: REQUESTED, BOOKED: BOOKED, CONFIRMED: BOOKED},
    "cancel": {REQUESTED: CANCELLED, BOOKED: CANCELLED, CONFIRMED: CANCELLED, ARRIVED: CANCELLED},
    "check-in": {BOOKED: ARRIVED, CONFIRMED: ARRIVED},
    "start": {ARRIVED: INFUSING},
    "recover": {INFUSING: RECOVERING},
    "complete": {RECOVERING: COMPLETED},
    "no-show": {BOOKED: NO_SHOW, CONFIRMED: NO_SHOW},
}
UNDO = "undo"
_UNDONE_FROM = frozenset({CONFIRMED, ARRIVED, INFUSING, RECOVERING, COMPLETED, NO_SHOW, CANCELLED})


def allowed(status: str, *, status_before: str = "") -> tuple[str, ...]:
    """The verbs that a session in this state can take, always in the same order.

    `undo` is among them only when the session remembers the state it came from.
    """
    verbs = tuple(verb for verb, steps in VERBS.items() if status in steps)
    return (*verbs, UNDO) if status_before and status in _UNDONE_FROM else verbs


def after(verb: str, status: str) -> str | None:
    """The state that the verb leads to, or None where it is not allowed."""
    return VERBS[verb].get(status)
