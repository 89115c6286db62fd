"""Reading the waiting list."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from bookings.actors import Actor
from bookings.models import Clinic, Protocol, WaitingEntry
from bookings.queries.scope import seen_by


def waiting_seen_by(actor: Actor, *, is_open: bool | None = True) -> QuerySet[WaitingEntry]:
    """The entries that the actor may see, the newest first; `is_open` None: those that are closed as well.

    A patient's own, those of the clinics where a member of staff works. With what an answer needs, in one
    query.
    """
    rows = WaitingEntry.objects.select_related("clinic", "protocol", "session")
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    return seen_by(actor, rows)


def clinics_offering(protocol: Protocol, *, now: datetime) -> QuerySet[Clinic]:
    """The clinics at which the treatment can be booked, by name. One query."""
    signed = protocol.versions.filter(signed_at__lte=now)
    return Clinic.objects.filter(protocols__versions__in=signed).distinct().order_by("name", "id")
