"""Whether the workers are alive."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.models import Pulse

#: The beat ticks once a minute: two ticks may be late, and whoever misses three is missed.
SILENT = timedelta(minutes=3)


def last_pulse() -> Pulse | None:
    """The last tick that a worker took; None where none ever has. One query."""
    return Pulse.objects.first()


def silent_since(*, now: datetime) -> datetime | None:
    """When a worker was last heard of, where that is too long ago; None while all is well, and in an
    installation whose first worker has not started. One query.
    """
    last = last_pulse()
    return last.ran_at if last is not None and now - last.ran_at > SILENT else None
