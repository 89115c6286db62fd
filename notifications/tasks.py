"""What the worker does for messages: a door, which reads the clock and calls verbs."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from notifications import queries
from notifications.channels import NotSent, dispatch
from notifications.commands import react, send

TICK = 60  # seconds between two rounds of the beat
BATCH = 1000
LATER = 6  # Redis takes lower numbers first: somebody who waits for a code is served before reminders


@shared_task
def react_to_journal() -> int:
    """Write the messages that changes in the diary ask for; then see to what is due, confirmations above
    all.
    """
    count = react.react(now=timezone.now())
    if count:
        send_due_messages()
    return count


@shared_task
def send_due_messages() -> None:
    """Put back what a lost worker left, and hand each due message to a task of its own."""
    now = timezone.now()
    for message in queries.lost(now=now, after=send.LOST_AFTER):
        send.recover(message, now=now)
    for message in queries.due(now=now, limit=BATCH):
        # What no worker took until the next round is handed out by that one.
        send_message.apply_async((str(message),), expires=TICK, priority=LATER)


@shared_task
def send_message(message: str) -> None:
    """Send one message, if it still is to be sent."""
    taken = send.take(UUID(message), now=timezone.now())
    if taken is None:
        return
    try:
        outcome: str | NotSent = dispatch.send(taken.channel, taken.letter)
    except NotSent as refusal:
        outcome = refusal
    send.settle(taken, outcome, now=timezone.now())
