"""What the engine thinks about, read from the database: supply, protocols, the diary and a patient's
sessions.

Each function makes a fixed number of queries, whatever there is to read. Minutes come as integers straight
from SQL: turning a year of rows into datetimes and back would cost more than the thinking.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import chain
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connection

from bookings.models import Clinic, ProtocolVersion
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.hours import day_start
from scheduler.protocol import (
    NurseNeed,
    OnMissed,
    Phase,
    Protocol,
    RollingLimit,
    Spacing,
    Step,
    Washout,
)
from scheduler.spans import Span, instant, minute
from scheduler.start_template import Opened, StartTemplate
from scheduler.supply import Chair, Closure, NursingMode, OpeningHours, Shift, StartStagger, Supply

_ROSTERS_KEPT = 64

_supplies: dict[UUID, tuple[int, Supply]] = {}
_protocols: dict[UUID, Protocol] = {}
_reading = Lock()

# No visit holds its chair for more than 24 hours (`bookings.consistency`): so far back can a claim reach.
_CLAIMS = """
    SELECT coalesce(claim.session_id::text, claim.hold_id::text || ':' || claim.number),
           claim.chair_id::text, (extract(epoch FROM claim.start) / 60)::int, claim.protocol_version_id::text
    FROM bookings_claim claim
    LEFT JOIN bookings_hold hold ON hold.id = claim.hold_id
    WHERE claim.clinic_id = %s AND ({in_a_span}) AND (hold.id IS NULL OR (
        hold.expires_at > %s AND NOT coalesce(hold.patient_id = %s, false) AND hold.id <> ALL (%s)
    ))
"""
# Spelled out for each span: joined to an array of spans, PostgreSQL would read the whole clinic instead of
# asking the index of starts once a span.
_IN_A_SPAN = (
    "(claim.start < %s AND claim.start > %s::timestamptz - interval '24 hours' AND claim.chair_until > %s)"
)
_PATIENT_SESSIONS = """
    SELECT session.id::text, session.series_id::text, session.number, claim.spacing_group, series.phase,
           (extract(epoch FROM claim.start) / 60)::int, (extract(epoch FROM upper(claim.present)) / 60)::int,
           (claim.start AT TIME ZONE clinic.time_zone)::date, claim.protocol_version_id,
           (extract(epoch FROM clearance.granted_at) / 60)::int, claim.patient_id
    FROM bookings_claim claim
    JOIN bookings_session session ON session.id = claim.session_id
    JOIN bookings_series series ON series.id = session.series_id
    JOIN bookings_clinic clinic ON clinic.id = claim.clinic_id
    LEFT JOIN bookings_clearance clearance ON clearance.id = series.clearance_id
    WHERE claim.patient_id = ANY (%s)
    ORDER BY claim.start
"""


def supply_of(clinic: Clinic) -> Supply:
    """What the clinic offers, under the roster version of this `clinic`. Four queries, or five where it
    levels its starts, then kept until it changes.
    """
    known = _supplies.get(clinic.id)
    if known is not None and known[0] == clinic.roster_version:
        return known[1]
    # If the roster changes between these queries, they show more than one version. Nobody books by it:
    # whoever writes reads the version again under the lock, and it is then a later one.
    supply = _read_supply(clinic)
    with _reading:
        if len(_supplies) >= _ROSTERS_KEPT:
            _supplies.clear()
        _supplies[clinic.id] = clinic.roster_version, supply
    return supply


def protocol_of(version: ProtocolVersion) -> Protocol:
    """The engine's value of a version; one and the same object each time, since a version never changes."""
    known = _protocols.get(version.id)
    if known is None:
        known = _protocols.setdefault(version.id, parse_protocol(version.rules, version=version.version))
    return known


def parse_protocol(rules: Mapping[str, Any], *, version: int = 1) -> Protocol:
    """A protocol's JSON, already validated, as the engine's value."""
    return Protocol(
        slug=rules["slug"],
        name=rules["name"],
        spacing_group=rules["spacing_group"],
        phases=tuple(_parse_phase(phase) for phase in rules["phases"]),
        steps=tuple(_parse_step(step) for step in rules["steps"]),
        washouts=tuple(Washout(one["spacing_group"], one["days"]) for one in rules.get("washouts") or ()),
        lead_time_hours=rules.get("lead_time_hours") or 0,
        horizon_days=rules["horizon_days"]
        if rules.get("horizon_days") is not None
        else Protocol.horizon_days,
        cancel_cutoff_hours=rules.get("cancel_cutoff_hours") or 0,
        needs_clearance=bool(rules.get("needs_clearance")),
        needs_escort=bool(rules.get("needs_escort")),
        chair_features=frozenset(rules.get("chair_features") or ()),
        version=version,
    )


def load_diary(
    clinic: Clinic,
    first: date,
    last: date,
    *,
    now: datetime,
    without_holds: Collection[UUID] = (),
    without_holds_of: UUID | None = None,
) -> Diary:
    """What is taken from the first to the last clinic-local date, in one query. Expired holds take nothing.

    `without_holds_of` leaves out what a patient has on hold: they give it up for what they book.
    """
    zone = clinic.zone
    days = Span(day_start(first, zone), day_start(last + timedelta(days=1), zone))
    return load_spans(
        clinic.id, [days], now=now, without_holds=without_holds, without_holds_of=without_holds_of
    )


