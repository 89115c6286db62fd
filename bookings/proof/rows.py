"""The claims of the diary, streamed: a million of them must not be in memory at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from scheduler.diary import PatientSession
from scheduler.protocol import Protocol
from scheduler.spans import Minute, instant

_COLUMNS = """
    SELECT claim.id, claim.session_id::text, claim.hold_id::text, session.series_id::text,
           coalesce(session.number, claim.number), claim.patient_id::text, claim.clinic_id, clinic.slug,
           claim.chair_id::text, (extract(epoch FROM claim.start) / 60)::int,
           (extract(epoch FROM upper(claim.present)) / 60)::int,
           (extract(epoch FROM claim.chair_until) / 60)::int,
           claim.protocol_version_id, coalesce(series.phase, hold.phase), claim.spacing_group,
           coalesce(session.status, 'hold'), claim.roster_version,
           ARRAY(SELECT one ->> 'rule' FROM jsonb_array_elements(session.overrides) AS one),
           (claim.start AT TIME ZONE clinic.time_zone)::date
    FROM bookings_claim claim
    JOIN bookings_clinic clinic ON clinic.id = claim.clinic_id
    LEFT JOIN bookings_hold hold ON hold.id = claim.hold_id
    LEFT JOIN bookings_session session ON session.id = claim.session_id
    LEFT JOIN bookings_series series ON series.id = session.series_id
"""
_OF_CLINIC = """
    WHERE claim.clinic_id = %s AND (hold.id IS NULL OR hold.expires_at > %s)
    ORDER BY claim.start, claim.id
"""
_OF_PATIENTS = """
    WHERE claim.session_id IS NOT NULL AND (%s::uuid IS NULL OR claim.patient_id IN (
        SELECT other.patient_id FROM bookings_claim other WHERE other.clinic_id = %s
    ))
    ORDER BY claim.patient_id, claim.start, claim.id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One claim with what is known of its session or hold."""

    id: int
    session: str | None
    hold: str | None
    series: str | None
    number: int
    patient: str | None
    clinic: UUID
    clinic_slug: str
    chair: str
    start: Minute
    end: Minute
    until: Minute
    version: UUID
    phase: str
    group: str
    status: str
    roster_version: int
    overridden: list[str]  # the rules that staff decided to break for it
    date: date

    @property
    def started(self) -> datetime:
        return instant(self.start).astimezone(UTC)

    def as_patient_session(self, protocol: Protocol) -> PatientSession:
        """The same for the engine, under the protocol that it was booked by."""
        return PatientSession(
            id=self.session or "",
            series=self.series or "",
            number=self.number,
            spacing_group=self.group,
            phase=self.phase,
            start=self.start,
            end=self.end,
            date=self.date,
            protocol=protocol,
        )


def of_clinic(clinic_id: UUID, *, now: datetime) -> Iterator[Row]:
    """Every claim at the clinic in order of time, without those of expired holds."""
    return _stream(_COLUMNS + _OF_CLINIC, [clinic_id, now])


def of_patients(clinic_id: UUID | None) -> Iterator[Row]:
    """Every claim of every patient, or of the patients of one clinic, by patient and in order of time."""
    return _stream(_COLUMNS + _OF_PATIENTS, [clinic_id, clinic_id])


def _stream(sql: str, values: list[Any]) -> Iterator[Row]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(2000):
            yield from (Row(*row) for row in rows)
