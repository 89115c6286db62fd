"""Carry out a joint plan, in whole or in part: all that is ticked together, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from bookings import journal
from bookings.actors import Actor, admit
from bookings.carrying_out import carry_out
from bookings.errors import Invalid, NotAllowed, NotTogether, Stale, WrongState, violation_facts
from bookings.locking import diary_lock
from bookings.models import (
    Claim,
    JournalEntry,
    PartOutcome,
    Proposal,
    ProposalStatus,
    Repair,
    RepairPart,
    RepairStatus,
)
from bookings.placing import Seat
from bookings.proposed import USUAL_LIFE, close, ended, first_concerned, put_forward
from bookings.reading import as_locked
from bookings.repaired import CHANGED, DECIDED, is_open, placed_of, status_at
from bookings.repairing import Together, days_of, look_together, read_left
from scheduler.violations import Violation


def carry_out_repair(
    plan: Repair,
    *,
    move: Collection[UUID] = (),
    offer: Collection[UUID] = (),
    reason: str = "",
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Repair:
    """Every series of `move` is at its new places, and the patients of `offer` are asked, their new places
    held for up to 72 hours and what is booked kept until they accept. All of it in one transaction.

    Each place is judged anew, beside all the others. Refuses with NotTogether, which names the series that
    cannot be, and why, and then nothing has changed; with WrongState when the plan is not ready or outdated,
    with Stale when it was carried out in part since `if_version`. Staff only.
    """
    admit(actor, clinic_id=plan.clinic_id, patient_id=None)
    if not actor.is_staff:
        raise NotAllowed("Only staff carry out plans.")
    wanted = _Wanted(frozenset(move), frozenset(offer), reason, actor, now)
    thought = _look(_ready(plan.id, if_version, now=now), wanted)
    days = days_of(plan.clinic_id, thought.supply, [thought.placed[one] for one in wanted.all])
    patients = [thought.placed[one].left.series.patient_id for one in wanted.all]
    with diary_lock(days, patients, now=now, giving_up_holds=True) as rosters:
        row = _ready(plan.id, if_version, now=now, locked=True)
        row.clinic = as_locked(row.clinic, rosters)
        together = _look(row, wanted)
        _write(row, together, wanted)
    return Repair.objects.get(id=plan.id)


@dataclass(frozen=True)
class _Wanted:
    """What is ticked."""

    move: frozenset[UUID]
    offer: frozenset[UUID]
    reason: str
    actor: Actor
    now: datetime

    @property
    def all(self) -> list[UUID]:
        return sorted(self.move | self.offer)


def _ready(plan: UUID, if_version: int | None, *, now: datetime, locked: bool = False) -> Repair:
    rows = Repair.objects.select_related("clinic")
    row = (rows.select_for_update(of=("self",)) if locked else rows).get(id=plan)
    status = status_at(row, now)
    if if_version is not None and row.version != if_version:
        raise Stale(version=row.version)
    if status != RepairStatus.READY:
        raise WrongState(_NOT_READY[status], now=status, allowed=())
    return row


_NOT_READY = {
    RepairStatus.DRAWING_UP: "The plan is still being drawn up.",
    RepairStatus.DONE: "Nothing of the plan is left to carry out.",
    RepairStatus.FAILED: "No plan was made. Ask once more.",
    RepairStatus.OUTDATED: "The plan is outdated. Draw up another one.",
}


def _look(row: Repair, wanted: _Wanted) -> Together:
    """The wanted series, and the others that are still open, as they are now. Refuses unless all that are
    wanted can be.
    """
    parts = {part.series_id: part for part in row.parts.all()}
    for field, ticked in (("move", wanted.move), ("offer", wanted.offer)):
        if any(one not in parts or not parts[one].moves for one in ticked):
            raise Invalid(field, "Name series that the plan has new places for.")
    if not wanted.all or wanted.move & wanted.offer:
        raise Invalid("move", "Name at least one series, and each either to move or to offer.")
    lefts = read_left(parts, actor=wanted.actor, now=wanted.now)
    fit = {
        series: placed_of(part, lefts[series], offered=series in wanted.offer)
        for series, part in parts.items()
        if is_open(part, lefts[series], now=wanted.now)
    }
    amiss = {one: DECIDED if parts[one].outcome else CHANGED for one in wanted.all if one not in fit}
    holds = _earlier(wanted.all).values_list("hold", flat=True)
    together = look_together(row.clinic, fit, holds=[one for one in holds if one], now=wanted.now)
    beside = [one for one in wanted.all if one in fit]
    if refused := together.refused(beside):
        raise _not_together(together, beside, refused, amiss)
    if amiss:
        raise _not_together(together, beside, {}, amiss)
    return together


def _not_together(
    together: Together,
    beside: list[UUID],
    refused: Mapping[UUID, tuple[Violation, ...]],
    amiss: Mapping[UUID, str],
) -> NotTogether:
    named = [
        {
            "series": series,
            "detail": violations[0].detail,
            "violations": violation_facts(violations),
            "depends_on": together.stand_in_the_way(series, beside),
        }
        for series, violations in refused.items()
    ]
    named += [
        {"series": series, "detail": detail, "violations": [], "depends_on": []}
        for series, detail in amiss.items()
    ]
    return NotTogether(named, possible=together.possible(beside))


def _earlier(series: Iterable[UUID]) -> Any:
    return Proposal.objects.filter(series__in=series, status=ProposalStatus.OPEN)


def _write(row: Repair, together: Together, wanted: _Wanted) -> None:
    actor, now = wanted.actor, wanted.now
    facts = {"moved": sorted(map(str, wanted.move)), "asked": sorted(map(str, wanted.offer))}
    entry = journal.entry(
        "repair_carried_out",
        actor=actor,
        now=now,
        clinic=row.clinic,
        after={"repair": str(row.id), **facts},
        reason=wanted.reason,
    )
    journal.write([entry, *_superseded(wanted)])
    # Old places first, all of them: one series may take what another leaves.
    gone = [one for series in wanted.move for one in together.placed[series].question.leaving]
    Claim.objects.filter(session_id__in=[UUID(one) for one in gone]).delete()
    proposals: dict[UUID, Proposal] = {}
    asked = []
    for series in wanted.all:
        one, case = together.placed[series], together.case(series, wanted.all)
        seats = [Seat(place.number, place.start, place.chair or "") for place in one.places]
        one.left.series.clinic = row.clinic
        if one.offered:
            until = min(now + USUAL_LIFE, first_concerned(one.left, one.places))
            proposals[series], row_of = put_forward(one.left, case, seats, reason=wanted.reason, until=until)
            asked.append(row_of)
        else:
            carry_out(one.left, case, one.question, seats)
    journal.write(asked)
    _decide(row, proposals, wanted)


def _superseded(wanted: _Wanted) -> list[JournalEntry]:
    """Whatever was proposed before for one of these series is overtaken, and its places are free."""
    rows = _earlier(wanted.all).select_for_update(of=("self",)).select_related("series").order_by("id")
    actor, now = wanted.actor, wanted.now
    return [close(one, ended(one, now), actor=actor, now=now) for one in rows]


def _decide(row: Repair, proposals: Mapping[UUID, Proposal], wanted: _Wanted) -> None:
    parts = list(row.parts.all())
    ticked = [part for part in parts if part.series_id in wanted.move | wanted.offer]
    for part in ticked:
        part.outcome = PartOutcome.OFFERED if part.series_id in proposals else PartOutcome.MOVED
        part.decided_at, part.decided_by_id = wanted.now, wanted.actor.id
        part.proposal = proposals.get(part.series_id)
    RepairPart.objects.bulk_update(ticked, ["outcome", "decided_at", "decided_by", "proposal"])
    left = any(part.moves and not part.outcome for part in parts)
    status = RepairStatus.READY if left else RepairStatus.DONE
    Repair.objects.filter(id=row.id).update(status=status, version=F("version") + 1)
