"""What other systems are told: who listens, what they are to hear, and each try to tell them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models import Clinic, JournalEntry
from bookings.models.encrypted import EncryptedText
from bookings.models.ids import Identified


class WebhookStatus(models.TextChoices):
    """What can become of a delivery."""

    PLANNED = "planned"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # nobody listens any more


class WebhookEndpoint(Identified):
    """An address of another system that wants to hear what happens at one clinic.

    After a change of secret both sign until `old_secret_until`. After `failures` in a row nothing is sent
    before `resting_until`, and then one delivery alone.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+", db_index=False)
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    events = models.JSONField(default=list, blank=True)  # types of events; none: all of them
    secret = EncryptedText()
    old_secret = EncryptedText(blank=True)
    old_secret_until = models.DateTimeField(null=True)
    enabled = models.BooleanField(default=True)
    why_disabled = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0)
    resting_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(name="webhook_of_clinic", fields=["clinic"], condition=Q(removed_at__isnull=True))
        ]


class WebhookDelivery(Identified):
    """One event for one endpoint. `body` is what is sent, byte for byte, however often."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="+", db_index=False)
    type = models.CharField(max_length=40)
    body = models.TextField()
    status = models.CharField(max_length=12, choices=WebhookStatus, default=WebhookStatus.PLANNED)
    reason = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # not tried again from here on
    attempts = models.PositiveSmallIntegerField(default=0)  # all of them
    attempts_before = models.PositiveSmallIntegerField(default=0)  # those before it was last asked for again
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(name="webhook_due", fields=["due_at"], condition=Q(status="planned")),
            models.Index(name="webhook_in_hand", fields=["claimed_at"], condition=Q(status="sending")),
            models.Index(name="webhook_of_endpoint", fields=["endpoint", "-id"]),
            models.Index(name="webhook_by_age", fields=["created_at"]),
        ]
        constraints = [
            # Telling twice of one change writes once.
            models.UniqueConstraint(name="webhook_once", fields=["entry", "endpoint"]),
            models.CheckConstraint(
                name="webhook_undelivered_says_why",
                condition=Q(status__in=["planned", "sending", "delivered"]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="webhook_delivered_says_when",
                condition=Q(status="delivered", delivered_at__isnull=False) | ~Q(status="delivered"),
            ),
        ]


class WebhookTry(models.Model):
    """One try to deliver. Without `ended_at` the worker went away, and nobody knows whether it arrived."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answer = models.PositiveSmallIntegerField(null=True)  # the HTTP status, where there was one
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["delivery", "number"]
        constraints = [models.UniqueConstraint(name="webhook_try_once", fields=["delivery", "number"])]

    def __str__(self) -> str:
        return f"try {self.number} of {self.delivery_id}"
