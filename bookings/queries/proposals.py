"""Reading what clinics have proposed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from bookings.actors import Actor
from bookings.models import Proposal, ProposalStatus
from bookings.queries.scope import seen_by


def proposals_seen_by(actor: Actor) -> QuerySet[Proposal]:
    """The proposals that the actor may see, with series and clinic, in one query.

    A patient's own, those of the clinics where a member of staff works.
    """
    rows = Proposal.objects.select_related("series__clinic", "series__protocol_version")
    return seen_by(actor, rows, through="series__")


def in_status(rows: QuerySet[Proposal], status: str, *, now: datetime) -> QuerySet[Proposal]:
    """Those in that status as `status_at` says it: past its time, an open one has expired, tidied or not."""
    late = Q(status=ProposalStatus.OPEN, expires_at__lte=now)
    if status == ProposalStatus.EXPIRED:
        return rows.filter(Q(status=status) | late)
    return rows.filter(status=status).exclude(late)
