"""What could be done about a series that is out of line: what is left of it, planned again."""

from __future__ import annotations

from typing import Any

from bookings.actors import SYSTEM
from bookings.errors import Refused, UnplannableSeries
from bookings.findings import Course
from bookings.models import SeriesStatus
from bookings.reading import reread_series
from bookings.replanning import left_of
from bookings.replanning import propose as ways_to_place
from scheduler.spans import instant


def propose(course: Course) -> dict[str, Any] | None:
    """The moves of the best way to place what is left: `{"moves": [{"number", "from", "to"}]}`, times in UTC.

    The same as the clinic gets from `series/{id}/replan/`. `{"moves": [], "reason": …}` where no plan keeps
    every rule; None where there is nothing to propose: nothing is left to place, or a prescriber must look at
    the patient first.
    """
    if course.series.status != SeriesStatus.ACTIVE:
        return None
    try:
        left = left_of(reread_series(course.series.id), None, None, actor=SYSTEM, now=course.now)
        if not left.sessions and not left.missing:
            return None
        ways = ways_to_place(left, earliest=None, wish=None, gently=True).found
    except UnplannableSeries as refusal:
        return {"moves": [], "reason": refusal.detail}
    except Refused:  # changed meanwhile: the next round sees it as it is then
        return None
    return {
        "moves": [
            {
                "number": move.number,
                "from": None if move.before is None else instant(move.before).isoformat(),
                "to": instant(move.after).isoformat(),
            }
            for move in ways[0].moves
        ]
    }
