"""The rules about one place in the clinic's diary. `rules.check` is their door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from scheduler.bits import ones, positions
from scheduler.case import Case, Place
from scheduler.protocol import NurseNeed
from scheduler.spans import Minute
from scheduler.supply import Chair, NursingMode, Supply, Window
from scheduler.vacancy import staffed
from scheduler.violations import Rule, Violation
from scheduler.wording import (
    chair_words,
    clock_words,
    day_words,
    length_words,
    plural,
    span_words,
    when_words,
)


def closed(case: Case, place: Place) -> Violation | None:
    """The patient is in the clinic only while it is open, and a session starts on the clinic's time grid."""
    window, visit = _window(case, place), case.protocol.visit_minutes
    if window.starts(visit) >> (place.start - window.start) & 1:
        return None
    if not window.grid >> (place.start - window.start) & 1:
        required, detail = _off_grid(case, place, window)
    else:
        required, detail = _not_open(case, window)
    return Violation(
        Rule.CLOSED, (place.number,), required, clock_words(place.start, case.supply.time_zone), detail
    )


def chair(case: Case, place: Place) -> Violation | None:
    """A chair with what the treatment needs is free and in service from the start to the end of turnover."""
    free, supply = free_chairs(case, place.start), case.supply
    if (place.chair is None and free) or place.chair in {one.id for one in free}:
        return None
    end = place.start + case.protocol.chair_minutes
    during = f"{span_words(place.start, end, supply.time_zone)} on {day_words(supply.date_of(place.start))}"
    actual, detail = _no_chair(case, during) if place.chair is None else _not_that_chair(case, place, during)
    return Violation(Rule.CHAIR, (place.number,), "free", actual, detail)


def nursing(case: Case, place: Place) -> Violation | None:
    """Whenever the visit takes a nurse, enough nurses are on duty for it and for all others under way."""
    window = _window(case, place)
    if staffed(case.supply, case.diary, window, case.protocol) >> (place.start - window.start) & 1:
        return None
    short = _shortage(case, place.start)
    during = span_words(short.start, short.end, case.supply.time_zone)
    detail = f"No nurse is free {during}: {short.on_duty} on duty, {short.needed} needed."
    return Violation(Rule.NURSING, (place.number,), short.needed, short.on_duty, detail)


def start_stagger(case: Case, place: Place) -> Violation | None:
    """No more sessions begin close together than the clinic allows within one stretch of minutes."""
    stagger = case.supply.start_stagger
    if stagger is None:
        return None
    others = case.diary.starting(place.start - stagger.minutes + 1, place.start + stagger.minutes)
    starts = sorted((*others, place.start))
    for first, last in zip(starts, starts[stagger.starts :], strict=False):
        if last - first < stagger.minutes:
            zone = case.supply.time_zone
            detail = (
                f"{stagger.starts + 1} sessions would start between {clock_words(first, zone)} and "
                f"{clock_words(last, zone)}, at most {stagger.starts} may within {stagger.minutes} min."
            )
            return Violation(Rule.START_STAGGER, (place.number,), stagger.starts, stagger.starts + 1, detail)
    return None


def lead_time(case: Case, place: Place) -> Violation | None:
    """A patient books at least the protocol's hours ahead, and nobody books into the past."""
    hours = case.protocol.lead_time_hours if case.by_patient else 0
    if place.start >= case.now + hours * 60:
        return None
    ahead = (place.start - case.now) // 60
    if place.start < case.now:
        detail = f"{when_words(place.start, case.supply.time_zone)} is in the past."
    else:
        earliest = when_words(case.now + hours * 60, case.supply.time_zone)
        detail = f"This must be booked at least {plural(hours, 'hour')} ahead: earliest {earliest}."
    return Violation(Rule.LEAD_TIME, (place.number,), hours, ahead, detail)


def horizon(case: Case, place: Place) -> Violation | None:
    """A patient books no more than the protocol's days ahead, counted on the clinic's calendar."""
    if not case.by_patient:
        return None
    days = case.protocol.horizon_days
    today = case.supply.date_of(case.now)
    ahead = (case.supply.date_of(place.start) - today).days
    if ahead <= days:
        return None
    latest = day_words(today + timedelta(days=days))
    detail = f"This can be booked at most {plural(days, 'day')} ahead: latest {latest}."
    return Violation(Rule.HORIZON, (place.number,), days, ahead, detail)


def free_chairs(case: Case, start: Minute) -> tuple[Chair, ...]:
    """The chairs that would do for a visit from `start`, in the clinic's order."""
    end = start + case.protocol.chair_minutes
    barred = {claim.chair for claim in case.diary.near(start, end)}
    barred.update(
        closure.chair for closure in case.supply.closures_near(start, end) if closure.chair is not None
    )
    fitting = case.supply.chairs_with(case.protocol.chair_features)
    return tuple(one for one in fitting if one.id not in barred)


