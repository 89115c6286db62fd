"""Book a whole series, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bookings import placing, snapshot
from bookings.actors import Actor, admit
from bookings.errors import HoldExpired, Invalid, NotAllowed, Taken
from bookings.judging import Question
from bookings.locking import diary_lock
from bookings.models import HELD_BY_CLINIC, Clinic, Hold, Patient, Protocol, Series
from bookings.reading import as_locked
from bookings.starting import begin_series, look_under_clearance
from bookings.treatments import current_version, resolve_phase
from scheduler.rules import Place
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
        case, cleared = look_under_clearance(question, clinic, protocol)
        seats = placing.seat(case, question.places, question.judge(case, excused=settled))
        return begin_series(question, case, seats, patient=patient, clinic=clinic, cleared=cleared)
