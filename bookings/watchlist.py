"""What the watch reads: which series a change concerns, and all that is needed to judge many of them at
once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import (
    BooleanField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from bookings import snapshot
from bookings.assessments import IN_SIGHT
from bookings.course import Course
from bookings.displacement import displaced, waiting
from bookings.freed import ROOM
from bookings.lifecycle import EXPECTED, GONE
from bookings.models import (
    Claim,
    Clearance,
    Clinic,
    Decision,
    JournalEntry,
    ProtocolVersion,
    Series,
    SeriesStatus,
    Session,
    Task,
    TaskKind,
)
from scheduler.diary import PatientSession
from scheduler.spans import minute
from scheduler.violations import Violation

OPEN = (SeriesStatus.REQUESTED, SeriesStatus.ACTIVE, SeriesStatus.LAPSED)
#: About these something can be moved, or booked, before a prescriber has spoken.
WITH_PROPOSAL = (TaskKind.SOFT_GAP, TaskKind.NO_LONGER_FITS, TaskKind.INCOMPLETE, TaskKind.PHASE_FINISHED)
#: So many of the tasks without a proposal are looked at again in one round, first those for which none was
#: searched for longest.
UNANSWERED_A_ROUND = 20

OF_PATIENT = frozenset(
    {
        "series_booked",
        "series_requested",
        "series_cleared",
        "series_cancelled",
        "series_completed",
        "series_lapsed",
        "series_replanned",
        "series_reopened",
        "series_assessed",
        "missed_decided",
        "session_booked",
        "session_moved",
        "session_cancelled",
        "session_no_show",
        "session_undone",
        "clearance_granted",
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
#: Changes that matter where the treatment asks for an assessment, and may mend what is out of line.
_GIVEN = frozenset({"session_completed"})
#: Changes that put nothing out of line, and may mend what is.
_MENDING = frozenset({"session_arrived"})
#: Changes that hold places while a patient thinks about them.
_HOLDS = frozenset({"moves_proposed", "offer_made"})
#: Changes that take a place, which the task of somebody else may show as the way to mend it.
_TAKING = _HOLDS | {"series_booked", "series_requested", "session_booked", "session_moved"}
#: Changes after which series are looked at again at once, and not only by the beat.
CONCERNED = OF_PATIENT | _OF_CLINIC | _OF_PROTOCOL | _MENDING | _GIVEN | _HOLDS | ROOM
_WITH_TASKS = Q(tasks__resolved_at__isnull=True, tasks__isnull=False)
#: Of the versions whose phases ask for an assessment.
_ASKS = Func(
    F("rules"),
    Value("$.phases[*].assess_after"),
    template="jsonb_path_exists(%(expressions)s::jsonpath)",
    output_field=BooleanField(),
)
_LOST_THEIR_PLACE = """
    SELECT DISTINCT task.series_id
    FROM bookings_journalentry entry
    JOIN bookings_task task ON task.clinic_id = entry.clinic_id
    CROSS JOIN jsonb_array_elements(task.proposal -> 'moves') move
    JOIN bookings_claim claim
      ON claim.clinic_id = entry.clinic_id
     AND (claim.patient_id = entry.patient_id OR entry.verb = ANY(%(holds)s) AND claim.hold_id IS NOT NULL)
     AND claim.chair_until > (move ->> 'to')::timestamptz
     AND claim.start < (move ->> 'to')::timestamptz + interval '12 hours'
    WHERE entry.id = ANY(%(entries)s) AND entry.verb = ANY(%(taking)s)
      AND task.resolved_at IS NULL AND task.kind = ANY(%(kinds)s)
