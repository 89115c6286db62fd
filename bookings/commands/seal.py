"""Sealing the journal."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from bookings.models import JournalEntry, JournalSeal
from bookings.sealing import GENESIS, digest_of

#: So many numbers at most are under one seal, so that closing one takes no more than a moment.
MOST_ROWS = 10_000
_LOCK = 0x5EA1
#: The numbers of the oldest transaction that still runs, and of the next that will.
_RUNNING = """
    SELECT pg_snapshot_xmin(at)::text::bigint, pg_snapshot_xmax(at)::text::bigint
    FROM pg_current_snapshot() AS at
"""


def seal_journal(*, now: datetime) -> int:
    """Take the open run a step further: announced, given its horizon, closed; then the next is announced.

    Returns how many rows came under seal. Safe to run twice, also at once: one of them does it.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_RUNNING)
        oldest, next_one = cursor.fetchone()
        last = JournalSeal.objects.order_by("-id").first()
        sealed = 0
        if last is not None and last.horizon is None:
            # Not when it was announced: whoever had drawn a number then may not yet have had one of these.
            last.horizon = next_one
            last.save(update_fields=["horizon"])
            return 0
        if last is not None and last.sealed_at is None:
            if oldest < last.horizon:
                return 0
            sealed = _close(last, now=now)
        _announce(after=last.last_id if last else 0, now=now)
        return sealed


def _close(seal: JournalSeal, *, now: datetime) -> int:
    before = JournalSeal.objects.filter(id__lt=seal.id).order_by("-id").first()
    kept = bytes(before.digest or b"") if before else GENESIS
    seal.digest, seal.rows = digest_of(seal, before=kept)
    seal.sealed_at = now
    seal.save(update_fields=["digest", "rows", "sealed_at"])
    return seal.rows


def _announce(*, after: int, now: datetime) -> None:
    newest = JournalEntry.objects.aggregate(newest=Max("id"))["newest"] or 0
    if newest > after:
        until = min(newest, after + MOST_ROWS)
        JournalSeal.objects.create(after_id=after, last_id=until, announced_at=now)
