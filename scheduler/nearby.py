"""Find the few things near a span of time among very many."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from scheduler.spans import Minute


class Timed(Protocol):
    """Anything that lasts from `start` up to `end`."""

    @property
    def start(self) -> Minute: ...
    @property
    def end(self) -> Minute: ...


T = TypeVar("T", bound=Timed)


class Nearby(Generic[T]):
    """Things that last some time, in order of their starts.

    What overlaps a span starts before its end, and no earlier than the longest of all things before its
    start: two searches by halves, and then a look at few.
    """

    __slots__ = ("_longest", "_starts", "_things")

    def __init__(self, things: Iterable[T], *, longest: int | None = None) -> None:
        """`longest` saves measuring each thing, where the caller knows."""
        self._things = sorted(things, key=attrgetter("start"))
        self._starts = [thing.start for thing in self._things]
        if longest is None:
            longest = max((thing.end - thing.start for thing in self._things), default=0)
        self._longest = longest

    def overlapping(self, start: Minute, end: Minute) -> list[T]:
        """Each thing of which some minute lies in the span, in order of start."""
        first = bisect_left(self._starts, start - self._longest)
        return [thing for thing in self._things[first : bisect_left(self._starts, end)] if thing.end > start]

    def starting(self, start: Minute, end: Minute) -> list[Minute]:
        """The starts in the span, in order."""
        return self._starts[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
