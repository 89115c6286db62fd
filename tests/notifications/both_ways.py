"""What tests of two channels have in common: somebody who agreed to texts, and what was sent to them."""

from __future__ import annotations

from datetime import datetime

from bookings.actors import patient_actor
from bookings.commands.consents import give_consent, withdraw_consent
from bookings.models import Consent, Patient
from notifications import queries
from notifications.channels import NotSent
from notifications.commands import send
from notifications.kinds import Channel
from notifications.models import Message
from tests.cast import NOW


def agree_to_texts(patient: Patient, *, now: datetime = NOW) -> Consent:
    return give_consent(
        patient,
        purpose="texts",
        wording="Send me texts about my visits.",
        language="en",
        source="page",
        actor=patient_actor(patient),
        now=now,
    )


def take_back_texts(patient: Patient, *, now: datetime) -> None:
    withdraw_consent(patient, purpose="texts", source="page", actor=patient_actor(patient), now=now)


def texts_of(patient: Patient, **which) -> list[tuple[str, str]]:
    """Kind and status of their texts, in the order in which they are due."""
    rows = Message.objects.filter(patient=patient, channel=Channel.TEXT, **which).order_by("due_at", "id")
    return list(rows.values_list("kind", "status"))


def go(now: datetime, *, outcome: str | NotSent = "handed over") -> list[tuple[str, str]]:
    """One round of the beat without a carrier: the kind and words of each text that went out."""
    went = []
    for _ in range(20):
        for taken in send.take_due(now=now):
            send.settle(taken, outcome, now=now)
            row = Message.objects.get(id=taken.message)
            if taken.channel == Channel.TEXT:
                went.append((row.kind, taken.letter.text))
        if not queries.due(now=now, limit=1):
            return went
    raise AssertionError("something is due again and again")
