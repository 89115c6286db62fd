from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """The diary: what is booked, by whom, under which rules."""

    name = "bookings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bookings import signals

        signals.journal_written.connect(_watch, dispatch_uid="bookings.watch")


def _watch(sender: object, *, ids: Sequence[int], verbs: Set[str], **_: Any) -> None:
    """Have the series looked at that a change may have put out of line."""
    from bookings.nudging import nudge
    from bookings.watchlist import CONCERNED

    if not CONCERNED.isdisjoint(verbs):
        nudge("bookings.tasks.watch_after", about=ids)
