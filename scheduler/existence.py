"""Whether so many sessions can be placed at all. Exact, and fast where the answer is no.

Among the candidates of one day, the earliest that keeps the rules is as good as any later one: each rule
between sessions is a least distance, or counts whole days. So one choice per day suffices, and of two ways to
reach the same day with the same number of sessions the one whose places are all earlier is at least as good.
What was found to lead nowhere is remembered with that in mind. Only where visits so close together that they
compete for chairs or nurses are allowed, every candidate within that reach is tried as well.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import le

from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.spans import Minute

_NEVER = 1 << 40


def find(
    field: Field, chain: Chain, count: int, *, begin: Spot | None = None, deadline: int | None = None
) -> list[Spot] | None:
    """Places for `count` sessions in order of time, as early as possible one after another; None if there are
    none.

    `begin` fixes the first place; `deadline` is the last permitted date as an ordinal.
    """
    cleared = chain.case.clearance
    if cleared is not None and count > cleared.sessions:
        return None
    if not chain.case.wish.same_time:
        return _Existence(field, chain, count, deadline).find(begin)
    for clock in field.clocks if begin is None else [begin.clock]:
        found = _Existence(field.at(clock), chain, count, deadline).find(begin)
        if found is not None:
            return found
    return None


class _Existence:
    def __init__(self, field: Field, chain: Chain, count: int, deadline: int | None) -> None:
        self.days = field.days
        self.ordinals = [day[0].day for day in field.days]
        self.chain = chain
        self.count = count
        self.deadline = _NEVER if deadline is None else deadline
        self.dead: dict[tuple[int, int, int], list[tuple[Minute, ...]]] = {}
        self.soonest = self._soonest_ends()

    def find(self, begin: Spot | None) -> list[Spot] | None:
        for index in range(len(self.days)):
            for spot in self._beginnings(index, begin):
                found = self._from(spot, index)
                if found is not None:
                    return found
        return None

    def _beginnings(self, index: int, begin: Spot | None) -> Iterator[Spot]:
        if begin is not None:
            if begin in self.days[index]:
                yield begin
            return
        for spot in self.days[index]:
            if self.chain.may_begin(spot) and self.chain.fits_limits((), spot.start):
                yield spot
                if not self.chain.reach:
                    return

    def _from(self, spot: Spot, index: int) -> list[Spot] | None:
        within = self.chain.within
        deadline = self.deadline if within is None else min(self.deadline, spot.day + within)
        path = [spot]
        return path if self._extend(path, index, (spot.start,), deadline) else None

    def _extend(self, path: list[Spot], index: int, tail: tuple[Minute, ...], deadline: int) -> bool:
        placed = len(path)
        if self.soonest[self.count - placed][index] > deadline:
            return False
        if placed == self.count:
            return self.chain.may_end(path[-1])
        key = placed, index, deadline
        dead = self.dead.setdefault(key, [])
        if any(self._no_better(tail, other) for other in dead):
            return False
        for spot, day in self._next(path[-1], index, tail, deadline):
            path.append(spot)
            if self._extend(path, day, self.chain.tail_of(tail, spot.start), deadline):
                return True
            path.pop()
        dead.append(tail)
        return False

    def _no_better(self, tail: tuple[Minute, ...], dead: tuple[Minute, ...]) -> bool:
        if self.chain.reach:
            return tail == dead
        return all(map(le, dead, tail))

    def _next(
        self, before: Spot, index: int, tail: tuple[Minute, ...], deadline: int
    ) -> Iterator[tuple[Spot, int]]:
        chain = self.chain
        for day in range(index, len(self.days)):
            if self.ordinals[day] > deadline or self._too_far(before, day):
                return
            for spot in self.days[day]:
                if chain.may_follow(before, spot) and chain.fits_limits(tail, spot.start):
                    yield spot, day
                    if spot.start - before.start >= chain.reach:
                        if chain.max_days is None:
                            return  # with no longest gap, waiting another day never helps
                        break

    def _too_far(self, before: Spot, day: int) -> bool:
        most = self.chain.max_days
        return most is not None and not self.chain.marked and self.ordinals[day] - before.day > most

    def _soonest_ends(self) -> list[list[int]]:
        """For each number of sessions still to come and each day: the earliest date on which the last could
        be.

        By dates alone, so never later than the truth.
        """
        ordinals, least = self.ordinals, self.chain.min_days
        table = [list(ordinals)]
        for _ in range(self.count - 1):
            later = table[-1]
            ends = [_NEVER] * len(ordinals)
            for index, day in enumerate(ordinals):
                first = bisect_left(ordinals, day + least, index)
                for following in range(first, len(ordinals)):
                    if self._too_far(self.days[index][0], following):
                        break
                    ends[index] = min(ends[index], later[following])
                    if self.chain.max_days is None or self.chain.marked:
                        break
            table.append(ends)
        return table
