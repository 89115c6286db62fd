"""Rows for the measured clinic, and a long past for the whole installation, written by COPY.

Every row keeps every rule, as `check_diary` confirms: what is measured must be a diary that could exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.contrib.postgres.constraints import ExclusionConstraint

from bench import clinic as measured
from bookings.models import Claim, Patient, Series, Session
from bookings.models.ids import new_id
from scheduler.spans import instant

Row = dict[str, Any]  # by column
Progress = Callable[[int, int], None]
JUDGES = [rule for rule in Claim._meta.constraints if isinstance(rule, ExclusionConstraint)]
VISIT = timedelta(minutes=measured.PROTOCOL.visit_minutes)
CHAIR_HOLD = timedelta(minutes=measured.PROTOCOL.chair_minutes)
GUARD = timedelta(minutes=measured.INDUCTION.spacing.min_gap_minutes)
BLOCK, APART = 18, 3  # in a block of 18 open days lie whole series: six sessions, three open days apart


@dataclass(frozen=True)
class Where:
    """A clinic to fill, and under which protocol version."""

    clinic: UUID
    chairs: tuple[UUID, ...]
    version: UUID
    roster_version: int


MODELS = (Patient, Series, Session, Claim)


def fill(
    connection: psycopg.Connection[Any],
    wheres: list[Where],
    *,
    days: list[date],
    status: str,
    progress: Progress = lambda done, of: None,
) -> int:
    """Book every open day of every clinic by its pattern, in series of six; the number of sessions written.

    `days` are used in whole blocks of 18. Each series has a patient of its own.
    """
    blocks = [days[at : at + BLOCK] for at in range(0, len(days) - BLOCK + 1, BLOCK)]
    written = 0
    for index, where in enumerate(wheres):
        rows: dict[type, list[Row]] = {model: [] for model in MODELS}
        for block in blocks:
            for phase in range(APART):
                for place in range(len(measured.pattern_of(block[0]))):
                    _series(rows, where, days=block[phase::APART], place=place, status=status)
        for model, batch in rows.items():
            _copy(connection, model, batch)
        written += len(rows[Session])
        progress(index + 1, len(wheres))
    return written


@contextmanager
def judges_away(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Load without the exclusion constraints, which are built faster at the end, and judge every row then."""
    definitions = {
        judge.name: connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [judge.name]
        ).fetchone()[0]  # type: ignore[index]
        for judge in JUDGES
    }
    for name in definitions:
        connection.execute(f"ALTER TABLE {Claim._meta.db_table} DROP CONSTRAINT {name}")
    yield
    for name, definition in definitions.items():
        connection.execute(f"ALTER TABLE {Claim._meta.db_table} ADD CONSTRAINT {name} {definition}")


def _series(rows: dict[type, list[Row]], where: Where, *, days: list[date], place: int, status: str) -> None:
    patient, series = new_id(), new_id()
    made = _opening(days[0]) - timedelta(days=14)
    treatment = {"protocol_version_id": where.version, "spacing_group": measured.PROTOCOL.spacing_group}
    rows[Patient].append(
        {
            "id": patient,
            "first_name": "Bench",
            "last_name": f"Patient {patient}",
            "email": "",
            "phone": "",
            "time_zone": measured.ZONE.key,
            "language": "en",
            "created_at": made,
            "version": 1,
        }
    )
    rows[Series].append(
        {
            "id": series,
            "patient_id": patient,
            "clinic_id": where.clinic,
            **treatment,
            "phase": measured.INDUCTION.name,
            "status": "completed" if status == "completed" else "active",
            "created_at": made,
            "version": 1,
        }
    )
    for number, day in enumerate(days, start=1):
        taken, session = measured.pattern_of(day)[place], new_id()
        start = _opening(day) + timedelta(minutes=taken.offset)
        visit = {
            "patient_id": patient,
            "clinic_id": where.clinic,
            "chair_id": where.chairs[taken.chair - 1],
            "number": number,
            "start": start,
            "chair_until": start + CHAIR_HOLD,
        }
        rows[Session].append(
            {
                "id": session,
                "series_id": series,
                **visit,
                "status": status,
                "status_before": "",
                "end": start + VISIT,
                "overrides": "[]",
                "escort_name": "",
                "escort_phone": "",
                "version": 1,
            }
        )
        rows[Claim].append(
            {
                "session_id": session,
                **visit,
                **treatment,
                "roster_version": where.roster_version,
                "taken": _range(start, start + CHAIR_HOLD),
                "present": _range(start, start + VISIT),
                "guard": _range(start, start + GUARD),
            }
        )


def _opening(day: date) -> datetime:
    return instant(measured.opening(day))


def _range(start: datetime, end: datetime) -> str:
    return f"[{start.isoformat()},{end.isoformat()})"


def _copy(connection: psycopg.Connection[Any], model: type, rows: list[Row]) -> None:
    columns = ", ".join(f'"{column}"' for column in rows[0])
    table = model._meta.db_table  # type: ignore[attr-defined]
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))
