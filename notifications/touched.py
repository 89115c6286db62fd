"""Which sessions' messages a change may concern, read with what planning looks at.

Written out as SQL: every booking asks it, and building such a query anew takes longer than answering it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models

from bookings.models import Clinic, JournalEntry, Patient, Series, Session
from notifications import policy

#: Sessions longer ago than this have no messages that wait.
PAST = timedelta(days=3)

#: What planning looks at, of each of them, in the order of the model's fields: `from_db` expects them so.
_READ: tuple[tuple[type[models.Model], str, tuple[str, ...]], ...] = (
    (Session, "session", ("id", "series_id", "patient_id", "clinic_id", "status", "start", "end", "version")),
    (Series, "series", ("id", "patient_id", "clinic_id", "protocol_version_id", "phase")),
    (Patient, "patient", ("id", "email", "phone", "time_zone", "language")),
    (Clinic, "clinic", ("id", "time_zone")),
)
_SESSIONS = f"""
    SELECT {", ".join(f'{table}."{name}"' for _, table, names in _READ for name in names)}
    FROM bookings_session session
    JOIN bookings_series series ON series.id = session.series_id
    JOIN bookings_patient patient ON patient.id = session.patient_id
    JOIN bookings_clinic clinic ON clinic.id = session.clinic_id
"""  # noqa: S608  names of ours
_TOUCHED = f"""{_SESSIONS}
    WHERE session.start > %(since)s AND (
        session.id = ANY (%(sessions)s::uuid[]) OR session.series_id = ANY (%(series)s::uuid[])
        OR session.patient_id = ANY (%(patients)s::uuid[])
    ) ORDER BY session.start, session.id
"""
_OF_CLINIC = f"""{_SESSIONS}
    WHERE session.clinic_id = %(clinic)s AND (session.start, session.id) > (%(start)s, %(id)s)
    ORDER BY session.start, session.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids: of sessions, and of those whose sessions are all meant."""

    sessions: frozenset[UUID]
    series: frozenset[UUID]
    patients: frozenset[UUID]
    clinics: frozenset[UUID]


def touched_by(entries: Iterable[JournalEntry]) -> Touched:
    """Whose messages these rows may have changed."""
    ids: dict[str, set[UUID]] = {"session": set(), "series": set(), "patient": set(), "clinic": set()}
    for entry in entries:
        for what, verbs in _VERBS.items():
            about = getattr(entry, f"{what}_id")
            if entry.verb in verbs and about is not None:
                ids[what].add(about)
    return Touched(*(frozenset(ids[what]) for what in ("session", "series", "patient", "clinic")))


_VERBS = {
    "session": policy.RESTUDY_SESSION,
    "series": policy.RESTUDY_SERIES,
    "patient": policy.RESTUDY_PATIENT,
    "clinic": policy.RESTUDY_CLINIC,
}


def sessions_of(touched: Touched, *, now: datetime) -> list[Session]:
    """The sessions that are meant and may have messages that wait, each with its series, patient and clinic;
    those of whole clinics are not among them. By start: the messages are made, and listed, in this order.
    One query, or none.
    """
    if not (touched.sessions or touched.series or touched.patients):
        return []
    asked = {
        "since": now - PAST,
        "sessions": list(touched.sessions),
        "series": list(touched.series),
        "patients": list(touched.patients),
    }
    return _read(_TOUCHED, asked)


def sessions_at(clinic: UUID, *, start: datetime, id: UUID, most: int) -> list[Session]:  # noqa: A002
    """So many sessions at the clinic that come behind that start and id, in this order. One query."""
    return _read(_OF_CLINIC, {"clinic": clinic, "start": start, "id": id, "most": most})


def _read(statement: str, asked: dict[str, Any]) -> list[Session]:
    found: dict[tuple[str, UUID], Any] = {}
    sessions = []
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        for row in cursor.fetchall():
            one = []
            first = 0
            for model, table, names in _READ:
                values = row[first : first + len(names)]
                first += len(names)
                key = table, values[0]
                if key not in found:
                    found[key] = model.from_db(DEFAULT_DB_ALIAS, names, values)
                one.append(found[key])
            session, series, patient, clinic = one
            if not Series.patient.is_cached(series):
                series.patient, series.clinic = patient, clinic
            session.series, session.patient, session.clinic = series, patient, clinic
            sessions.append(session)
    return sessions
