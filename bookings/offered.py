"""Offers to people who wait: whether they can still be accepted, and how an offer ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, QuerySet

from bookings import journal, lifecycle, placing
from bookings.actors import Actor
from bookings.models import JournalEntry, Offer, OfferStatus, SeriesStatus, WaitingEntry
from bookings.turns import begun_since

_VERBS = {
    OfferStatus.ACCEPTED: "offer_accepted",
    OfferStatus.DECLINED: "offer_declined",
    OfferStatus.EXPIRED: "offer_expired",
    OfferStatus.WITHDRAWN: "offer_withdrawn",
    OfferStatus.LOST: "offer_lost",
}
_GOES_ON = (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED)


def is_outdated(offer: Offer, *, now: datetime) -> bool:
    """Whether the visit is no longer where it was, its series goes on no longer, the course that would begin
    is booked, or nobody waits any more. At most one query.
    """
    if offer.entry.closed_at is not None or offer.start <= now:
        return True
    if offer.is_first:
        return WaitingEntry.objects.filter(Exists(begun_since()), id=offer.entry_id).exists()
    session = offer.session
    return (
        session.series.status not in _GOES_ON
        or session.status not in lifecycle.MOVABLE
        or session.start != offer.present
        or session.start <= now
    )


def status_at(offer: Offer, now: datetime) -> str:
    """The status as it is to be said: an open offer past its time has expired, tidied or not."""
    late = offer.status == OfferStatus.OPEN and offer.expires_at <= now
    return OfferStatus.EXPIRED if late else offer.status


def close(
    offers: Iterable[Offer], status: OfferStatus, *, actor: Actor, now: datetime, reason: str = ""
) -> list[JournalEntry]:
    """These offers have ended so; the journal rows are not yet written. One statement.

    What they hold stays held as long as another offer of the batch is open.
    """
    rows = list(offers)
    Offer.objects.filter(id__in=[row.id for row in rows]).update(status=status, decided_at=now, hold=None)
    for row in rows:
        row.status, row.decided_at, row.hold = status, now, None
    return [entry(_VERBS[status], row, actor=actor, now=now, reason=reason) for row in rows]


def give_back(batch: Iterable[Offer], *, now: datetime) -> None:
    """Free the place that these offers, all that are left of their batch, hold together.

    The claims of a hold that has expired are left to whoever books there: to delete them here as well could
    close a ring with somebody who has done so and now waits for the offers.
    """
    for hold in {one.hold_id for one in batch if one.hold_id is not None and one.expires_at > now}:
        placing.give_up(hold)


def open_of(batch: UUID, *, skip_locked: bool = False) -> QuerySet[Offer]:
    """What is open of the batch, locked in the order of ids, so that two who answer never wait in a ring."""
    rows = Offer.objects.select_for_update(of=("self", "entry"), skip_locked=skip_locked)
    rows = rows.filter(batch=batch, status=OfferStatus.OPEN).select_related(
        "entry__session__series", "entry__clinic", "entry__patient"
    )
    return rows.order_by("id")


def entry(verb: str, offer: Offer, *, actor: Actor, now: datetime, reason: str = "") -> JournalEntry:
    """The journal's row about an offer, not yet written."""
    waiting = offer.entry
    return journal.entry(
        verb,
        actor=actor,
        now=now,
        clinic=waiting.clinic,
        patient=waiting.patient,
        session=waiting.session,
        after=facts(offer),
        reason=reason,
    )


def facts(offer: Offer) -> dict[str, Any]:
    """What was offered; times in UTC."""
    return {
        "offer": str(offer.id),
        "waiting": str(offer.entry_id),
        "start": offer.start.astimezone(UTC).isoformat(),
        "present": offer.present.astimezone(UTC).isoformat() if offer.present else None,
        "expires_at": offer.expires_at.astimezone(UTC).isoformat(),
        "rank": offer.rank,
        "why": offer.why,
        **({"plan": offer.plan} if offer.is_first else {}),
    }
