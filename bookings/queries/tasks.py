"""Reading tasks: what a person must look at."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from bookings.actors import Actor
from bookings.clinical import CLINICAL_KINDS, HOLD, may_know_why
from bookings.models import Clinic, Task
from bookings.queries.scope import at_their_clinics


def tasks_seen_by(
    actor: Actor,
    *,
    is_open: bool | None = True,
    kind: str | None = None,
    clinic: Clinic | None = None,
    series: UUID | None = None,
    patient: UUID | None = None,
) -> QuerySet[Task]:
    """The tasks of the clinics where a member of staff works; `is_open` None: all of them. One query.

    By a `kind` that is a clinical hold for them, the front desk finds nothing; `HOLD` finds all of those.
    """
    rows = Task.objects.filter(at_their_clinics(actor)).select_related("clinic", "series__patient", "patient")
    if is_open is not None:
        rows = rows.filter(resolved_at__isnull=is_open)
    if kind == HOLD:
        rows = rows.filter(kind__in=CLINICAL_KINDS)
    elif kind is not None:
        rows = rows.filter(kind=kind) if may_know_why(actor, kind) else rows.none()
    if clinic is not None:
        rows = rows.filter(clinic=clinic)
    if series is not None:
        rows = rows.filter(series_id=series)
    if patient is not None:
        rows = rows.filter(Q(series__patient_id=patient) | Q(patient_id=patient))
    return rows
