"""Reading series: which ones somebody may see, with their sessions."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from bookings.actors import Actor
from bookings.models import Series, SeriesStatus, Session
from bookings.queries.scope import seen_by


def series_seen_by(actor: Actor) -> QuerySet[Series]:
    """The series that the actor may see: a patient's own, those at the clinics where a member of staff works.

    With what an answer needs, in two queries however many there are.
    """
    sessions = Session.objects.select_related("chair").order_by("number")
    rows = Series.objects.select_related("clinic", "protocol_version__protocol").prefetch_related(
        Prefetch("sessions", queryset=sessions)
    )
    rows = seen_by(actor, rows)
    if actor.is_staff:
        return rows
    return rows.annotate(must_be_seen=lapsed_course("protocol_version__protocol"))


def lapsed_course(protocol: str) -> Exists:
    """Whether the patient of a row waits for a prescriber with that protocol: then they book and move nothing
    themselves, in whatever series of it.
    """
    return Exists(
        Series.objects.filter(
            patient=OuterRef("patient"),
            protocol_version__protocol=OuterRef(protocol),
            status=SeriesStatus.LAPSED,
        )
    )


def sessions_of(series: Series) -> list[Session]:
    """The sessions of the series by number, which know it and its clinic, so that an answer asks nothing more
    of the database.
    """
    sessions = series.known_sessions or list(series.sessions.all())
    last_number = sessions[-1].number if sessions else 0
    for session in sessions:
        session.series = series
        session.clinic = series.clinic
        # As `sessions_seen_by` has them.
        session.last_number = last_number  # type: ignore[attr-defined]
        session.must_be_seen = getattr(series, "must_be_seen", False)  # type: ignore[attr-defined]
    return sessions
