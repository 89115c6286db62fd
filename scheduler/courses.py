"""The cheapest plans of a new series, each different from those before it. Exact.

A plan's cost is a sum over sessions and gaps once its usual hour and usual weekdays are fixed, and its true
cost is the least over all such rhythms. So the search looks at rhythms in order of a lower bound, refines the
bound of the one in front (first by its hour, then with its weekdays, then over real starts, `climb`), and
puts it back: the first real plan that comes to the front is the cheapest. Nothing is left out but what a
bound proves to be dearer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from scheduler import existence
from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.climb import Climb
from scheduler.found import Effort, Found, Keep, Ways, differs
from scheduler.levels import DayGraph, Level
from scheduler.pricing import ANY, NEVER, Pricing, Rhythm
from scheduler.roles import Roles

#: Points beyond the first good plan within which further plans are looked for before the bounds are widened.
SLACK = 200


class _Part:
    """A field that waits to be searched: what `parent` has, without what its plan does not leave."""

    def __init__(self, field: Field, search: Courses, parent: _Part | None, keep: Keep | None) -> None:
        self.field = field
        self.parent = parent
        self.keep = keep
        like = parent.pricing if parent else None
        self.pricing: Pricing = Pricing(field, search.chain, search.roles, like=like)
        self.hours = self.pricing.hours
        self.bounds: dict[Rhythm, int] = {}
        self.plans: dict[Rhythm, Found] = {}
        self.proven: dict[frozenset[int] | None, list[tuple[int, int]]] = {}  # by weekdays: hour, least
        self.least = NEVER  # what the cheapest plan costs that is known to lie in it
        self.solved = False

    def bound(self, rhythm: Rhythm) -> int:
        """What a plan in this rhythm costs at least, as far as anybody has found out."""
        part: _Part | None = self
        while part is not None:
            if rhythm in part.bounds:
                return part.bounds[rhythm]
            part = part.parent
        return 0

    def near(self, rhythm: Rhythm) -> int:
        """What a plan in this rhythm costs at least by what is proven of others with the same weekdays: an
        hour that is so many minutes off brings no session nearer by more than that.
        """
        hour, slope, least = rhythm.hour or 0, self.pricing.slope, 0
        part: _Part | None = self
        while part is not None:
            for other, proven in part.proven.get(rhythm.weekdays, ()):
                least = max(least, proven - slope * abs(other - hour))
            part = part.parent
        return least

    def plan(self, rhythm: Rhythm) -> Found | None:
        """The cheapest plan of the rhythm where that of a larger field happens to lie in this one."""
        if self.parent is None:
            return None
        found = self.parent.plans.get(rhythm) or self.parent.plan(rhythm)
        return (
            found
            if found is not None and self.keep is not None and all(map(self.keep, found.spots))
            else None
        )


class _Entry(NamedTuple):
    """A place in the queue: the lower bound, what is known at equal bounds first, and in order of arrival."""

    bound: int
    stage: int
    serial: int
    part: _Part
    rhythm: Rhythm
    found: Found | None


class Courses:
    """One question about a new series, given some plan that is known."""

    def __init__(
        self, field: Field, chain: Chain, roles: Roles, known: Sequence[Spot], *, ways: Ways, effort: Effort
    ) -> None:
        self.field, self.chain, self.roles = field, chain, roles
        self.ways, self.effort = ways, effort
        self.queue: list[_Entry] = []
        self.slack = SLACK
        self.serial = 0
        self.parts: list[_Part] = []
        self.full = DayGraph(field, chain, roles, effort)
        self.root = _Part(field, self, None, None)
        self.bound = self._first_bound(known)
        self._keep(self.full.pruned(self.root.pricing.prices(ANY), self.bound, effort))

    def _keep(self, graph: DayGraph) -> None:
        self.graph = graph
        self.weekly: dict[frozenset[int], DayGraph] = {}

    def _graph(self, rhythm: Rhythm) -> DayGraph:
        """The days as they can matter to a rhythm. Each choice of weekdays meets many hours, and leaves out
        what is dear with any of them.
        """
        weekdays = rhythm.weekdays
        if weekdays is None or rhythm.hour is None:
            return self.graph
        if weekdays not in self.weekly:
            week, pricing = Rhythm(None, weekdays), self.root.pricing
            left = self.bound - pricing.booked(week)
            self.weekly[weekdays] = self.graph.pruned(pricing.prices(week), left, self.effort)
        return self.weekly[weekdays]

    def _first_bound(self, known: Sequence[Spot]) -> int:
        """A little more than a good plan costs: the one that exists, or one in a rhythm that suits the
        days.
        """
        cost = self.root.pricing.cost(known)
        if not self.chain.case.wish.same_time:
            prices = self.root.pricing.prices(ANY)
            level = Level(self.full.pruned(prices, cost, self.effort), prices, self.effort)
            if level.bound() < cost:
                rhythm = self._guess(level.path())
                found = self._climb(self.root, rhythm, level.graph, cost)
                cost = found.cost if found else cost
        return cost + SLACK

    def run(self, limit: int, shown: list[Found]) -> None:
        """Show up to so many plans, cheapest first."""
        if self.chain.case.wish.same_time:
            for clock, field in self.field.by_clock.items():
                self._wait(_Part(field, self, self.root, _at(clock)))
        else:
            self._wait(self.root)
        while len(shown) < limit:
            entry = self._front()
            if entry is None:
                break
            plan, part = entry.found, entry.part
            assert plan is not None, "only real plans come to the front"
            part.solved = True
            alike = next((other for other in shown if not differs(plan, self.ways(other))), None)
            if alike is None:
                alike = plan
                shown.append(plan)
                self.effort.answered()
            if len(shown) < limit:
                for keep in self.ways(alike):
                    self._wait(_Part(part.field.aligned(keep), self, part, keep))

    def _wait(self, part: _Part) -> None:
        self.parts.append(part)
        floor = self._level_bound(part, ANY)
        if floor < self.bound:
            for hour in part.hours:
                rhythm = Rhythm(hour, None)
                self._push(max(floor, part.bound(rhythm)), 0, part, rhythm)

    def _push(self, bound: int, stage: int, part: _Part, rhythm: Rhythm, found: Found | None = None) -> None:
        if found is not None:
            part.least = min(part.least, found.cost)
        if bound < self.bound and (found is not None or bound < part.least):
            self.serial += 1
            heappush(self.queue, _Entry(bound, -stage, self.serial, part, rhythm, found))

    def _front(self) -> _Entry | None:
        """The next real plan, the cheapest of its part and of all parts; None when no part has one left."""
        while True:
            while self.queue:
                entry = heappop(self.queue)
                if entry.part.solved:
                    continue
                if entry.found is not None:
                    return entry
                self._refine(entry)
            if not self._widen():
                return None

    def _widen(self) -> bool:
        """Look further, in the parts that have no plan below the bound: a few times a little, then
        everywhere.
        """
        if self.bound >= NEVER:
            return False
        prices = self.root.pricing.prices(ANY)
        waiting, self.parts = [part for part in self.parts if not part.solved], []
        floors = [Level(self.full, part.pricing.prices(ANY), self.effort).bound() for part in waiting]
        for part in (self.root, *waiting):
            # A bound at or past the old limit says only that: what cost more had been left out.
            part.bounds = {rhythm: least for rhythm, least in part.bounds.items() if least < self.bound}
        self.slack *= 4
        if self.slack <= SLACK * 64:
            self.bound = max(self.bound, min(floors, default=NEVER)) + self.slack
            self._keep(self.full.pruned(prices, self.bound, self.effort))
        else:
            self.bound = NEVER
            self._keep(self.full)
        for part, floor in zip(waiting, floors, strict=True):
            if floor < NEVER and self._exists(part.field.dense):
                self._wait(part)
        return bool(self.parts)

    def _exists(self, field: Field) -> bool:
        return existence.find(field, self.chain, self.roles.count, effort=self.effort) is not None

    def _refine(self, entry: _Entry) -> None:
        part, rhythm = entry.part, entry.rhythm
        if -entry.stage == 0:
            # The root's bounds hold in every part of it, so what one part has made known serves them all.
            if rhythm not in self.root.bounds:
                self._level_bound(self.root, rhythm)
            for weekdays in part.pricing.weekday_sets:
                week, pair = Rhythm(None, weekdays), Rhythm(rhythm.hour, weekdays)
                if week not in self.root.bounds:
                    self._level_bound(self.root, week)
                least = max(entry.bound, self.root.bounds[rhythm], self.root.bounds[week], part.bound(pair))
                self._push(least, 1, part, pair)
        elif -entry.stage == 1:
            found = part.plan(rhythm)
            if found is not None:
                self._push(found.cost, 4, part, rhythm, found)
            elif rhythm not in self.root.bounds:
                least = max(entry.bound, self._level_bound(self.root, rhythm))
                self._push(least, 2 if part is self.root else 1, part, rhythm)
            else:
                self._push(max(entry.bound, self._level_bound(part, rhythm)), 2, part, rhythm)
        elif (least := part.near(rhythm)) > entry.bound:
            self._push(least, 2, part, rhythm)
        else:
            bound = min(self.bound, part.least)
            found = self._climb(part, rhythm, self._graph(rhythm), bound)
            least = bound if found is None else part.pricing.within(rhythm, found.spots)
            part.proven.setdefault(rhythm.weekdays, []).append((rhythm.hour or 0, least))
            part.bounds[rhythm] = bound if found is None else found.cost
            if found is not None:
                part.plans[rhythm] = found
                self._push(found.cost, 4, part, rhythm, found)

    def _level_bound(self, part: _Part, rhythm: Rhythm) -> int:
        """What a plan of the rhythm costs at least; of what is not below the bound no more than that."""
        pricing = part.pricing
        graph, booked = self._graph(rhythm), pricing.booked(rhythm)
        level = Level(graph, pricing.prices(rhythm), self.effort)
        found = max(booked + level.bound(self.bound - booked), part.bound(rhythm))
        part.bounds[rhythm] = found
        return found

    def _climb(self, part: _Part, rhythm: Rhythm, graph: DayGraph, bound: int) -> Found | None:
        pricing = part.pricing
        prices, left = pricing.prices(rhythm), bound - pricing.booked(rhythm)
        level = Level(graph.pruned(prices, left, self.effort), prices, self.effort)
        spots = Climb(pricing, level, rhythm, bound=left, effort=self.effort).cheapest()
        return None if spots is None else Found(self.root.pricing.cost(spots), spots)

    def _guess(self, path: Sequence[tuple[int, int]]) -> Rhythm:
        """A rhythm that would suit those steps and days: a good plan found early cuts off most others."""
        pricing = self.root.pricing

        def points(hour: int) -> int:
            booked = pricing.booked(Rhythm(hour, None))
            return booked + sum(pricing.best_start(day, hour) for _, day in path)

        counts = Counter([*pricing.own_weekdays, *(pricing.weekday_of[day] for _, day in path)])
        common = sorted(counts, key=lambda weekday: (-counts[weekday], weekday))[: pricing.wanted]
        return Rhythm(min(pricing.hours, key=points), None if pricing.wanted == 7 else frozenset(common))


def _at(clock: int) -> Keep:
    return lambda spot: spot.clock == clock
