"""What the worker does for messages: a door, which reads the clock and calls verbs."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications import queries
from notifications.batch import Taken
from notifications.channels import NotSent, dispatch
from notifications.commands import forgetting, react, send

TICK = 60  # seconds between two rounds of the beat
KEEPS = 3 * TICK  # seconds for which a batch waits; workers' clocks may differ by the last two thirds
MOST_BATCHES = 400  # handed out in one round; what is left is for the next one
AT_WORK = 20  # seconds after which a batch puts back what it has not come to: somebody waits for a code
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
    """Put back what a lost worker left, and hand out what is due: a task for each batch of messages."""
    now = timezone.now()
    for message in queries.lost(now=now, after=send.LOST_AFTER):
        send.recover(message, now=now)
    waiting = queries.count_due(now=now, most=MOST_BATCHES * send.BATCH)
    for _ in range(-(-waiting // send.BATCH)):
        # What no worker took until the next rounds is handed out by those.
        send_batch.apply_async(expires=KEEPS, priority=LATER)


@shared_task
def send_batch() -> int:
    """Take messages that are due, send each and settle it; how many were taken.

    Each is a row with a claim of its own: a worker that dies here leaves one message of which nobody knows
    whether it was sent. A task for each would cost more than the sending.
    """
    began = time.monotonic()
    batch = send.take_due(now=timezone.now())
    with dispatch.connected():
        for taken in batch:
            if time.monotonic() - began < AT_WORK:
                _send(taken)
            else:
                send.put_back(taken, now=timezone.now())
    return len(batch)


@shared_task
def send_message(message: str) -> None:
    """Send one message, if it still is to be sent."""
    taken = send.take(UUID(message), now=timezone.now())
    if taken is not None:
        _send(taken)


def _send(taken: Taken) -> None:
    try:
        outcome: str | NotSent = dispatch.send(taken.channel, taken.letter)
    except NotSent as refusal:
        outcome = refusal
    send.settle(taken, outcome, now=timezone.now())


@shared_task
def forget_old_words() -> None:
    """Forget the words and addresses of messages once they were kept for as long as settings say."""
    forgetting.forget_old_words(before=timezone.now() - timedelta(days=settings.RETENTION["messages"]))
