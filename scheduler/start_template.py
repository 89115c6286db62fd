"""A clinic's template of starts: how many visits of each length are best begun in each quarter of an hour.

A quarter begins when the clinic's clock shows a whole quarter of an hour; where the clock shows one twice,
each counts by itself. A length is the minutes for which a visit holds its chair.
"""

from __future__ import annotations

from collections import Counter
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
    def of_all(self) -> Quarters:
        """What is opened for visits of all lengths together."""
        weeks = self._by_length.values()
        return tuple(tuple(map(sum, zip(*days, strict=True))) for days in zip(*weeks, strict=True))

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
        """A length that the template does not know is never beyond it."""
        self._opened, self._all_opened = template.of_length(length), template.of_all
        self._booked, self._all_booked = _begun(diary, length), _begun(diary, None)

    def at(self, start: Minute, *, weekday: int, clock: int) -> int:
        """How many visits of the length the quarter would have beyond those that it opens for it, the new one
        included, and how many of all lengths beyond all that it opens: the sum of both, 0 within them.
        """
        if self._opened is None:
            return 0
        quarter, place = start // QUARTER, clock // QUARTER
        of_length = self._booked.get(quarter, 0) + 1 - self._opened[weekday][place]
        of_all = self._all_booked.get(quarter, 0) + 1 - self._all_opened[weekday][place]
        return max(0, of_length) + max(0, of_all)


def _begun(diary: Diary, length: int | None) -> Counter[int]:
    """How many visits of that length, or of all, begin in each quarter of an hour since 1970: every time zone
    is whole quarters off UTC. Kept with the diary.
    """
    key = "begun by quarter", length
    found = diary.kept.get(key)
    if not isinstance(found, Counter):
        claims = diary.claims
        if length is not None:
            claims = tuple([claim for claim in claims if claim.steps[-1].ends == length])
        found = diary.kept[key] = Counter([claim.start // QUARTER for claim in claims])
    return found


def others_in_quarter(diary: Diary, start: Minute) -> int:
    """How many visits begin in the quarter of an hour of that minute."""
    begins = start - start % QUARTER
    return len(diary.starting(begins, begins + QUARTER))
