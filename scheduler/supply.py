"""What a clinic offers: chairs with their features, nurses on shift, opening hours, how nurses are
counted.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from scheduler.bits import between, erode, ones, thermometer
from scheduler.hours import Stretch, dates, local, opening_span, stretches
from scheduler.nearby import Nearby
from scheduler.spans import Minute, Span
from scheduler.start_template import StartTemplate

_DAYS_KEPT = 2_000  # windows of one Supply; a reader of far-off dates must not fill the memory


class NursingMode(StrEnum):
    """How nurses count against steps. N on duty, E exclusive and S shared steps, K patients per nurse."""

    STRICT = "strict"  # N >= E + ceil(S / K)
    LINE_OF_SIGHT = "line_of_sight"  # N >= E and N * K >= E + S


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Open on one ISO weekday (1 is Monday), clinic wall-clock. `closes` 00:00 is the midnight that
    ends it.
    """

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.closes != time(0) and self.closes <= self.opens:
            raise ValueError(
                "hours over midnight are two rows: until 00:00, and from 00:00 on the next weekday"
            )


@dataclass(frozen=True, slots=True)
class Closure:
    """No patient during this span: in the whole clinic, or in one chair."""

    span: Span
    reason: str = ""
    chair: str | None = None

    @property
    def start(self) -> Minute:
        return self.span.start

    @property
    def end(self) -> Minute:
        return self.span.end


@dataclass(frozen=True, slots=True)
class Chair:
    """A place for one patient at a time."""

    id: str
    name: str
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shift:
    """One nurse on duty."""

    nurse: str
    span: Span

    @property
    def start(self) -> Minute:
        return self.span.start

    @property
    def end(self) -> Minute:
        return self.span.end


@dataclass(frozen=True, slots=True)
class StartStagger:
    """At most `starts` (one or more) sessions begin within any window of `minutes`."""

    starts: int
    minutes: int

    def __post_init__(self) -> None:
        if self.starts < 1:
            raise ValueError("a clinic in which no session may start needs no stagger but a closure")


@dataclass(frozen=True, eq=False)
class Window:
    """One clinic-local date as bit sets: bit i is the minute `start + i`.

    The window runs from the date's first minute to `end`, the first minute of the next date, and then `reach`
    minutes on, so that a visit of up to `reach` minutes that starts on the date lies in it wholly, also over
    midnight. A Supply has one window for a date and a reach; two windows are never equal.
    """

    date: date
    start: Minute
    end: Minute
    reach: int
    grid: int  # minutes of the date at which a session may start
    hours: int  # minutes within the weekly hours
    open: int  # the same without the closures of the whole clinic
    nurses: tuple[int, ...]  # thermometer: minutes with at least j + 1 nurses on duty
    out: dict[str, int]  # minutes at which a chair is closed, for those chairs that are
    stretches: tuple[Stretch, ...]
    _starts: dict[int, int] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def length(self) -> int:
        """Minutes in the window."""
        return self.end - self.start + self.reach

    @cached_property
    def all(self) -> int:
        """Every minute of the window."""
        return ones(self.length)

    def starts(self, visit_minutes: int) -> int:
        """Minutes on the grid of the date from which the clinic is open for so long."""
        found = self._starts.get(visit_minutes)
        if found is None:
            found = self._starts[visit_minutes] = self.grid & erode(self.open, visit_minutes)
        return found


@dataclass(frozen=True)
class Supply:
    """A clinic as the engine sees it. One value is one version of the roster and keeps its days ready."""

    time_zone: ZoneInfo
    hours: tuple[OpeningHours, ...]
    chairs: tuple[Chair, ...]
    shifts: tuple[Shift, ...] = ()
    closures: tuple[Closure, ...] = ()
    grid_minutes: int = 15
    nursing_mode: NursingMode = NursingMode.STRICT
    patients_per_nurse: int = 3
    start_stagger: StartStagger | None = None
    template: StartTemplate | None = None  # where starts are levelled by one
    _days: dict[tuple[date, int], Window] = field(default_factory=dict, init=False, compare=False, repr=False)
    _variants: dict[Hashable, Supply] = field(default_factory=dict, init=False, compare=False, repr=False)

    def variant(self, other: Supply) -> Supply:
        """An equal of `other`, which differs from this one in its hours, closures, chairs or stagger at most:
        the first of its kind that was asked for, kept with its days.
        """
        if other is self:
            return self
        key = other.hours, other.closures, other.chairs, other.start_stagger
        return self._variants.setdefault(key, other)

    def date_of(self, at: Minute) -> date:
        """The clinic-local date of a minute."""
        return local(at, self.time_zone).date()

    def chairs_with(self, features: frozenset[str]) -> tuple[Chair, ...]:
        """The chairs that have all those features, in the clinic's order."""
        return tuple(chair for chair in self.chairs if features <= chair.features)

    def shifts_near(self, start: Minute, end: Minute) -> list[Shift]:
        """The shifts of which some minute lies in the span."""
        return self._shift_index.overlapping(start, end)

    def closures_near(self, start: Minute, end: Minute) -> list[Closure]:
        """The closures, of the clinic and of chairs, of which some minute lies in the span."""
        return self._closure_index.overlapping(start, end)

    def window(self, day: date, visit: int) -> Window:
        """The date as bit sets, long enough for a visit of so many minutes. Made once, then kept."""
        reach = -(-visit // 240) * 240  # rounded up, so that protocols of similar length share their windows
        found = self._days.get((day, reach))
        if found is None:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            found = self._days[day, reach] = self._make_window(day, reach)
        return found

    def _make_window(self, day: date, reach: int) -> Window:
        parts = stretches(day, self.time_zone)
        start, end = parts[0].start, parts[-1].end
        length = end - start + reach

        def bits(spans: list[Span]) -> int:
            found = 0
            for span in spans:
                found |= between(span.start - start, span.end - start, length=length)
            return found

        hours = bits(self._weekly_hours(day - timedelta(days=1), self.date_of(start + length)))
        closures = self.closures_near(start, start + length)
        shut = bits([closure.span for closure in closures if closure.chair is None])
        chairs_out: dict[str, list[Span]] = {}
        for closure in closures:
            if closure.chair is not None:
                chairs_out.setdefault(closure.chair, []).append(closure.span)
        return Window(
            date=day,
            start=start,
            end=end,
            reach=reach,
            grid=_grid_bits(parts, self.grid_minutes),
            hours=hours,
            open=hours & ~shut,
            nurses=thermometer(bits([shift.span]) for shift in self.shifts_near(start, start + length)),
            out={chair: bits(spans) for chair, spans in chairs_out.items()},
            stretches=parts,
        )

    def _weekly_hours(self, first: date, last: date) -> list[Span]:
        return [
            opening_span(day, row.opens, row.closes, self.time_zone)
            for day in dates(first, last)
            for row in self.hours
            if row.weekday == day.isoweekday()
        ]

    @cached_property
    def _shift_index(self) -> Nearby[Shift]:
        return Nearby(self.shifts)

    @cached_property
    def _closure_index(self) -> Nearby[Closure]:
        return Nearby(self.closures)


def _grid_bits(parts: tuple[Stretch, ...], grid_minutes: int) -> int:
    """The minutes of a date at which the clock shows a multiple of the grid, also after a change of clock."""
    found = 0
    for part in parts:
        for at in range(part.start + -part.clock % grid_minutes, part.end, grid_minutes):
            found |= 1 << (at - parts[0].start)
    return found
