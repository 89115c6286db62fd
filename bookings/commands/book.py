"""Book a whole series, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bookings import journal, placing, snapshot
from bookings.actors import Actor, admit
from bookings.errors import HoldExpired, Invalid, NotAllowed, Taken
from bookings.judging import Cleared, Question, best_clearance, standing_of, with_clearance
from bookings.locking import diary_lock
from bookings.models import (
    HELD_BY_CLINIC,
    Chair,
    Clinic,
    Hold,
    Patient,
    Protocol,
    ProtocolVersion,
    Series,
    SeriesStatus,
    Session,
    SessionStatus,
)
from bookings.placing import Seat
from bookings.reading import as_locked
from bookings.treatments import current_version, resolve_phase
from scheduler.rules import Case, Place
from scheduler.spans import minute
from scheduler.violations import Rule


def book_series(
    patient: Patient,
    *,
    clinic: Clinic,
    protocol: Protocol,
    phase: str | None = None,
    starts: Sequence[datetime] | None = None,
    hold: Hold | None = None,
    override_reason: str | None = None,
    actor: Actor,
    now: datetime,
) -> Series:
    """Book every session of a phase at these starts, or at the places of a hold, in one transaction.

    Where the protocol needs a clearance and the patient has none, the series is `requested`: its places
    are taken, and it waits for a prescriber.
    """
    if actor.kind == "anonymous":
        raise NotAllowed("Sign in before you book.")
    admit(actor, clinic_id=clinic.id, patient_id=patient.id)
    question = _ask(patient, clinic, protocol, phase, starts, hold, actor=actor, now=now)
    question = replace(question, override_reason=override_reason)
    try:
        return _book(question, patient=patient, clinic=clinic, protocol=protocol, hold=hold)
    except Taken as refusal:
        refusal.facts["alternatives"] = question.alternatives(clinic)
        raise


def _ask(
    patient: Patient,
    clinic: Clinic,
    protocol: Protocol,
    phase: str | None,
    starts: Sequence[datetime] | None,
    hold: Hold | None,
    *,
    actor: Actor,
    now: datetime,
) -> Question:
    if hold is not None:
        version, phase = hold.protocol_version, hold.phase
        if (hold.clinic_id, version.protocol_id) != (clinic.id, protocol.id):
            raise Invalid("hold", "That hold is for another clinic or treatment.")
        places = _held_places(hold, patient=patient, now=now)
    elif starts is None:
        raise Invalid("sessions", "Say when the sessions are, or name a hold.")
    else:
        version = current_version(protocol, clinic=clinic, now=now)
        phase = resolve_phase(version, phase, patient_id=patient.id)
        places = placing.parse_places(snapshot.protocol_of(version), phase, starts)
    return Question(
        version=version,
        phase=phase,
        places=places,
        actor=actor,
        now=now,
        patient_id=patient.id,
        holds=frozenset({hold.id} if hold else ()),
    )


def _held_places(hold: Hold, *, patient: Patient, now: datetime) -> tuple[Place, ...]:
    """The places of a hold that has not expired and is not somebody else's."""
    held = hold.claims.order_by("number").values_list("number", "start", "chair_id")
    places = tuple(Place(number, minute(start), str(chair)) for number, start, chair in held)
    others = hold.source == HELD_BY_CLINIC or hold.patient_id not in (None, patient.id)
    if hold.expires_at <= now or not places or others:
        raise HoldExpired
    return places


def _settled_when_held(question: Question, hold: Hold | None) -> frozenset[Rule]:
    """The rules of notice, for places on hold: they were judged when the places were held. Nobody books
    what has begun meanwhile.
    """
    begun = any(place.start < minute(question.now) for place in question.places)
    return frozenset() if hold is None or begun else frozenset({Rule.LEAD_TIME, Rule.HORIZON})


def _book(
    question: Question, *, patient: Patient, clinic: Clinic, protocol: Protocol, hold: Hold | None
) -> Series:
    now = question.now
    settled = _settled_when_held(question, hold)
    thought = question.look(clinic)  # how the patient stands with the protocol is asked once, under the lock
    question.judge(thought, excused=settled)
    days = placing.days_of_places(clinic.id, thought, question.places)
    with diary_lock(days, [patient.id], now=now, giving_up_holds=hold is None) as rosters:
        clinic = as_locked(clinic, rosters)
        if hold is not None and not placing.take_over(hold, patient_id=patient.id):
            raise HoldExpired  # somebody else was quicker with it
        case, cleared = _look(question, clinic, protocol)
        seats = placing.seat(case, question.places, question.judge(case, excused=settled))
        waits = case.protocol.needs_clearance and cleared is None
        return _write(question, case, seats, patient=patient, clinic=clinic, waits=waits, cleared=cleared)


def _look(question: Question, clinic: Clinic, protocol: Protocol) -> tuple[Case, Cleared | None]:
    """The case, under the clearance that it would use. Refuses a patient whose course waits for re-
    evaluation.
    """
    case = question.look(clinic)
    assert question.patient_id is not None
    standing = standing_of(question.patient_id, protocol.id)
    if standing.lapsed and question.actor.is_patient:
        raise question.lapsed()
    if not case.protocol.needs_clearance:
        return case, None
    cleared = best_clearance(case, question.places, standing, question.now)
    return with_clearance(case, cleared), cleared


def _write(
    question: Question,
    case: Case,
    seats: Sequence[Seat],
    *,
    patient: Patient,
    clinic: Clinic,
    waits: bool,
    cleared: Cleared | None,
) -> Series:
    """The series with its sessions, their claims and the journal row. Four statements."""
    series = Series.objects.create(
        patient=patient,
        clinic=clinic,
        protocol_version=question.version,
        phase=question.phase,
        spacing_group=case.protocol.spacing_group,
        status=SeriesStatus.REQUESTED if waits else SeriesStatus.ACTIVE,
        clearance_id=cleared.id if cleared else None,
        created_at=question.now,
    )
    status = SessionStatus.REQUESTED if waits else SessionStatus.BOOKED
    chairs = {one.id: Chair(id=UUID(one.id), clinic=clinic, name=one.name) for one in case.supply.chairs}
    sessions = []
    for one in sorted(seats, key=lambda one: one.number):
        session = Session(series=series, patient=patient, clinic=clinic, number=one.number, status=status)
        placing.settle(session, one, case.protocol)
        session.chair = chairs[one.chair]
        sessions.append(session)
    Session.objects.bulk_create(sessions)
    series.known_sessions = sessions
    by_number = {session.number: session for session in sessions}
    placing.claim(
        case, seats, clinic=clinic, version=question.version, patient_id=patient.id, sessions=by_number
    )
    journal.record(
        "series_requested" if waits else "series_booked",
        actor=question.actor,
        now=question.now,
        series=series,
        after=_facts(question.version, series, sessions),
        reason=question.override_reason or "",
    )
    return series


def _facts(version: ProtocolVersion, series: Series, sessions: Sequence[Session]) -> dict[str, Any]:
    return {
        "status": series.status,
        "protocol_version": version.version,
        "phase": series.phase,
        "sessions": [{"number": one.number, **journal.session_facts(one)} for one in sessions],
    }
