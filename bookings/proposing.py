"""What could be done about a series that is out of line: what is left of it, planned again."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from bookings.actors import SYSTEM
from bookings.course import Course
from bookings.errors import Refused, UnplannableSeries
from bookings.models import Series, SeriesStatus
from bookings.next_phase import left_to_begin, ways_to_begin
from bookings.reading import reread_series
from bookings.replanning import left_of
from bookings.replanning import propose as ways_to_place
from bookings.resuming import resumed
from scheduler.protocol import OnMissed
from scheduler.series import Replan
from scheduler.spans import instant


def propose(course: Course) -> dict[str, Any] | None:
    """The moves of the best way to place what is left: `{"moves": [{"number", "from", "to"}]}`, times in UTC.

    The same as the clinic gets from `series/{id}/replan/`. Where a missed session broke the series off, also
    `manner`, how it goes on, and `cancels`, `[{"number", "from"}]`, what is given up for it.
    Where the phase is over, the sessions of the one that follows, with its name as `phase`.
    `{"moves": [], "reason": …}` where no plan keeps every rule; None where there is nothing to propose:
    nothing is left to place, or a prescriber must look at the patient first.
    """
    if course.series.status not in (SeriesStatus.ACTIVE, SeriesStatus.COMPLETED):
        return None
    try:
        series = reread_series(course.series.id)
        if course.series.status == SeriesStatus.COMPLETED:
            return _next_phase(course, series)
        left = resumed(left_of(series, None, None, actor=SYSTEM, now=course.now))
        if not left.sessions and not left.missing and not left.dropped:
            return None
        ways = ways_to_place(left, earliest=None, wish=None, gently=True).found
    except UnplannableSeries as refusal:
        return {"moves": [], "reason": refusal.detail}
    except Refused:  # changed meanwhile: the next round sees it as it is then
        return None
    moves = _moves(ways[0])
    if left.broken_off is None or left.broken_off.manner is OnMissed.CLINICIAN:
        return {"moves": moves}
    cancels = [{"number": one.number, "from": one.start.astimezone(UTC).isoformat()} for one in left.dropped]
    return {"moves": moves, "cancels": cancels, "manner": left.manner.value}


def _next_phase(course: Course, series: Series) -> dict[str, Any] | None:
    left = left_to_begin(course, series, actor=SYSTEM)
    if left is None:
        return None
    return {"moves": _moves(ways_to_begin(left).found[0]), "phase": left.next_phase}


def _moves(way: Replan) -> list[dict[str, Any]]:
    return [
        {
            "number": move.number,
            "from": None if move.before is None else instant(move.before).isoformat(),
            "to": instant(move.after).isoformat(),
        }
        for move in way.moves
    ]
