"""Addresses to which nothing more is sent. Everything here runs inside the caller's transaction, or alone."""

from __future__ import annotations

from datetime import datetime

from notifications.kinds import Channel
from notifications.models import OptOut


def opt_out(channel: Channel, address: str, *, why: str, now: datetime) -> None:
    """From now on nothing goes to this address by that way, but an answer to whoever asks for one."""
    OptOut.objects.bulk_create(
        [OptOut(channel=channel, address=address, why=why, at=now)], ignore_conflicts=True
    )


def lift(channel: Channel, address: str, *, now: datetime) -> None:
    """Its owner wants to hear from us again."""
    OptOut.objects.filter(channel=channel, address=address, lifted_at__isnull=True).update(lifted_at=now)


def is_out(channel: Channel, address: str) -> bool:
    """Whether nothing goes there."""
    return OptOut.objects.filter(channel=channel, address=address, lifted_at__isnull=True).exists()
