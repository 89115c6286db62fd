"""Reading joint plans: each as a difference that the desk can read, by what the diary is now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from bookings import lifecycle
from bookings.actors import Actor
from bookings.models import Chair, Clinic, Repair, RepairPart, RepairStatus, Series, Session
from bookings.proposed import status_at as proposal_status
from bookings.queries.scope import at_their_clinics
from bookings.repaired import is_open, placed_of
from bookings.repairing import look_together, read_left
from bookings.snapshot import protocol_of
from scheduler.violations import Rule, Violation

#: Judged when it is carried out: it would take a query for each series.
_NOT_SHOWN = frozenset({Rule.CLEARANCE})


class Moving(NamedTuple):
    """One session, by its old place and the new one, aware and in the clinic's zone."""

    number: int
    before: datetime
    after: datetime
    chair: str  # its name
    days: int  # later, counted on the calendar; earlier where negative
    minutes: int  # between the old start and the new


class Stranded(NamedTuple):
    """One session without a place in the plan."""

    number: int
    start: datetime
    why: str


@dataclass(frozen=True)
class Row:
    """What a plan means for one series.

    `state`: `open`, `moved`, `offered`, `changed` (its visits are no longer where they were) or `lost` (a new
    place no longer holds, for `violations`). `gaps`: the clinic-local calendar days between the sessions of
    the series, before and after. `answer`: what became of the offer.
    """

    part: RepairPart
    series: Series  # with its patient
    planned: int  # sessions of the phase, or as many as there are
    state: str
    moving: tuple[Moving, ...]
    stranded: tuple[Stranded, ...]
    gaps: tuple[list[int], list[int]]
    violations: tuple[Violation, ...]
    answer: str


def repairs_seen_by(actor: Actor, clinic: Clinic) -> QuerySet[Repair]:
    """The joint plans of the clinic, for staff who work there."""
    rows = Repair.objects.filter(at_their_clinics(actor), clinic=clinic)
    return rows.select_related("clinic", "created_by")


def rows_of(plan: Repair, *, actor: Actor, now: datetime) -> list[Row]:
    """The rows of a plan, in order of the first old place. Eight queries at most, however many there are."""
    parts = list(plan.parts.select_related("proposal__series__clinic"))
    lefts = read_left([part.series_id for part in parts], actor=actor, now=now)
    fit = {}
    if plan.status == RepairStatus.READY:
        fit = {
            part.series_id: placed_of(part, lefts[part.series_id])
            for part in parts
            if is_open(part, lefts[part.series_id], now=now)
        }
    refused: Mapping[UUID, tuple[Violation, ...]] = {}
    if fit:
        refused = look_together(plan.clinic, fit, cleared=False, now=now).refused(fit, skip=_NOT_SHOWN)
    sessions = _sessions(parts)
    chairs = dict(Chair.objects.filter(clinic=plan.clinic).values_list("id", "name"))
    rows = []
    for part in parts:
        series = lefts[part.series_id].series
        ready = part.series_id in fit or not part.moves or plan.status != RepairStatus.READY
        lost = "lost" if part.series_id in refused else "open" if ready else "changed"
        rows.append(
            Row(
                part=part,
                series=series,
                planned=_planned(series, sessions[part.series_id]),
                state=part.outcome or lost,
                moving=tuple(_moving(part, plan.clinic, chairs)),
                stranded=tuple(_stranded(part, plan.clinic)),
                gaps=_gaps(part, sessions[part.series_id], plan.clinic),
                violations=refused.get(part.series_id, ()),
                answer=proposal_status(part.proposal, now) if part.proposal else "",
            )
        )
    return sorted(rows, key=_first)


def _first(row: Row) -> tuple[datetime, UUID]:
    starts = [*(one.before for one in row.moving), *(one.start for one in row.stranded)]
    return min(starts), row.series.id


def _sessions(parts: Iterable[RepairPart]) -> dict[UUID, list[Session]]:
    """What takes place or took place of each series. One query."""
    found: dict[UUID, list[Session]] = defaultdict(list)
    rows = Session.objects.filter(series__in=[part.series_id for part in parts])
    for session in rows.exclude(status__in=lifecycle.GONE).order_by("start"):
        found[session.series_id].append(session)
    return found


def _planned(series: Series, sessions: list[Session]) -> int:
    phase = protocol_of(series.protocol_version).phase(series.phase)
    return phase.sessions or max((one.number for one in sessions), default=1)


def _moving(part: RepairPart, clinic: Clinic, chairs: Mapping[UUID, str]) -> Iterable[Moving]:
    for move in part.moves:
        before, after = (_at(move[end], clinic) for end in ("from", "to"))
        apart = after - before
        yield Moving(
            number=move["number"],
            before=before,
            after=after,
            chair=chairs.get(UUID(move["chair"]), ""),
            days=(after.date() - before.date()).days,
            minutes=int(abs(apart.total_seconds()) // 60),
        )


def _stranded(part: RepairPart, clinic: Clinic) -> Iterable[Stranded]:
    return (Stranded(one["number"], _at(one["start"], clinic), one["why"]) for one in part.left)


def _gaps(part: RepairPart, sessions: Iterable[Session], clinic: Clinic) -> tuple[list[int], list[int]]:
    """By the places that the plan found and gives; sessions of which it says nothing count as they are."""
    moves: dict[str, Any] = {move["session"]: move for move in part.moves}
    before, after = [], []
    for session in sessions:
        move, here = moves.get(str(session.id)), session.start.astimezone(clinic.zone).date()
        before.append(_at(move["from"], clinic).date() if move else here)
        after.append(_at(move["to"], clinic).date() if move else here)
    return _days_between(before), _days_between(after)


def _days_between(dates: Iterable[date]) -> list[int]:
    return [(later - earlier).days for earlier, later in pairwise(sorted(dates))]


def _at(moment: str, clinic: Clinic) -> datetime:
    return datetime.fromisoformat(moment).astimezone(clinic.zone)
