"""Reading what was offered to those who wait."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from bookings.actors import Actor
from bookings.models import Clinic, Offer, OfferStatus
from bookings.queries.scope import seen_by


def offers_seen_by(actor: Actor) -> QuerySet[Offer]:
    """The offers that the actor may see, with visit, treatment and clinic, in one query.

    A patient's own, those of the clinics where a member of staff works.
    """
    rows = Offer.objects.select_related(
        "entry__clinic", "entry__patient", "entry__session__series", "entry__protocol", "protocol_version"
    )
    return seen_by(actor, rows, through="entry__")


def offers_of_late(actor: Actor, clinic: Clinic, *, since: datetime) -> QuerySet[Offer]:
    """What was offered at the clinic since then, and whatever is still open, newest first. One query."""
    rows = offers_seen_by(actor).filter(entry__clinic=clinic)
    return rows.filter(Q(created_at__gte=since) | Q(status=OfferStatus.OPEN)).order_by("-id")


def in_status(rows: QuerySet[Offer], status: str, *, now: datetime) -> QuerySet[Offer]:
    """Those in that status as `status_at` says it: past its time, an open one has expired, tidied or not."""
    late = Q(status=OfferStatus.OPEN, expires_at__lte=now)
    if status == OfferStatus.EXPIRED:
        return rows.filter(Q(status=status) | late)
    return rows.filter(status=status).exclude(late)
