"""Forget what nobody can ask for any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.models import IdempotencyKey

#: The contract keeps answers for a day at least; twice that, for clients that count from their own clock.
ANSWERS_KEPT = timedelta(hours=48)


def forget_answers(*, now: datetime) -> int:
    """Delete the answers kept for repeated requests that are older than `ANSWERS_KEPT`; how many."""
    gone, _ = IdempotencyKey.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    return gone
