from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """The diary: what is booked, by whom, under which rules."""

    name = "bookings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bookings import checks, signals  # noqa: F401  checks are known once they are imported

        signals.journal_written.connect(_count, dispatch_uid="bookings.count")
        signals.journal_written.connect(_watch, dispatch_uid="bookings.watch")
        signals.journal_written.connect(_offer, dispatch_uid="bookings.offer")
        signals.journal_written.connect(_draw_up, dispatch_uid="bookings.draw_up")


def _count(sender: object, *, verbs: Set[str], **_: Any) -> None:
    """Count what was done, for whoever watches over the service."""
    from bookings.counters import changed

    changed(verbs)


def _watch(sender: object, *, ids: Sequence[int], verbs: Set[str], **_: Any) -> None:
    """Have the series looked at that a change may have put out of line."""
    from bookings.nudging import nudge
    from bookings.watchlist import CONCERNED

    if not CONCERNED.isdisjoint(verbs):
        nudge("bookings.tasks.watch_after", about=ids)


def _offer(sender: object, *, ids: Sequence[int], verbs: Set[str], **_: Any) -> None:
    """Have offered to those who wait what a change may have given back."""
    from bookings.freed import MOVES_ON
    from bookings.nudging import nudge

    if not MOVES_ON.isdisjoint(verbs):
        nudge("bookings.tasks.offer_after", about=ids)


def _draw_up(sender: object, *, verbs: Set[str], **_: Any) -> None:
    """Have a joint plan drawn up that somebody has asked for."""
    from bookings.nudging import nudge

    if "repair_asked" in verbs:
        nudge("bookings.tasks.draw_up_repairs")
