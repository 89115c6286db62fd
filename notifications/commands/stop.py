"""No more emails to an address, and emails again: its owner says so, on a page that a message led to."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.models import Patient
from notifications import optouts
from notifications.kinds import Channel


def stop_emails(patient: Patient, *, address: str, actor: Actor, now: datetime) -> None:
    """Nothing but codes to sign in goes to this address any more. No visit is touched."""
    _set(patient, address, stopped=True, actor=actor, now=now)


def resume_emails(patient: Patient, *, address: str, actor: Actor, now: datetime) -> None:
    """Emails go to this address again, also those that wait for their hour already."""
    _set(patient, address, stopped=False, actor=actor, now=now)


def _set(patient: Patient, address: str, *, stopped: bool, actor: Actor, now: datetime) -> None:
    with transaction.atomic(durable=True):
        if optouts.is_out(Channel.EMAIL, address) == stopped:
            return
        if stopped:
            optouts.opt_out(Channel.EMAIL, address, why="stop", now=now)
        else:
            optouts.lift(Channel.EMAIL, address, now=now)
        journal.record(
            "choices_changed",
            actor=actor,
            now=now,
            patient=patient,
            before={"emails_stopped": not stopped},
            after={"emails_stopped": stopped},
        )
