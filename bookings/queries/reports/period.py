"""The dates that a report is about."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from bookings.errors import Invalid
from bookings.models import Clinic
from scheduler.hours import dates, day_start
from scheduler.spans import Minute, Span, instant

MOST_DAYS = 366


@dataclass(frozen=True)
class Period:
    """Clinic-local dates, both included; a date has 23 or 25 hours where the clocks change."""

    clinic: Clinic
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Invalid("to", "A period ends on its first date or later.")
        if (self.last - self.first).days >= MOST_DAYS:
            raise Invalid("to", f"A report is about {MOST_DAYS} days at most.")

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Every date, in order."""
        return tuple(dates(self.first, self.last))

    @cached_property
    def bounds(self) -> tuple[Minute, ...]:
        """The first minute of every date, and that of the date after the last."""
        return tuple(day_start(day, self.clinic.zone) for day in dates(self.first, self._after))

    @property
    def starts(self) -> datetime:
        """The first instant."""
        return instant(self.bounds[0])

    @property
    def ends(self) -> datetime:
        """The instant after the last."""
        return instant(self.bounds[-1])

    def parts(self, start: Minute, end: Minute) -> Iterator[tuple[int, Span]]:
        """A span of time cut at midnights: the place of each date in `days`, with the part that lies on it.
        What lies outside the period is left out.
        """
        start, end = max(start, self.bounds[0]), min(end, self.bounds[-1])
        place = bisect_right(self.bounds, start) - 1
        while start < end:
            until = min(end, self.bounds[place + 1])
            yield place, Span(start, until)
            start, place = until, place + 1

    @property
    def _after(self) -> date:
        return self.last + timedelta(days=1)
