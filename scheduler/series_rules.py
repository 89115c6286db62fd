"""The rules between the sessions of one patient. `rules.check` is their door.

Each takes the patient's timeline: what is booked and what the question places, in order of time. Only what a
placed session breaks is reported; what was broken before is another matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from scheduler.bits import positions
from scheduler.case import Case, Place, Visit
from scheduler.hours import local
from scheduler.supply import Window
from scheduler.violations import Rule, Violation
from scheduler.wording import clock_words, day_words, length_words, plural, weekday_words, when_words

_DAY = 24 * 60
_LOOK_FOR_OPEN_DAYS = 14


def patient_overlap(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """A patient is in one place at a time."""
    for one, two in combinations(timeline, 2):
        if two.start < one.end and one.start < two.end and (one.placed or two.placed):
            other = one if two.placed else two
            zone = case.supply.time_zone
            detail = (
                f"The patient has another visit from {when_words(other.start, zone)} "
                f"to {clock_words(other.end, zone)}."
            )
            yield Violation(Rule.PATIENT_OVERLAP, _numbers(one, two), "free", "taken", detail)


def min_gap(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """Two sessions are at least the phase's elapsed hours and its calendar days apart, start to start."""
    for one, two in _close_pairs(case, timeline):
        minutes, days = two.start - one.start, abs((two.date - one.date).days)
        least = _least_gap(one, two)
        if days < least.days:
            required, actual = least.days, days
            apart, needed = plural(days, "day"), plural(least.days, "day")
        elif minutes < least.minutes:
            required, actual = least.minutes, minutes
            apart, needed = length_words(minutes), length_words(least.minutes)
        else:
            continue
        bound = _earliest_after(case, one, least) if two.placed else _latest_before(case, two, least)
        detail = f"{_names(one, two)} are {apart} apart, less than the {needed} required: {bound}."
        yield Violation(Rule.MIN_GAP, _numbers(one, two), required, actual, detail)


