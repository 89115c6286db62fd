"""Reading tasks: what a person must look at."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from bookings.actors import Actor
from bookings.models import Clinic, Task


def tasks_seen_by(
    actor: Actor,
    *,
    is_open: bool | None = True,
    kind: str | None = None,
    clinic: Clinic | None = None,
    series: UUID | None = None,
    patient: UUID | None = None,
) -> QuerySet[Task]:
    """The tasks of the clinics where a member of staff works; `is_open` None: all of them. One query."""
    rows = Task.objects.filter(clinic__in=actor.clinics).select_related(
        "clinic", "series__patient", "patient"
    )
    if is_open is not None:
        rows = rows.filter(resolved_at__isnull=is_open)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if clinic is not None:
        rows = rows.filter(clinic=clinic)
    if series is not None:
        rows = rows.filter(series_id=series)
    if patient is not None:
        rows = rows.filter(Q(series__patient_id=patient) | Q(patient_id=patient))
    return rows
