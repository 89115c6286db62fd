"""Offer places that became free to those who wait, a few at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings import calling, journal, offered, placing, waited
from bookings.actors import SYSTEM
from bookings.errors import Refused
from bookings.freed import kept_for_a_form, newly_freed
from bookings.locking import diary_lock
from bookings.models import HELD_BY_CLINIC, FreedPlace, Hold, Offer, OfferStatus, WaitingEntry
from bookings.offering import Around, span_of, waiter_again, with_all
from bookings.turns import begun_since, waiting_for
from scheduler.case import Place, Wish
from scheduler.matching import Batch, next_batch, too_soon
from scheduler.spans import Span, instant, minute
from scheduler.waiters import Waiter

#: So many places are looked at in one pass: a chair that is back for a month comes free on many dates.
MOST = 100


def offer_freed_places(*, entries: Collection[int] | None = None, now: datetime) -> int:
    """Offer what these journal rows gave back, or everything that came free in the last day, and what nobody
    wanted so far to whoever is next; how many offers were made.

    Safe to run twice, also at once: a place has one batch of offers at a time, and a person one offer.
    """
    tidy_offers(now=now)
    end_what_is_served(now=now)
    FreedPlace.objects.bulk_create(newly_freed(entries, now=now), ignore_conflicts=True)
    made = 0
    for place in _to_look_at():
        with suppress(Refused):  # somebody else was there a moment ago; the beat looks again
            made += len(make_offers(place, now=now))
    return made


def make_offers(place: FreedPlace, *, now: datetime) -> list[Offer]:
    """The place is held, and offered to those whose turn it is; nothing while an earlier batch may answer.

    Where there is no time to ask by a message, staff are told whom to ring. Where nobody is left, the place
    is done with; not so while somebody has it on hold who fills in a form, or while those who might come have
    other offers to answer.
    """
    if place.offers.filter(status=OfferStatus.OPEN).exists():
        return []
    around = Around(place, span_of(place), now)
    entries, waiters = dict[str, WaitingEntry](), list[Waiter]()

    def in_turn() -> Iterator[Waiter]:
        for entry, waiter in around.waiters():
            entries[waiter.id] = entry
            waiters.append(waiter)
            yield waiter

    batch = next_batch(in_turn(), span=around.span, now=minute(now))
    if batch is not None:
        return _offer(place, batch, now=now)
    matches = too_soon(waiters, span=around.span, now=minute(now))
    calling.call(place, matches, entries, now=now)
    if not matches and not kept_for_a_form(place, now=now):
        busy = waiting_for(place, asked=True).exists()
        done = {"looked_at": now} if busy else {"closed_at": now}
        FreedPlace.objects.filter(id=place.id, closed_at__isnull=True).update(**done)
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


def end_what_is_served(*, now: datetime) -> int:
    """Whoever waited for a course to begin, and has booked it without an offer, waits no longer; how many."""
    rows = WaitingEntry.objects.filter(Exists(begun_since()), closed_at__isnull=True, session__isnull=True)
    with transaction.atomic(durable=True):
        rows = rows.select_for_update(of=("self",), skip_locked=True).order_by("id")
        ended = list(rows.select_related("clinic", "patient", "series"))
        journal.write(waited.end(ended, waited.BOOKED, actor=SYSTEM, now=now))
    return len(ended)


def _to_look_at() -> QuerySet[FreedPlace]:
    """Open places without an open offer, by date. One at which those who might come were answering something
    else waits until somebody there has answered.
    """
    answered = Offer.objects.filter(entry__clinic=OuterRef("clinic"), decided_at__gte=OuterRef("looked_at"))
    on_offer = Offer.objects.filter(place=OuterRef("pk"), status=OfferStatus.OPEN)
    rows = FreedPlace.objects.filter(
        Q(looked_at__isnull=True) | Exists(answered), ~Exists(on_offer), closed_at__isnull=True
    )
    return rows.select_related("clinic").order_by("starts", "id")[:MOST]


def _offer(place: FreedPlace, thought: Batch, *, now: datetime) -> list[Offer]:
    """The same once more under the lock, and written."""
    case = thought.matches[0].waiter.case
    here = Span(thought.start, thought.start + case.protocol.chair_minutes)
    days = placing.days_of_places(place.clinic_id, case, [Place(1, thought.start)])
    courses = {UUID(match.waiter.id): match.course for match in thought.matches}
    with diary_lock(days, [UUID(match.waiter.person) for match in thought.matches], now=now):
        row = FreedPlace.objects.select_for_update().get(id=place.id)
        if row.closed_at is not None or row.offers.filter(status=OfferStatus.OPEN).exists():
            return []
        around = Around(place, here, now)
        still: dict[UUID, WaitingEntry] = with_all(
            waiting_for(place).filter(id__in=courses), now=now
        ).in_bulk()
        again = (
            waiter_again(still[entry], around, course=course)
            for entry, course in courses.items()
            if entry in still
        )
        batch = next_batch((one for one in again if one is not None), span=here, now=minute(now))
        if batch is None:
            return []
        return _write(place, batch, {str(key): entry for key, entry in still.items()}, around, now=now)


def _write(
    place: FreedPlace, batch: Batch, entries: dict[str, WaitingEntry], around: Around, *, now: datetime
) -> list[Offer]:
    first = batch.matches[0].waiter
    entry, until = entries[first.id], instant(batch.until)
    version, phase = around.booked_under(entry)
    assert version is not None, "a course is planned under a version"
    # In nobody's name: while people keep what they have, the database would find them in two places.
    case = replace(first.case, booked=(), wish=Wish())
    seats = placing.seat(case, [Place(1, batch.start)], {})
    hold = Hold.objects.create(
        clinic=entry.clinic,
        protocol_version=version,
        phase=phase,
        source=HELD_BY_CLINIC,
        created_at=now,
        expires_at=until,
    )
    placing.claim(case, seats, clinic=entry.clinic, version=version, patient_id=None, hold=hold)
    offers = [
        Offer(
            entry=entries[match.waiter.id],
            place=place,
            batch=hold.id,
            start=instant(batch.start),
            chair_id=UUID(seats[0].chair),
            present=None if match.waiter.present is None else instant(match.waiter.present),
            plan=[instant(at).isoformat() for at in match.course],
            protocol_version=around.booked_under(entries[match.waiter.id])[0] if match.course else None,
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
