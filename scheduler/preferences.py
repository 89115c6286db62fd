"""The soft rules: what makes one plan better than another when both keep every hard rule.

Costs are whole points, and less is better. One point is worth one minute: the bother of one session that
starts one minute off the patient's usual hour. Every other weight says how many such minutes it is worth, so
that two plans can be compared by anybody with a pencil. The patient's wishes are hard rules, not preferences.
The cost is a function of the case and the places alone: it does not matter how a plan was found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from scheduler.hours import local
from scheduler.load import BEYOND_TEMPLATE, beyond_of, load_at
from scheduler.protocol import Spacing
from scheduler.rules import Case, Place
from scheduler.spans import Minute
from scheduler.start_template import others_in_quarter
from scheduler.wording import plural

#: A plan that ends a day later is as bad as one session an hour off the usual time: patients need relief
#: soon.
FINISH_DAY = 60
#: A day off the protocol's target gap weighs two days of waiting: the target is clinical, haste is not.
TARGET_GAP_DAY = 120
#: A minute off the usual hour, for one session. This is the unit of all costs.
OFF_HOUR_MINUTE = 1
#: A session on another weekday than the usual ones is as bad as one two hours off the usual time: work,
#: escort, child.
OFF_WEEKDAY = 120
#: Each hour that the first place is sooner than two days from now: escort, fasting and a free day must be
#: arranged.
SHORT_NOTICE_HOUR = 20

NOTICE_HOURS = 48
_DAY = 24 * 60
_PLURALS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Reason:
    """What one preference says about a plan: its name, its points, and a sentence for a person."""

    preference: str
    cost: int
    detail: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a patient remembers of a plan: the usual weekdays (ISO) and the usual hour (minutes after
    midnight).

    Either is None where the phase has no such habit, because several sessions a day or every day are meant.
    """

    weekdays: frozenset[int] | None
    hour: int | None


def several_a_day(spacing: Spacing) -> bool:
    """Whether the phase means several sessions a day: no gap of days is asked for, and less than a day in
    minutes.
    """
    return spacing.min_gap_days == 0 and spacing.min_gap_minutes < _DAY and not spacing.target_gap_days


