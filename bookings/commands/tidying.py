"""Forget what nobody can ask for any more, and what has been kept for long enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from bookings import lifecycle
from bookings.models import AccessToken, IdempotencyKey, Link, LoginCode, Reading

#: The contract keeps answers for a day at least; twice that, for clients that count from their own clock.
ANSWERS_KEPT = timedelta(hours=48)
#: Rows in one statement: few enough that nobody waits for it.
_AT_A_TIME = 5_000


def forget_answers(*, now: datetime) -> int:
    """Delete the answers kept for repeated requests that are older than `ANSWERS_KEPT`; how many."""
    gone, _ = IdempotencyKey.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    return gone


def forget_ways_in(*, before: datetime) -> int:
    """Delete codes, links and tokens that have opened nothing since then; how many. Links to a visit end with
    it.
    """
    over = Q(session__end__lt=before) | Q(session__status__in=lifecycle.GONE, created_at__lt=before)
    return (
        _delete(LoginCode.objects.filter(expires_at__lt=before))
        + _delete(AccessToken.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before)))
        + _delete(Link.objects.filter(Q(expires_at__lt=before) | (Q(expires_at__isnull=True) & over)))
    )


def forget_readings(*, before: datetime) -> int:
    """Delete who was shown whose data before then; how many. The database refuses younger than six years."""
    return _delete(Reading.objects.filter(at__lt=before))


def _delete(rows: QuerySet[Any]) -> int:
    count = 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[:_AT_A_TIME]):
        gone, _ = rows.model._default_manager.filter(pk__in=ids).delete()  # noqa: SLF001  Django's public name
        count += gone
    return count
