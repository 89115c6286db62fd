"""What the watch reads: which series a change concerns, and all that is needed to judge many of them at
once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from bookings import snapshot
from bookings.displacement import displaced, waiting
from bookings.findings import Course
from bookings.models import Claim, JournalEntry, Series, SeriesStatus, Session
from scheduler.diary import PatientSession
from scheduler.spans import minute
from scheduler.violations import Violation

OPEN = (SeriesStatus.REQUESTED, SeriesStatus.ACTIVE, SeriesStatus.LAPSED)

_OF_PATIENT = frozenset(
    {
        "series_requested",
        "series_cleared",
        "series_cancelled",
        "series_completed",
        "series_lapsed",
        "series_replanned",
        "series_reopened",
        "session_moved",
        "session_cancelled",
        "session_no_show",
        "session_undone",
    }
)
_OF_CLINIC = frozenset(
    {
        "hours_changed",
        "closure_added",
        "closure_removed",
        "chair_added",
        "chair_changed",
        "shift_added",
        "shift_removed",
        "clinic_changed",
    }
)
_OF_PROTOCOL = frozenset({"protocol_version_added", "protocol_signed"})
#: Changes after which series are looked at again at once, and not only by the beat.
CONCERNED = _OF_PATIENT | _OF_CLINIC | _OF_PROTOCOL


def concerned(entries: Collection[int]) -> list[UUID]:
    """The open series, and those with open tasks, that these journal rows concern. Two queries."""
    patients, clinics, protocols = set(), set(), set()
    rows = JournalEntry.objects.filter(id__in=entries, verb__in=CONCERNED)
    for verb, patient, clinic, after in rows.values_list("verb", "patient", "clinic", "after"):
        if verb in _OF_PATIENT:
            patients.add(patient)
        elif verb in _OF_CLINIC:
            clinics.add(clinic)
        elif "protocol" in after:
            protocols.add(UUID(after["protocol"]))
    touched = Q(patient__in=patients) | Q(clinic__in=clinics) | Q(protocol_version__protocol__in=protocols)
    return list(watched().filter(touched).order_by("id").values_list("id", flat=True).distinct())


def watched() -> QuerySet[Series]:
    """Series that are open, or that still have open tasks."""
    return Series.objects.filter(Q(status__in=OPEN) | Q(tasks__resolved_at__isnull=True, tasks__isnull=False))


def load(series: Collection[UUID], *, now: datetime) -> list[Course]:
    """These series with all that is needed to judge them. For each clinic among them a fixed number of
    queries.
    """
    rows = list(
        Series.objects.filter(id__in=series)
        .select_related("clinic", "protocol_version", "clearance")
        .order_by("id")
    )
    sessions = defaultdict(list)
    for session in Session.objects.filter(series__in=series).order_by("number"):
        sessions[session.series_id].append(session)
    timelines = _timelines({one.patient_id for one in rows})
    clinics = {one.clinic_id: one.clinic for one in rows}
    broken: dict[UUID, dict[UUID, tuple[Violation, ...]]] = defaultdict(dict)
    for clinic in clinics.values():
        here = [one.id for one in rows if one.clinic_id == clinic.id and one.status in OPEN]
        for one in displaced(clinic, waiting(clinic, now=now).filter(series__in=here), now=now):
            broken[one.session.series_id][one.session.id] = one.violations
    return [
        Course(
            series=one,
            sessions=tuple(sessions[one.id]),
            timeline=timelines[one.patient_id],
            protocol=snapshot.protocol_of(one.protocol_version),
            supply=snapshot.supply_of(clinics[one.clinic_id]),
            displaced=broken[one.id],
            now=now,
        )
        for one in rows
    ]


def _timelines(patients: Collection[UUID]) -> dict[UUID, tuple[PatientSession, ...]]:
    """What each patient has, live or finished, in whatever clinic and series, in order of time. One query."""
    found: dict[UUID, list[PatientSession]] = {patient: [] for patient in patients}
    rows = (
        Claim.objects.filter(patient__in=patients, session__isnull=False)
        .select_related("session__series", "clinic")
        .order_by("start")
    )
    protocols = snapshot.protocols_of({claim.protocol_version_id for claim in rows})
    for claim in rows:
        session = claim.session
        assert session is not None and claim.patient_id is not None  # noqa: PT018  as the query asks
        found[claim.patient_id].append(
            PatientSession(
                id=str(session.id),
                series=str(session.series_id),
                number=session.number,
                spacing_group=claim.spacing_group,
                phase=session.series.phase,
                start=minute(claim.start),
                end=minute(claim.present.upper),
                date=claim.start.astimezone(claim.clinic.zone).date(),
                protocol=protocols[claim.protocol_version_id],
            )
        )
    return {patient: tuple(sessions) for patient, sessions in found.items()}
