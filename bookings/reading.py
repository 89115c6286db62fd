"""Read again: a session or a series as it is now, with everything that a command looks at. At most one query
each."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from bookings.errors import NotFound
from bookings.models import Clinic, Series, Session


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


def as_locked(clinic: Clinic, rosters: Mapping[UUID, int]) -> Clinic:
    """The clinic under the roster version that the lock found: this one, or as it is now."""
    if rosters[clinic.id] == clinic.roster_version:
        return clinic
    return Clinic.objects.get(id=clinic.id)
