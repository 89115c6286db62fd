"""Whether there may be a way by now for tasks that show none: what has changed since it was looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from bookings.course import Course
from bookings.freed import AHEAD as ROSTER_AHEAD
from bookings.freed import BY_OFFERS, BY_PROPOSALS, BY_VISITS, ROOM
from bookings.models import JournalEntry, SeriesStatus, Task
from bookings.settling import search_ends
from bookings.watchlist import OF_PATIENT
from scheduler.protocol import OnMissed
from scheduler.spans import minute

#: A change may be written so long after its time, and a search have read the diary so long after its own.
LATE = timedelta(minutes=1)
#: Changes before that were told of long ago. Whatever was missed is made good on the next day.
KNOWN = timedelta(hours=1)


def to_be_searched_again(tasks: Iterable[tuple[Task, Course]], *, now: datetime) -> set[UUID]:
    """Those of the tasks, each with its course, that say that there is no way, while there may be one by now:
    since it was looked for, room came free on a date on which it is looked for, the clinic changed, or what
    the patient has; or the clinic's day is a new one. One query.
    """
    hopeless = [(task, course) for task, course in tasks if task.proposal and not task.proposal["moves"]]
    if not hopeless:
        return set()
    somewhere = Q(verb__in=ROOM, clinic__in={course.series.clinic_id for _, course in hopeless})
    own = Q(verb__in=OF_PATIENT, patient__in={course.series.patient_id for _, course in hopeless})
    rows = list(JournalEntry.objects.filter(somewhere | own, at__gt=now - KNOWN))
    return {task.id for task, course in hopeless if _may_have_a_way(task, course, rows)}


def _may_have_a_way(task: Task, course: Course, rows: Iterable[JournalEntry]) -> bool:
    searched, supply = task.searched_at, course.supply
    if searched is None or supply.date_of(minute(searched)) < supply.date_of(minute(course.now)):
        return True
    return any(_concerns(row, course) for row in rows if row.at > searched - LATE)


def _concerns(row: JournalEntry, course: Course) -> bool:
    if row.patient_id == course.series.patient_id and row.verb in OF_PATIENT:
        return True
    if row.clinic_id != course.series.clinic_id or row.verb not in ROOM:
        return False
    last = _last_date(course)
    return any(
        course.now < ends and course.supply.date_of(minute(begins)) <= last
        for begins, ends in _room(row, now=course.now)
    )


def _room(row: JournalEntry, *, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when until when that change may have made room; of a visit's place, when it would begin."""
    before: Mapping[str, Any] = row.before or {}
    after: Mapping[str, Any] = row.after or {}
    if row.verb in BY_VISITS:
        spans = [(before["start"], before["start"])] if before.get("start") else []
    elif row.verb in BY_OFFERS:
        spans = [(after["start"], after["start"])]
    elif row.verb in BY_PROPOSALS:
        spans = [(move["to"], move["to"]) for move in after["moves"]]
    else:
        facts = before if row.verb == "closure_removed" else after
        spans = [(facts["starts"], facts["ends"])] if "starts" in facts else []
        if not spans:  # for every week to come
            yield now, now + ROSTER_AHEAD
    for begins, ends in spans:
        yield datetime.fromisoformat(begins), datetime.fromisoformat(ends)


def _last_date(course: Course) -> date:
    """The last date on which a way is looked for, or a later one."""
    ahead = {str(one.id): course.supply.date_of(minute(one.start)) for one in course.ahead}
    phase = course.protocol.phase(course.series.phase)
    anew = course.series.status == SeriesStatus.COMPLETED or phase.on_missed is OnMissed.RESTART
    own = [one.date for one in course.timeline if one.series == str(course.series.id) and one.id not in ahead]
    known = max([course.supply.date_of(minute(course.now)), *ahead.values()])
    return search_ends(phase, known=known, own=() if anew else own)
