"""How busy a clinic is when a visit would start: by what begins and sits near it, and by its template."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from scheduler.case import Case
from scheduler.diary import Diary
from scheduler.spans import Minute
from scheduler.start_template import Beyond

#: Each other visit that starts within half an hour: nurses set up one patient after another.
BUSY_START = 6
#: Each chair in use when the session starts: of two equal hours, the quieter one.
BUSY_CHAIR = 2
#: Each start by which a quarter of an hour goes beyond the clinic's template, the session's own included: as
#: bad as twenty minutes off the usual hour. More would level more, and make the search slower.
BEYOND_TEMPLATE = 20
BUSY_START_MINUTES = 30


class Load:
    """How busy the clinic is around any minute, for many minutes: `load_at` for a whole field."""

    def __init__(self, diary: Diary) -> None:
        self._starts = sorted([claim.start for claim in diary.claims])
        self._ends = sorted([claim.start + claim.steps[-1].ends for claim in diary.claims])

    def at(self, start: Minute) -> int:
        """The points of a session that starts then."""
        starts = self._starts
        first, last = start - BUSY_START_MINUTES, start + BUSY_START_MINUTES
        near = bisect_right(starts, last) - bisect_left(starts, first)
        chairs = bisect_right(starts, start) - bisect_right(self._ends, start)
        return near * BUSY_START + chairs * BUSY_CHAIR

    def points(self, starts: Sequence[Minute], _clocks: Sequence[int], *, weekday: int) -> list[int]:
        """The points of sessions that start then."""
        return [self.at(start) for start in starts]


class TemplateLoad:
    """The same where a template knows the length of the visits, and how far they would go beyond it."""

    def __init__(self, load: Load, beyond: Beyond) -> None:
        self._load, self._beyond = load, beyond

    def points(self, starts: Sequence[Minute], clocks: Sequence[int], *, weekday: int) -> list[int]:
        """The points of sessions that start then, on a date of that weekday, by what the clock shows."""
        load, beyond = self._load.at, self._beyond.at
        return [
            load(start) + BEYOND_TEMPLATE * beyond(start, weekday=weekday, clock=clock)
            for start, clock in zip(starts, clocks, strict=True)
        ]


def load_of(case: Case) -> Load | TemplateLoad:
    """How busy the clinic is for the case, also by its template where that knows the length of the visits."""
    load, beyond = Load(case.diary), beyond_of(case)
    return load if beyond is None else TemplateLoad(load, beyond)


def beyond_of(case: Case) -> Beyond | None:
    """How far starts go beyond the clinic's template; None where none knows the length of the visits."""
    template, length = case.supply.template, case.protocol.chair_minutes
    return Beyond(template, case.diary, length) if template and template.of_length(length) else None


def load_at(diary: Diary, start: Minute) -> int:
    """The points of a session that starts then, for the visits that start near it and the chairs in use."""
    near = diary.near(start - BUSY_START_MINUTES, start + BUSY_START_MINUTES + 1)
    starts = sum(abs(claim.start - start) <= BUSY_START_MINUTES for claim in near)
    chairs = sum(claim.start <= start < claim.end for claim in near)
    return starts * BUSY_START + chairs * BUSY_CHAIR
