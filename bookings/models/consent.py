"""What a patient agreed to, in the words that they saw."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.ids import Identified
from bookings.models.people import Patient


class ConsentPurpose(models.TextChoices):
    TEXTS = "texts"
    EMAILS = "emails"
    BOOKING = "booking"


class ConsentSource(models.TextChoices):
    """Where it was given or withdrawn."""

    PAGE = "page"
    API = "api"
    DESK = "desk"
    TEXT = "text"  # STOP, START


class Consent(Identified):
    """One agreement of one patient, kept for good with its wording; at most one live for each purpose."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=12, choices=ConsentPurpose)
    wording = models.TextField()  # as it was shown
    language = models.CharField(max_length=8)
    source = models.CharField(max_length=8, choices=ConsentSource)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_source = models.CharField(max_length=8, choices=ConsentSource, blank=True)

    class Meta:
        ordering = ["-given_at", "-id"]
        indexes = [models.Index(name="consent_by_patient", fields=["patient", "-given_at"])]
        constraints = [
            models.UniqueConstraint(
                name="consent_once_while_live",
                fields=["patient", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="consent_withdrawn_somewhere",
                condition=Q(withdrawn_at__isnull=True, withdrawn_source="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_source="")),
            ),
        ]
