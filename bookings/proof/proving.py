"""The whole proof, for one clinic or all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TypeVar

from bookings.models import Clinic, ProtocolVersion
from bookings.proof import rows
from bookings.proof.findings import Finding
from bookings.proof.fitting import judge_rows
from bookings.proof.patients import Known, accepted_gaps, judge_patients
from bookings.proof.places import judge_places

T = TypeVar("T")
Progress = Callable[[str, int], None]


def _silent(_what: str, _done: int) -> None:
    """Tell nobody."""


def prove(clinic: Clinic | None = None, *, now: datetime, progress: Progress = _silent) -> list[Finding]:
    """Every broken rule in the diary of that clinic, or of all, in no particular order. Reads only.

    Time grows in proportion to the sessions: each is looked at with its neighbours alone. `progress` is
    told what is being counted, and how many are done, after each.
    """
    clinics = list(Clinic.objects.filter(id=clinic.id) if clinic else Clinic.objects.all())
    every = {one.id: one for one in Clinic.objects.all()}
    versions = {one.id: one for one in ProtocolVersion.objects.all()}
    known = Known(clinics=every, versions=versions, gaps=accepted_gaps())
    clinic_id = clinic.id if clinic else None
    found = list(judge_rows(clinic_id))
    for one in clinics:
        told = _telling(rows.of_clinic(one.id, now=now), f"places at {one.slug}", progress)
        found += judge_places(one, told, known.versions, now=now)
    told = _telling(rows.of_patients(clinic_id), "sessions between themselves", progress)
    return [*found, *judge_patients(told, known)]


def _telling(items: Iterable[T], what: str, progress: Progress) -> Iterator[T]:
    for done, item in enumerate(items, start=1):
        yield item
        progress(what, done)
