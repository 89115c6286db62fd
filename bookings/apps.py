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
        signals.journal_written.connect(_offer, dispatch_uid="bookings.offer")


def _watch(sender: object, *, ids: Sequence[int], verbs: Set[str], **_: Any) -> None:
    """Have the series looked at that a change may have put out of line."""
    from bookings.nudging import nudge
    from bookings.watchlist import CONCERNED

    if not CONCERNED.isdisjoint(verbs):
        nudge("bookings.tasks.watch_after", about=ids)


def _offer(sender: object, *, ids: Sequence[int], verbs: Set[str], **_: Any) -> None:
    """Have offered to those who wait what a change may have given back."""
    from bookings.nudging import nudge
    from bookings.offering import MOVES_ON

    if not MOVES_ON.isdisjoint(verbs):
        nudge("bookings.tasks.offer_after", about=ids)
