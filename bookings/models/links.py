"""Links in messages, which need no password: kept as digests."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.ids import Identified
from bookings.models.offers import Offer
from bookings.models.people import Patient
from bookings.models.proposals import Proposal
from bookings.models.series import Session


class LinkPurpose(models.TextChoices):
    SIGN_IN = "sign_in"  # works once
    VISIT = "visit"  # works for that visit until it has ended
    PROPOSAL = "proposal"
    OFFER = "offer"


class Link(Identified):
    """A secret that was sent to a patient, kept as a SHA-256 digest, and what it opens.

    A link to a visit has no `expires_at`: it ends with the visit, wherever that is moved to.
    """

    digest = models.BinaryField(unique=True, max_length=32)
    purpose = models.CharField(max_length=8, choices=LinkPurpose)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="links")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, related_name="links")
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, null=True, related_name="links")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, null=True, related_name="links")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(name="link_by_expiry", fields=["expires_at"])]
        constraints = [
            models.CheckConstraint(
                name="link_opens_what_its_purpose_says",
                condition=Q(
                    purpose="sign_in",
                    session__isnull=True,
                    proposal__isnull=True,
                    offer__isnull=True,
                    expires_at__isnull=False,
                )
                | Q(
                    purpose="visit",
                    session__isnull=False,
                    proposal__isnull=True,
                    offer__isnull=True,
                    expires_at__isnull=True,
                )
                | Q(
                    purpose="proposal",
                    session__isnull=True,
                    proposal__isnull=False,
                    offer__isnull=True,
                    expires_at__isnull=False,
                )
                | Q(
                    purpose="offer",
                    session__isnull=True,
                    proposal__isnull=True,
                    offer__isnull=False,
                    expires_at__isnull=False,
                ),
            )
        ]