"""
#: A visit that began longer ago is looked at by the nightly pass.
_DAY = timedelta(days=1)


def concerned(entries: Collection[int], *, now: datetime) -> list[UUID]:
    """The series to be watched that these journal rows concern: their own, those whose tasks show a way that
    one of these changes may have barred, and those of the clinic whose tasks show that there is none, where
    one may have made room. Four queries at most.
    """
    patients, clinics, protocols, mended, given = set(), set(), set(), set(), set()
    told = JournalEntry.objects.filter(id__in=entries, verb__in=CONCERNED)
    rows = list(told.values_list("verb", "patient", "clinic", "after"))
    for verb, patient, clinic, after in rows:
        if verb in OF_PATIENT:
            patients.add(patient)
        elif verb in _OF_CLINIC:
            clinics.add(clinic)
        elif verb in _MENDING:
            mended.add(patient)
        elif verb in _GIVEN:
            given.add(patient)
        elif "protocol" in after:
            protocols.add(UUID(after["protocol"]))
    touched = Q(patient__in=patients) | Q(clinic__in=clinics) | Q(protocol_version__protocol__in=protocols)
    touched |= Q(patient__in=mended | given) & _WITH_TASKS
    if given:
        touched |= Q(patient__in=given, protocol_version__in=ProtocolVersion.objects.filter(_ASKS))
    if any(verb in _TAKING for verb, *_ in rows):
        touched |= Q(id__in=_who_lost_a_place(entries))
    if roomier := {clinic for verb, _, clinic, _ in rows if verb in ROOM}:
        touched |= Q(id__in=_who_found_no_place(roomier))
    return list(watched(now=now).filter(touched).order_by("id").values_list("id", flat=True).distinct())


def _who_found_no_place(clinics: Collection[UUID]) -> list[UUID]:
    """The series at those clinics with an open task that says that there is no way to mend it."""
    rows = Task.objects.filter(
        clinic__in=clinics, kind__in=WITH_PROPOSAL, resolved_at__isnull=True, proposal__moves=[]
    )
    return list(rows.values_list("series", flat=True))


def _who_lost_a_place(entries: Collection[int]) -> list[UUID]:
    """The series with an open task that shows a place near one that those changes took."""
    lists = {"entries": entries, "taking": _TAKING, "holds": _HOLDS, "kinds": WITH_PROPOSAL}
    with connection.cursor() as cursor:
        cursor.execute(_LOST_THEIR_PLACE, {name: list(one) for name, one in lists.items()})
        return [series for (series,) in cursor.fetchall()]


def due(*, since: datetime, now: datetime) -> list[UUID]:
    """The series that something written since then concerns, or that the clock alone has put out of line, or
    back, since then; and those whose tasks still want a proposal. A handful of queries, whatever lies behind.
    """
    written = JournalEntry.objects.filter(at__gte=since, verb__in=CONCERNED).values_list("id", flat=True)
    clinics = list(Clinic.objects.values_list("id", flat=True))  # their index on starts is by clinic
    begun = Session.objects.filter(clinic__in=clinics, start__lte=now)
    called = Task.objects.filter(session=OuterRef("id"), kind=TaskKind.NOT_ARRIVED, resolved_at__isnull=True)
    grace = F("clinic__no_show_after_minutes") * Value(timedelta(minutes=1))
    missing = begun.alias(waited_for=ExpressionWrapper(F("start") + grace, DateTimeField())).filter(
        ~Exists(called), status__in=EXPECTED, start__gt=now - _DAY, waited_for__lte=now
    )
    in_trouble = Task.objects.filter(series=OuterRef("series"), resolved_at__isnull=True)
    started = begun.filter(Exists(in_trouble), start__gte=since)
    unanswered = Task.objects.filter(
        kind__in=WITH_PROPOSAL, resolved_at__isnull=True, proposal__isnull=True
    ).order_by(F("searched_at").asc(nulls_first=True), "created_at", "id")
    found = {
        *concerned(list(written), now=now),
        *missing.values_list("series", flat=True),
        *started.values_list("series", flat=True),
        *unanswered.values_list("series", flat=True)[:UNANSWERED_A_ROUND],
    }
    return sorted(found)


def watched(*, now: datetime) -> QuerySet[Series]:
    """Series that are open, that have open tasks, or that ended lately and may go on in another phase."""
    ended = Q(status=SeriesStatus.COMPLETED, sessions__start__gte=now - IN_SIGHT)
    return Series.objects.filter(Q(status__in=OPEN) | _WITH_TASKS | ended)


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
    decisions = defaultdict(list)
    for decision in Decision.objects.filter(series__in=series):
        decisions[decision.series_id].append(decision)
    cleared = _under_clearances({one.clearance_id for one in rows if one.clearance_id})
    over = [one for one in rows if one.status == SeriesStatus.COMPLETED]
    to_book = _cleared_for(over) if over else {}
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
            decisions=tuple(decisions[one.id]),
            under_clearance=tuple(cleared.get(one.clearance_id, ())),
            cleared_for=tuple(to_book.get((one.patient_id, one.protocol_version.protocol_id), ())),
            now=now,
        )
        for one in rows
    ]


def _under_clearances(clearances: Collection[UUID]) -> dict[UUID | None, list[UUID]]:
    """The sessions that count under each clearance, in order of time. One query, none without clearances."""
    found: dict[UUID | None, list[UUID]] = defaultdict(list)
    if clearances:
        counting = Session.objects.filter(
            series__clearance__in=clearances, start__gte=F("series__clearance__granted_at")
        ).exclude(status__in=GONE)
        for clearance, session in counting.order_by("start").values_list("series__clearance", "id"):
            found[clearance].append(session)
    return found


def _cleared_for(over: Collection[Series]) -> dict[tuple[UUID, UUID], list[tuple[int, date]]]:
    """By patient and treatment of those series, what each clearance leaves to be booked. One query."""
    counting = ~Q(series__sessions__status__in=GONE) & Q(series__sessions__start__gte=F("granted_at"))
    rows = Clearance.objects.filter(
        patient__in={one.patient_id for one in over},
        protocol__in={one.protocol_version.protocol_id for one in over},
    ).annotate(booked=Count("series__sessions", filter=counting))
    found = defaultdict(list)
    for row in rows:
        found[row.patient_id, row.protocol_id].append((row.sessions - row.booked, row.expires))
    return found


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
