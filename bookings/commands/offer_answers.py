"""Take a place that was offered, or let it pass, or take the offer back; the first to accept has it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from bookings import journal, offered, placing, snapshot
from bookings.actors import SYSTEM, Actor, admit
from bookings.carrying_out import carry_out, question_about
from bookings.errors import NotAllowed, NotFound, WrongState
from bookings.locking import diary_lock
from bookings.models import JournalEntry, Offer, OfferStatus, Session
from bookings.reading import reread, reread_series
from bookings.replanning import left_of, under_clearance
from scheduler.case import Place
from scheduler.spans import minute
from scheduler.violations import Rule

ACCEPTED = "accepted"
#: Judged when the place was offered: nobody loses it by answering in the last minute.
_SETTLED = frozenset({Rule.LEAD_TIME, Rule.HORIZON})


def accept_offer(offer: Offer, *, actor: Actor, now: datetime) -> Session:
    """The session is at the place that was offered, in one step; everybody else of the batch has lost it.

    What the patient had is free for the next, and they wait no longer. Refuses with WrongState when somebody
    was first, it was answered, has expired, or the visit has changed since; then everything stays as it was.
    The treatment's cut-off does not bind: it was the clinic who asked.
    """
    offer = _readable(offer.id, actor)
    with diary_lock(_days_of(offer), [offer.entry.patient_id], now=now, giving_up_holds=True):
        batch = _locked(offer, now=now)
        (row,) = (one for one in batch if one.id == offer.id)
        if outdated := offered.is_outdated(row, now=now):
            journal.write(_close_one(row, batch, OfferStatus.WITHDRAWN, actor=SYSTEM, now=now))
        else:
            _accept(row, batch, actor=actor, now=now)
    if outdated:
        raise _answered(OfferStatus.WITHDRAWN)
    return reread(row.session.id)


def decline_offer(offer: Offer, *, reason: str = "", actor: Actor, now: datetime) -> Offer:
    """What is booked stays as it is. Refuses with WrongState like accepting.

    The patient keeps their place on the waiting list.
    """
    return _end(offer, OfferStatus.DECLINED, reason=reason, actor=actor, now=now)


def withdraw_offer(offer: Offer, *, reason: str = "", actor: Actor, now: datetime) -> Offer:
    """Staff take an open offer back. What is booked stays, and so does the patient's place on the list; it
    does not count as an offer that they let pass.

    The place stays kept for the others it was offered to; where there are none it is offered to those next in
    turn. Refuses with WrongState like accepting, and with NotAllowed whoever is not staff.
    """
    if not actor.is_staff:
        raise NotAllowed("Only the clinic takes an offer back.")
    return _end(offer, OfferStatus.WITHDRAWN, reason=reason, actor=actor, now=now)


def _end(offer: Offer, status: OfferStatus, *, reason: str, actor: Actor, now: datetime) -> Offer:
    offer = _readable(offer.id, actor)
    with diary_lock([], [offer.entry.patient_id], now=now):
        batch = _locked(offer, now=now)
        (row,) = (one for one in batch if one.id == offer.id)
        journal.write(_close_one(row, batch, status, actor=actor, now=now, reason=reason))
    return row


def _accept(row: Offer, batch: Sequence[Offer], *, actor: Actor, now: datetime) -> None:
    session = row.session
    assert row.hold_id is not None, "an open offer keeps its place"
    left = left_of(reread_series(session.series_id), None, None, actor=SYSTEM, now=now)
    place = Place(session.number, minute(row.start), str(row.chair_id))
    question = replace(question_about(left, [place]), actor=actor, holds=frozenset({row.hold_id}))
    case = under_clearance(question.look(left.series.clinic), question, left.series)
    seats = placing.seat(case, question.places, question.judge(case, excused=_SETTLED))
    others = [one for one in batch if one.id != row.id]
    offered.give_back([row], now=now)
    entries = offered.close([row], OfferStatus.ACCEPTED, actor=actor, now=now)
    entries += offered.close(others, OfferStatus.LOST, actor=SYSTEM, now=now)
    waiting = row.entry
    waiting.closed_at, waiting.closed_why, waiting.version = now, ACCEPTED, waiting.version + 1
    waiting.save(update_fields=["closed_at", "closed_why", "version"])
    carry_out(left, case, question, seats, first=entries)


def _close_one(
    row: Offer, batch: Sequence[Offer], status: OfferStatus, *, actor: Actor, now: datetime, reason: str = ""
) -> list[JournalEntry]:
    if len(batch) == 1:
        offered.give_back(batch, now=now)
    return offered.close([row], status, actor=actor, now=now, reason=reason)


def _readable(offer_id: UUID, actor: Actor) -> Offer:
    rows = Offer.objects.select_related("entry__clinic", "entry__session__series__protocol_version")
    offer = rows.filter(id=offer_id).first()
    with suppress(NotFound):
        if offer is not None:
            admit(actor, clinic_id=offer.entry.clinic_id, patient_id=offer.entry.patient_id)
            return offer
    raise NotFound("There is no such offer.")


def _locked(offer: Offer, *, now: datetime) -> list[Offer]:
    """What is open of the batch, this one among it, which nobody else answers until this transaction is
    over.
    """
    batch = list(offered.open_of(offer.batch))
    if offer.id not in {one.id for one in batch}:
        raise _answered(Offer.objects.values_list("status", flat=True).get(id=offer.id))
    if offer.expires_at <= now:
        raise _answered(OfferStatus.EXPIRED)
    return batch


def _days_of(offer: Offer) -> set[tuple[UUID, date]]:
    """The clinic-days of the place that is held, and of the visit that would leave its own."""
    session = offer.session
    supply = snapshot.supply_of(offer.entry.clinic)
    length = snapshot.protocol_of(session.series.protocol_version).chair_minutes
    start = minute(offer.start)
    days = placing.clinic_days(session.clinic_id, supply, [(start, start + length)])
    return days | placing.days_of_sessions(session.clinic_id, supply, [session])


def _answered(status: str) -> WrongState:
    said = {
        OfferStatus.ACCEPTED: "This time was accepted already.",
        OfferStatus.DECLINED: "This time was declined already.",
        OfferStatus.EXPIRED: "This time was kept for a while only, and that time is over.",
        OfferStatus.WITHDRAWN: "This time is not offered any more. The visit stays as it is.",
        OfferStatus.LOST: "Somebody else was first, and has this time now. The visit stays as it is.",
    }
    return WrongState(said[OfferStatus(status)], now=status, allowed=())
