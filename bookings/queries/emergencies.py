"""Reading what was opened in an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from bookings.actors import Actor
from bookings.models import EmergencyAccess, Patient, Series, Session, Task


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """What is kept of a patient's treatment at every clinic."""

    series: list[Series]
    tasks: list[Task]  # open ones, with their reasons


def open_access(patient: Patient, *, actor: Actor, now: datetime) -> EmergencyAccess | None:
    """The access of this member of staff to this patient that is open now. One query."""
    rows = EmergencyAccess.objects.filter(staff_id=actor.id, patient=patient, opened_at__lte=now)
    return rows.filter(ends_at__gt=now).select_related("clinic", "patient").order_by("-ends_at").first()


def accesses_to(patient: Patient) -> QuerySet[EmergencyAccess]:
    """Who opened the record of this patient in an emergency, the latest first, for managers."""
    rows = EmergencyAccess.objects.filter(patient=patient).select_related("staff", "clinic")
    return rows.order_by("-opened_at", "-id")


def whole_record(patient: Patient) -> WholeRecord:
    """Everything at every clinic, whoever asks: only for somebody with an open access. Three queries."""
    sessions = Session.objects.select_related("chair").order_by("start")
    series = Series.objects.filter(patient=patient).select_related("clinic", "protocol_version__protocol")
    about = Q(series__patient=patient) | Q(patient=patient)
    tasks = Task.objects.filter(about, resolved_at__isnull=True)
    return WholeRecord(
        series=list(series.prefetch_related(Prefetch("sessions", queryset=sessions)).order_by("-id")),
        tasks=list(tasks.select_related("clinic", "series__protocol_version").order_by("-id")),
    )
