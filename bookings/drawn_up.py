"""A joint plan as rows: what it means for each series, as far as the judge of all bookings agrees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bookings.models import Repair, RepairPart, Session
from bookings.repairing import Placed, look_together
from bookings.stricken import Trouble
from scheduler.joint import Change, JointPlan
from scheduler.rules import Place
from scheduler.spans import instant

#: A plan is about the diary of today.
KEEPS = timedelta(hours=24)
UNHEARD = "The series waits for a prescriber to look at the patient."
NOT_BESIDE = "Its new places do not hold beside those of the others."
NOT_FOUND = "No place was found in time."


def parts_of(repair: Repair, trouble: Trouble, plan: JointPlan | None, *, now: datetime) -> list[RepairPart]:
    """The rows of the plan, not yet written. Without a plan there are only sessions that nobody may move.

    Every place is judged once more beside all the others, by the same rules as when it is booked. A series
    whose places do not hold keeps those that it has, and its sessions are among those left over.
    """
    changes = {one.series: one for one in plan.changes} if plan else {}
    placed = {
        UUID(series): Placed(trouble.lefts[series], _places(trouble, change))
        for series, change in changes.items()
        if _places(trouble, change)
    }
    holds = set(look_together(repair.clinic, placed, now=now).possible(placed)) if placed else set()
    lost = {one.series: one.lost for one in trouble.stricken}
    left: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in plan.left if plan else ():
        why = " ".join(dict.fromkeys(violation.detail for violation in one.violations)) or NOT_FOUND
        left[one.series] += _left(trouble, one.series, one.sessions, why)
    for series in placed:
        if series not in holds:
            left[str(series)] += _left(trouble, str(series), sorted(lost[str(series)]), NOT_BESIDE)
    for session in trouble.unheard:
        left[str(session.series_id)].append(_facts(session, UNHEARD))
    return [
        RepairPart(
            repair=repair,
            series_id=UUID(series),
            moves=_moves(trouble, changes[series]) if UUID(series) in holds else [],
            left=left[series],
        )
        for series in {**dict.fromkeys(str(one) for one in holds), **left}
    ]


def figures_of(plan: JointPlan) -> dict[str, Any]:
    """What is kept of how good the plan is."""
    return {
        "stage": plan.stage.value,
        "cost": plan.cost._asdict(),
        "bound": plan.bound._asdict(),
        "proven": plan.proven,
        "seconds": round(plan.seconds, 1),
    }


def expiry_of(parts: Sequence[RepairPart], *, now: datetime) -> datetime:
    """When the plan is outdated: a day on, or when the first of its new places begins."""
    starts = [datetime.fromisoformat(move["to"]) for part in parts for move in part.moves]
    return min([now + KEEPS, *starts])


def _places(trouble: Trouble, change: Change) -> tuple[Place, ...]:
    """The places that are new: another start, or another chair."""
    chairs = {one.number: str(one.chair_id) for one in trouble.lefts[change.series].sessions}
    return tuple(
        Place(move.number, move.after, move.chair)
        for move in change.moves
        if (move.before, chairs[move.number]) != (move.after, move.chair)
    )


def _moves(trouble: Trouble, change: Change) -> list[dict[str, Any]]:
    by_number = {one.number: one for one in trouble.lefts[change.series].sessions}
    return [
        {
            "number": place.number,
            "session": str(by_number[place.number].id),
            "from": by_number[place.number].start.astimezone(UTC).isoformat(),
            "to": instant(place.start).isoformat(),
            "chair": place.chair,
        }
        for place in _places(trouble, change)
    ]


def _left(trouble: Trouble, series: str, numbers: Sequence[int], why: str) -> list[dict[str, Any]]:
    return [_facts(one, why) for one in trouble.lefts[series].sessions if one.number in numbers]


def _facts(session: Session, why: str) -> dict[str, Any]:
    start = session.start.astimezone(UTC).isoformat()
    return {"number": session.number, "session": str(session.id), "start": start, "why": why}
