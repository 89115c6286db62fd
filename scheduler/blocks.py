"""The cheapest plan of a phase that means several sessions a day.

There the usual hour, the weekdays and the load do not count: a plan is as good as it ends early and leaves
notice. So without old places the question is only how soon the last session can be, for each place where the
first could be. With old places to keep, every start is weighed by what it moves, and the search goes over
starts, best first.
"""

from __future__ import annotations

from bisect import bisect_left
from heapq import heappop, heappush
from itertools import accumulate
from operator import itemgetter, le

from scheduler import existence
from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.found import PLAN, Effort, Found, Ways, differs
from scheduler.lookahead import Lookahead
from scheduler.preferences import FINISH_DAY
from scheduler.pricing import NEVER
from scheduler.roles import Roles
from scheduler.spans import Minute


class Blocks:
    """One question about a phase of several sessions a day."""

    def __init__(self, field: Field, chain: Chain, roles: Roles, *, ways: Ways, effort: Effort) -> None:
        self.field, self.chain, self.roles = field, chain, roles
        self.ways, self.effort = ways, effort
        self.ahead = Lookahead(field, chain, roles, effort)
        self.rest = _rests(field, chain, roles) if roles.old else []

    def run(self, limit: int, shown: list[Found]) -> None:
        """Show up to so many plans, cheapest first."""
        queue: list[tuple[int, int, Found, Field]] = []
        serial = 0
        waiting = [self.field]
        while True:
            for field in waiting:
                found = self._best(field)
                if found is not None:
                    serial += 1
                    heappush(queue, (found.cost, serial, found, field))
            if not queue:
                return
            _, _, plan, field = heappop(queue)
            alike = next((other for other in shown if not differs(plan, self.ways(other))), None)
            if alike is None:
                alike = plan
                shown.append(plan)
                self.effort.answered()
            if len(shown) == limit:
                return
            waiting = [field.only(keep) for keep in self.ways(alike)]

    def _best(self, field: Field) -> Found | None:
        """The cheapest plan of a field with its points (and its moves, where there are old places)."""
        if not self.chain.case.wish.same_time:
            return self._best_at_any_time(field)
        found = [self._best_at_any_time(field.at(clock)) for clock in field.clocks]
        return min((plan for plan in found if plan is not None), key=itemgetter(0), default=None)

    def _best_at_any_time(self, field: Field) -> Found | None:
        chain, roles = self.chain, self.roles
        if not roles.old:
            return soonest(field, chain, roles.count, effort=self.effort)
        known = existence.find(field, chain, roles.count, effort=self.effort)
        if known is None:
            return None
        bound = _cost(known, chain, roles)
        kept = Kept(field, chain, roles, self.rest, ahead=self.ahead, effort=self.effort)
        spots = kept.cheapest(bound) or known
        return Found(_cost(spots, chain, roles), tuple(spots))


def _cost(spots: list[Spot], chain: Chain, roles: Roles) -> int:
    moves = roles.cost([spot.start for spot in spots])
    return chain.begin_cost(spots[0]) + chain.end_cost(spots[-1]) + moves


def soonest(field: Field, chain: Chain, count: int, *, effort: Effort) -> Found | None:
    """The plan with the least points for its end and its notice, and those points; None when there is no
    plan.
    """
    best: Found | None = None
    for least, begin in sorted(_beginnings(field, chain), key=itemgetter(0)):
        deadline = None
        while best is None or least < best[0]:
            if best is not None:
                deadline = chain.earliest + (best[0] - chain.begin_cost(begin) - 1) // FINISH_DAY
            spots = existence.find(field, chain, count, effort=effort, begin=begin, deadline=deadline)
            if spots is None:
                break
            best = Found(chain.begin_cost(begin) + chain.end_cost(spots[-1]), tuple(spots))
    return best


def _beginnings(field: Field, chain: Chain) -> list[tuple[int, Spot]]:
    """The first places worth a try with their least points: of those on one date with equal notice, the
    earliest.
    """
    found: list[tuple[int, Spot]] = []
    for day in field.days:
        seen: set[int] = set()
        for spot in day:
            points = chain.begin_cost(spot)
            if chain.may_begin(spot) and (chain.reach or points not in seen):
                seen.add(points)
                found.append((points + FINISH_DAY * (spot.day - chain.earliest), spot))
    return found


Rests = list[dict[Minute, int]]  # by step: the least rest of a plan after a start