def usual_days(spacing: Spacing) -> int:
    """How many weekdays a course uses in its rhythm: a week divided by the target gap, rounded, from one to
    seven.

    Without a target there is no weekly rhythm, and all seven are as good.
    """
    target = spacing.target_gap_days
    if not target:
        return 7
    return min(7, max(1, (14 + target) // (2 * target)))


def clock(case: Case, at: Minute) -> int:
    """What the clinic's clock shows at a minute, in minutes after midnight."""
    shown = local(at, case.supply.time_zone)
    return shown.hour * 60 + shown.minute


def notice_cost(case: Case, first: Minute) -> int:
    """The points of a plan whose first place is at that minute, for short notice."""
    return SHORT_NOTICE_HOUR * max(0, -((first - case.now - NOTICE_HOURS * 60) // 60))


def cost(case: Case, places: Sequence[Place], *, earliest: date) -> int:
    """The points of a plan, the sum over all preferences. `earliest` is the date from which the patient could
    come.
    """
    return sum(reason.cost for reason in reasons(case, places, earliest=earliest))


def reasons(case: Case, places: Sequence[Place], *, earliest: date) -> tuple[Reason, ...]:
    """What each preference says about the plan, in a fixed order. Empty for no places."""
    if not places:
        return ()
    course = _Course(case, places, earliest)
    return tuple(preference(course) for preference in PREFERENCES)


def rhythm(case: Case, places: Sequence[Place]) -> Rhythm:
    """The usual weekdays and hour of the plan together with what is booked of the same series.

    The hour is the start that keeps the sum of minutes off it least, the earliest of equals; the weekdays are
    the commonest, Monday first among equals.
    """
    course = _Course(case, places, case.supply.date_of(case.now))
    return Rhythm(course.weekdays, course.hour)


class _Course:
    """The plan laid out with what is booked of the same series, in order of time."""

    def __init__(self, case: Case, places: Sequence[Place], earliest: date) -> None:
        self.case = case
        self.spacing = case.phase.spacing
        self.earliest = earliest
        self.starts = sorted(place.start for place in places)
        self.dates = [case.supply.date_of(start) for start in self.starts]
        own = [s for s in case.booked if case.series is not None and s.series == case.series]
        self.clocks = sorted(clock(case, at) for at in (*self.starts, *(s.start for s in own)))
        self.all_dates = [*self.dates, *(s.date for s in own)]
        self.timeline = sorted(
            [(s.start, s.date, False) for s in own]
            + [(start, day, True) for start, day in zip(self.starts, self.dates, strict=True)]
        )
        self.block = several_a_day(self.spacing)
        self.hour = None if self.block else self.clocks[(len(self.clocks) - 1) // 2]
        days = usual_days(self.spacing)
        self.weekdays = None if self.block or days == 7 else self._commonest(days)

    def _commonest(self, days: int) -> frozenset[int]:
        counts = Counter(day.isoweekday() for day in self.all_dates)
        return frozenset(sorted(counts, key=lambda weekday: (-counts[weekday], weekday))[:days])


def _finish(course: _Course) -> Reason:
    """A course that ends sooner is better, counted in days from the first day the patient could come."""
    last = course.dates[-1]
    late = (last - course.earliest).days
    return Reason("finish", FINISH_DAY * late, f"Done by {_NAMES[last.weekday()]} {last.day} {last:%B}")


def _target_gap(course: _Course) -> Reason:
    """The days between two sessions of the series should be the protocol's target."""
    target = course.spacing.target_gap_days
    if not target or course.block:
        return Reason("target_gap", 0, "No gap is aimed at")
    gaps = [(two[1] - one[1]).days for one, two in pairwise(course.timeline) if one[2] or two[2]]
    points = TARGET_GAP_DAY * sum(abs(gap - target) for gap in gaps)
    if not gaps:
        return Reason("target_gap", points, "One session, no gap")
    least, most = min(gaps), max(gaps)
    said = plural(most, "day") if least == most else f"{least} to {most} days"
    return Reason("target_gap", points, f"{said} apart, {target} aimed at")


def _usual_hour(course: _Course) -> Reason:
    """Sessions should start at one hour of the day, the usual hour of the course."""
    hour = course.hour
    if hour is None:
        return Reason("usual_hour", 0, "Several sessions a day")
    off = [abs(shown - hour) for shown in course.clocks if shown != hour]
    said = f"{hour // 60:02}:{hour % 60:02}"
    if not off:
        return Reason("usual_hour", 0, f"Always at {said}")
    usual = len(course.clocks) - len(off)
    detail = f"{usual} of {len(course.clocks)} at {said}, the others up to {max(off)} min off it"
    return Reason("usual_hour", OFF_HOUR_MINUTE * sum(off), detail)


def _usual_weekdays(course: _Course) -> Reason:
    """Sessions should fall on the same few weekdays, as many as the target gap has room for in a week."""
    used = course.weekdays
    at = "" if course.hour is None else f" at {course.hour // 60:02}:{course.hour % 60:02}"
    off = 0 if used is None else sum(day.isoweekday() not in used for day in course.all_dates)
    said = _weekday_words(sorted(used or {day.isoweekday() for day in course.dates}))
    rest = f", {off} on another weekday" if off else ""
    return Reason("usual_weekdays", OFF_WEEKDAY * off, f"{said}{at}{rest}")


def _weekday_words(weekdays: Sequence[int]) -> str:
    """Such as "Tuesdays and Fridays", "Mondays to Fridays" or "Every day"."""
    if len(weekdays) == 7:
        return "Every day"
    words = [_PLURALS[weekday - 1] for weekday in weekdays]
    if len(words) > 3 and weekdays[-1] - weekdays[0] == len(words) - 1:
        return f"{words[0]} to {words[-1]}"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _level_load(course: _Course) -> Reason:
    """Sessions should start when few others start and few chairs are in use."""
    if course.block:
        return Reason("level_load", 0, "Sessions follow one another through the day")
    diary = course.case.diary
    return Reason(
        "level_load",
        sum(load_at(diary, start) for start in course.starts),
        "How busy the clinic is at these hours",
    )


def _template(course: _Course) -> Reason:
    """Sessions should start in a quarter of an hour in which the clinic's template has room for one more."""
    case, beyond = course.case, beyond_of(course.case)
    if course.block or beyond is None:
        return Reason("template", 0, "No template of starts is kept to")
    over = [
        (beyond.at(start, weekday=day.isoweekday(), clock=clock(case, start)), start)
        for start, day in zip(course.starts, course.dates, strict=True)
    ]
    full = [start for by, start in over if by]
    if not full:
        return Reason("template", 0, "Begins in quiet quarter hours")
    others = max(others_in_quarter(case.diary, start) for start in full)
    beside = f", beside up to {plural(others, 'other')}" if others else ""
    detail = f"{len(full)} of {len(over)} in quarter hours that are full{beside}"
    return Reason("template", BEYOND_TEMPLATE * sum(by for by, _ in over), detail)


def _short_notice(course: _Course) -> Reason:
    """The first session should be at least two days away."""
    points = notice_cost(course.case, course.starts[0])
    said = "Less than two days' notice" if points else "At least two days' notice"
    return Reason("short_notice", points, said)


PREFERENCES: tuple[Callable[[_Course], Reason], ...] = (
    _usual_weekdays,
    _finish,
    _target_gap,
    _usual_hour,
    _level_load,
    _template,
    _short_notice,
)


def best_hour(clocks: Iterable[int]) -> int:
    """The usual hour of those clock times."""
    ordered = sorted(clocks)
    return ordered[(len(ordered) - 1) // 2]
