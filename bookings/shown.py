"""Whether what open tasks show as the way to mend them can still be done, now that others have booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bookings import snapshot
from bookings.course import Course
from bookings.models import Task
from scheduler.diary import Diary
from scheduler.protocol import OnMissed
from scheduler.rules import PLACE_RULES, Case, Place, check
from scheduler.spans import Span, minute
from scheduler.violations import Rule

#: Settled when the way was found, or, where the patient's own visits change it, a reason of its own.
_SETTLED = frozenset({Rule.LEAD_TIME, Rule.HORIZON, Rule.CLEARANCE, Rule.WISH, Rule.MAX_GAP})
#: The next phase may begin under another version of the treatment, whose spacing is not known here.
_OF_NEXT_PHASE = frozenset(Rule) - frozenset(PLACE_RULES)


def outdated(tasks: Iterable[tuple[Task, Course]]) -> set[UUID]:
    """Those of the tasks, each with its course, whose way to be mended breaks a rule by now or would begin
    in the past. A task that shows no moves has none that could. One query for each clinic.
    """
    by_clinic: dict[UUID, list[tuple[UUID, Mapping[str, Any], Course]]] = defaultdict(list)
    for task, course in tasks:
        if task.proposal and task.proposal["moves"]:
            by_clinic[course.series.clinic_id].append((task.id, task.proposal, course))
    found: set[UUID] = set()
    for clinic, ones in by_clinic.items():
        spans = [span for _, proposal, course in ones for span in _spans(proposal, course)]
        diary = snapshot.load_spans(clinic, spans, now=ones[0][2].now)
        found |= {task for task, proposal, course in ones if not _stands(proposal, course, diary)}
    return found


def _spans(proposal: Mapping[str, Any], course: Course) -> Iterator[Span]:
    stagger = course.supply.start_stagger
    margin = stagger.minutes if stagger else 0
    for one in _places(proposal):
        yield Span(one.start - margin, one.start + course.protocol.chair_minutes + margin)


def _places(proposal: Mapping[str, Any]) -> list[Place]:
    return [Place(one["number"], minute(datetime.fromisoformat(one["to"]))) for one in proposal["moves"]]


def _stands(proposal: Mapping[str, Any], course: Course, diary: Diary) -> bool:
    places, now = _places(proposal), minute(course.now)
    if any(place.start < now for place in places):
        return False
    phase = proposal.get("phase")
    given_up = {one["number"] for one in (*proposal["moves"], *proposal.get("cancels", ())) if one["from"]}
    gone = {str(one.id) for one in course.sessions if one.number in given_up}
    anew = phase is not None or proposal.get("manner") == OnMissed.RESTART
    case = Case(
        supply=course.supply,
        diary=diary.without(gone),
        protocol=course.protocol,
        phase=course.protocol.phase(course.series.phase),
        now=now,
        by_patient=False,
        booked=tuple(one for one in course.timeline if one.id not in gone),
        series=None if anew else str(course.series.id),
    )
    return not check(case, places, skip=_OF_NEXT_PHASE if phase is not None else _SETTLED)
