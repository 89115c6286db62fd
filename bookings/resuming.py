"""What is left of a series after a missed session that broke it off, as its phase says."""

from __future__ import annotations

from dataclasses import replace

from bookings import snapshot
from bookings.errors import WrongState
from bookings.replanning import Left
from scheduler.protocol import OnMissed


def resumed(left: Left) -> Left:
    """What is to be placed and what given up for the series to go on as its phase says; as it is where
    nothing broke it off, and where a prescriber decides first.

    A phase that begins anew is a new series, and all that is booked of this one is given up for it. One more
    session is the next that is booked, else a new one; whatever is booked beyond it is given up.
    """
    broken = left.broken_off
    if broken is None or broken.manner is OnMissed.CLINICIAN:
        return left
    if broken.manner is OnMissed.RESTART:
        wanted = snapshot.protocol_of(left.version).phase(left.series.phase).sessions or 0
        return replace(left, sessions=(), missing=tuple(range(1, wanted + 1)), dropped=left.sessions)
    if not broken.since:
        return replace(left, missing=(left.following,))
    kept = broken.since[0].id
    return replace(
        left,
        sessions=tuple(one for one in left.sessions if one.id == kept),
        dropped=tuple(one for one in left.sessions if one.id != kept),
    )


def nothing_left(left: Left) -> WrongState:
    """The refusal where nothing can be placed, with the reason."""
    if left.broken_off is not None and left.broken_off.manner is OnMissed.CLINICIAN:
        detail = "A prescriber decides first how this course goes on after a missed visit."
    elif left.broken_off is not None:
        detail = "The clinic plans how this course goes on after a missed visit. Please call the clinic."
    else:
        detail = "Nothing of the series is left to place."
    return WrongState(detail, now=left.series.status, allowed=())
