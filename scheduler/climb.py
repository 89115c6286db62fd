"""The search over real starts within one rhythm, best first.

A partial plan is ranked by what it costs plus the least rest of it by days, which is never too much: so the
first complete plan to come up is the cheapest of the rhythm. What may follow it on a day waits as one entry,
ranked by its cheapest start, and the dearer starts come up only when the cheaper ones have. Where many come
up before a complete one, bounds by real starts (`foresight`) are worked out, and the search begins again.
"""

from __future__ import annotations

from heapq import heappop, heappush

from scheduler.begun import Begun, Choice, Partial, Start
from scheduler.chain import Chain, Spot
from scheduler.foresight import Foresight
from scheduler.found import PLAN, Effort
from scheduler.levels import Level
from scheduler.lookahead import Lookahead
from scheduler.pricing import NEVER, Pricing, Rhythm
from scheduler.spans import Minute

#: Entries that are looked at before the bounds are made sharper, most searches ending before that, and so
#: many times as many before they are made sharper still.
PATIENCE, AGAIN = 24, 4
#: What a pass over the bounds may cost, in entries looked at so far.
SHARE = 16
#: Entries for each session that are looked at to come by some plan.
DIVE = 20
#: Entries from which on each first date is looked at by itself, where the length of a course is limited.
BY_FIRST = 1_000


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
        self.heap: list[tuple[int, int, int, Partial | Choice]] = []
        self.pushed = 0
        self.spots: dict[tuple[int, int, int], list[Start]] = {}
        self.sight: Foresight | None = None
        self.sights: dict[int, Foresight] = {}  # the same by the first date, where the length is limited
        self.patience = PATIENCE
        self.known: tuple[Spot, ...] | None = None  # a plan that costs as much as the bound
        self.diving = False
        self.begun = Begun(self.chain, self.graph.roles, pricing)

    def cheapest(self) -> tuple[Spot, ...] | None:
        """The places of the cheapest plan below the bound in order of time, or None. Raises Unsettled."""
        graph, looks = self.graph, 0
        self._begin()
        while self.heap:
            looks += 1
            if looks == self.patience:
                self.patience *= AGAIN
                if self._look_closer(looks):
                    continue
            self.effort.spend(PLAN)
            rank, _, _, entry = heappop(self.heap)
            if isinstance(entry, Choice):
                self._choose(entry)
                continue
            if not graph.roles.following[entry.step]:
                return entry.spots()
            if entry.looked or not (self.begun.no_better(entry) or self._held_back(entry, rank)):
                self._go(entry)
        return self.known

    def _begin(self) -> None:
        graph, level = self.graph, self.level
        for step in graph.roles.first:
            for day, ordinal in enumerate(graph.ordinals):
                least = graph.begin[day]
                if least + level.prices[step][day] + level.rest[step][day] < self.bound:
                    rest = level.to_go(step, day, (day,), ordinal)
                    sight = self._sight(ordinal)
                    if sight is None and self.sights:
                        continue
                    owed = sight.owed(step, ()) if sight else 0
                    self._wait(Choice(None, step, day, least, rest, (day,), ordinal, owed, 0))

    def _look_closer(self, looks: int) -> bool:
        """Begin again with sharper bounds that know the single starts, for a fair share of the looks so far.

        False when they would cost more or are as good as can be.
        """
        graph, sight = self.graph, self.sight
        if graph.roles.old:
            return False
        if sight is None:
            sizes = [len(day) for day in self.pricing.days]
            if sum(sizes[day] for alive in graph.alive for day in alive) > SHARE * looks:
                return False
            starts = [[spot.start for spot in day] for day in self.pricing.days]
            prices = [self._priced(0, day) for day in range(len(starts))]
            self.sight = sight = Foresight.of(graph, starts, prices, bound=self.bound, effort=self.effort)
        elif self.chain.within is not None and not self.sights and looks >= BY_FIRST:
            sight.bound = self.bound
            self.sights = {graph.ordinals[first]: sight.from_first(first) for first in sight.firsts()}
        improved = [one for one in self.sights.values() or [sight] if not one.settled]
        for one in improved:
            one.bound = self.bound
            one.improve(SHARE * looks // len(improved))
        if not improved:
            return False
        self.spots = {}
        self._dive()
        self.heap = []
        self.begun.forget()
        self._begin()
        return True

    def _dive(self) -> None:
        """Go for some plan, the longest begun first: what it costs is the bound from then on."""
        self.heap, self.diving = [], True
        self.begun.forget()
        self._begin()
        for _ in range(DIVE * len(self.graph.edges)):
            if not self.heap:
                break
            self.effort.spend(PLAN)
            entry = heappop(self.heap)[-1]
            if isinstance(entry, Choice):
                self._choose(entry)
            elif not self.graph.roles.following[entry.step]:
                self.known, self.bound = entry.spots(), entry.cost
                break
            elif not self.begun.no_better(entry):
                self._go(entry)
        self.diving = False

    def _wait(self, choice: Choice) -> None:
        starts = self._starts(choice.step, choice.day, choice.first)
        if choice.at < len(starts):
            start = starts[choice.at]
            rest = max(start.least + choice.owed, start.cheapest + choice.rest)
            self._push(choice.least + rest, choice)

    def _push(self, rank: int, entry: Partial | Choice) -> None:
        if rank < self.bound:
            self.pushed += 1
            first, second = (-entry.step, rank) if self.diving else (rank, -entry.step)
            heappush(self.heap, (first, second, self.pushed, entry))

    def _choose(self, choice: Choice) -> None:
        """Take the next start of the day, and leave the dearer ones waiting."""
        chain, before = self.chain, choice.before
        least, price, _, spot = self._starts(choice.step, choice.day, choice.first)[choice.at]
        self._wait(Choice(*choice[:-1], choice.at + 1))
        if before is None:
            tail: tuple[Minute, ...] = ()
            fits, cost = chain.may_begin(spot), chain.begin_cost(spot)
        else:
            fits, tail = chain.may_follow(before.spot, spot), before.tail
            cost = before.cost + (chain.step_cost(before.spot, spot) if fits else 0)
        if not fits or not chain.fits_limits(tail, spot.start):
            return
        cost, rest = cost + price, max(choice.rest, least - price + choice.owed)
        if not self.graph.roles.following[choice.step]:
            if not chain.may_end(spot):
                return
            cost, rest = cost + chain.end_cost(spot), 0
        kept = chain.tail_of(tail, spot.start)
        partial = Partial(cost, choice.step, choice.day, spot, kept, choice.days, choice.first, before)
        self._push(cost + rest, partial)

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
        sight = self._sight(partial.first)
        owed = sight.owed(partial.step + 1, partial.tail) if sight else 0
        for step, day, gap in graph.edges[partial.step][partial.day]:
            least = partial.cost + gap
            if least + level.prices[step][day] + level.rest[step][day] >= self.bound:
                continue
            if chain.within is not None and graph.ordinals[day] - partial.first > chain.within:
                continue
            days = level.remember(partial.days, day)
            rest = level.to_go(step, day, days, partial.first)
            self._wait(Choice(partial, step, day, least, rest, days, partial.first, owed, 0))

    def _sight(self, first: int) -> Foresight | None:
        """What is known start by start of plans whose first date is that ordinal."""
        return self.sights.get(first) if self.sights else self.sight

    def _starts(self, step: int, day: int, first: int) -> list[Start]:
        """The starts of a day, those first through which a plan may cost the least."""
        sight = self._sight(first)
        key = (step if self.graph.roles.old or sight else 0), day, id(sight)
        found = self.spots.get(key)
        if found is None:
            prices = self._priced(step, day)
            self.effort.spend(PLAN // 2 * len(prices))
            rest = [sight.rest(step, spot.start) if sight else 0 for spot in self.pricing.days[day]]
            ranked = sorted(
                (price + after, price, spot)
                for price, after, spot in zip(prices, rest, self.pricing.days[day], strict=True)
            )
            found, cheapest = [], NEVER
            for least, price, spot in reversed(ranked):
                cheapest = min(cheapest, price)
                found.append(Start(least, price, cheapest, spot))
            found.reverse()
            self.spots[key] = found
        return found

    def _priced(self, step: int, day: int) -> list[int]:
        """The points of the starts of a day, in order of time."""
        prices = self.pricing.starts(day, self.rhythm)
        roles = self.graph.roles
        if not roles.old:
            return prices
        spots = self.pricing.days[day]
        return [price + roles.toll(step, spot.start) for price, spot in zip(prices, spots, strict=True)]
