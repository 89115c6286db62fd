"""The search over real starts within one rhythm, best first.

A partial plan is ranked by what it costs plus the least rest of it by days, which is never too much: so the
first complete plan to come up is the cheapest of the rhythm. What may follow it on a day waits as one entry,
ranked by its cheapest start, and the dearer starts come up only when the cheaper ones have. Of two partial
plans that end at one start the one that costs more and leaves no more room is dropped.
"""

from __future__ import annotations

from heapq import heappop, heappush
from operator import le
from typing import NamedTuple

from scheduler.chain import Chain, Spot
from scheduler.found import PLAN, Effort
from scheduler.levels import Level
from scheduler.lookahead import Lookahead
from scheduler.pricing import Pricing, Rhythm
from scheduler.spans import Minute

_DAY = 24 * 60


class Partial(NamedTuple):
    """A plan begun: its last place and how it came there."""

    cost: int
    step: int
    day: int
    spot: Spot
    tail: tuple[Minute, ...]
    days: tuple[int, ...]
    first: int
    before: Partial | None
    looked: bool = False  # whether its rank says all that is known

    def spots(self) -> tuple[Spot, ...]:
        """All its places in order of time."""
        found = []
        at: Partial | None = self
        while at is not None:
            found.append(at.spot)
            at = at.before
        return tuple(reversed(found))


class _Choice(NamedTuple):
    """The starts of a day that may come next after a plan begun, cheapest first, from number `at` on."""

    before: Partial | None
    step: int
    day: int
    least: int  # the points so far, with the gap to that day
    rest: int  # the least points after that day
    days: tuple[int, ...]
    first: int
    at: int


class Climb:
    """One rhythm, one table of bounds, and a bound: only plans that cost less are looked for."""

    def __init__(
        self,
        pricing: Pricing,
        level: Level,
        rhythm: Rhythm,
        *,
        bound: int,
        effort: Effort,
        ahead: Lookahead | None = None,
        plain: list[list[int]] | None = None,
    ) -> None:
        """`ahead` bounds what is to come for moves, and `plain` are the least points of a rest by days, the
        moves aside, by the number of places and the day.
        """
        self.pricing = pricing
        self.level = level
        self.graph = level.graph
        self.chain: Chain = level.graph.chain
        self.rhythm = rhythm
        self.bound = bound
        self.effort = effort
        self.ahead = ahead
        self.plain = plain
        self.heap: list[tuple[int, int, int, Partial | _Choice]] = []
        self.pushed = 0
        self.spots: dict[tuple[int, int], list[tuple[int, Spot]]] = {}
        self.seen: dict[tuple[int, Minute], list[tuple[int, tuple[Minute, ...], int]]] = {}

    def cheapest(self) -> tuple[Spot, ...] | None:
        """The places of the cheapest plan below the bound in order of time, or None. Raises Unsettled."""
        graph = self.graph
        for step in graph.roles.first:
            for day, ordinal in enumerate(graph.ordinals):
                least = graph.begin[day]
                if least + self.level.prices[step][day] + self.level.rest[step][day] < self.bound:
                    rest = self.level.to_go(step, day, (day,), ordinal)
                    self._wait(_Choice(None, step, day, least, rest, (day,), ordinal, 0))
        while self.heap:
            self.effort.spend(PLAN)
            rank, _, _, entry = heappop(self.heap)
            if isinstance(entry, _Choice):
                self._choose(entry)
                continue
            if not graph.roles.following[entry.step]:
                return entry.spots()
            if entry.looked or not (self._no_better(entry) or self._held_back(entry, rank)):
                self._go(entry)
        return None

    def _wait(self, choice: _Choice) -> None:
        starts = self._starts(choice.step, choice.day)
        if choice.at < len(starts):
            self._push(choice.least + starts[choice.at][0] + choice.rest, choice)

    def _push(self, rank: int, entry: Partial | _Choice) -> None:
        if rank < self.bound:
            self.pushed += 1
            heappush(self.heap, (rank, -entry.step, self.pushed, entry))

    def _choose(self, choice: _Choice) -> None:
        """Take the next start of the day, and leave the dearer ones waiting."""
        chain, before = self.chain, choice.before
        price, spot = self._starts(choice.step, choice.day)[choice.at]
        self._wait(_Choice(*choice[:-1], choice.at + 1))
        if before is None:
            tail: tuple[Minute, ...] = ()
            fits, cost = chain.may_begin(spot), chain.begin_cost(spot)
        else:
            fits, tail = chain.may_follow(before.spot, spot), before.tail
            cost = before.cost + (chain.step_cost(before.spot, spot) if fits else 0)
        if not fits or not chain.fits_limits(tail, spot.start):
            return
        cost, rest = cost + price, choice.rest
        if not self.graph.roles.following[choice.step]:
            if not chain.may_end(spot):
                return
            cost, rest = cost + chain.end_cost(spot), 0
        kept = chain.tail_of(tail, spot.start)
        partial = Partial(cost, choice.step, choice.day, spot, kept, choice.days, choice.first, before)
        self._push(cost + rest, partial)

    def _no_better(self, partial: Partial) -> bool:
        """Whether a plan begun is known that costs no more, ends at the same start and leaves as much room.

        Room is left by earlier starts, each rule between places being a least distance, and by a later first
        date.
        """
        chain, tail = self.chain, partial.tail
        if chain.limit is not None and not chain.reach:
            oldest = tail[-1] - chain.limit.days * _DAY
            tail = tuple([max(start, oldest) for start in tail])
        first = partial.first if chain.within is not None else 0
        seen = self.seen.setdefault((partial.step, partial.spot.start), [])
        for cost, known, known_first in seen:
            roomier = known == tail or (
                not chain.reach and len(known) == len(tail) and all(map(le, known, tail))
            )
            if roomier and cost <= partial.cost and known_first >= first:
                return True
        seen.append((partial.cost, tail, first))
        return False

    def _held_back(self, partial: Partial, rank: int) -> bool:
        """Whether the plan begun must cost more than its rank; then it waits for its turn."""
        if self.ahead is None or self.plain is None:
            return False
        left = self.graph.roles.left(partial.step)
        self.effort.spend(PLAN * left // 4)
        lows = self.ahead.lows(partial.step, partial.tail, partial.first)
        if lows is None:
            return True
        least = partial.cost + self.plain[-1 - left][partial.day] + self.ahead.rest(partial.step, lows)
        if least <= rank:
            return False
        self._push(least, partial._replace(looked=True))
        return True

    def _go(self, partial: Partial) -> None:
        graph, chain, level = self.graph, self.chain, self.level
        for step, day, gap in graph.edges[partial.step][partial.day]:
            least = partial.cost + gap
            if least + level.prices[step][day] + level.rest[step][day] >= self.bound:
                continue
            if chain.within is not None and graph.ordinals[day] - partial.first > chain.within:
                continue
            days = level.remember(partial.days, day)
            rest = level.to_go(step, day, days, partial.first)
            self._wait(_Choice(partial, step, day, least, rest, days, partial.first, 0))

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
