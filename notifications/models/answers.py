"""What comes back: reports of carriers and mail servers, texts of patients, and who wants no more."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models import Patient, Session
from bookings.models.ids import Identified
from notifications.kinds import Channel, Meaning
from notifications.models.ledger import Message


class StatusReport(models.Model):
    """What a provider said of a message after it was handed over, kept as it came, once each.

    A message that is handed over again has another `provider_id` then, and reports of its own.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reports")
    provider_id = models.CharField(max_length=200, blank=True)
    said = models.CharField(max_length=24)  # the provider's word
    error = models.CharField(max_length=24, blank=True)  # the provider's code
    at = models.DateTimeField()
    waits = models.BooleanField(default=False)  # until the worker that has the message has settled it

    class Meta:
        ordering = ["message", "id"]
        constraints = [
            models.UniqueConstraint(
                name="status_report_once", fields=["message", "provider_id", "said", "error"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.said} of {self.message_id}"


class InboundText(Identified):
    """A text that somebody sent to the clinic, what it was taken for, and what was answered.

    `sid` is the carrier's name for it: delivered twice, it counts once.
    """

    sid = models.CharField(max_length=64, unique=True)
    sender = models.CharField(max_length=32)  # E.164
    receiver = models.CharField(max_length=32)
    body = models.CharField(max_length=1600, blank=True)
    received_at = models.DateTimeField()
    meaning = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Meaning])
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")
    reply = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(name="inbound_by_patient", fields=["patient", "-id"]),
            models.Index(name="inbound_by_sender", fields=["sender", "-id"]),
        ]


class OptOut(Identified):
    """An address to which nothing more is sent: its owner said so, or it does not exist any more."""

    channel = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Channel])
    address = models.CharField(max_length=254)
    why = models.CharField(max_length=24)  # stop, bounced, complained, carrier
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="opt_out_once", fields=["channel", "address"], condition=Q(lifted_at__isnull=True)
            )
        ]
