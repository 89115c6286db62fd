"""Reading series: which ones somebody may see, with their sessions."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from bookings.actors import Actor
from bookings.models import Series, Session


def series_seen_by(actor: Actor) -> QuerySet[Series]:
    """The series that the actor may see: a patient's own, those at the clinics where a member of staff works.

    With what an answer needs, in two queries however many there are.
    """
    sessions = Session.objects.select_related("chair").order_by("number")
    rows = Series.objects.select_related("clinic", "protocol_version__protocol").prefetch_related(
        Prefetch("sessions", queryset=sessions)
    )
    if actor.is_staff:
        return rows.filter(clinic_id__in=actor.clinics)
    return rows.filter(patient_id=actor.id) if actor.kind == "patient" and actor.id else rows.none()


def sessions_of(series: Series) -> list[Session]:
    """The sessions of the series by number, which know it and its clinic, so that an answer asks nothing more
    of the database.
    """
    sessions = series.known_sessions or list(series.sessions.all())
    last_number = sessions[-1].number if sessions else 0
    for session in sessions:
        session.series = series
        session.clinic = series.clinic
        session.last_number = last_number  # type: ignore[attr-defined]  # as `sessions_seen_by` has it
    return sessions
