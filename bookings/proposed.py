"""Other times that a clinic has proposed: whether they can still be accepted, and how a proposal ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bookings import journal, lifecycle, placing
from bookings.actors import Actor
from bookings.models import JournalEntry, Proposal, ProposalStatus, SeriesStatus, Session

_VERBS = {
    ProposalStatus.ACCEPTED: "proposal_accepted",
    ProposalStatus.DECLINED: "proposal_declined",
    ProposalStatus.EXPIRED: "proposal_expired",
    ProposalStatus.SUPERSEDED: "proposal_superseded",
}


def is_outdated(proposal: Proposal, sessions: Iterable[Session], *, now: datetime) -> bool:
    """Whether a session that would move is no longer where it was, or the series goes on no longer."""
    if proposal.series.status not in (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED):
        return True
    there = {session.number: session for session in sessions}
    for move in proposal.moves:
        session = there.get(move["number"])
        if move["session"] is None:
            if session is not None:
                return True
        elif (
            session is None
            or session.status not in lifecycle.MOVABLE
            or session.start <= now
            or session.start != datetime.fromisoformat(move["from"])
        ):
            return True
    return False


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