def load_spans(
    clinic_id: UUID,
    spans: Iterable[Span],
    *,
    now: datetime,
    without_holds: Collection[UUID] = (),
    without_holds_of: UUID | None = None,
) -> Diary:
    """What holds a chair at some minute of the spans, in one query. Expired holds take nothing."""
    bounds = [(instant(span.end), instant(span.start), instant(span.start)) for span in spans]
    if not bounds:
        return Diary()
    query = _CLAIMS.format(in_a_span=" OR ".join([_IN_A_SPAN] * len(bounds)))
    values = [clinic_id, *chain.from_iterable(bounds), now, without_holds_of, list(without_holds)]
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    # Ids of versions come as text: a thousand UUIDs take longer to hash than the rest of the reading.
    versions = protocols_of({UUID(version) for version in {version for *_, version in rows}})
    steps = {str(version): protocol.timed_steps for version, protocol in versions.items()}
    return Diary(tuple([Claim(claim, chair, start, steps[version]) for claim, chair, start, version in rows]))


def load_patient(patient_id: UUID, *, without_sessions: Collection[str] = ()) -> tuple[PatientSession, ...]:
    """Every live or finished session of a patient, in whatever clinic and series, in order of time. One
    query.
    """
    return load_patients([patient_id], without_sessions=without_sessions)[patient_id]


def load_patients(
    patients: Iterable[UUID], *, without_sessions: Collection[str] = ()
) -> dict[UUID, tuple[PatientSession, ...]]:
    """The same of each of these patients, in one query for all of them."""
    found: dict[UUID, list[PatientSession]] = {patient: [] for patient in patients}
    with connection.cursor() as cursor:
        cursor.execute(_PATIENT_SESSIONS, [list(found)])
        rows = cursor.fetchall()
    protocols = protocols_of({row[-3] for row in rows})
    for row in rows:
        if row[0] not in without_sessions:
            found[row[-1]].append(PatientSession(*(*row[:-3], protocols[row[-3]], row[-2])))
    return {patient: tuple(sessions) for patient, sessions in found.items()}


def protocols_of(versions: set[UUID]) -> dict[UUID, Protocol]:
    """The engine's values of those versions, by id. At most one query, none when they are known already."""
    if unknown := versions - _protocols.keys():
        for version in ProtocolVersion.objects.filter(id__in=unknown):
            protocol_of(version)
    return {version: _protocols[version] for version in versions}


def _read_supply(clinic: Clinic) -> Supply:
    stagger = (
        StartStagger(clinic.stagger_starts, clinic.stagger_minutes)
        if clinic.stagger_starts and clinic.stagger_minutes
        else None
    )
    return Supply(
        time_zone=clinic.zone,
        hours=tuple(
            OpeningHours(*row)
            for row in clinic.opening_hours.order_by("weekday", "opens").values_list(
                "weekday", "opens", "closes"
            )
        ),
        chairs=tuple(
            Chair(str(chair), name, frozenset(features))
            for chair, name, features in clinic.chairs.filter(retired_at__isnull=True)
            .order_by("name")
            .values_list("id", "name", "features")
        ),
        shifts=tuple(
            Shift(str(nurse), _span(starts, ends))
            for nurse, starts, ends in clinic.shifts.order_by("starts", "id").values_list(
                "nurse_id", "starts", "ends"
            )
        ),
        closures=tuple(
            Closure(_span(starts, ends), reason, str(chair) if chair else None)
            for starts, ends, reason, chair in clinic.closures.order_by("starts", "id").values_list(
                "starts", "ends", "reason", "chair_id"
            )
        ),
        grid_minutes=clinic.grid_minutes,
        nursing_mode=NursingMode(clinic.nursing_mode),
        patients_per_nurse=clinic.patients_per_nurse,
        start_stagger=stagger,
        template=_template_in_force(clinic) if clinic.levelling else None,
    )


def _template_in_force(clinic: Clinic) -> StartTemplate | None:
    for opened in clinic.start_templates.filter(in_force_since__isnull=False).values_list(
        "opened", flat=True
    ):
        return parse_template(opened)
    return None


def parse_template(opened: Iterable[Mapping[str, Any]]) -> StartTemplate:
    """What a template opens, as it is stored, as the engine's value."""
    return StartTemplate(
        tuple(Opened(one["weekday"], _clock(one["begins"]), one["minutes"], one["starts"]) for one in opened)
    )


def _clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _span(starts: datetime, ends: datetime) -> Span:
    return Span(minute(starts), minute(ends))


def _parse_step(step: Mapping[str, Any]) -> Step:
    return Step(
        name=step["name"],
        minutes=step["minutes"],
        nurse=NurseNeed(step.get("nurse", "none")),
        patient=step.get("patient", True),
    )


def _parse_phase(phase: Mapping[str, Any]) -> Phase:
    spacing = phase.get("spacing") or {}
    limit, missed = spacing.get("rolling_limit"), phase.get("on_missed") or {}
    return Phase(
        name=phase["name"],
        sessions=phase.get("sessions"),
        spacing=Spacing(
            min_gap_minutes=spacing.get("min_gap_minutes") or 0,
            min_gap_days=spacing.get("min_gap_days") or 0,
            target_gap_days=spacing.get("target_gap_days"),
            soft_max_gap_days=spacing.get("soft_max_gap_days"),
            max_gap_days=spacing.get("max_gap_days"),
            rolling_limit=RollingLimit(limit["sessions"], limit["days"]) if limit else None,
            complete_within_days=spacing.get("complete_within_days"),
        ),
        on_missed=OnMissed(missed.get("then", OnMissed.APPEND)),
        missed_gap_days=missed.get("after_gap_days"),
        assess_after=tuple(phase.get("assess_after") or ()),
    )
