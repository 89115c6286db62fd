"""Reading the waiting list."""

from __future__ import annotations

from django.db.models import QuerySet

from bookings.actors import Actor
from bookings.models import WaitingEntry


def waiting_seen_by(actor: Actor, *, is_open: bool | None = True) -> QuerySet[WaitingEntry]:
    """The entries that the actor may see, the newest first; `is_open` None: those that are closed as well.

    A patient's own, those of the clinics where a member of staff works. With what an answer needs, in one
    query.
    """
    rows = WaitingEntry.objects.select_related("clinic", "protocol", "session")
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    if actor.is_staff:
        return rows.filter(clinic_id__in=actor.clinics)
    return rows.filter(patient_id=actor.id) if actor.kind == "patient" and actor.id else rows.none()
