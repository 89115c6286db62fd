"""Emergencies: a member of staff reads what is otherwise kept from them about one patient, and says why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bookings import journal, tasklist
from bookings.actors import Actor
from bookings.errors import Invalid, NotAllowed, NotFound
from bookings.models import Clinic, EmergencyAccess, Patient, TaskKind
from bookings.queries.emergencies import open_access
from scheduler.spans import minute
from scheduler.wording import clock_words

LASTS = timedelta(minutes=60)
REASON_LENGTH = 500  # what the column takes
SHORTEST_REASON = 10  # signs: "asdf" tells nobody anything


def open_in_emergency(
    patient: Patient, *, reason: str, clinic: Clinic, actor: Actor, now: datetime
) -> EmergencyAccess:
    """For an hour the actor reads the patient's record of every clinic, and clinical reasons in it.

    The managers of each clinic where the patient is treated, and of the actor's, get a task, which no one
    but a manager who did not open the record themselves resolves. Refuses with Invalid without a reason.
    """
    if not actor.is_staff or actor.id is None:
        raise NotAllowed("Only staff open a record in an emergency.")
    if clinic.id not in actor.clinics:
        raise NotFound("There is no such clinic, or you do not work there.")
    reason = " ".join(reason.split())[:REASON_LENGTH]
    if len(reason) < SHORTEST_REASON:
        raise Invalid("reason", "Say in a sentence why this cannot wait.")
    with transaction.atomic(durable=True):
        opened = EmergencyAccess.objects.create(
            staff_id=actor.id,
            patient=patient,
            clinic=clinic,
            reason=reason,
            opened_at=now,
            ends_at=now + LASTS,
        )
        after = {"ends_at": opened.ends_at.isoformat()}
        facts = {"clinic": clinic, "patient": patient, "after": after, "reason": reason}
        journal.record("emergency_opened", actor=actor, now=now, **facts)
        _tell_managers(opened, now=now)
    return opened


def use_emergency_access(patient: Patient, *, actor: Actor, now: datetime) -> EmergencyAccess:
    """One more look at the record that the actor has opened; the journal says so. Refuses with NotAllowed
    when it is not open, or no longer.
    """
    with transaction.atomic(durable=True):
        opened = _open(patient, actor=actor, now=now)
        _record("emergency_used", opened, actor=actor, now=now)
    return opened


def close_emergency_access(patient: Patient, *, actor: Actor, now: datetime) -> None:
    """It is over before its time. Refuses with NotAllowed when it is not open."""
    with transaction.atomic(durable=True):
        opened = _open(patient, actor=actor, now=now)
        EmergencyAccess.objects.filter(
            staff_id=actor.id, patient=patient, ends_at__gt=now, opened_at__lte=now
        ).update(ends_at=now)
        _record("emergency_closed", opened, actor=actor, now=now)


def _open(patient: Patient, *, actor: Actor, now: datetime) -> EmergencyAccess:
    opened = open_access(patient, actor=actor, now=now)
    if opened is None:
        raise NotAllowed("This record is not open to you, or no longer.")
    return opened


def _record(verb: str, opened: EmergencyAccess, *, actor: Actor, now: datetime) -> None:
    facts = {"clinic": opened.clinic, "patient": opened.patient, "reason": opened.reason}
    journal.record(verb, actor=actor, now=now, **facts)


def _tell_managers(opened: EmergencyAccess, *, now: datetime) -> None:
    treated_at = Clinic.objects.filter(series__patient=opened.patient)
    for clinic in {opened.clinic, *treated_at}:
        start, end = (clock_words(minute(at), clinic.zone) for at in (opened.opened_at, opened.ends_at))
        tasklist.put_about(
            opened.patient,
            kind=TaskKind.EMERGENCY_ACCESS,
            clinics=[clinic],
            detail=f"{opened.staff} opened this record in an emergency at {start}, until {end}.",
            now=now,
        )
