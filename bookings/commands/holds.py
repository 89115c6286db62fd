"""Keep places for somebody who fills in a form, or give them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from bookings import journal, placing, snapshot
from bookings.actors import Actor, admit
from bookings.errors import HoldExpired, Taken
from bookings.judging import Question
from bookings.locking import diary_lock
from bookings.models import HELD_BY_CLINIC, Clinic, Hold, Patient, Protocol
from bookings.reading import as_locked
from bookings.treatments import current_version, resolve_phase

_TIDIED_AT_ONCE = 6000
# Without the locks of the diary's days: rows that a booking has locked are skipped, so nobody is waited for,
# and without waiting no ring of transactions closes.
_TIDY_CLAIMS = """
    DELETE FROM bookings_claim WHERE id IN (
        SELECT claim.id FROM bookings_claim claim JOIN bookings_hold hold ON hold.id = claim.hold_id
        WHERE hold.expires_at <= %s ORDER BY claim.id LIMIT %s FOR UPDATE OF claim SKIP LOCKED
    )
"""
_TIDY_HOLDS = """
    DELETE FROM bookings_hold WHERE id IN (
        SELECT hold.id FROM bookings_hold hold
        WHERE hold.expires_at <= %s
          AND NOT EXISTS (SELECT FROM bookings_claim claim WHERE claim.hold_id = hold.id)
          AND NOT EXISTS (SELECT FROM bookings_proposal proposal WHERE proposal.hold_id = hold.id)
          AND NOT EXISTS (SELECT FROM bookings_offer offer WHERE offer.hold_id = hold.id)
        ORDER BY hold.id LIMIT %s FOR UPDATE OF hold SKIP LOCKED
    )
"""


def hold_places(
    clinic: Clinic,
    *,
    protocol: Protocol,
    phase: str | None = None,
    starts: Sequence[datetime],
    patient: Patient | None = None,
    source: str = "",
    actor: Actor,
    now: datetime,
) -> Hold:
    """Keep these places until the clinic's `hold_minutes` have passed, all of them or none.

    A patient has one hold at a time: a new one takes the place of the one before. The phase is booked
    whole, so it is held whole. Clearance is asked for when the series is booked.
    """
    patient_id = patient.id if patient else None
    if patient is not None:
        admit(actor, clinic_id=clinic.id, patient_id=patient_id)
    version = current_version(protocol, clinic=clinic, now=now)
    phase = resolve_phase(version, phase, patient_id=patient_id)
    question = Question(
        version=version,
        phase=phase,
        places=placing.parse_places(snapshot.protocol_of(version), phase, starts),
        actor=actor,
        now=now,
        patient_id=patient_id,
    )
    try:
        return _hold(clinic, question, patient=patient, source=source)
    except Taken as refusal:
        refusal.facts["alternatives"] = question.alternatives(clinic)
        raise


def release_hold(hold: Hold, *, actor: Actor, now: datetime) -> None:
    """Give the places back before their time. Refuses when there are none any more."""
    held = hold.claims.order_by("number").values_list("start", "chair_until")
    supply = snapshot.supply_of(hold.clinic)
    spans = [(snapshot.minute(start), snapshot.minute(end)) for start, end in held]
    days = placing.clinic_days(hold.clinic_id, supply, spans)
    with diary_lock(days, [hold.patient_id] if hold.patient_id else [], now=now):
        rows = Hold.objects.filter(id=hold.id, claims__isnull=False).exclude(source=HELD_BY_CLINIC)
        released, _ = rows.delete()
        if not released:
            raise HoldExpired
        journal.record(
            "hold_released",
            actor=actor,
            now=now,
            clinic=hold.clinic,
            patient=hold.patient,
            before={"hold": str(hold.id)},
        )


def tidy_holds(*, now: datetime) -> int:
    """Delete holds that have expired, with their claims; how many. They have blocked nobody since they
    expired.

    Waits for nobody: what somebody else has in hand at the moment is left for the next time.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TIDY_CLAIMS, [now, _TIDIED_AT_ONCE])
        cursor.execute(_TIDY_HOLDS, [now, _TIDIED_AT_ONCE])
        return cursor.rowcount


def _hold(clinic: Clinic, question: Question, *, patient: Patient | None, source: str) -> Hold:
    now, actor = question.now, question.actor
    thought = question.look(clinic)
    question.judge(thought)
    days = placing.days_of_places(clinic.id, thought, question.places)
    patients = [patient.id] if patient else []
    with diary_lock(days, patients, now=now, giving_up_holds=True) as rosters:
        clinic = as_locked(clinic, rosters)
        case = question.look(clinic)
        seats = placing.seat(case, question.places, question.judge(case))
        hold = Hold.objects.create(
            clinic=clinic,
            protocol_version=question.version,
            phase=question.phase,
            patient=patient,
            source=source,
            created_at=now,
            expires_at=now + timedelta(minutes=clinic.hold_minutes),
        )
        placing.claim(
            case,
            seats,
            clinic=clinic,
            version=question.version,
            patient_id=patient.id if patient else None,
            hold=hold,
        )
        journal.record(
            "hold_made", actor=actor, now=now, clinic=clinic, patient=patient, after={"hold": str(hold.id)}
        )
    return hold
