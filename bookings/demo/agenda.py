"""Deeds in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from bookings.errors import Refused

Deed = Callable[[datetime], object]


class Agenda:
    """What people are going to do until `now`, each deed at its hour, at one moment in the order of `put`."""

    def __init__(self, *, now: datetime, on_week: Callable[[date, int], None]) -> None:
        self.refusals: Counter[str] = Counter()
        self._now, self._on_week = now, on_week
        self._deeds: list[tuple[datetime, int, Deed]] = []
        self._order = count()

    def put(self, at: datetime, deed: Deed) -> None:
        """The deed will be done at that moment, unless that lies after the present."""
        if at < self._now:
            heappush(self._deeds, (at, next(self._order), deed))

    def run(self) -> None:
        """Do everything there is to do. A deed that is refused is counted, and left at that, as people do."""
        week, done = None, 0
        while self._deeds:
            at, _, deed = heappop(self._deeds)
            day = at.astimezone(UTC).date()
            monday = day - timedelta(days=day.weekday())
            if week not in (None, monday):
                self._on_week(monday, done)
            week = monday
            try:
                deed(at)
            except Refused as refusal:
                self.refusals[refusal.code] += 1
            done += 1
