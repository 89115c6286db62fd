"""Other times that a clinic proposes: how they are held and written down, whether they can still be accepted,
and how a proposal ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bookings import journal, lifecycle, placing
from bookings.actors import Actor
from bookings.models import (
    HELD_BY_CLINIC,
    NEXT_PHASE,
    Hold,
    JournalEntry,
    Proposal,
    ProposalStatus,
    RepairPart,
    Series,
    SeriesStatus,
    Session,
)
from bookings.placing import Seat
from bookings.replanning import Left
from scheduler.protocol import OnMissed
from scheduler.rules import Case, Place
from scheduler.spans import instant

USUAL_LIFE = timedelta(hours=72)

_VERBS = {
    ProposalStatus.ACCEPTED: "proposal_accepted",
    ProposalStatus.DECLINED: "proposal_declined",
    ProposalStatus.EXPIRED: "proposal_expired",
    ProposalStatus.SUPERSEDED: "proposal_superseded",
}


def first_concerned(left: Left, places: Sequence[Place]) -> datetime:
    """When the first visit begins that has a part in those places, by its old place or its new one: by then
    the patient must have answered.
    """
    numbers = {place.number for place in places}
    starts = [start for number, start in left.starts.items() if number in numbers]
    starts += [start for _, start in left.given_up]
    return instant(min([*starts, *(place.start for place in places)]))


def put_forward(
    left: Left, case: Case, seats: Sequence[Seat], *, reason: str, until: datetime
) -> tuple[Proposal, JournalEntry]:
    """The seats are held until then for whatever the patient answers; the journal row is not yet written.
    Three statements, under the locks of the days.
    """
    series = left.series
    hold = Hold.objects.create(
        clinic=series.clinic,
        protocol_version=left.version,
        phase=left.next_phase or series.phase,
        source=HELD_BY_CLINIC,
        created_at=left.now,
        expires_at=until,
    )
    # Nobody's as yet: the patient's own sessions neither bound these places nor are they touched.
    alone = replace(case, booked=())
    placing.claim(alone, seats, clinic=series.clinic, version=left.version, patient_id=None, hold=hold)
    by_number = {session.number: session for session in left.sessions}
    moves = []
    for seat in seats:
        session = by_number.get(seat.number)
        moves.append(
            {
                "number": seat.number,
                "session": str(session.id) if session else None,
                "from": session.start.astimezone(UTC).isoformat() if session else None,
                "to": instant(seat.start).isoformat(),
                "chair": seat.chair,
            }
        )
    cancels = [
        {"number": one.number, "session": str(one.id), "from": one.start.astimezone(UTC).isoformat()}
        for one in left.dropped
    ]
    proposal = Proposal.objects.create(
        series=series,
        moves=moves,
        cancels=cancels,
        manner=_manner_of(left),
        reason=reason,
        status=ProposalStatus.OPEN,
        created_at=left.now,
        expires_at=until,
        created_by_id=left.actor.id,
        hold=hold,
    )
    facts = {"proposal": str(proposal.id), "moves": moves, **({"cancels": cancels} if cancels else {})}
    entry = journal.entry(
        "moves_proposed", actor=left.actor, now=left.now, series=series, after=facts, reason=reason
    )
    return proposal, entry


def _manner_of(left: Left) -> str:
    if left.next_phase:
        return NEXT_PHASE
    return (left.manner if left.begins_anew or left.dropped else OnMissed.APPEND).value


def is_outdated(proposal: Proposal | RepairPart, sessions: Iterable[Session], *, now: datetime) -> bool:
    """Whether a session that would move is no longer where it was, or the series goes on no longer; of the
    next phase, whether it was booked meanwhile, which takes a query.
    """
    if isinstance(proposal, Proposal) and proposal.manner == NEXT_PHASE:
        return proposal.series.status != SeriesStatus.COMPLETED or _is_followed(proposal)
    if proposal.series.status not in (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED):
        return True
    there = {session.number: session for session in sessions}
    given_up, anew = (proposal.cancels, proposal.manner) if isinstance(proposal, Proposal) else ([], "")
    for move in (*proposal.moves, *given_up):
        session = there.get(move["number"])
        if move["session"] is None:
            if session is not None and anew != OnMissed.RESTART:
                return True
        elif (
            session is None
            or session.status not in lifecycle.MOVABLE
            or session.start <= now
            or session.start != datetime.fromisoformat(move["from"])
        ):
            return True
    return False


def _is_followed(proposal: Proposal) -> bool:
    one = proposal.series
    later = Series.objects.filter(patient=one.patient_id, spacing_group=one.spacing_group, id__gt=one.id)
    return later.exclude(status=SeriesStatus.CANCELLED).exists()


def ended(proposal: Proposal, now: datetime) -> ProposalStatus:
    """What an open proposal becomes that another one, or a change of the series, has overtaken."""
    return ProposalStatus.EXPIRED if proposal.expires_at <= now else ProposalStatus.SUPERSEDED


def status_at(proposal: Proposal, now: datetime) -> str:
    """The status as it is to be said: an open proposal past its time has expired, tidied or not."""
    late = proposal.status == ProposalStatus.OPEN and proposal.expires_at <= now
    return ProposalStatus.EXPIRED if late else proposal.status


def close(
    proposal: Proposal, status: ProposalStatus, *, actor: Actor, now: datetime, reason: str = ""
) -> JournalEntry:
    """The proposal has ended so and its places are given back; the journal row is not yet written."""
    # The claims of a hold that has expired are cleared by whoever books there: to delete them here as well
    # could close a ring with somebody who has done so and now waits for the proposal.
    if proposal.hold_id is not None and proposal.expires_at > now:
        placing.give_up(proposal.hold_id)
    proposal.status, proposal.decided_at, proposal.hold = status, now, None
    proposal.save(update_fields=["status", "decided_at", "hold"])
    facts = {"proposal": str(proposal.id), "moves": proposal.moves}
    return journal.entry(
        _VERBS[status], actor=actor, now=now, series=proposal.series, after=facts, reason=reason
    )
