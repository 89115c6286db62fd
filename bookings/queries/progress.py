"""Since when visits are in the state that they are in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from bookings import lifecycle
from bookings.models import JournalEntry, Session

_UNDER_WAY = frozenset({lifecycle.ARRIVED, lifecycle.INFUSING, lifecycle.RECOVERING})


def began_at(sessions: Iterable[Session]) -> dict[UUID, datetime]:
    """When each visit that is under way came into its present state, by the journal. One query, or none."""
    verbs = {one.id: f"session_{one.status}" for one in sessions if one.status in _UNDER_WAY}
    if not verbs:
        return {}
    rows = JournalEntry.objects.filter(session__in=verbs, verb__in=set(verbs.values())).order_by("id")
    found = rows.values_list("session_id", "verb", "at")
    return {session: at for session, verb, at in found if session is not None and verbs[session] == verb}
