"""Entries of the waiting list: what the journal says of one, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from bookings import journal
from bookings.actors import Actor
from bookings.models import JournalEntry, WaitingEntry

#: Why nobody waits any more.
LEFT, ACCEPTED, ELSEWHERE, BOOKED = "left", "accepted", "accepted elsewhere", "booked"


def entry(verb: str, waiting: WaitingEntry, *, actor: Actor, now: datetime, **facts: Any) -> JournalEntry:
    """The journal's row about an entry, not yet written."""
    return journal.entry(
        verb,
        actor=actor,
        now=now,
        clinic=waiting.clinic,
        patient=waiting.patient,
        series=waiting.series,
        session=waiting.session,
        **facts,
    )


def end(rows: Sequence[WaitingEntry], why: str, *, actor: Actor, now: datetime) -> list[JournalEntry]:
    """Those that are open are closed; the journal rows, not yet written. One statement."""
    ids = [row.id for row in rows if row.closed_at is None]
    WaitingEntry.objects.filter(id__in=ids, closed_at__isnull=True).update(
        closed_at=now, closed_why=why, version=F("version") + 1
    )
    reason = "" if why == LEFT else why
    return [
        entry("waiting_left", row, before=facts(row), actor=actor, now=now, reason=reason)
        for row in rows
        if row.id in ids
    ]


def of_one_wish(waiting: WaitingEntry) -> QuerySet[WaitingEntry]:
    """The open entries, at whatever clinics, by which the patient waits for the same phase to begin, locked
    in the order of ids; of one that waits for an earlier time, itself alone.
    """
    rows = WaitingEntry.objects.select_for_update(of=("self",)).select_related("clinic", "patient", "series")
    rows = rows.filter(closed_at__isnull=True).order_by("id")
    if waiting.session_id is not None:
        return rows.filter(id=waiting.id)
    return rows.filter(
        patient=waiting.patient_id,
        protocol=waiting.protocol_id,
        phase=waiting.phase,
        session__isnull=True,
    )


def facts(waiting: WaitingEntry) -> dict[str, Any]:
    """What is waited for, and when the patient could come."""
    return {
        "entry": str(waiting.id),
        "protocol": str(waiting.protocol_id),
        "phase": waiting.phase,
        "wish": waiting.wish,
        "earliest": waiting.earliest.isoformat() if waiting.earliest else None,
        "latest": waiting.latest.isoformat() if waiting.latest else None,
        "notice_hours": waiting.notice_hours,
    }
