"""What the worker does for webhooks: a door, which reads the clock and calls verbs."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications.outgoing import deliveries, posting, queries

TICK = 60  # seconds between two rounds of the beat
BATCH = 1000
LAST = 9  # Redis takes lower numbers first: patients are told before other systems are


@shared_task
def send_due_webhooks() -> None:
    """Put back what a lost worker left, end what is too late, hand each due delivery to a task of its own."""
    now = timezone.now()
    for delivery in queries.lost(now=now, after=deliveries.LOST_AFTER):
        deliveries.recover(delivery, now=now)
    deliveries.give_up_expired(now=now)
    for delivery in queries.due(now=now, limit=BATCH):
        # What no worker took until the next round is handed out by that one.
        send_webhook.apply_async((str(delivery),), expires=TICK, priority=LAST)


@shared_task
def send_webhook(delivery: str) -> None:
    """Make one delivery, if it still is to be made."""
    taken = deliveries.take(UUID(delivery), now=timezone.now())
    if taken is None:
        return
    answer = posting.post(
        taken.url, body=taken.body, headers=taken.headers, allow_private=settings.WEBHOOKS_ALLOW_PRIVATE
    )
    deliveries.settle(taken, answer, now=timezone.now())


@shared_task
def forget_old_webhooks() -> None:
    """Keep the log from growing for ever."""
    deliveries.forget_old(now=timezone.now())
