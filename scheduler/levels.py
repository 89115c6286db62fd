"""Bounds by whole days: what the rest of a plan costs at least, as if a day were one place.

The search over real starts is guided by a smaller one over days. It lets each session take the best start of
its day (for a usual hour, or for any) and joins two days when some pair of their starts may be joined, so
what it finds is never dearer than the truth, and mostly is the truth.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from copy import copy
from heapq import heapify, heappop

from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.existence import Earliest
from scheduler.found import PLAN, Effort
from scheduler.preferences import FINISH_DAY, TARGET_GAP_DAY
from scheduler.pricing import NEVER, Prices
from scheduler.roles import Roles

#: In courses of more sessions than that it pays to find out first what the rolling limit does by itself.
LONG = 12
#: Plans begun by days that one table of bounds looks at; from then on it leaves the rolling limit aside.
MOST_LOOKS = 10_000
_DAY = 24 * 60
Edges = list[list[list[tuple[int, int, int]]]]  # [step][day] → (next step, next day, points for the gap)


def _least(points: Iterable[int]) -> int:
    return min(points, default=NEVER)


class DayGraph:
    """The days of a field, joined where two neighbouring sessions could be, for the steps of a plan."""

    def __init__(self, field: Field, chain: Chain, roles: Roles, effort: Effort) -> None:
        self.days = field.days
        self.ordinals = [day[0].day for day in field.days]
        self.chain = chain
        # For each day the first one that may have a session when the rolling limit counts from there.
        span = chain.limit.days * _DAY if chain.limit else 0
        lasts = [day[-1].start for day in field.days]
        self.clear = [bisect_left(lasts, day[0].start + span) for day in field.days]
        self.roles = roles
        decisive = list(map(self._decisive, self.days))
        self.begin = [_least(map(chain.begin_cost, filter(chain.may_begin, day))) for day in decisive]
        self.end = [_least(map(chain.end_cost, filter(chain.may_end, day))) for day in decisive]
        long = roles.count > LONG and chain.limit and not chain.marked
        self.floors = self._floors(field, effort) if long else None
        joined = [self._joined(index) for index in range(len(self.days))]
        effort.spend(sum(map(len, joined)))
        edges: Edges = [
            [[(step, day, points) for step in following for day, points in there] for there in joined]
            for following in roles.following
        ]
        self.keep(edges, [list(range(len(self.days)))] * len(edges))

    def _floors(self, field: Field, effort: Effort) -> list[list[int]]:
        """What the end and the gaps cost at least after a session on each day, by how many are to come.

        However they lie, so many sessions take so many days under the rolling limit, and all the days beyond
        the target are days off it.
        """
        chain, count = self.chain, self.roles.count
        earliest = Earliest(field, chain, effort)
        floors = [[NEVER] * len(self.days) for _ in range(count)]
        for day, ordinal in enumerate(self.ordinals):
            for left, last in enumerate(earliest.soonest(ordinal, count)):
                off = max(0, last - ordinal - left * chain.target) if chain.target else 0
                floors[left][day] = FINISH_DAY * (last - chain.earliest) + TARGET_GAP_DAY * off
        return floors

    def keep(self, edges: Edges, alive: list[list[int]]) -> None:
        """Take these joins, and no others; `alive` are the days at which each step can still be."""
        self.alive = alive
        self.edges = edges
        self.live = [[(day, there) for day, there in enumerate(row) if there] for row in edges]
        self.size = sum(len(there) for row in self.live for _, there in row)

    def _decisive(self, day: Sequence[Spot]) -> Sequence[Spot]:
        """Starts among which is the least: the latest has the longest notice, and only a day with a booked
        session of the patient tells its hours apart otherwise.
        """
        return day if day[0].day in self.chain.marked_days else day[-1:]

    def _joined(self, index: int) -> list[tuple[int, int]]:
        chain, found = self.chain, []
        here = self.days[index]
        for following in range(index, len(self.days)):
            there = self.days[following]
            gap = there[0].day - here[0].day
            if chain.max_days is not None and not chain.marked and gap > chain.max_days:
                break
            if gap < chain.min_days or there[-1].start - here[0].start < chain.min_minutes:
                continue
            if here[0].day in chain.marked_days or there[0].day in chain.marked_days:
                found.append((following, 0))
            elif not chain.marked or chain.may_follow(here[0], there[-1]):
                found.append((following, chain.step_cost(here[0], there[-1])))
        return found

    def pruned(self, prices: Prices, bound: int, effort: Effort) -> DayGraph:
        """The graph without the joins that no plan cheaper than `bound` can use, judged by prices that no
        plan undercuts.
        """
        rest = Level(self, prices, effort).rest
        days = range(len(self.days))
        reach = [[NEVER] * len(self.days) for _ in self.roles.nodes]
        for step in self.roles.first:
            reach[step] = [self.begin[day] + prices[step][day] for day in days]
        pruned: Edges = [[[]] * len(days) for _ in self.edges]
        for step, live in enumerate(self.live):
            for day, edges in live:
                so_far = reach[step][day]
                kept = []
                for edge in edges:
                    following, there, points = edge
                    through = so_far + points + prices[following][there]
                    if through + rest[following][there] < bound:
                        kept.append(edge)
                        if through < reach[following][there]:
                            reach[following][there] = through
                pruned[step][day] = kept
        smaller = copy(self)
        alive = [
            [day for day, so_far in enumerate(row) if so_far + left[day] < bound]
            for row, left in zip(reach, rest, strict=True)
        ]
        smaller.keep(pruned, alive)
        return smaller


class Level:
    """The least rest of a plan after each step on each day, for one table of prices."""

    def __init__(self, graph: DayGraph, prices: Prices, effort: Effort) -> None:
        self.graph, self.prices, self.effort = graph, prices, effort
        self.rest: list[list[int]] = []
        self._via: list[list[tuple[int, int, int] | None]] = []
        self._ends: list[list[int]] = []
        self.looks = 0
        self._memo: dict[tuple[int, int, tuple[int, ...], int], tuple[int, bool]] = {}  # and whether proven
        self._sorted: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        self._clean: dict[tuple[int, int], bool] = {}
        limit = graph.chain.limit
        self._within, self._count = graph.chain.within, limit.sessions if limit else 0
        self._bounded = self._within is not None or limit is not None
        self._solve()

    def _solve(self) -> None:
        graph, prices = self.graph, self.prices
        self.effort.spend(graph.size)
        steps, days = len(graph.edges), len(graph.days)
        self.rest = rest = [[NEVER] * days for _ in range(steps)]
        self._via = [[None] * days for _ in range(steps)]
        self._ends = [list(graph.ordinals) for _ in range(steps)]
        for step in range(steps - 1, -1, -1):
            if not graph.roles.following[step]:
                rest[step] = list(graph.end)
                continue
            floor = graph.floors[graph.roles.left(step)] if graph.floors else None
            mine, via, ends = rest[step], self._via[step], self._ends[step]
            for day, edges in graph.live[step]:
                least, taken = NEVER, None
                for edge in edges:
                    following, there, points = edge
                    total = points + prices[following][there] + rest[following][there]
                    if total < least:
                        least, taken = total, edge
                if taken is not None:
                    mine[day], via[day] = max(least, floor[day]) if floor else least, taken
                    ends[day] = self._ends[taken[0]][taken[1]]

    def bound(self, most: int = NEVER) -> int:
        """No plan costs less than this at these prices; of what costs `most` or more it says only that."""
        graph, found = self.graph, NEVER
        waiting = [
            (graph.begin[day] + self.prices[step][day] + self.rest[step][day], step, day)
            for step in graph.roles.first
            for day in graph.alive[step]
        ]
        if not self._bounded:
            return _least(total for total, _, _ in waiting)
        heapify(waiting)
        while waiting and waiting[0][0] < found:
            total, step, day = heappop(waiting)
            if total >= most:
                return total
            total -= self.rest[step][day]
            rest = self.to_go(step, day, (day,), graph.ordinals[day], min(found, most) - total)
            found = min(found, total + rest)
        return found

    def path(self) -> list[tuple[int, int]]:
        """The steps and days of a plan that costs the least, the bounds over more than two sessions aside."""
        graph = self.graph
        _, step, day = min(
            (graph.begin[day] + self.prices[step][day] + self.rest[step][day], step, day)
            for step in graph.roles.first
            for day in range(len(graph.days))
        )
        found = [(step, day)]
        while (edge := self._via[step][day]) is not None:
            step, day, _ = edge
            found.append((step, day))
        return found

    def to_go(self, step: int, day: int, tail: tuple[int, ...], first: int, most: int = NEVER) -> int:
        """The least rest of a plan, given the last days used (this one last) and the ordinal of its first
        date; where that is `most` or more, some bound of it that is as much.

        Keeps `complete_within` and the rolling limit as far as days can tell.
        """
        rest = self.rest[step][day]
        if not self._bounded or rest >= most or self._path_holds(step, day, tail, first):
            return rest
        key = step, day, tail, first if self._within is not None else 0
        known, proven = self._memo.get(key, (rest, False))
        if proven or known >= most or self.looks == MOST_LOOKS:
            return known
        self.looks += 1
        self.effort.spend(PLAN)
        found = NEVER
        for total, following, there in self._onward(step, day):
            left = min(found, most)
            if total >= left:
                found = min(found, total)
                break
            if self._may_go(there, tail, first):
                total -= self.rest[following][there]
                days = self.remember(tail, there)
                found = min(found, total + self.to_go(following, there, days, first, left - total))
        self._memo[key] = found, found < most
        return found

    def _onward(self, step: int, day: int) -> list[tuple[int, int, int]]:
        """What may come next with the least rest through it, cheapest first."""
        found = self._sorted.get((step, day))
        if found is None:
            prices, rest = self.prices, self.rest
            found = self._sorted[step, day] = sorted(
                (points + prices[following][there] + rest[following][there], following, there)
                for following, there, points in self.graph.edges[step][day]
                if rest[following][there] < NEVER
            )
        return found

    def remember(self, tail: tuple[int, ...], day: int) -> tuple[int, ...]:
        """The days that the rolling limit looks back at."""
        kept = (*tail, day)[-self.graph.chain.tail :]
        limit = self.graph.chain.limit
        if limit is not None:
            ordinals = self.graph.ordinals
            while ordinals[day] - ordinals[kept[0]] > limit.days:
                kept = kept[1:]
        return kept

    def _may_go(self, there: int, tail: tuple[int, ...], first: int) -> bool:
        if self._within is not None and self.graph.ordinals[there] - first > self._within:
            return False
        count = self._count
        return not count or len(tail) < count or there >= self.graph.clear[tail[-count]]

    def _path_holds(self, step: int, day: int, tail: tuple[int, ...], first: int) -> bool:
        """Whether the cheapest path from there on keeps `complete_within` and the rolling limit."""
        if self._within is not None and self._ends[step][day] - first > self._within:
            return False
        count = self._count
        if not count:
            return True
        days, clear, via = list(tail), self.graph.clear, self._via
        long = len(via) > LONG
        if long and not self._is_clean(step, day):
            return False
        for _ in range(count if long else len(via)):
            edge = via[step][day]
            if edge is None:
                break
            step, day, _ = edge
            if len(days) >= count and day < clear[days[-count]]:
                return False
            days.append(day)
        return True

    def _is_clean(self, step: int, day: int) -> bool:
        """Whether the cheapest path from there on keeps the rolling limit by itself."""
        found = self._clean.get((step, day))
        if found is None:
            edge = self._via[step][day]
            found = edge is None or self._is_clean(edge[0], edge[1])
            tail, ordinals = self.remember((), day), self.graph.ordinals
            for _ in range(self.graph.chain.tail):
                if edge is None or not found:
                    break
                found = self._may_go(edge[1], tail, ordinals[edge[1]])
                tail, edge = self.remember(tail, edge[1]), self._via[edge[0]][edge[1]]
            self._clean[step, day] = found
        return found
