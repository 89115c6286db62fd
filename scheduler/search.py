"""The cheapest plan among all that keep every rule. Exact.

A plan's cost is a sum over sessions and gaps once its usual hour and usual weekdays are fixed, and its true
cost is the least over all such rhythms. So the search tries rhythms in order of a lower bound (`levels`) and
looks for real starts only where the bound is below the best plan known. Within one rhythm it goes best first:
a partial plan is ranked by what it costs plus the least rest, so the first complete plan is the cheapest.
Nothing is cut off but what a bound proves to be dearer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from scheduler import blocks, existence
from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.levels import DayGraph, Level
from scheduler.preferences import OFF_HOUR_MINUTE, OFF_WEEKDAY
from scheduler.pricing import ANY, NEVER, Pricing, Rhythm
from scheduler.roles import Roles
from scheduler.spans import Minute


class Found(NamedTuple):
    """A plan: its points (with the moves of `roles`, if any) and its places in order of time."""

    cost: int
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class _Partial:
    """A plan begun: its last place and how it came there."""

    cost: int
    step: int
    day: int
    spot: Spot
    tail: tuple[Minute, ...]
    days: tuple[int, ...]
    first: int
    before: _Partial | None


def best(field: Field, chain: Chain, roles: Roles) -> Found | None:
    """The cheapest way to place the sessions, or None when there is no way. The same question has the same
    answer.
    """
    if chain.block and not roles.old:
        soonest = blocks.soonest(field, chain, roles.count)
        return None if soonest is None else Found(soonest[0], tuple(soonest[1]))
    known = existence.find(field, chain, roles.count)
    if known is None:
        return None
    return _Search(field, chain, roles).best(Found(NEVER, tuple(known)))


class _Search:
    def __init__(self, field: Field, chain: Chain, roles: Roles) -> None:
        self.field = field
        self.chain = chain
        self.roles = roles
        self.pricing = Pricing(field, chain, roles)

    def cost(self, spots: Sequence[Spot]) -> int:
        """What the places cost: the points of `preferences` and the moves."""
        chain = self.chain
        points = chain.begin_cost(spots[0]) + chain.end_cost(spots[-1]) + sum(spot.load for spot in spots)
        points += sum(chain.step_cost(one, two) for one, two in pairwise(spots))
        clocks = sorted([*self.pricing.own_clocks, *(spot.clock for spot in spots)])
        if not chain.block:
            usual = clocks[(len(clocks) - 1) // 2]
            points += OFF_HOUR_MINUTE * sum(abs(shown - usual) for shown in clocks)
            weekdays = [*self.pricing.own_weekdays, *((spot.day - 1) % 7 + 1 for spot in spots)]
            common = Counter(weekdays).most_common(self.pricing.wanted)
            points += OFF_WEEKDAY * (len(weekdays) - sum(times for _, times in common))
        return points + self.roles.cost([spot.start for spot in spots])

    def best(self, known: Found) -> Found:
        """The cheapest plan, given any plan that keeps the rules."""
        found = Found(self.cost(known.spots), known.spots)
        if self.chain.block:
            return self._best_block(found)
        graph = DayGraph(self.field, self.chain, self.roles)
        prices = self.pricing.prices(ANY)
        level = Level(graph, prices)
        if level.bound() >= found.cost:
            return found
        guess = self._guess(level.path())
        found = self._improve(graph, guess, found)
        graph.prune(prices, found.cost)
        for _, rhythm in self._rhythms(graph, found.cost):
            found = self._improve(graph, rhythm, found)
        return found

    def _best_block(self, found: Found) -> Found:
        fields = [self.field]
        if self.chain.case.wish.same_time:
            fields = [self.field.at(clock) for clock in self.field.clocks]
        for field in fields:
            spots = blocks.Kept(field, self.chain, self.roles, bound=found.cost).cheapest()
            if spots is not None:
                found = Found(self.cost(spots), tuple(spots))
        return found

    def _guess(self, path: list[int]) -> Rhythm:
        """A rhythm that would suit those days: the best one found early cuts off most others."""
        days = [self.field.days[day] for day in path]
        hours = sorted({spot.clock for day in days for spot in day} | set(self.pricing.own_clocks))

        def off(hour: int) -> int:
            return self.pricing.booked(Rhythm(hour, None)) + sum(
                min(spot.load + OFF_HOUR_MINUTE * abs(spot.clock - hour) for spot in day) for day in days
            )

        counts = Counter([*self.pricing.own_weekdays, *(self.pricing.weekday_of[day] for day in path)])
        common = sorted(counts, key=lambda weekday: (-counts[weekday], weekday))[: self.pricing.wanted]
        return Rhythm(min(hours, key=off), None if self.pricing.wanted == 7 else frozenset(common))

    def _rhythms(self, graph: DayGraph, bound: int) -> list[tuple[int, Rhythm]]:
        """Every rhythm that may have a plan cheaper than `bound`, the most promising first."""
        weeks = self._promising(
            graph, bound, [Rhythm(None, weekdays) for weekdays in self.pricing.weekday_sets]
        )
        if not weeks:
            return []
        hours = self._promising(graph, bound, [Rhythm(hour, None) for hour in self.pricing.hours])
        pairs = [
            (max(one, two), Rhythm(rhythm.hour, week.weekdays))
            for one, rhythm in hours
            for two, week in weeks
        ]
        return sorted(pairs, key=lambda pair: (pair[0], pair[1].hour, sorted(pair[1].weekdays or ())))

    def _promising(self, graph: DayGraph, bound: int, rhythms: list[Rhythm]) -> list[tuple[int, Rhythm]]:
        found = []
        for rhythm in rhythms:
            least = self.pricing.booked(rhythm) + Level(graph, self.pricing.prices(rhythm)).bound()
            if least < bound:
                found.append((least, rhythm))
        return found

    def _improve(self, graph: DayGraph, rhythm: Rhythm, known: Found) -> Found:
        """The cheapest plan of one rhythm, when it is cheaper than the one known."""
        own = self.pricing.booked(rhythm)
        level = Level(graph, self.pricing.prices(rhythm))
        if own + level.bound() >= known.cost:
            return known
        last = _Climb(self, graph, level, rhythm, known.cost - own).cheapest()
        if last is None:
            return known
        spots: list[Spot] = []
        while last is not None:
            spots.append(last.spot)
            last = last.before
        spots.reverse()
        return Found(self.cost(spots), tuple(spots))


class _Climb:
    """The search over real starts within one rhythm, best first."""

    def __init__(self, search: _Search, graph: DayGraph, level: Level, rhythm: Rhythm, bound: int) -> None:
        self.search = search
        self.graph = graph
        self.level = level
        self.rhythm = rhythm
        self.bound = bound
        self.heap: list[tuple[int, int, int, _Partial]] = []
        self.pushed = 0
        self.spots: dict[tuple[int, int], list[tuple[int, Spot]]] = {}

    def cheapest(self) -> _Partial | None:
        """The end of the cheapest plan below the bound, or None."""
        graph, chain = self.graph, self.search.chain
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
                return partial
            for edge in graph.edges[partial.step][partial.day]:
                self._go(partial, *edge)
        return None

    def _begin(self, step: int, day: int) -> None:
        graph, chain = self.graph, self.search.chain
        first = graph.ordinals[day]
        if graph.begin[day] + self.level.prices[step][day] + self.level.rest[step][day] >= self.bound:
            return
        rest = self.level.to_go(step, day, (day,), first)
        for price, spot in self._starts(step, day):
            if graph.begin[day] + price + rest >= self.bound:
                break
            if chain.may_begin(spot) and chain.fits_limits((), spot.start):
                cost = chain.begin_cost(spot) + price
                self._push(_Partial(cost, step, day, spot, (spot.start,), (day,), first, None), rest)

    def _go(self, partial: _Partial, step: int, day: int, gap: int) -> None:
        graph, chain, level = self.graph, self.search.chain, self.level
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
                self._push(_Partial(cost, step, day, spot, tail, days, partial.first, partial), rest)

    def _push(self, partial: _Partial, rest: int) -> None:
        chain = self.search.chain
        if not self.graph.roles.following[partial.step]:
            if not chain.may_end(partial.spot):
                return
            rest = chain.end_cost(partial.spot)
            partial = _Partial(
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
            rhythm, pricing = self.rhythm, self.search.pricing
            off = pricing.off_day(day, rhythm)
            found = sorted(
                (off + pricing.start(spot, rhythm.hour) + self.graph.roles.toll(step, spot.start), spot)
                for spot in self.graph.days[day]
            )
            self.spots[key] = found
        return found
