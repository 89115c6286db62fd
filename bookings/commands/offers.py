"""Offer places that became free to those who wait, a few at a time."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from bookings import journal, offered, placing, tasklist
from bookings.actors import SYSTEM
from bookings.errors import Refused
from bookings.locking import diary_lock
from bookings.models import (
    HELD_BY_CLINIC,
    FreedPlace,
    Hold,
    Offer,
    OfferStatus,
    Task,
    TaskKind,
    WaitingEntry,
)
from bookings.offering import newly_freed, span_of, waiter_of, waiting_for
from scheduler.case import Place, Wish
from scheduler.matching import Batch, Match, Waiter, in_turn, next_batch, too_soon
from scheduler.spans import Span, instant, minute
from scheduler.wording import when_words


def offer_freed_places(*, entries: Collection[int] | None = None, now: datetime) -> int:
    """Offer what these journal rows gave back, or everything that came free in the last day, and what nobody
    wanted so far to whoever is next; how many offers were made.

    Safe to run twice, also at once: a place has one batch of offers at a time, and a person one offer.
    """
    tidy_offers(now=now)
    FreedPlace.objects.bulk_create(newly_freed(entries, now=now), ignore_conflicts=True)
    made = 0
    open_places = FreedPlace.objects.filter(closed_at__isnull=True).select_related("clinic")
    for place in open_places.order_by("starts", "id"):
        with suppress(Refused):  # somebody else was there a moment ago; the beat looks again
            made += len(make_offers(place, now=now))
    return made


def make_offers(place: FreedPlace, *, now: datetime) -> list[Offer]:
    """The place is held, and offered to those whose turn it is; nothing while an earlier batch may answer.

    Where there is no time to ask by a message, staff are told whom to ring. Where nobody is left, the place
    is done with.
    """
    if place.offers.filter(status=OfferStatus.OPEN).exists():
        return []
    span = span_of(place)
    waiters = _waiters(place, span, now=now)
    batch = next_batch(in_turn(waiters.values()), span=span, now=minute(now))
    if batch is not None:
        asked = {match.waiter.id for match in batch.matches}
        patients = [entry.patient_id for entry in waiters if str(entry.id) in asked]
        return _offer(place, batch, patients, now=now)
    _leave_to_staff(place, waiters, now=now)
    return []


def tidy_offers(*, now: datetime) -> int:
    """Close what nobody can accept any more: expired, or of a visit that has changed since; how many.

    Waits for nobody: what somebody has in hand is left for the next time.
    """
    closed = 0
    batches = Offer.objects.filter(status=OfferStatus.OPEN).order_by("batch").values_list("batch", flat=True)
    for batch in batches.distinct():
        with transaction.atomic(durable=True):
            rows = list(offered.open_of(batch, skip_locked=True))
            late = [row for row in rows if row.expires_at <= now]
            gone = [row for row in rows if row not in late and offered.is_outdated(row, now=now)]
            if len(gone) == Offer.objects.filter(batch=batch, status=OfferStatus.OPEN).count():
                offered.give_back(gone, now=now)
            entries = offered.close(late, OfferStatus.EXPIRED, actor=SYSTEM, now=now)
            entries += offered.close(gone, OfferStatus.WITHDRAWN, actor=SYSTEM, now=now)
            journal.write(entries)
            closed += len(entries)
    return closed


def _waiters(
    place: FreedPlace, span: Span, *, only: Collection[str] | None = None, now: datetime
) -> dict[WaitingEntry, Waiter]:
    rows = waiting_for(place, now=now)
    found = {
        row: waiter_of(row, span, now=now) for row in (rows if only is None else rows.filter(id__in=only))
    }
    return {row: waiter for row, waiter in found.items() if waiter is not None}


def _offer(place: FreedPlace, thought: Batch, patients: Collection[UUID], *, now: datetime) -> list[Offer]:
    """The same once more under the lock, and written."""
    case = thought.matches[0].waiter.case
    here = Span(thought.start, thought.start + case.protocol.chair_minutes)
    names = [match.waiter.id for match in thought.matches]
    days = placing.days_of_places(place.clinic_id, case, [Place(1, thought.start)])
    with diary_lock(days, patients, now=now):
        row = FreedPlace.objects.select_for_update().get(id=place.id)
        if row.closed_at is not None or row.offers.filter(status=OfferStatus.OPEN).exists():
            return []
        waiters = _waiters(place, here, only=names, now=now)
        batch = next_batch(in_turn(waiters.values()), span=here, now=minute(now))
        if batch is None:
            return []
        return _write(place, batch, {str(entry.id): entry for entry in waiters}, now=now)


def _write(
    place: FreedPlace, batch: Batch, entries: dict[str, WaitingEntry], *, now: datetime
) -> list[Offer]:
    first = batch.matches[0].waiter
    session = entries[first.id].session
    assert session is not None, "only visits that are booked are offered earlier places"
    # In nobody's name: while people keep what they have, the database would find them in two places.
    case = replace(first.case, booked=(), wish=Wish())
    clinic, until = entries[first.id].clinic, instant(batch.until)
    seats = placing.seat(case, [Place(1, batch.start)], {})
    hold = Hold.objects.create(
        clinic=clinic,
        protocol_version=session.series.protocol_version,
        phase=session.series.phase,
        source=HELD_BY_CLINIC,
        created_at=now,
        expires_at=until,
    )
    placing.claim(case, seats, clinic=clinic, version=hold.protocol_version, patient_id=None, hold=hold)
    offers = [
        Offer(
            entry=entries[match.waiter.id],
            place=place,
            batch=hold.id,
            start=instant(batch.start),
            chair_id=UUID(seats[0].chair),
            present=instant(match.waiter.present),
            rank=match.rank,
            why=list(match.why),
            status=OfferStatus.OPEN,
            created_at=now,
            expires_at=until,
            hold=hold,
        )
        for match in batch.matches
    ]
    Offer.objects.bulk_create(offers)
    journal.write(
        offered.entry("offer_made", one, actor=SYSTEM, now=now, reason=" ".join(one.why)) for one in offers
    )
    return offers


def _leave_to_staff(place: FreedPlace, waiters: dict[WaitingEntry, Waiter], *, now: datetime) -> None:
    """A task for each of the few to ring, none for others, and an end where nobody is left."""
    entries = {str(entry.id): entry for entry in waiters}
    matches = too_soon(in_turn(waiters.values()), span=span_of(place), now=minute(now))
    wanted = [_call(place, entries[match.waiter.id], match) for match in matches]
    seen = tasklist.settled_by_people([one.series.id for one in wanted], [TaskKind.PLACE_FREE])
    slots = {one.slot for one in wanted}
    standing = Task.objects.filter(
        kind=TaskKind.PLACE_FREE, resolved_at__isnull=True, proposal__place=str(place.id)
    ).select_related("series")
    with transaction.atomic(durable=True):
        over = [one for one in standing if (one.kind, one.series_id, one.session_id) not in slots]
        tasklist.close(over, why="the place is taken or its time is over", now=now)
        tasklist.put([one for one in wanted if one.detail not in seen.get(one.slot, ())], now=now)
        if not wanted:
            FreedPlace.objects.filter(id=place.id, closed_at__isnull=True).update(closed_at=now)


def _call(place: FreedPlace, entry: WaitingEntry, match: Match) -> tasklist.Wanted:
    session, start = entry.session, instant(match.start)
    assert session is not None, "only visits that are booked are offered earlier places"
    when = when_words(match.start, place.clinic.zone)
    detail = f"{when} is free, too soon to ask by a message: ring them, number {match.rank} in turn. "
    move = {
        "number": session.number,
        "session": str(session.id),
        "from": session.start.astimezone(UTC).isoformat(),
        "to": start.astimezone(UTC).isoformat(),
        "chair": None,
    }
    proposal = {"place": str(place.id), "moves": [move]}
    said = detail + " ".join(match.why)
    return tasklist.Wanted(TaskKind.PLACE_FREE, session.series, session.id, said, proposal)
