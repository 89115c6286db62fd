"""A clinic's weekly hours as verbs and reads take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from itertools import pairwise

from bookings.errors import Invalid

#: ISO weekday → opens, closes, in clinic wall-clock; 00:00 closes at the day's end.
Hours = Mapping[int, Sequence[tuple[time, time]]]


def refuse_overlaps(hours: Hours) -> None:
    """Refuses with `Invalid`, at the weekday, hours that end before they begin or overlap."""
    for weekday, spans in hours.items():
        field = str(weekday)
        if not 1 <= weekday <= 7:
            raise Invalid(field, "Weekdays are numbered from 1, Monday, to 7, Sunday.")
        minutes = sorted(
            (_minute_of_day(opens), _minute_of_day(closes) or 24 * 60) for opens, closes in spans
        )
        for opens, closes in minutes:
            if closes <= opens:
                raise Invalid(field, "It closes after it opens; 00:00 closes at the end of the day.")
        for (_, closes), (opens, _) in pairwise(minutes):
            if opens < closes:
                raise Invalid(field, "These hours overlap.")


def _minute_of_day(clock: time) -> int:
    return clock.hour * 60 + clock.minute
