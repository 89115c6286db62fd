"""What a clinic offers a patient instead of the times that are booked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.ids import Identified
from bookings.models.people import StaffMember
from bookings.models.series import Hold, Series
from scheduler.protocol import OnMissed


class ProposalStatus(models.TextChoices):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"  # nobody answered in time
    SUPERSEDED = "superseded"  # by another proposal, or because the series has changed since


#: The manner of a proposal for a series that is over.
NEXT_PHASE = "next_phase"
MANNERS = (*(one.value for one in OnMissed), NEXT_PHASE)


class Proposal(Identified):
    """Other places for sessions of a series, held until `expires_at`; at most one open for each series.

    `moves`: `[{number, session, from, to, chair}]`: `session` and `chair` are ids, `from` and `to` starts in
    UTC. A session that would be made up for has no id and no `from` yet. `cancels`:
    `[{number, session, from}]`, the visits that are given up for them. Where `manner` is `restart`, the moves
    are the sessions of a new series; where it is `next_phase`, of the phase that follows this series.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="proposals", db_index=False)
    moves = models.JSONField()
    cancels = models.JSONField(default=list)
    manner = models.CharField(
        max_length=12, choices=[(one, one) for one in MANNERS], default=OnMissed.APPEND.value
    )
    reason = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=12, choices=ProposalStatus)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)  # when it was accepted, declined, expired or superseded
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    #: In nobody's name: while the old places are kept, the database would find the patient in two places.
    hold = models.OneToOneField(Hold, on_delete=models.SET_NULL, null=True, related_name="proposal")

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="proposal_by_series", fields=["series", "-id"]),
            models.Index(name="proposal_open", fields=["expires_at"], condition=Q(status="open")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="proposal_once_while_open", fields=["series"], condition=Q(status="open")
            ),
            models.CheckConstraint(
                name="proposal_decided_when_closed",
                condition=Q(status="open", decided_at__isnull=True)
                | (~Q(status="open") & Q(decided_at__isnull=False, hold__isnull=True)),
            ),
        ]
