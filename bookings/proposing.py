"""What could be done about a series that is out of line: its sessions to come, planned again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bookings import snapshot
from bookings.findings import Course
from bookings.models import SeriesStatus
from scheduler.diary import Diary
from scheduler.series import Remaining, Unplannable, replan
from scheduler.spans import instant, minute

#: How far behind the last date that is planned now a proposal may go.
FURTHER = timedelta(days=28)


def propose(course: Course) -> dict[str, Any] | None:
    """The moves of the best plan for what is left, make-ups included: `{"moves": [{"number", "from",
    "to"}]}`.

    Times are UTC. `{"moves": [], "reason": ...}` where no plan keeps every rule; None where there is nothing
    to propose: all sessions had, or a prescriber must look first. A make-up has the next free number of the
    series. One query, and the time of a search.
    """
    remaining = _remaining(course)
    if not remaining or course.series.status != SeriesStatus.ACTIVE:
        return None
    today = course.date_of(course.now)
    last = max([today, *(course.date_of(one.start) for one in course.kept)])
    ahead = {str(one.id) for one in course.ahead}
    diary = snapshot.load_diary(course.series.clinic, today, last + FURTHER, now=course.now)
    case = replace(course.case, diary=Diary(tuple(one for one in diary.claims if one.id not in ahead)))
    found = replan(case, remaining=remaining, earliest=today, latest=last + FURTHER, limit=1)
    if isinstance(found, Unplannable):
        return {"moves": [], "reason": " ".join(one.detail for one in found.violations)[:1000]}
    return {
        "moves": [
            {
                "number": move.number,
                "from": None if move.before is None else instant(move.before).isoformat(),
                "to": instant(move.after).isoformat(),
            }
            for move in found[0].moves
        ]
    }


def _remaining(course: Course) -> list[Remaining]:
    remaining = [Remaining(one.number, minute(one.start)) for one in course.ahead]
    wanted = course.case.phase.sessions
    if wanted is not None:
        next_number = max((one.number for one in course.sessions), default=0) + 1
        missing = max(wanted - len(course.kept), 0)
        remaining += [Remaining(next_number + more, None) for more in range(missing)]
    return remaining
