"""Read again: a session or a series as it is now, with everything that a command looks at. One query each."""

from __future__ import annotations

from uuid import UUID

from bookings.errors import NotFound
from bookings.models import Series, Session


def reread(session_id: UUID) -> Session:
    """The session with its series, protocol version, clinic and patient."""
    session = (
        Session.objects.select_related("series__protocol_version", "clinic", "patient")
        .filter(id=session_id)
        .first()
    )
    if session is None:
        raise NotFound("There is no such session.")
    return session


def reread_series(series_id: UUID) -> Series:
    """The series with its protocol version, clinic and patient."""
    series = (
        Series.objects.select_related("protocol_version__protocol", "clinic", "patient")
        .filter(id=series_id)
        .first()
    )
    if series is None:
        raise NotFound("There is no such series.")
    return series
