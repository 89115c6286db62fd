"""One session after another: the rules between the sessions of a series as comparisons of integers.

The search asks millions of times "may this start follow that one?". `Chain` answers exactly as `rules.check`
does, for places in order of time whose starts each fit alone (see `candidates`), and adds the points of
`preferences` that hang on a pair of neighbours. Dates are ordinals, so that a difference is a number of
calendar days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from scheduler.preferences import FINISH_DAY, TARGET_GAP_DAY, notice_cost, several_a_day
from scheduler.rules import Case
from scheduler.seating import seat
from scheduler.spans import Minute, Span, crowded
from scheduler.violations import Rule

_DAY = 24 * 60
Together = dict[tuple[Minute, ...], bool]  # whether visits from those starts fit beside each other


class Spot(NamedTuple):
    """One start that fits alone."""

    start: Minute
    day: int  # ordinal of the clinic-local date
    clock: int  # minutes after midnight on the clinic's wall
    load: int  # points for how busy the clinic is
    weekday: int  # ISO


class _Mark(NamedTuple):
    """A session that is booked already."""

    start: Minute
    day: int


class Chain:
    """What the series rules and the gap preferences of one case say about places in order of time."""

    def __init__(
        self,
        case: Case,
        *,
        earliest: date,
        skip: frozenset[Rule] = frozenset(),
        together: Together | None = None,
    ) -> None:
        """`skip` names rules that are not judged between two places, for a case that leaves them out
        (`unruly`); `together` keeps what is found out for other chains of the same clinic, visit and `skip`.
        """
        spacing = case.phase.spacing
        self.case = case
        self.earliest = earliest.toordinal()
        self.cleared = case.cleared_on.toordinal() if case.cleared_on else 0
        self.min_days = spacing.min_gap_days
        self.max_days = spacing.max_gap_days
        overlap = Rule.PATIENT_OVERLAP not in skip
        self.skip = skip
        self.min_minutes = max(spacing.min_gap_minutes, case.protocol.visit_minutes if overlap else 0)
        self.within = spacing.complete_within_days
        self.limit = spacing.rolling_limit
        self.block = several_a_day(spacing)
        self.target = 0 if self.block else spacing.target_gap_days or 0
        stagger = case.supply.start_stagger
        reach = max(case.protocol.chair_minutes, stagger.minutes if stagger else 0)
        self.reach = (
            reach if self.min_minutes < reach else 0
        )  # minutes within which places get in each other's way
        self.tail = self.limit.sessions if self.limit else 1  # how many earlier places a rule looks back at
        group = [visit for visit in case.history if visit.group == case.protocol.spacing_group]
        self.group = [_Mark(visit.start, visit.date.toordinal()) for visit in group]
        self.own = [_Mark(visit.start, visit.date.toordinal()) for visit in group if visit.own]
        self._target_marks = [_Mark(v.start, v.date.toordinal()) for v in case.history if v.own]
        self._begun = not case.protocol.begins_course(case.phase)
        self.marked = bool(self.group or self._target_marks)
        self.marked_days = frozenset(mark.day for mark in (*self.group, *self._target_marks))
        own_days = [visit.date.toordinal() for visit in case.history if visit.own]
        self.own_first = min(own_days, default=None)
        self._crowds: dict[tuple[Minute, ...], list[Span]] = {}
        self._together: Together = {} if together is None else together

    def may_begin(self, spot: Spot) -> bool:
        """Whether this may be the first of the places."""
        before = _latest(self.group, spot.start)
        if self.max_days is None or before is None:
            return True
        begun = self._begun or _latest(self.own, spot.start) is not None
        return not begun or self._near(before, spot.day)

    def may_follow(self, before: Spot, spot: Spot) -> bool:
        """Whether `spot` may be the next place after `before`, by the rules about neighbours."""
        if spot.start - before.start < self.min_minutes or spot.day - before.day < self.min_days:
            return False
        if self.max_days is None:
            return True
        if not self.group:
            return spot.day - before.day <= self.max_days
        booked = _latest(self.group, spot.start)
        latest = booked.day if booked and booked.start > before.start else before.day
        return spot.day - latest <= self.max_days and self._reaches(before, until=spot.start)

    def may_end(self, spot: Spot) -> bool:
        """Whether this may be the last of the places: the booked session that comes next is not too far
        off.
        """
        return self.max_days is None or self._reaches(spot, until=None)

    def anchored(self, spot: Spot) -> bool:
        """Whether a booked session before the place is near enough, whatever else is placed."""
        booked = _latest(self.group, spot.start)
        return self.max_days is None or (booked is not None and self._near(booked, spot.day))

    def bridge(self, before: Spot, spot: Spot) -> Minute | None:
        """After the place `spot`, the next booked session that might hold the gap from `before` to a later
        place.

        None where there is none, and where it is of the series and nothing booked lies between: then its own
        gap would be too long as well.
        """
        booked = _next(self.group, spot.start)
        if booked is None:
            return None
        preceding = _latest(self.group, booked.start)
        between = preceding is not None and preceding.start > before.start
        return booked.start if between or booked not in self.own else None

    @cached_property
    def loose(self) -> list[tuple[_Mark, Minute]]:
        """The booked sessions of the series that a place before them must be near, and since when.

        Those are the ones that are too far from whatever is booked before them. A place binds them where no
        other booked session of the series lies between, so the second is the start of that one.
        """
        found = []
        for at, mark in enumerate(self.own):
            booked = _latest(self.group, mark.start)
            if self.max_days is not None and (booked is None or not self._near(booked, mark.day)):
                found.append((mark, self.own[at - 1].start if at else -1))
        return found

    def _reaches(self, spot: Spot, *, until: Minute | None) -> bool:
        following = _next(self.own, spot.start)
        if following is None or (until is not None and following.start > until):
            return True
        booked = _latest(self.group, following.start)
        return self._near(booked if booked and booked.start > spot.start else spot, following.day)

    def _near(self, before: Spot | _Mark, day: int) -> bool:
        """Whether the gap from there to that date, or from a clearance since, is not too long."""
        return self.max_days is None or day - max(before.day, self.cleared) <= self.max_days

    def fits_limits(self, earlier: Sequence[Minute], start: Minute) -> bool:
        """Whether a start keeps the rolling limit and leaves chair and nurses to the places just before
        it.
        """
        if self.limit is not None and not self.keeps_rolling(earlier, start):
            return False
        if not self.reach or not earlier or start - earlier[-1] >= self.reach:
            return True
        near = tuple(one for one in earlier if start - one < self.reach)
        return self._fit_together((*self._knot(earlier, near), start))

    def tail_of(self, earlier: Sequence[Minute], start: Minute) -> tuple[Minute, ...]:
        """The starts that later places must remember, this one last."""
        kept = (*earlier, start)
        count = self.tail
        if self.reach:
            while count < len(kept) and kept[-count] - kept[-count - 1] < self.reach:
                count += 1
        return kept[-count:]

    def begin_cost(self, spot: Spot) -> int:
        """The points for what comes before the first place."""
        points = notice_cost(self.case, spot.start)
        before = _latest(self._target_marks, spot.start)
        if before is not None and self.target:
            points += TARGET_GAP_DAY * abs(spot.day - before.day - self.target)
        return points

    def step_cost(self, before: Spot, spot: Spot) -> int:
        """The points for the gaps between two neighbouring places, with a booked session between them
        or not.
        """
        if not self.target:
            return 0
        if self._target_marks:
            following = _next(self._target_marks, before.start)
            if following is not None and following.start < spot.start:
                preceding = _latest(self._target_marks, spot.start)
                assert preceding is not None, "one lies between"
                off = abs(following.day - before.day - self.target) + abs(
                    spot.day - preceding.day - self.target
                )
                return TARGET_GAP_DAY * off
        return TARGET_GAP_DAY * abs(spot.day - before.day - self.target)

    def end_cost(self, spot: Spot) -> int:
        """The points for what comes after the last place."""
        points = FINISH_DAY * (spot.day - self.earliest)
        following = _next(self._target_marks, spot.start)
        if following is not None and self.target:
            points += TARGET_GAP_DAY * abs(following.day - spot.day - self.target)
        return points

    def keeps_rolling(self, earlier: Sequence[Minute], start: Minute) -> bool:
        """Whether a start keeps the rolling limit with earlier places and what is booked."""
        assert self.limit is not None
        count, span = self.limit.sessions, self.limit.days * _DAY
        if not self.group:
            return len(earlier) < count or start - earlier[-count] >= span
        around = sorted(
            [mark.start for mark in self.group if abs(mark.start - start) < span]
            + [one for one in earlier if start - one < span]
            + [start]
        )
        at = around.index(start)
        return all(
            around[first + count] - around[first] >= span
            for first in range(max(0, at - count), min(at + 1, len(around) - count))
        )

    def clear_of_rolling(self, earlier: tuple[Minute, ...], start: Minute) -> Minute:
        """The first minute from `start` on that keeps the rolling limit, as `keeps_rolling` judges it."""
        assert self.limit is not None
        spans = self._crowds.get(earlier)
        if spans is None:
            starts = sorted((*earlier, *(mark.start for mark in self.group)))
            crowds = crowded(starts, limit=self.limit.sessions, within=self.limit.days * _DAY)
            spans = self._crowds[earlier] = list(crowds)
        for span in spans:  # they begin and end in the same order
            if span.start <= start < span.end:
                start = span.end
        return start

    def _knot(self, earlier: Sequence[Minute], near: tuple[Minute, ...]) -> tuple[Minute, ...]:
        """The places before `near` that are tied to them by overlapping chair time, since they compete for
        chairs.
        """
        first = len(earlier) - len(near)
        while first > 0 and earlier[first] - earlier[first - 1] < self.reach:
            first -= 1
        return tuple(earlier[first:])

    def _fit_together(self, starts: tuple[Minute, ...]) -> bool:
        found = self._together.get(starts)
        if found is None:
            found = self._together[starts] = seat(self.case, starts, skip=self.skip) is not None
        return found


def _latest(marks: Sequence[_Mark], before: Minute) -> _Mark | None:
    at = bisect_left(marks, (before,))
    return marks[at - 1] if at else None


def _next(marks: Sequence[_Mark], after: Minute) -> _Mark | None:
    at = bisect_left(marks, (after + 1,))
    return marks[at] if at < len(marks) else None
