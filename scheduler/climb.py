"""The search over real starts within one rhythm, best first.

A partial plan is ranked by what it costs plus the least rest of it by days, which is never too much: so the
first complete plan to come up is the cheapest of the rhythm. Two partial plans that later places cannot tell
apart are one, and the cheaper stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

from scheduler.chain import Chain, Spot
from scheduler.levels import Level
from scheduler.pricing import Pricing, Rhythm
from scheduler.spans import Minute


@dataclass(frozen=True)
class Partial:
    """A plan begun: its last place and how it came there."""

    cost: int
    step: int
    day: int
    spot: Spot
    tail: tuple[Minute, ...]
    days: tuple[int, ...]
    first: int
    before: Partial | None

    def spots(self) -> tuple[Spot, ...]:
        """All its places in order of time."""
        found = []
        at: Partial | None = self
        while at is not None:
            found.append(at.spot)
            at = at.before
        return tuple(reversed(found))


class Climb:
    """One rhythm, one table of bounds, and a bound: only plans that cost less are looked for."""

    def __init__(self, pricing: Pricing, level: Level, rhythm: Rhythm, *, bound: int) -> None:
        self.pricing = pricing
        self.level = level
        self.graph = level.graph
        self.chain: Chain = level.graph.chain
        self.rhythm = rhythm
        self.bound = bound
        self.heap: list[tuple[int, int, int, Partial]] = []
        self.pushed = 0
        self.spots: dict[tuple[int, int], list[tuple[int, Spot]]] = {}

    def cheapest(self) -> tuple[Spot, ...] | None:
        """The places of the cheapest plan below the bound in order of time, or None."""
        graph, chain = self.graph, self.chain
        for step in graph.roles.first:
            for day in range(len(graph.days)):
                self._begin(step, day)
        seen = set()
        while self.heap:
            _, _, _, partial = heappop(self.heap)
            key = (partial.step, partial.tail, partial.first if chain.within is not None else 0)
            if key in seen:
                continue
            seen.add(key)
            if not graph.roles.following[partial.step]:
                return partial.spots()
            for edge in graph.edges[partial.step][partial.day]:
                self._go(partial, *edge)
        return None

    def _begin(self, step: int, day: int) -> None:
        graph, chain = self.graph, self.chain
        first = graph.ordinals[day]
        if graph.begin[day] + self.level.prices[step][day] + self.level.rest[step][day] >= self.bound:
            return
        rest = self.level.to_go(step, day, (day,), first)
        for price, spot in self._starts(step, day):
            if graph.begin[day] + price + rest >= self.bound:
                break
            if chain.may_begin(spot) and chain.fits_limits((), spot.start):
                cost = chain.begin_cost(spot) + price
                self._push(Partial(cost, step, day, spot, (spot.start,), (day,), first, None), rest)

    def _go(self, partial: Partial, step: int, day: int, gap: int) -> None:
        graph, chain, level = self.graph, self.chain, self.level
        least = partial.cost + gap
        if least + level.prices[step][day] + level.rest[step][day] >= self.bound:
            return
        if chain.within is not None and graph.ordinals[day] - partial.first > chain.within:
            return
        days = level.remember(partial.days, day)
        rest = level.to_go(step, day, days, partial.first)
        for price, spot in self._starts(step, day):
            if least + price + rest >= self.bound:
                break
            if chain.may_follow(partial.spot, spot) and chain.fits_limits(partial.tail, spot.start):
                cost = partial.cost + chain.step_cost(partial.spot, spot) + price
                tail = chain.tail_of(partial.tail, spot.start)
                self._push(Partial(cost, step, day, spot, tail, days, partial.first, partial), rest)

    def _push(self, partial: Partial, rest: int) -> None:
        chain = self.chain
        if not self.graph.roles.following[partial.step]:
            if not chain.may_end(partial.spot):
                return
            rest = chain.end_cost(partial.spot)
            partial = Partial(
                partial.cost + rest,
                partial.step,
                partial.day,
                partial.spot,
                partial.tail,
                partial.days,
                partial.first,
                partial.before,
            )
            rest = 0
        if partial.cost + rest < self.bound:
            self.pushed += 1
            heappush(self.heap, (partial.cost + rest, -partial.step, self.pushed, partial))

    def _starts(self, step: int, day: int) -> list[tuple[int, Spot]]:
        """The starts of a day with their points, cheapest first."""
        key = (step if self.graph.roles.old else 0), day
        found = self.spots.get(key)
        if found is None:
            rhythm, pricing = self.rhythm, self.pricing
            off = pricing.off_day(day, rhythm)
            found = sorted(
                (off + pricing.start(spot, rhythm.hour) + self.graph.roles.toll(step, spot.start), spot)
                for spot in pricing.days[day]
            )
            self.spots[key] = found
        return found
