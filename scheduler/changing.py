"""The cheapest ways to plan again what had places before, each different from those before it. Exact.

Moves outweigh all points, and how few and how small they can be does not hang on a rhythm. So that is settled
first, over all rhythms at once. It says how many sessions keep their place, and those keep their hour and
weekday too, which leaves few rhythms in which a plan could be the cheapest. Each of those is searched.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.climb import Climb
from scheduler.found import Effort, Found, Ways, differs
from scheduler.levels import DayGraph, Level
from scheduler.lookahead import Lookahead
from scheduler.preferences import OFF_HOUR_MINUTE, OFF_WEEKDAY
from scheduler.pricing import ANY, NEVER, Pricing, Rhythm
from scheduler.roles import MOVED, SHIFT, Roles


class _Entry(NamedTuple):
    """A place in the queue: a lower bound, and what is known already: nothing, a rhythm, or the plan."""

    bound: int
    known: int
    serial: int
    field: Field
    rhythm: Rhythm
    most: int  # only a plan that costs less is of interest
    found: Found | None


class Changes:
    """One question about old places, in a phase that has a rhythm."""

    def __init__(self, field: Field, chain: Chain, roles: Roles, *, ways: Ways, effort: Effort) -> None:
        self.field, self.chain, self.roles = field, chain, roles
        self.ways, self.effort = ways, effort
        self.pricing = Pricing(field, chain, roles)
        self.level = Level(DayGraph(field, chain, roles, effort), self.pricing.prices(ANY), effort)
        self.ahead = Lookahead(field, chain, roles, effort)
        self.plain_graph = DayGraph(field, chain, Roles(roles.count), effort)
        self.plain_pricing = Pricing(field, chain, Roles(roles.count))
        self.plains: dict[Rhythm, Level] = {}
        self.stay = [spot for day in field.days for spot in day if spot.start in roles.old]
        self.queue: list[_Entry] = []
        self.serial = 0

    def run(self, limit: int, shown: list[Found]) -> None:
        """Show up to so many plans, cheapest first."""
        same_time = self.chain.case.wish.same_time
        for field in self.field.by_clock.values() if same_time else [self.field]:
            self._push(0, field, ANY)
        done: list[Field] = []
        while self.queue and len(shown) < limit:
            entry = heappop(self.queue)
            if any(entry.field is field for field in done):
                continue
            plan = entry.found
            if plan is None:
                self._refine(entry)
                continue
            done.append(entry.field)
            alike = next((other for other in shown if not differs(plan, self.ways(other))), None)
            if alike is None:
                alike = plan
                shown.append(plan)
                self.effort.answered()
            for keep in self.ways(alike):
                self._push(plan.cost, entry.field.aligned(keep), ANY)

    def _push(
        self, bound: int, field: Field, rhythm: Rhythm, *, most: int = NEVER, found: Found | None = None
    ) -> None:
        self.serial += 1
        known = (found is not None) * 2 + (rhythm != ANY)
        heappush(self.queue, _Entry(bound, -known, self.serial, field, rhythm, most, found))

    def _refine(self, entry: _Entry) -> None:
        """Look closer: at the moves of a field, or at a rhythm in it."""
        field, rhythm = entry.field, entry.rhythm
        spots = self._climb(field, rhythm, entry.most)
        if spots is None:
            return
        cost = self.pricing.cost(spots)
        self._push(cost, field, rhythm, found=Found(cost, spots))
        if rhythm != ANY:
            return
        moves = cost - cost % SHIFT
        kept = self.roles.count - moves // MOVED
        least = self._plain(ANY).bound()
        for hour in self.pricing.hours:
            off_hour = self._off_hour(hour, kept)
            for weekdays in self.pricing.weekday_sets:
                bound = max(entry.bound, moves + least + off_hour + self._off_weekday(weekdays, kept))
                if bound < cost:
                    self._push(bound, field, Rhythm(hour, weekdays), most=cost)

    def _off_hour(self, hour: int, kept: int) -> int:
        """What the places that stay cost at least for their hour, with what is booked."""
        off = sorted(abs(spot.clock - hour) for spot in self.stay)
        return OFF_HOUR_MINUTE * sum(off[:kept]) + self.pricing.booked(Rhythm(hour, None))

    def _off_weekday(self, weekdays: frozenset[int] | None, kept: int) -> int:
        """The same for their weekdays."""
        if weekdays is None:
            return 0
        usual = sum(spot.weekday in weekdays for spot in self.stay)
        return OFF_WEEKDAY * max(0, kept - usual) + self.pricing.booked(Rhythm(None, weekdays))

    def _climb(self, field: Field, rhythm: Rhythm, bound: int) -> tuple[Spot, ...] | None:
        pricing = self.pricing
        if field is not self.field:
            pricing = Pricing(field, self.chain, self.roles, like=pricing)
        return Climb(
            pricing,
            self.level,
            rhythm,
            bound=bound - pricing.booked(rhythm),
            effort=self.effort,
            ahead=self.ahead,
            plain=self._plain(rhythm).rest,
        ).cheapest()

    def _plain(self, rhythm: Rhythm) -> Level:
        """The least points by days, the moves aside."""
        found = self.plains.get(rhythm)
        if found is None:
            prices = self.plain_pricing.prices(rhythm)
            found = self.plains[rhythm] = Level(self.plain_graph, prices, self.effort)
        return found
