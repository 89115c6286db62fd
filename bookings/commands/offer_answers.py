"""Take a place that was offered, or let it pass, or take the offer back; the first to accept has it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from bookings import first_places, journal, offered, placing, snapshot, waited
from bookings.actors import SYSTEM, Actor, admit
from bookings.carrying_out import carry_out, question_about
from bookings.errors import NotAllowed, NotFound, NotOffered, SpacingBroken, Taken, WrongState
from bookings.judging import Question
from bookings.locking import diary_lock
from bookings.models import Clinic, JournalEntry, Offer, OfferStatus, Series, Session, WaitingEntry
from bookings.reading import as_locked, reread, reread_series
from bookings.replanning import left_of, under_clearance
from bookings.starting import begin_series, look_under_clearance
from scheduler.case import Place
from scheduler.spans import minute
from scheduler.violations import Rule

#: Judged when the place was offered: nobody loses it by answering in the last minute.
_SETTLED = frozenset({Rule.LEAD_TIME, Rule.HORIZON})


def accept_offer(
    offer: Offer, *, starts: Sequence[datetime] | None = None, actor: Actor, now: datetime
) -> Session:
    """The session is at the place that was offered, in one step; everybody else of the batch has lost it.

    What the patient had is free for the next, and they wait no longer. Refuses with WrongState when somebody
    was first, it was answered, has expired, or the visit has changed since; then everything stays as it was.
    The treatment's cut-off does not bind: it was the clinic who asked.

    Where it is the first place of a course, the whole course is booked, at exactly these `starts`: those that
    the patient saw, or unless told those that were planned when it was offered. If one of them cannot be had
    any more, nothing is booked and the offer stays open; the refusal says why, and its `alternatives` have
    the course with as little change as can be, to be accepted by its starts. Whoever waits for the same
    course at other clinics waits no longer there either.
    """
    offer = _readable(offer.id, actor)
    if offer.is_first:
        return _begin(offer, starts, actor=actor, now=now)
    with diary_lock(_days_of(offer), [offer.entry.patient_id], now=now, giving_up_holds=True):
        row, batch = _locked(offer, now=now)
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
        row, batch = _locked(offer, now=now)
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
    carry_out(left, case, question, seats, first=_win(row, batch, actor=actor, now=now))


def _win(row: Offer, batch: Sequence[Offer], *, actor: Actor, now: datetime) -> list[JournalEntry]:
    """What was kept is given back for who has it now, the others have lost it, and the winner waits no
    longer, wherever it was for the same; the journal rows, not yet written.
    """
    others = [one for one in batch if one.id != row.id]
    offered.give_back([row], now=now)
    entries = offered.close([row], OfferStatus.ACCEPTED, actor=actor, now=now)
    entries += offered.close(others, OfferStatus.LOST, actor=SYSTEM, now=now)
    wish = list(waited.of_one_wish(row.entry))
    here = [one for one in wish if one.id == row.entry_id]
    waited.end(here, waited.ACCEPTED, actor=SYSTEM, now=now)  # the acceptance itself tells of it
    elsewhere = [one for one in wish if one.id != row.entry_id]
    return entries + waited.end(elsewhere, waited.ELSEWHERE, actor=SYSTEM, now=now)


def _begin(offer: Offer, starts: Sequence[datetime] | None, *, actor: Actor, now: datetime) -> Session:
    question = first_places.question_about(offer, starts, actor=actor, now=now)
    try:
        with diary_lock(
            first_places.days_of(offer, question), [offer.entry.patient_id], now=now, giving_up_holds=True
        ) as rosters:
            row, batch = _locked(offer, now=now)
            if outdated := offered.is_outdated(row, now=now):
                journal.write(_close_one(row, batch, OfferStatus.WITHDRAWN, actor=SYSTEM, now=now))
            else:
                clinic = as_locked(offer.entry.clinic, rosters)
                series = _begin_there(offer, row, batch, question, clinic)
    except (NotOffered, SpacingBroken, Taken) as refusal:
        refusal.facts["alternatives"] = first_places.again(offer, question)
        raise
    if outdated:
        raise _answered(OfferStatus.WITHDRAWN)
    return reread(Session.objects.values_list("id", flat=True).get(series=series, number=1))


def _begin_there(
    offer: Offer, row: Offer, batch: Sequence[Offer], question: Question, clinic: Clinic
) -> Series:
    planned = [place.start for place in question.places] == [minute(start) for start in offer.starts]
    case, cleared = look_under_clearance(question, clinic, offer.entry.protocol)
    settled = question.judge(case, excused=_SETTLED if planned else frozenset({Rule.LEAD_TIME}))
    seats = placing.seat(case, question.places, settled)
    series = begin_series(
        question,
        case,
        seats,
        patient=offer.entry.patient,
        clinic=clinic,
        cleared=cleared,
        first=_win(row, batch, actor=question.actor, now=question.now),
    )
    WaitingEntry.objects.filter(id=offer.entry_id).update(series=series)
    return series


def _close_one(
    row: Offer, batch: Sequence[Offer], status: OfferStatus, *, actor: Actor, now: datetime, reason: str = ""
) -> list[JournalEntry]:
    if len(batch) == 1:
        offered.give_back(batch, now=now)
    return offered.close([row], status, actor=actor, now=now, reason=reason)


def _readable(offer_id: UUID, actor: Actor) -> Offer:
    rows = Offer.objects.select_related(
        "entry__clinic",
        "entry__patient",
        "entry__protocol",
        "entry__session__series__protocol_version",
        "protocol_version",
    )
    offer = rows.filter(id=offer_id).first()
    with suppress(NotFound):
        if offer is not None:
            admit(actor, clinic_id=offer.entry.clinic_id, patient_id=offer.entry.patient_id)
            return offer
    raise NotFound("There is no such offer.")


def _locked(offer: Offer, *, now: datetime) -> tuple[Offer, list[Offer]]:
    """The offer, and what is open of its batch, this one among it, which nobody else answers until this
    transaction is over.
    """
    batch = list(offered.open_of(offer.batch))
    row = next((one for one in batch if one.id == offer.id), None)
    if row is None:
        raise _answered(Offer.objects.values_list("status", flat=True).get(id=offer.id))
    if row.expires_at <= now:
        raise _answered(OfferStatus.EXPIRED)
    return row, batch


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
