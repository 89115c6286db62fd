"""Find the few things near a span of time among very many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from scheduler.spans import Minute

_BUCKET = 240  # minutes; about as long as a visit, so that a visit lies in one bucket or two


class Timed(Protocol):
    """Anything that lasts from `start` up to `end`."""

    @property
    def start(self) -> Minute: ...
    @property
    def end(self) -> Minute: ...


T = TypeVar("T", bound=Timed)


class Nearby(Generic[T]):
    """Things that last some time, laid out in buckets of four hours. Built once, in one pass."""

    __slots__ = ("_buckets",)

    def __init__(self, things: Iterable[T]) -> None:
        buckets: dict[int, list[T]] = {}
        for thing in things:
            first = thing.start // _BUCKET
            for bucket in range(first, max(first, (thing.end - 1) // _BUCKET) + 1):
                if bucket in buckets:
                    buckets[bucket].append(thing)
                else:
                    buckets[bucket] = [thing]
        self._buckets = buckets

    def overlapping(self, start: Minute, end: Minute) -> list[T]:
        """Each thing of which some minute lies in the span, once, in the order of buckets."""
        found: list[T] = []
        first = start // _BUCKET
        for bucket in range(first, (end - 1) // _BUCKET + 1):
            for thing in self._buckets.get(bucket, ()):
                # A thing in several buckets is taken in the first of them that is looked at.
                seen = bucket > first and thing.start < bucket * _BUCKET
                if not seen and thing.start < end and thing.end > start:
                    found.append(thing)
        return found
