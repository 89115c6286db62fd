"""Reads of webhooks: a fixed number of SQL queries each."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from bookings.actors import Actor
from notifications.models import WebhookDelivery, WebhookEndpoint, WebhookStatus


def endpoints(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """The endpoints of the clinics where the actor works."""
    rows = WebhookEndpoint.objects.filter(clinic__in=actor.clinics, removed_at__isnull=True)
    return rows.select_related("clinic")


def deliveries(endpoint: WebhookEndpoint, *, status: str | None = None) -> QuerySet[WebhookDelivery]:
    """What this endpoint was told, is to be told, or was not, with each try."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint)
    if status is not None:
        rows = rows.filter(status=status)
    return rows.select_related("endpoint__clinic").prefetch_related("tries")


def due(*, now: datetime, limit: int) -> list[UUID]:
    """The deliveries whose time has come, longest waiting first; one alone of a receiver that failed last."""
    waiting = WebhookDelivery.objects.filter(
        status=WebhookStatus.PLANNED, due_at__lte=now, expires_at__gt=now
    ).filter(Q(endpoint__resting_until=None) | Q(endpoint__resting_until__lte=now))
    probes = (
        waiting.filter(endpoint__failures__gt=0)
        .order_by("endpoint_id", "due_at", "id")
        .distinct("endpoint_id")
        .values_list("id", flat=True)
    )
    rows = waiting.filter(endpoint__failures=0).order_by("due_at", "id").values_list("id", flat=True)
    return [*probes[:limit], *rows[:limit]]


def lost(*, now: datetime, after: timedelta) -> list[UUID]:
    """The deliveries that a worker took so long ago that it must be gone."""
    rows = WebhookDelivery.objects.filter(status=WebhookStatus.SENDING, claimed_at__lte=now - after)
    return list(rows.order_by("claimed_at").values_list("id", flat=True)[:500])
