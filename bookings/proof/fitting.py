"""Rows that must fit together: sessions with claims, series with sessions, clearances with their use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from bookings.proof.findings import Excuse, Finding

_SESSIONS = """
    SELECT clinic.slug, to_char(session.start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
           session.id::text, session.series_id::text, session.number,
           CASE
             WHEN claim.id IS NULL THEN 'It is ' || session.status || ' and has no claim.'
             WHEN session.status IN ('cancelled', 'no_show')
             THEN 'It is ' || session.status || ' and has a claim.'
             ELSE 'Its claim is for another time, chair, clinic or patient.'
           END
    FROM bookings_session session
    JOIN bookings_clinic clinic ON clinic.id = session.clinic_id
    LEFT JOIN bookings_claim claim ON claim.session_id = session.id
    WHERE (%(clinic)s::uuid IS NULL OR session.clinic_id = %(clinic)s)
      AND (claim.id IS NULL) <> (session.status IN ('cancelled', 'no_show'))
       OR (%(clinic)s::uuid IS NULL OR session.clinic_id = %(clinic)s)
      AND (claim.start, claim.chair_until, claim.chair_id, claim.clinic_id, claim.patient_id)
          IS DISTINCT FROM
          (session.start, session.chair_until, session.chair_id, session.clinic_id, session.patient_id)
      AND claim.id IS NOT NULL
"""
_SERIES = """
    SELECT clinic.slug, to_char(series.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
           NULL, series.id::text, 0,
           'It has ' || count(session.id) || ' of ' || coalesce(part.phase ->> 'sessions', 'some')
           || ' sessions.'
    FROM bookings_series series
    JOIN bookings_clinic clinic ON clinic.id = series.clinic_id
    JOIN bookings_protocolversion version ON version.id = series.protocol_version_id
    JOIN LATERAL jsonb_array_elements(version.rules -> 'phases') AS part(phase)
      ON part.phase ->> 'name' = series.phase
    LEFT JOIN bookings_session session ON session.series_id = series.id
    WHERE (%(clinic)s::uuid IS NULL OR series.clinic_id = %(clinic)s)
    GROUP BY clinic.slug, series.id, part.phase
    HAVING count(session.id) < coalesce((part.phase ->> 'sessions')::int, 1)
"""
_CLEARANCES = """
    SELECT clinic.slug, to_char(session.start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
           session.id::text, session.series_id::text, session.number,
           CASE WHEN clearance.id IS NULL THEN 'It needs a clearance and has none.'
                ELSE 'It is after the clearance ended, or more than it covers.' END,
           session.overrides @> '[{"rule": "clearance"}]'::jsonb
    FROM (
        SELECT session.*, row_number() OVER (
            PARTITION BY series.clearance_id ORDER BY session.start
        ) AS used, series.clearance_id, series.protocol_version_id, series.status AS series_status
        FROM bookings_session session
        JOIN bookings_series series ON series.id = session.series_id
        LEFT JOIN bookings_clearance clearance ON clearance.id = series.clearance_id
        WHERE session.status NOT IN ('cancelled', 'no_show')
          AND (clearance.id IS NULL OR session.start >= clearance.granted_at)
    ) session
    JOIN bookings_clinic clinic ON clinic.id = session.clinic_id
    JOIN bookings_protocolversion version ON version.id = session.protocol_version_id
    LEFT JOIN bookings_clearance clearance ON clearance.id = session.clearance_id
    WHERE (%(clinic)s::uuid IS NULL OR session.clinic_id = %(clinic)s)
      AND (version.rules ->> 'needs_clearance')::boolean
      AND session.series_status IN ('active', 'completed')
      AND (clearance.id IS NULL OR session.used > clearance.sessions
           OR (session.start AT TIME ZONE clinic.time_zone)::date > clearance.expires)
"""


def judge_rows(clinic_id: UUID | None) -> Iterator[Finding]:
    """Sessions without their claim, claims of sessions that gave it back, half-booked series, use without
    leave.
    """
    for row in _rows(_SESSIONS, clinic_id):
        yield _finding(row, "claim")
    for row in _rows(_SERIES, clinic_id):
        yield _finding(row, "whole")
    for *row, overridden in _rows(_CLEARANCES, clinic_id):
        yield _finding(row, "clearance", Excuse.OVERRIDDEN if overridden else Excuse.NONE)


def _rows(sql: str, clinic_id: UUID | None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"clinic": clinic_id})
        return cursor.fetchall()


def _finding(row: Any, rule: str, excuse: Excuse = Excuse.NONE) -> Finding:
    clinic, start, session, series, number, detail = row
    return Finding(clinic, start, session, series, None, number, rule, detail, excuse)