def one_per_day(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """Where sessions are at least a day apart, no two of them fall on one calendar date."""
    for one, two in _close_pairs(case, timeline):
        if one.date == two.date and _least_gap(one, two).days >= 1:
            detail = f"{_names(one, two)} are both on {day_words(one.date)}; one a day is allowed."
            yield Violation(Rule.ONE_PER_DAY, _numbers(one, two), 1, 2, detail)


def max_gap(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """No session comes more than the phase's hard maximum of calendar days after the one before it."""
    allowed = case.phase.spacing.max_gap_days
    if allowed is None:
        return
    for before, visit, days in _gaps(case, timeline):
        if (visit.date - case.gap_from(before.date)).days > allowed:
            bound = f"latest {day_words(case.gap_from(before.date) + timedelta(days=allowed))}"
            apart = f"{_names(before, visit)} are {plural(days, 'day')} apart"
            detail = f"{apart}, at most {allowed} are allowed: {bound}."
            yield Violation(Rule.MAX_GAP, _numbers(before, visit), allowed, days, detail)


def rolling_limit(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """No more sessions start within the phase's rolling number of 24-hour days than it allows."""
    limit = case.phase.spacing.rolling_limit
    if limit is None:
        return
    group = _same_group(case, timeline)
    for first, *rest in zip(*(group[skip:] for skip in range(limit.sessions + 1)), strict=False):
        crowd = (first, *rest)
        last = crowd[-1]
        if last.start - first.start < limit.days * _DAY and any(visit.placed for visit in crowd):
            detail = f"{limit.sessions + 1} sessions would start within {plural(limit.days, 'day')}"
            detail += f", at most {limit.sessions} are allowed"
            if last.placed:
                detail += f": earliest {when_words(first.start + limit.days * _DAY, case.supply.time_zone)}"
            yield Violation(
                Rule.ROLLING_LIMIT, _numbers(*crowd), limit.sessions, limit.sessions + 1, f"{detail}."
            )


def complete_within(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """From the first date of the phase to its last are no more than the phase's calendar days."""
    allowed = case.phase.spacing.complete_within_days
    own = [visit for visit in timeline if visit.own]
    if allowed is None or not any(visit.placed for visit in own):
        return
    first, last = min(own, key=lambda visit: visit.date), max(own, key=lambda visit: visit.date)
    days = (last.date - first.date).days
    if days > allowed:
        bound = f"latest {day_words(first.date + timedelta(days=allowed))}"
        detail = (
            f"{_names(first, last)} are {plural(days, 'day')} apart, the phase may take {allowed}: {bound}."
        )
        yield Violation(Rule.COMPLETE_WITHIN, _numbers(first, last), allowed, days, detail)


def washout(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """Sessions of another treatment are at least the protocol's calendar days away, before or after."""
    others = [visit for visit in timeline if visit.group != case.protocol.spacing_group]
    for visit in (visit for visit in timeline if visit.placed):
        for other in others:
            required = max(_washout_days(visit, other), _washout_days(other, visit))
            days = abs((visit.date - other.date).days)
            if days < required:
                before, after = other.date - timedelta(days=required), other.date + timedelta(days=required)
                detail = (
                    f"Session {visit.number} is {plural(days, 'day')} from another treatment on "
                    f"{day_words(other.date)}, less than the {plural(required, 'day')} required: "
                    f"until {day_words(before)} or from {day_words(after)}."
                )
                yield Violation(Rule.WASHOUT, (visit.number,), required, days, detail)


def clearance(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """No more sessions are booked than a prescriber has cleared, and none after the clearance ends."""
    cleared = case.clearance
    placed = [visit for visit in timeline if visit.placed]
    if cleared is None:
        return
    if len(placed) > cleared.sessions:
        over = tuple(visit.number for visit in placed[max(cleared.sessions, 0) :])
        detail = (
            f"The clearance covers {plural(cleared.sessions, 'more session')}, {len(placed)} are asked for."
        )
        yield Violation(Rule.CLEARANCE, over, cleared.sessions, len(placed), detail)
    for visit in placed:
        if visit.date > cleared.expires:
            detail = f"The clearance ends on {day_words(cleared.expires)}, before session {visit.number}."
            limit, found = cleared.expires.isoformat(), visit.date.isoformat()
            yield Violation(Rule.CLEARANCE, (visit.number,), limit, found, detail)


def wish(case: Case, timeline: Sequence[Visit]) -> Iterator[Violation]:
    """The session is on the weekdays and at the time of day that the patient asked for."""
    asked, zone = case.wish, case.supply.time_zone
    placed = [visit for visit in timeline if visit.placed]
    for visit in placed:
        clock = local(visit.start, zone).time()
        if asked.weekdays and visit.date.isoweekday() not in asked.weekdays:
            days = ", ".join(weekday_words(weekday) for weekday in sorted(asked.weekdays))
            detail = f"{day_words(visit.date)} is not one of the weekdays asked for: {days}."
            yield Violation(Rule.WISH, (visit.number,), days, weekday_words(visit.date.isoweekday()), detail)
        if asked.not_before and clock < asked.not_before:
            detail = f"{clock:%H:%M} is before {asked.not_before:%H:%M}, the earliest start asked for."
            yield Violation(Rule.WISH, (visit.number,), f"{asked.not_before:%H:%M}", f"{clock:%H:%M}", detail)
        if asked.not_after and clock > asked.not_after:
            detail = f"{clock:%H:%M} is after {asked.not_after:%H:%M}, the latest start asked for."
            yield Violation(Rule.WISH, (visit.number,), f"{asked.not_after:%H:%M}", f"{clock:%H:%M}", detail)
    clocks = {local(visit.start, zone).time(): None for visit in placed}
    if asked.same_time and len(clocks) > 1:
        found = ", ".join(f"{clock:%H:%M}" for clock in clocks)
        detail = f"The sessions start at {found}; one time of day for all was asked for."
        yield Violation(Rule.WISH, _numbers(*placed), "one time of day", found, detail)


@dataclass(frozen=True, slots=True)
class SoftGap:
    """A gap that is allowed and longer than the phase's soft maximum: a clinician should look at it."""

    sessions: tuple[int, ...]
    days: int
    allowed: int
    detail: str


def soft_gaps(case: Case, places: Sequence[Place]) -> tuple[SoftGap, ...]:
    """The gaps into and after the places that are longer than the phase's soft maximum, in order of time."""
    allowed = case.phase.spacing.soft_max_gap_days
    if allowed is None:
        return ()
    return tuple(
        SoftGap(
            _numbers(before, visit),
            days,
            allowed,
            f"{_names(before, visit)} are {plural(days, 'day')} apart, which a clinician should see.",
        )
        for before, visit, days in _gaps(case, case.timeline(places))
        if days > allowed
    )


def _gaps(case: Case, timeline: Sequence[Visit]) -> Iterator[tuple[Visit, Visit, int]]:
    """The gaps that the maxima judge: before, after and the calendar days between.

    They are the gap before each placed session, and before the booked session of the series that comes next
    after one; but not the gap into the first session of a course, which is a new beginning.
    """
    group = _same_group(case, timeline)
    begun = not case.protocol.begins_course(case.phase)
    follows_place = False
    for index, visit in enumerate(group):
        judged = visit.placed or (visit.own and follows_place)
        if judged and begun and index:
            yield group[index - 1], visit, (visit.date - group[index - 1].date).days
        if visit.own:
            begun, follows_place = True, visit.placed


def _close_pairs(case: Case, timeline: Sequence[Visit]) -> Iterator[tuple[Visit, Visit]]:
    """Pairs of one spacing group, at least one of them placed, that may be closer than the smallest gap."""
    group = _same_group(case, timeline)
    # Dates of two clinics may be a day apart at one instant, hence two days more than the rule asks.
    gaps = [(visit.spacing.min_gap_minutes, (visit.spacing.min_gap_days + 2) * _DAY) for visit in group]
    far = max(map(max, gaps), default=0)
    for index, one in enumerate(group):
        for two in group[index + 1 :]:
            if two.start - one.start >= far:
                break
            if one.placed or two.placed:
                yield one, two


@dataclass(frozen=True, slots=True)
class _LeastGap:
    """The minimum between two sessions: each keeps its own phase's from the other."""

    minutes: int
    days: int


def _least_gap(one: Visit, two: Visit) -> _LeastGap:
    return _LeastGap(
        max(one.spacing.min_gap_minutes, two.spacing.min_gap_minutes),
        max(one.spacing.min_gap_days, two.spacing.min_gap_days),
    )


def _washout_days(one: Visit, two: Visit) -> int:
    """The calendar days that the first's treatment keeps from the second's; "*" names all others."""
    return max((rule.days for rule in one.washouts if rule.spacing_group in (two.group, "*")), default=0)


def _same_group(case: Case, timeline: Sequence[Visit]) -> list[Visit]:
    return [visit for visit in timeline if visit.group == case.protocol.spacing_group]


def _earliest_after(case: Case, visit: Visit, least: _LeastGap) -> str:
    """The first time at which the clinic lets a session follow, in words: a date, with the time where it
    matters. Where it is closed for two weeks, the first date that the gap allows.
    """
    soonest = visit.start + least.minutes
    first = max(visit.date + timedelta(days=least.days), case.supply.date_of(soonest))
    for day in (first + timedelta(days=days) for days in range(_LOOK_FOR_OPEN_DAYS)):
        window, starts = _starts_on(case, day)
        early = max(soonest - window.start, 0)
        late_enough = starts >> early << early
        if late_enough and late_enough == starts:
            break
        if late_enough:
            at = window.start + next(positions(late_enough))
            return f"earliest {when_words(at, case.supply.time_zone)}"
    else:
        day = first
    return f"earliest {day_words(day)}"


def _latest_before(case: Case, visit: Visit, least: _LeastGap) -> str:
    """The last time at which a session may precede this one, in words."""
    supply, latest = case.supply, visit.start - least.minutes
    day = visit.date - timedelta(days=least.days)
    return (
        f"latest {day_words(day)}"
        if day < supply.date_of(latest)
        else f"latest {when_words(latest, supply.time_zone)}"
    )


def _starts_on(case: Case, day: date) -> tuple[Window, int]:
    """The window of that date, and its minutes at which the clinic lets a whole visit begin."""
    window = case.supply.window(day, case.protocol.chair_minutes)
    return window, window.starts(case.protocol.visit_minutes)


def _names(one: Visit, two: Visit) -> str:
    """Two sessions in words. One of another series has no number here and goes by its date."""
    if one.own and two.own:
        return f"Sessions {one.number} and {two.number}"
    names = [f"session {v.number}" if v.own else f"the session of {day_words(v.date)}" for v in (one, two)]
    return f"{names[0][0].upper()}{names[0][1:]} and {names[1]}"


def _numbers(*visits: Visit) -> tuple[int, ...]:
    """The numbers of those sessions that belong to the series."""
    return tuple(visit.number for visit in visits if visit.own)
