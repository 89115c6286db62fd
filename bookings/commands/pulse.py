"""Remember that the workers are alive."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Pulse


def take_tick(*, sent_at: datetime, now: datetime) -> None:
    """A worker took a tick that the beat sent at `sent_at`. A tick sent earlier than the one that is
    remembered changes nothing: ticks that waited may come in any order.
    """
    if not Pulse.objects.filter(id=1, sent_at__lte=sent_at).update(sent_at=sent_at, ran_at=now):
        Pulse.objects.bulk_create([Pulse(sent_at=sent_at, ran_at=now)], ignore_conflicts=True)
