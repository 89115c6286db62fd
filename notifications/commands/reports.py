"""Write down what a carrier reports about a text."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications import delivery
from notifications.kinds import Channel
from notifications.models import Message, StatusReport


def note_report(
    message: UUID | None, *, provider_id: str, said: str, error: str = "", now: datetime
) -> Message | None:
    """Keep a report and bring its message in line with it; None: there is no such text of ours.

    Without the message's own id it is found by the carrier's. Whatever was reported before, twice or late
    changes nothing.
    """
    with transaction.atomic(durable=True):
        texts = Message.objects.select_for_update(of=("self",)).select_related("series", "patient")
        ours = texts.filter(channel=Channel.TEXT)
        row = (ours.filter(id=message) if message else ours.filter(provider_id=provider_id)).first()
        if row is None:
            return None
        report, new = StatusReport.objects.get_or_create(
            message=row,
            provider_id=provider_id[:200],
            said=said[:24],
            error=error[:24],
            defaults={"at": now},
        )
        if new:
            delivery.take_in(row, report, now=now)
    return row
