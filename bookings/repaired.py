"""A joint plan after it was drawn up: what of it still stands."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Repair, RepairPart, RepairStatus
from bookings.proposed import is_outdated
from bookings.repairing import Placed
from bookings.replanning import Left
from scheduler.rules import Place
from scheduler.spans import minute

CHANGED = "Its visits are no longer where they were when the plan was drawn up."
DECIDED = "This was carried out already."


def status_at(plan: Repair, now: datetime) -> RepairStatus:
    """The status as it is to be said: a plan past its time is outdated, tidied or not."""
    late = plan.status == RepairStatus.READY and plan.expires_at is not None and plan.expires_at <= now
    return RepairStatus.OUTDATED if late else RepairStatus(plan.status)


def is_open(part: RepairPart, left: Left, *, now: datetime) -> bool:
    """Whether the part has something that can still be carried out: new places for sessions that have not
    been moved meanwhile.
    """
    part.series = left.series
    return bool(part.moves) and not part.outcome and not is_outdated(part, left.sessions, now=now)


def placed_of(part: RepairPart, left: Left, *, offered: bool = False) -> Placed:
    """The new places of a part."""
    places = (
        Place(move["number"], minute(datetime.fromisoformat(move["to"])), move["chair"])
        for move in part.moves
    )
    return Placed(left, tuple(places), offered)
