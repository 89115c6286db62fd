"""Why sessions find no place beside all the others in theirs, and what would help."""

from __future__ import annotations

import time
from collections.abc import Iterator

from scheduler.case import Case, Place
from scheduler.joint.judging import beside_others
from scheduler.joint.question import Course, Places, Question
from scheduler.joint.seats import Seats
from scheduler.joint.values import Horizon, Left
from scheduler.plans import Remaining
from scheduler.rules import check
from scheduler.series import Effort, Unplannable, Unsettled, replan

#: Steps of the engine for a reason when time is over: enough for one that lies in the course itself.
LEAST = 50_000


def reasons(question: Question, places: Places, seats: Seats, *, steps: int, until: float) -> Iterator[Left]:
    """For each series of which sessions have no place, which and why.

    All reasons together cost so many steps of the engine (see `series.Effort`); each that is begun after
    `until`, a reading of `time.monotonic`, costs at most `LEAST`.
    """
    short = [at for at, starts in enumerate(places) if None in starts]
    for at in short:
        course = question.courses[at]
        numbers = tuple(
            one.number for one, start in zip(course.sessions, places[at], strict=True) if start is None
        )
        case = beside_others(question, places, seats, at)
        effort = Effort(steps // len(short) if time.monotonic() < until else LEAST)
        yield _explained(course, case, numbers, question.horizon, effort)


def _explained(
    course: Course, case: Case, numbers: tuple[int, ...], horizon: Horizon, effort: Effort
) -> Left:
    """What stands in the way of the whole course; where that is not settled, what bars the old places."""
    remaining = [Remaining(one.number, one.start) for one in course.sessions]
    try:
        found = replan(
            case, remaining=remaining, earliest=horizon.first, latest=horizon.last, limit=1, effort=effort
        )
    except Unsettled:
        found = ()
    if isinstance(found, Unplannable):
        return Left(course.series, numbers, found.violations, found.relaxations)
    old = [Place(one.number, one.start) for one in course.sessions if one.number in numbers]
    return Left(course.series, numbers, check(case, old), ())
