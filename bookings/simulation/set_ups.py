"""How long patients wait for a nurse: the day of a simulation lived once more, minute by minute.

The diary has every set-up take its planned minutes and every patient come on time. Here they do not: who is
ready waits until a nurse is free, and whoever comes after them waits as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heapify, heapreplace
from statistics import fmean
from typing import Any

from bookings.models import Session, SessionStatus, Shift
from bookings.queries.reports.period import Period
from bookings.simulation.stage import Stage
from scheduler.protocol import NurseNeed

#: Whoever is set up later than this after they were ready has been kept waiting.
LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, order=True)
class SetUp:
    """One set-up of a day: when the patient is ready for it, and for how long it takes a nurse."""

    ready: datetime
    takes: timedelta


def waits(set_ups: Iterable[SetUp], *, nurses: int) -> list[timedelta]:
    """How long each waits until a nurse is free, whoever was ready first being first."""
    free = [datetime.min.replace(tzinfo=one.ready.tzinfo) for one in set_ups][:nurses]
    heapify(free)
    found = []
    for one in sorted(set_ups):
        begins = max(free[0], one.ready)
        heapreplace(free, begins + one.takes)
        found.append(begins - one.ready)
    return found


def waited(stage: Stage, period: Period) -> dict[str, Any]:
    """Of the visits given in the period: minutes until a nurse was free for the set-up, on average; how many
    waited longer than `LATE`; and the most that began in one quarter of an hour, by day, on average.
    """
    sessions = Session.objects.filter(
        clinic=period.clinic,
        status=SessionStatus.COMPLETED,
        start__gte=period.starts,
        start__lt=period.ends,
    )
    days: dict[date, list[SetUp]] = defaultdict(list)
    quarters: dict[date, Counter[datetime]] = defaultdict(Counter)
    for session in sessions:
        course, day = stage.course_of(session.series_id), stage.premises.day_of(session.start)
        luck = course.person.number, course.order, session.number
        late = stage.chance.visit(luck[0], course=luck[1], number=luck[2]).late
        step = next(
            timed
            for timed in stage.premises.rules(course.person.protocol).timed_steps
            if timed.step.nurse is NurseNeed.EXCLUSIVE
        )
        planned = session.start + timedelta(minutes=step.starts)
        ready = planned + max(late, timedelta())
        takes = stage.chance.set_up(luck[0], course=luck[1], number=luck[2]) * step.step.minutes
        days[day].append(SetUp(ready, timedelta(minutes=takes)))
        clock = session.start.minute % 15
        quarters[day][session.start - timedelta(minutes=clock)] += 1
    on_duty = Counter(
        stage.premises.day_of(starts)
        for starts in Shift.objects.filter(clinic=period.clinic).values_list("starts", flat=True)
    )
    every = [wait for day, set_ups in days.items() for wait in waits(set_ups, nurses=max(1, on_duty[day]))]
    return {
        "set-ups": len(every),
        "set-ups kept waiting": sum(wait > LATE for wait in every),
        "minutes waited for a nurse": fmean(wait.total_seconds() / 60 for wait in every) if every else 0.0,
        "starts in the busiest quarter": fmean(max(day.values()) for day in quarters.values())
        if quarters
        else 0.0,
    }
