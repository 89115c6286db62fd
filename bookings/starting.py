"""A series that begins: under which clearance, and its rows. All of its sessions, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bookings import journal, placing
from bookings.judging import Cleared, Question, best_clearance, standing_of, with_clearance
from bookings.models import (
    Chair,
    Clinic,
    JournalEntry,
    Patient,
    Protocol,
    ProtocolVersion,
    Series,
    SeriesStatus,
    Session,
    SessionStatus,
)
from bookings.placing import Seat
from scheduler.rules import Case, Place


def look_under_clearance(
    question: Question, clinic: Clinic, protocol: Protocol
) -> tuple[Case, Cleared | None]:
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


def clearance_for(question: Question, case: Case) -> Cleared | None:
    """The clearance under which a phase that follows another is booked; None where it needs none, or there is
    none.
    """
    if not case.protocol.needs_clearance or question.patient_id is None:
        return None
    standing = standing_of(question.patient_id, question.version.protocol_id)
    return best_clearance(case, question.places or (Place(1, case.now),), standing, question.now)


def begin_series(
    question: Question,
    case: Case,
    seats: Sequence[Seat],
    *,
    patient: Patient,
    clinic: Clinic,
    cleared: Cleared | None,
    first: Sequence[JournalEntry] = (),
) -> Series:
    """The series with its sessions, their claims and the journal row. Four statements.

    Where the protocol needs a clearance and there is none, it is `requested`. `first` are the journal's rows
    that say why, before its own.
    """
    waits = case.protocol.needs_clearance and cleared is None
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
    booked = journal.entry(
        "series_requested" if waits else "series_booked",
        actor=question.actor,
        now=question.now,
        series=series,
        after=_facts(question.version, series, sessions),
        reason=question.override_reason or "",
    )
    journal.write([*first, booked])
    return series


def _facts(version: ProtocolVersion, series: Series, sessions: Sequence[Session]) -> dict[str, Any]:
    return {
        "status": series.status,
        "protocol_version": version.version,
        "phase": series.phase,
        "sessions": [{"number": one.number, **journal.session_facts(one)} for one in sessions],
    }
