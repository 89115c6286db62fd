"""A clinic's template of starts: how many visits of each length are best begun in each quarter of an hour.

A quarter begins when the clinic's clock shows a whole quarter of an hour; where the clock shows one twice,
each counts by itself. A length is the minutes for which a visit holds its chair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from scheduler.diary import Diary
from scheduler.spans import Minute

QUARTER = 15
_A_DAY = 24 * 60 // QUARTER
Quarters = tuple[tuple[int, ...], ...]  # [ISO weekday, 0 unused][quarter of the day] → starts


@dataclass(frozen=True, slots=True)
class Opened:
    """So many starts of one length, in the quarter that begins so many minutes after midnight."""

    weekday: int  # ISO, 1 is Monday
    clock: int
    length: int
    starts: int


@dataclass(frozen=True)
class StartTemplate:
    """What is opened in a usual week. Quarters that are not named open nothing."""

    opened: tuple[Opened, ...]

    def of_length(self, length: int) -> Quarters | None:
        """What is opened for visits of that length; None for a length that the template does not know, which
        may begin at any time.
        """
        return self._by_length.get(length)

    @cached_property
    def _by_length(self) -> Mapping[int, Quarters]:
        found: dict[int, list[list[int]]] = {}
        for one in self.opened:
            week = found.setdefault(one.length, [[0] * _A_DAY for _ in range(8)])
            week[one.weekday][one.clock // QUARTER] += one.starts
        return {length: tuple(map(tuple, week)) for length, week in found.items()}


class Beyond:
    """How far one more visit of a length would go beyond the template, for many starts."""

    def __init__(self, template: StartTemplate, diary: Diary, length: int) -> None:
        self._opened = template.of_length(length)
        self._booked: dict[int, int] = {}
        if self._opened is not None:
            for claim in diary.claims:
                if claim.steps[-1].ends == length:
                    quarter = claim.start // QUARTER  # every zone is whole quarters off UTC
                    self._booked[quarter] = self._booked.get(quarter, 0) + 1

    def at(self, start: Minute, *, weekday: int, clock: int) -> int:
        """By how many starts the quarter would be beyond what it opens, the new one included; 0 within."""
        if self._opened is None:
            return 0
        after = self._booked.get(start // QUARTER, 0) + 1
        return max(0, after - self._opened[weekday][clock // QUARTER])


def others_in_quarter(diary: Diary, start: Minute, *, length: int) -> int:
    """How many visits of that length begin in the quarter of an hour of that minute."""
    begins = start - start % QUARTER
    return sum(
        claim.start >= begins and claim.end - claim.start == length
        for claim in diary.near(begins, begins + QUARTER)
    )
