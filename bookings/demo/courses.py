"""What the demo's patients come for: courses drawn by chance, as values. Nothing here touches the diary.

The shares and rates are made up to look like a clinic that opened twelve weeks ago: they are no statistics.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bookings.demo.clinics import FRIDAY, MONDAY, THURSDAY, TUESDAY, WEDNESDAY
from bookings.demo.people import DemoPatient

HISTORY_WEEKS = 12
FUTURE_WEEKS = 12

#: Of a hundred patients at a clinic, how many come for what.
DEMAND = {
    "baltimore": {
        "ketamine-iv": 64,
        "esketamine": 14,
        "ferric-carboxymaltose": 9,
        "infliximab": 6,
        "lidocaine-iv": 5,
        "ketamine-pain": 2,
    },
    "phoenix": {"ketamine-iv": 70, "esketamine": 18, "ferric-carboxymaltose": 12},
}
#: Relative number of patients whose first session falls in a week, counted from the present one. More at
#: first, since the clinics opened with people waiting; fewer from next month on, since few book so far ahead.
FIRST_SESSIONS = {
    **dict.fromkeys(range(-HISTORY_WEEKS, 2), 10),
    -HISTORY_WEEKS: 22,
    2: 8,
    3: 6,
    4: 5,
    5: 3,
    6: 2,
    7: 1,
}
#: The weekdays that patients on two visits a week ask for, each as often as the others; empty means any.
RHYTHMS = (
    (MONDAY, WEDNESDAY),
    (MONDAY, THURSDAY),
    (TUESDAY, THURSDAY),
    (TUESDAY, FRIDAY),
    (WEDNESDAY, FRIDAY),
    (),
    (),
)
#: The latest or earliest hour they ask for: mornings, before noon, afternoons, any.
TIMES_OF_DAY = ((None, time(10)), (None, time(11, 30)), (time(12), None), (time(13), None), (None, None))
OFTEN_A_WEEK = frozenset({"ketamine-iv", "esketamine"})
#: What follows a phase that was kept: the next phase, how many sessions are booked of it at a time, and how
#: many of a hundred patients go on.
NEXT_PHASE = {
    ("ketamine-iv", "induction"): ("maintenance", 3, 75),
    ("ketamine-iv", "maintenance"): ("maintenance", 3, 70),
    ("esketamine", "induction"): ("weekly", 4, 85),
    ("esketamine", "weekly"): ("maintenance", 4, 80),
    ("infliximab", "weeks-0-and-2"): ("week-6", 1, 100),
    ("infliximab", "week-6"): ("maintenance", 2, 95),
    ("lidocaine-iv", "treatment"): ("treatment", 2, 60),
}
FIRST_PHASE = {
    "ketamine-iv": ("induction", 6),
    "esketamine": ("induction", 8),
    "ferric-carboxymaltose": ("course", 2),
    "infliximab": ("weeks-0-and-2", 2),
    "lidocaine-iv": ("treatment", 2),
    "ketamine-pain": ("ten-days", 10),
}


@dataclass(frozen=True, slots=True)
class Course:
    """One patient's wish for one phase: who books it, when, from what day on, and at what hours."""

    books_at: datetime
    online: bool  # by the patient; otherwise by the front desk
    protocol: str
    phase: str
    sessions: int
    earliest: date
    weekdays: tuple[int, ...]
    not_before: time | None
    not_after: time | None


def first_course(person: DemoPatient, *, random: Random, now: datetime) -> Course:
    """The course for which a patient comes to a clinic, asked for before `now`."""
    zone = ZoneInfo(person.time_zone)
    demand = DEMAND[person.clinic]
    protocol = random.choices(list(demand), weights=list(demand.values()))[0]
    week = random.choices(list(FIRST_SESSIONS), weights=list(FIRST_SESSIONS.values()))[0]
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    earliest = monday + timedelta(weeks=week, days=random.randrange(5))
    # Most ask a few days to two weeks ahead; nobody has asked in the future.
    asked = min(
        earliest - timedelta(days=random.randrange(3, 15)), today - timedelta(days=random.randrange(1, 9))
    )
    online = random.random() < 0.55
    phase, sessions = FIRST_PHASE[protocol]
    not_before, not_after = random.choice(TIMES_OF_DAY)
    return Course(
        books_at=datetime.combine(asked, _hour(random, online=online), zone),
        online=online,
        protocol=protocol,
        phase=phase,
        sessions=sessions,
        earliest=earliest,
        weekdays=random.choice(RHYTHMS) if protocol in OFTEN_A_WEEK else (),
        not_before=not_before,
        not_after=not_after,
    )


def next_course(course: Course, *, ended: datetime, random: Random) -> Course | None:
    """What a patient books on the day on which a course ended, or None when they do not go on."""
    if (course.protocol, course.phase) not in NEXT_PHASE:
        return None
    phase, sessions, share = NEXT_PHASE[course.protocol, course.phase]
    if random.random() * 100 >= share:
        return None
    return Course(
        books_at=ended + timedelta(minutes=random.randrange(5, 30)),
        online=False,
        protocol=course.protocol,
        phase=phase,
        sessions=sessions,
        earliest=ended.date() + timedelta(days=1),
        weekdays=(),  # a rhythm of several days a week is over
        not_before=course.not_before,
        not_after=course.not_after,
    )


def _hour(random: Random, *, online: bool) -> time:
    first, last = (7, 22) if online else (8, 17)
    return time(random.randrange(first, last), random.randrange(60))
