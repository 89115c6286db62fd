"""Move one session to another time, or to another chair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bookings import journal, placing
from bookings.actors import Actor, admit
from bookings.attendance import refuse_late_change, step, touch
from bookings.errors import Invalid, Taken
from bookings.judging import Question, best_clearance, standing_of, with_clearance
from bookings.locking import diary_lock
from bookings.models import Chair, Claim, Session
from bookings.reading import reread
from scheduler.rules import Case, Place


def move_session(
    session: Session,
    *,
    start: datetime,
    chair: Chair | None = None,
    override_reason: str | None = None,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Session:
    """The session at that start, in that chair or in one that is free; every rule is kept or overridden.

    What was remembered of broken rules was about the old place and is forgotten. Patients move only before
    the protocol's cut-off, the same one as for cancelling.
    """
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    (minute,) = placing.parse_starts([start], field="start")
    if chair is not None and chair.clinic_id != session.clinic_id:
        raise Invalid("chair", "That chair is in another clinic.")
    move = _Move(minute, str(chair.id) if chair else None, override_reason, if_version, actor, now)
    session = reread(session.id)
    try:
        return _move(session, move)
    except Taken as refusal:
        refusal.facts["alternatives"] = move.question(session).alternatives(session.clinic)
        raise


@dataclass(frozen=True, slots=True)
class _Move:
    start: int
    chair: str | None
    override_reason: str | None
    if_version: int | None
    actor: Actor
    now: datetime

    def question(self, session: Session) -> Question:
        return Question(
            version=session.series.protocol_version,
            phase=session.series.phase,
            places=(Place(session.number, self.start, self.chair),),
            actor=self.actor,
            now=self.now,
            patient_id=session.patient_id,
            series_id=session.series_id,
            leaving=frozenset({str(session.id)}),
            override_reason=self.override_reason,
        )

    def refuse_early(self, session: Session) -> str:
        """The state after the move. Refuses a stale caller, a wrong state and a patient who is too late."""
        status = step("move", session, if_version=self.if_version)
        refuse_late_change(session, actor=self.actor, now=self.now)
        return status


def _move(session: Session, move: _Move) -> Session:
    move.refuse_early(session)
    question = move.question(session)
    thought = question.look(session.clinic)  # how the patient stands is asked once, under the lock
    question.judge(thought)
    days = placing.days_of_places(session.clinic_id, thought, question.places)
    days |= placing.days_of_sessions(session.clinic_id, thought.supply, [session])
    # Should it move meanwhile, its old day is not among these; giving a place back needs no lock of the day.
    with diary_lock(days, [session.patient_id], now=move.now, giving_up_holds=True):
        session = reread(session.id)
        status = move.refuse_early(session)
        question = move.question(session)
        case = _look(question, session)
        overrides = question.judge(case)
        return _write(session, case, question, overrides, status=status)


def _look(question: Question, session: Session) -> Case:
    case = question.look(session.clinic)
    protocol_id = question.version.protocol_id
    standing = standing_of(session.patient_id, protocol_id, without_sessions=question.leaving)
    if standing.lapsed and question.actor.is_patient:
        raise question.lapsed()
    clearance_id: UUID | None = session.series.clearance_id
    if clearance_id is None:
        return case
    own = [one for one in standing.clearances if one.id == clearance_id]
    if own:
        return with_clearance(case, own[0])
    return with_clearance(case, best_clearance(case, question.places, standing, question.now))


def _write(
    session: Session,
    case: Case,
    question: Question,
    overrides: Mapping[int, list[dict[str, Any]]],
    *,
    status: str,
) -> Session:
    before = journal.session_facts(session)
    seats = placing.seat(case, question.places, overrides)
    placing.settle(session, seats[0], case.protocol)
    session.status, session.status_before = status, ""
    Claim.objects.filter(session=session).delete()
    touch(session)
    placing.claim(
        case,
        seats,
        clinic=session.clinic,
        version=question.version,
        patient_id=session.patient_id,
        sessions={session.number: session},
    )
    journal.record(
        "session_moved",
        actor=question.actor,
        now=question.now,
        session=session,
        before=before,
        after=journal.session_facts(session),
        reason=question.override_reason or "",
    )
    return session
