"""Tell a patient that the clinic is behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from bookings import journal
from bookings.actors import Actor, admit
from bookings.attendance import wrong_state
from bookings.errors import Invalid, NotAllowed
from bookings.models import Session
from notifications.kinds import Kind
from notifications.second_look import TRUE_WHILE

LEAST, MOST = 5, 240  # minutes


def announce_delay(session: Session, *, minutes: int, actor: Actor, now: datetime) -> None:
    """The visit will begin that many minutes late: the patient is told, by the ways of the clinic's policy.

    Until the delayed start has come. Staff only. Refuses with WrongState a visit that nobody waits for.
    """
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    if actor.is_patient:
        raise NotAllowed("Only staff tell patients that the clinic is late.")
    if not LEAST <= minutes <= MOST:
        raise Invalid("minutes", f"From {LEAST} to {MOST} minutes.")
    if session.status not in TRUE_WHILE[Kind.RUNNING_LATE]:
        raise wrong_state(session)
    if session.start + timedelta(minutes=minutes) <= now:
        raise Invalid("minutes", "The visit would have begun by now.")
    facts = {"start": session.start.astimezone(UTC).isoformat(), "minutes": minutes}
    with transaction.atomic(durable=True):
        journal.record("session_running_late", actor=actor, now=now, session=session, after=facts)
