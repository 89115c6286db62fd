"""Erase who a patient is, and keep what the diary needs to stay whole."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q

from bookings import journal, lifecycle, signals
from bookings.actors import Actor
from bookings.errors import Invalid, NotAllowed, WrongState
from bookings.locking import diary_lock
from bookings.models import (
    AccessToken,
    Decision,
    IdempotencyKey,
    JournalWords,
    Link,
    LoginCode,
    Patient,
    Proposal,
    ProposalStatus,
    Role,
    Series,
    SeriesStatus,
    Session,
    Task,
    WaitingEntry,
)

ERASED = "(erased)"
_OVER = (SeriesStatus.COMPLETED, SeriesStatus.CANCELLED)


def erase_patient(
    patient: Patient, *, reason: str, despite_retention: bool = False, actor: Actor, now: datetime
) -> Patient:
    """From now on nobody knows who this was. Visits stay, in nobody's name, with their times and states.

    Gone are name, birth date, contacts, escorts, words of the journal, texts of messages, tasks, decisions
    and proposals, and every way to sign in. What is left says that somebody came, not who. Done once, it
    cannot be undone; done again, it changes nothing.

    A manager's, or the service's. Refuses with `WrongState` while anything is booked, under way, proposed or
    waited for, and with `NotAllowed` as long as the record must be kept (`RETENTION["record"]` after the last
    visit), unless `despite_retention`: whoever says so has the law on their side, and writes down which.
    """
    if not (actor.kind == "system" or actor.role == Role.MANAGER):
        raise NotAllowed("Only a manager erases a patient.")
    if not reason.strip():
        raise Invalid("reason", "Why, and who asked for it?")
    with diary_lock([], [patient.id], now=now):
        patient = Patient.objects.select_for_update().get(id=patient.id)
        if patient.erased_at is not None:
            return patient
        _refuse_while_needed(patient)
        last = Session.objects.filter(patient=patient).aggregate(last=Max("end"))["last"]
        kept_until = last + timedelta(days=settings.RETENTION["record"]) if last else None
        if kept_until and now < kept_until and not despite_retention:
            raise NotAllowed(f"The record must be kept until {kept_until:%Y-%m-%d}.")
        _forget_ways_in(patient)
        _forget_words(patient, now=now)
        signals.patient_erased.send(Patient, patient=patient, now=now)
        for name in ("first_name", "last_name", "email", "phone"):
            setattr(patient, name, "")
        patient.birth_date, patient.erased_at = None, now
        patient.version += 1
        patient.save()
        after = {"despite_retention": bool(kept_until and now < kept_until)}
        journal.record(
            "patient_erased", actor=actor, now=now, patient=patient, after=after, reason=reason.strip()
        )
    return patient


def _refuse_while_needed(patient: Patient) -> None:
    stands = (
        Session.objects.filter(patient=patient, status__in=lifecycle.LIVE).exists()
        or Series.objects.filter(patient=patient).exclude(status__in=_OVER).exists()
        or WaitingEntry.objects.filter(patient=patient, closed_at__isnull=True).exists()
        or Proposal.objects.filter(series__patient=patient, status=ProposalStatus.OPEN).exists()
    )
    if stands:
        detail = "A course, a visit, a proposal or a place on the waiting list is still open: end it first."
        raise WrongState(detail, now="open", allowed=[])


def _forget_ways_in(patient: Patient) -> None:
    contacts = [contact for contact in (patient.email, patient.phone) if contact]
    LoginCode.objects.filter(contact__in=contacts).delete()
    AccessToken.objects.filter(patient=patient).delete()
    Link.objects.filter(patient=patient).delete()
    IdempotencyKey.objects.filter(caller=f"patient:{patient.id}").delete()


def _forget_words(patient: Patient, *, now: datetime) -> None:
    JournalWords.objects.filter(entry__patient=patient).update(said=None, salt=None)
    for session in Session.objects.filter(patient=patient):
        session.escort_name = session.escort_phone = ""
        session.overrides = [{**one, "reason": ERASED} for one in session.overrides]
        session.save(update_fields=["escort_name", "escort_phone", "overrides"])
    Decision.objects.filter(series__patient=patient).update(reason="")
    Proposal.objects.filter(series__patient=patient).update(reason="")
    WaitingEntry.objects.filter(patient=patient).update(wish={})
    tasks = Task.objects.filter(Q(patient=patient) | Q(series__patient=patient))
    tasks.filter(resolved_at__isnull=True).update(resolved_at=now)
    tasks.update(detail=ERASED, proposal=None, resolution=ERASED)