def _no_chair(case: Case, during: str) -> tuple[str, str]:
    if case.supply.chairs_with(case.protocol.chair_features):
        return "taken", f"No chair is free {during}."
    return "unfit", f"No chair has {_features(case.protocol.chair_features)}."


def _not_that_chair(case: Case, place: Place, during: str) -> tuple[str, str]:
    named = next((one for one in case.supply.chairs if one.id == place.chair), None)
    if named is None:
        return "unknown", "The clinic has no such chair."
    if lacking := case.protocol.chair_features - named.features:
        return "unfit", f"{chair_words(named.name)} has no {_features(lacking)}."
    end = place.start + case.protocol.chair_minutes
    if any(claim.chair == named.id for claim in case.diary.near(place.start, end)):
        return "taken", f"{chair_words(named.name)} is taken {during}."
    return "out", f"{chair_words(named.name)} is out of service {during}."


def _features(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


class _Staffing(NamedTuple):
    """A stretch of a visit in which it takes a nurse and nothing changes around it."""

    start: Minute
    end: Minute
    on_duty: int
    needed: int  # by all visits under way and this one


def _shortage(case: Case, start: Minute) -> _Staffing:
    """Where nurses first fall short for a visit from `start` that they do not suffice for."""
    short: _Staffing | None = None
    for now in _staffing(case, start):
        if short is None:
            short = now if now.on_duty < now.needed else None
        elif (now.start, now.on_duty, now.needed) == (short.end, short.on_duty, short.needed):
            short = short._replace(end=now.end)
        else:
            break
    assert short is not None, "the bit sets and the count of nurses disagree"
    return short


def _staffing(case: Case, start: Minute) -> Iterator[_Staffing]:
    runs = case.protocol.nurse_runs
    first, last = start + runs[0].starts, start + runs[-1].ends
    visits = [(claim.start, claim.steps) for claim in case.diary.near(first, last)]
    visits.append((start, case.protocol.timed_steps))
    steps = [
        (begun + timed.starts, begun + timed.ends, timed.step.nurse)
        for begun, steps in visits
        for timed in steps
    ]
    shifts = case.supply.shifts_near(first, last)
    # Between two changes the figures stand still, so looking at each change is looking at every minute.
    changes = {at for begins, ends, _ in steps for at in (begins, ends)}
    changes.update(at for shift in shifts for at in (shift.start, shift.end))
    for run in runs:
        begins, ends = start + run.starts, start + run.ends
        moments = [begins, *sorted(at for at in changes if begins < at < ends), ends]
        for at, until in pairwise(moments):
            on_duty = sum(shift.start <= at < shift.end for shift in shifts)
            needs = [need for begun, over, need in steps if begun <= at < over]
            yield _Staffing(at, until, on_duty, _nurses_needed(case.supply, needs))


def _nurses_needed(supply: Supply, needs: list[NurseNeed]) -> int:
    """How many nurses the steps under way at one minute take, in the clinic's way of counting."""
    exclusive, shared = needs.count(NurseNeed.EXCLUSIVE), needs.count(NurseNeed.SHARED)
    if supply.nursing_mode is NursingMode.STRICT:
        return exclusive + -(-shared // supply.patients_per_nurse)
    return max(exclusive, -(-(exclusive + shared) // supply.patients_per_nurse))


def _window(case: Case, place: Place) -> Window:
    return case.supply.window(case.supply.date_of(place.start), case.protocol.chair_minutes)


def _off_grid(case: Case, place: Place, window: Window) -> tuple[str, str]:
    """What to say about a start off the grid: the nearest starts on it before and after, on the same date."""
    offset = place.start - window.start
    on_grid = list(positions(window.grid))
    before = [at for at in on_grid if at < offset][-1:]
    after = [at for at in on_grid if at > offset][:1]
    nearest = " or ".join(clock_words(window.start + at, case.supply.time_zone) for at in before + after)
    detail = f"Sessions start every {case.supply.grid_minutes} min: nearest {nearest}."
    return nearest, detail


def _not_open(case: Case, window: Window) -> tuple[str, str]:
    """What to say about a start on the grid at which the clinic is not open for the whole visit."""
    day, visit = day_words(window.date), case.protocol.visit_minutes
    starts = window.starts(visit)
    of_the_date = ones(window.end - window.start)
    if not window.open & of_the_date:
        return "open", f"The clinic is closed on {day}."
    if not starts:
        return "open", f"The clinic is not open for {length_words(visit)} at a stretch on {day}."
    zone = case.supply.time_zone
    earliest = clock_words(window.start + next(positions(starts)), zone)
    latest = clock_words(window.start + starts.bit_length() - 1, zone)
    detail = (
        f"The clinic is not open for the whole visit of {length_words(visit)}: "
        f"on {day} the earliest start is {earliest}, the latest {latest}."
    )
    return f"{earliest} to {latest}", detail
