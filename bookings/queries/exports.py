"""Everything about a period of a clinic as rows of plain values, one at a time, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from bookings.models import Patient, Session
from bookings.queries.reports.period import Period

_AT_A_TIME = 1_000
SESSIONS = (
    "session", "series", "number", "status", "start", "end", "chair", "protocol", "phase",
    "patient", "first_name", "last_name", "birth_date",
)  # fmt: skip
#: The first seven are those of an import.
PATIENTS = ("first_name", "last_name", "birth_date", "email", "phone", "language", "time_zone", "patient")


def sessions(period: Period) -> Iterator[tuple[Any, ...]]:
    """The visits of the period in whatever state, in order, under the names of `SESSIONS`; times on the
    clinic's wall with their offset. One query.
    """
    rows = _of(period).order_by("start", "id").values_list(
        "id", "series_id", "number", "status", "start", "end", "chair__name",
        "series__protocol_version__protocol__slug", "series__phase",
        "patient_id", "patient__first_name", "patient__last_name", "patient__birth_date",
    )  # fmt: skip
    zone = period.clinic.zone
    for row in rows.iterator(chunk_size=_AT_A_TIME):
        start, end = (at.astimezone(zone).isoformat(timespec="minutes") for at in row[4:6])
        yield (*row[:4], start, end, *row[6:])


def patients(period: Period) -> Iterator[tuple[Any, ...]]:
    """Those who have a visit in the period, by name, under the names of `PATIENTS`. One query."""
    rows = Patient.objects.filter(Exists(_of(period).filter(patient=OuterRef("id"))))
    columns = (*PATIENTS[:-1], "id")
    yield from rows.order_by("last_name", "first_name", "id").values_list(*columns).iterator(_AT_A_TIME)


def whose(period: Period) -> set[UUID]:
    """The patients whom either file of the period is about. One query."""
    return set(_of(period).order_by().values_list("patient_id", flat=True).distinct())


def _of(period: Period) -> Any:
    return Session.objects.filter(clinic=period.clinic, start__gte=period.starts, start__lt=period.ends)