def _rests(field: Field, chain: Chain, roles: Roles) -> Rests:
    """The least rest of a plan after each step at each start, by the least gap alone."""
    spots = [spot for day in field.days for spot in day]
    starts = [spot.start for spot in spots]
    after = [bisect_left(starts, start + chain.min_minutes) for start in starts]
    ends = [chain.end_cost(spot) if chain.may_end(spot) else NEVER for spot in spots]
    rest: list[list[int]] = [[] for _ in roles.nodes]
    onward: list[list[int]] = [[] for _ in roles.nodes]  # the least of a step at a start or any later one
    for step in range(len(roles.nodes) - 1, -1, -1):
        following = [onward[one] for one in roles.following[step]]
        rest[step] = [min([row[at] for row in following]) for at in after] if following else ends
        totals = [roles.toll(step, start) + least for start, least in zip(starts, rest[step], strict=True)]
        onward[step] = [*accumulate(reversed(totals), min)][::-1] + [NEVER]
    return [dict(zip(starts, row, strict=True)) for row in rest]


class Kept:
    """The search over starts that keeps as many old places as it can."""

    def __init__(
        self, field: Field, chain: Chain, roles: Roles, rest: Rests, *, ahead: Lookahead, effort: Effort
    ) -> None:
        self.spots = [spot for day in field.days for spot in day]
        self.starts = [spot.start for spot in self.spots]
        self.chain = chain
        self.roles = roles
        self.bound = NEVER
        self.ahead = ahead
        self.effort = effort
        self.rest = rest
        self.heap: list[tuple[int, int, int, int, int, tuple[Minute, ...], int, object, bool]] = []
        self.pushed = 0
        self.seen: dict[tuple[int, Minute], list[tuple[int, tuple[Minute, ...], int]]] = {}

    def cheapest(self, bound: int) -> list[Spot] | None:
        """The cheapest plan below the bound, or None."""
        self.bound = bound
        chain, roles = self.chain, self.roles
        for step in roles.first:
            for at, spot in enumerate(self.spots):
                if chain.may_begin(spot) and chain.fits_limits((), spot.start):
                    cost = chain.begin_cost(spot) + roles.toll(step, spot.start)
                    self._push(cost, step, at, (spot.start,), spot.day, None)
        while self.heap:
            self.effort.spend(PLAN)
            rank, _, _, cost, step, tail, first, link, looked = heappop(self.heap)
            if not roles.following[step]:
                return self._unwind(link)
            if not looked:
                if self._no_better(step, cost, tail, first):
                    continue
                least = self._least(cost, step, tail, first)
                if least > rank:
                    self._wait(least, cost, step, tail, first, link, looked=True)
                    continue
            self._onward(cost, step, tail, first, link)
        return None

    def _no_better(self, step: int, cost: int, tail: tuple[Minute, ...], first: int) -> bool:
        """Whether a plan begun is known that costs no more and leaves later places at least as much room.

        Room is left by an earlier start (each rule between places is a least distance) and a later first
        date.
        """
        seen = self.seen.setdefault((step, tail[-1]), [])
        free = self.chain.within is None
        for known_cost, known_tail, known_first in seen:
            roomier = known_tail == tail or (not self.chain.reach and all(map(le, known_tail, tail)))
            if roomier and known_cost <= cost and (free or known_first >= first):
                return True
        seen.append((cost, tail, first))
        return False

    def _onward(self, cost: int, step: int, tail: tuple[Minute, ...], first: int, link: object) -> None:
        chain = self.chain
        here = bisect_left(self.starts, tail[-1])
        before = self.spots[here]
        for at in range(bisect_left(self.starts, before.start + chain.min_minutes), len(self.spots)):
            spot = self.spots[at]
            if chain.within is not None and spot.day - first > chain.within:
                break
            if chain.max_days is not None and not chain.marked and spot.day - before.day > chain.max_days:
                break
            if chain.may_follow(before, spot) and chain.fits_limits(tail, spot.start):
                for following in self.roles.following[step]:
                    toll = self.roles.toll(following, spot.start)
                    self._push(cost + toll, following, at, chain.tail_of(tail, spot.start), first, link)

    def _push(
        self, cost: int, step: int, at: int, tail: tuple[Minute, ...], first: int, link: object
    ) -> None:
        self._wait(cost + self.rest[step][self.spots[at].start], cost, step, tail, first, (at, link))

    def _wait(
        self,
        rank: int,
        cost: int,
        step: int,
        tail: tuple[Minute, ...],
        first: int,
        link: object,
        *,
        looked: bool = False,
    ) -> None:
        if rank < self.bound:
            self.pushed += 1
            heappush(self.heap, (rank, -step, self.pushed, cost, step, tail, first, link, looked))

    def _least(self, cost: int, step: int, tail: tuple[Minute, ...], first: int) -> int:
        """What a plan begun so costs at least: the moves still to come, and its end."""
        self.effort.spend(PLAN * self.roles.left(step) // 4)
        lows = self.ahead.lows(step, tail, first)
        if lows is None:
            return NEVER
        end = FINISH_DAY * (self.ahead.earliest.days[lows[-1]] - self.chain.earliest)
        return cost + end + self.ahead.rest(step, lows)

    def _unwind(self, link: object) -> list[Spot]:
        found = []
        while isinstance(link, tuple):
            found.append(self.spots[link[0]])
            link = link[1]
        return found[::-1]
