"""Whether so many sessions can be placed at all. Exact, and as fast where the answer is no.

Each rule between sessions is a least distance, a longest distance or a limit within a window. Of two ways to
keep such rules, taking the earlier start for the first session, the earlier for the second, and so on, keeps
them too. So if there is a way there is an earliest one, and it is found without trying: begin with the first
candidates, and as long as a rule is broken, let the session that must come later come later. No start that is
passed over can be part of any way.

Two things break that picture, and both are searched: a booked session of another series that bridges a gap
that would be too long, and visits so close together that they compete for chairs or nurses.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.found import PLAN, Effort
from scheduler.spans import Minute

_DAY = 24 * 60


def find(
    field: Field,
    chain: Chain,
    count: int,
    *,
    effort: Effort,
    begin: Spot | None = None,
    deadline: int | None = None,
) -> list[Spot] | None:
    """Places for `count` sessions in order of time, each as early as it can be; None if there are none.

    `begin` fixes the first place; `deadline` is the last permitted date as an ordinal. Raises Unsettled when
    the answer is not known within the effort.
    """
    cleared = chain.case.clearance
    if cleared is not None and count > cleared.sessions:
        return None
    if not chain.case.wish.same_time:
        return Earliest(field, chain, effort, deadline).find(count, begin=begin)
    ways = (
        Earliest(field.at(clock), chain, effort, deadline).find(count, begin=begin)
        for clock in (field.clocks if begin is None else [begin.clock])
    )
    return next((way for way in ways if way is not None), None)


class Earliest:
    """The candidates of a field in order of time, and the earliest way to place sessions among them."""

    def __init__(self, field: Field, chain: Chain, effort: Effort, deadline: int | None = None) -> None:
        self.chain, self.effort = chain, effort
        self.spots = field.spots if deadline is None else [one for one in field.spots if one.day <= deadline]
        self.starts = [spot.start for spot in self.spots]
        self.days = [spot.day for spot in self.spots]
        self.span = chain.limit.days * _DAY if chain.limit else 0

    def find(self, count: int, *, begin: Spot | None = None) -> list[Spot] | None:
        """The earliest places for so many sessions, the first of them at `begin` where it is given."""
        lows = [0] * count
        if begin is not None:
            lows[0] = bisect_left(self.starts, begin.start)
        for way in self._ways(lows):
            places = [self.spots[at] for at in way]
            if begin is not None and places[0] != begin:
                continue
            if self._fit_together(places):
                return places
            found = _Trials(self, way).find(begin)
            if found is not None:
                return found
        return None

    def soonest(self, day: int, count: int) -> list[int]:
        """The earliest dates of up to `count` sessions, the first not before that date, as far as they can be
        placed. A gap that is too long does not count here.
        """
        lows = [bisect_left(self.days, day)] + [0] * (count - 1)
        placed = 0
        while placed < count and self._forward(lows, placed):
            placed += 1
        return [self.days[at] for at in lows[:placed]]

    def settle(self, lows: list[int], placed: int) -> bool:
        """Raise the lower bounds of the places from number `placed` on to what the earlier ones force.

        What is earlier stands still. False when that leaves some session no place. Where something is booked
        a gap that is too long does not count here, because what is booked may bridge it.
        """
        most, days = self.chain.max_days, self.days
        while all(self._forward(lows, index) for index in range(placed, len(lows))):
            if most is None or self.chain.marked or not placed:
                return True
            settled = True
            for at in range(len(lows) - 1, placed - 1, -1):
                if days[lows[at]] - days[lows[at - 1]] > most:
                    if at == placed:
                        return False
                    lows[at - 1], settled = bisect_left(days, days[lows[at]] - most), False
            if settled:
                return True
        return False

    def _ways(self, lows: list[int]) -> Iterator[list[int]]:
        """The earliest way from those lower bounds on, for each choice of what bridges a long gap."""
        waiting, seen = [lows], set()
        while waiting:
            lows = waiting.pop()
            alive = True
            while alive:
                self.effort.spend(PLAN * len(lows))
                if not self.settle(lows, 0):
                    alive = False
                elif not self._too_late(lows) and not self._too_long(lows, waiting):
                    yield lows
                    alive = False
                elif tuple(lows) in seen:
                    alive = False
                else:
                    seen.add(tuple(lows))

    def _forward(self, lows: list[int], index: int) -> bool:
        """Raise one lower bound as the places before it ask. False when no candidate is left."""
        chain, starts, at = self.chain, self.starts, lows[index]
        if index:
            before = lows[index - 1]
            at = max(at, before + 1, bisect_left(starts, starts[before] + chain.min_minutes))
            if chain.min_days:
                at = max(at, bisect_left(self.days, self.days[before] + chain.min_days))
        limit = chain.limit
        if limit is not None:
            if index >= limit.sessions:
                at = max(at, bisect_left(starts, starts[lows[index - limit.sessions]] + self.span))
            if chain.group:
                tail = tuple(starts[one] for one in lows[max(0, index - limit.sessions) : index])
                while at < len(starts) and (clear := chain.clear_of_rolling(tail, starts[at])) > starts[at]:
                    self.effort.spend(PLAN)
                    at = bisect_left(starts, clear)
        if not index and chain.marked:
            while at < len(starts) and not chain.may_begin(self.spots[at]):
                at += 1
        lows[index] = at
        return at < len(starts)

    def _too_late(self, lows: list[int]) -> bool:
        """Whether the last ends too long after the first, which then must come later."""
        within, days = self.chain.within, self.days
        if within is None or days[lows[-1]] - days[lows[0]] <= within:
            return False
        lows[0] = bisect_left(days, days[lows[-1]] - within)
        return True

    def _too_long(self, lows: list[int], waiting: list[list[int]]) -> bool:
        """Whether some gap is too long, which makes the place before it come later.

        Where instead the place after it might come later, next to a booked session that bridges the gap, that
        is left for another try.
        """
        chain, days, most = self.chain, self.days, self.chain.max_days
        if most is None:
            return False
        found = False
        for index in range(len(lows) - 1, 0, -1):
            here, before = self.spots[lows[index]], self.spots[lows[index - 1]]
            if here.day - before.day <= most or chain.anchored(here):
                continue
            bridge = chain.bridge(before, here)
            if bridge is not None:
                other = lows.copy()
                other[index] = bisect_left(self.starts, bridge)
                waiting.append(other)
            lows[index - 1] = bisect_left(days, here.day - most)
            found = True
        return self._ends_too_early(lows) or found

    def _ends_too_early(self, lows: list[int]) -> bool:
        """Whether the last place before some booked session of the series is too far from it."""
        chain, found = self.chain, False
        for mark, after in chain.loose:
            at = bisect_left(lows, bisect_left(self.starts, mark.start)) - 1
            if at >= 0 and self.starts[lows[at]] > after:
                low = bisect_left(self.days, mark.day - (chain.max_days or 0))
                if lows[at] < low:
                    lows[at], found = low, True
        return found

    def _fit_together(self, places: Sequence[Spot]) -> bool:
        """Whether places close together leave one another chairs and nurses."""
        tail: tuple[Minute, ...] = ()
        for spot in places if self.chain.reach else ():
            if not self.chain.fits_limits(tail, spot.start):
                return False
            tail = self.chain.tail_of(tail, spot.start)
        return True


class _Trials:
    """The search that tries candidate after candidate, for visits that may compete with one another."""

    def __init__(self, earliest: Earliest, lows: Sequence[int]) -> None:
        self.earliest, self.lows, self.chain = earliest, lows, earliest.chain
        self.spots = earliest.spots
        self.dead: set[tuple[int, tuple[Minute, ...], int]] = set()

    def find(self, begin: Spot | None) -> list[Spot] | None:
        """The first way that is found, or None when there is none."""
        for at in range(self.lows[0], len(self.spots)):
            spot = self.spots[at]
            if begin is not None and spot != begin:
                if spot.start > begin.start:
                    break
                continue
            if self.chain.may_begin(spot) and self.chain.fits_limits((), spot.start):
                path = [at]
                if self._extend(path, (spot.start,)):
                    return [self.spots[one] for one in path]
        return None

    def _extend(self, path: list[int], tail: tuple[Minute, ...]) -> bool:
        placed, chain = len(path), self.chain
        if placed == len(self.lows):
            return chain.may_end(self.spots[path[-1]])
        key = placed, tail, self.spots[path[0]].day if chain.within is not None else 0
        ahead = [*path, *self.lows[placed:]]
        if key in self.dead or not self.earliest.settle(ahead, placed):
            return False
        self.earliest.effort.spend(PLAN * len(ahead))
        for at in self._next(path, ahead[placed]):
            path.append(at)
            if self._extend(path, chain.tail_of(tail, self.spots[at].start)):
                return True
            path.pop()
        self.dead.add(key)
        return False

    def _next(self, path: list[int], low: int) -> Iterator[int]:
        chain, before, first = self.chain, self.spots[path[-1]], self.spots[path[0]]
        tail: tuple[Minute, ...] = ()
        for at in path:
            tail = chain.tail_of(tail, self.spots[at].start)
        within, most = chain.within, chain.max_days
        free: Spot | None = None  # the first that nobody before it is near to; of its date where gaps count
        for at in range(low, len(self.spots)):
            spot = self.spots[at]
            if within is not None and spot.day - first.day > within:
                return
            if free is not None and self._no_better(spot, free):
                if most is None:
                    return  # nor is anything later
                continue
            if chain.may_follow(before, spot) and chain.fits_limits(tail, spot.start):
                yield at
                known = free is not None and (most is None or free.day == spot.day)
                if not known and spot.start - before.start >= chain.reach:
                    free = spot

    def _no_better(self, spot: Spot, earlier: Spot) -> bool:
        """Whether what can follow a place can follow the earlier one too: no gap is longer, and nothing that
        comes next is near enough to compete with it.
        """
        chain = self.chain
        parted = spot.start + chain.min_minutes >= earlier.start + chain.reach
        alike = spot.day == earlier.day and not chain.marked
        return parted and (alike or chain.max_days is None)
