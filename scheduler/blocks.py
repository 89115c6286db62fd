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
from scheduler.preferences import FINISH_DAY
from scheduler.pricing import NEVER
from scheduler.roles import Roles
from scheduler.spans import Minute

#: Plans begun, before the search says that it cannot settle the question: some seconds of work.
MOST_PARTIALS = 200_000


class Unsettled(RuntimeError):
    """The best way to keep old places could not be proven in bounded time. Nothing less than proof is
    returned.
    """


def best(field: Field, chain: Chain, roles: Roles) -> tuple[int, list[Spot]] | None:
    """The cheapest plan with its points (and its moves, where there are old places); None when there is
    none.
    """
    if not chain.case.wish.same_time:
        return _best(field, chain, roles)
    found = [plan for clock in field.clocks if (plan := _best(field.at(clock), chain, roles)) is not None]
    return min(found, key=itemgetter(0), default=None)


def _best(field: Field, chain: Chain, roles: Roles) -> tuple[int, list[Spot]] | None:
    if not roles.old:
        return soonest(field, chain, roles.count)
    known = existence.find(field, chain, roles.count)
    if known is None:
        return None
    bound = _cost(known, chain, roles)
    spots = Kept(field, chain, roles, bound=bound).cheapest()
    return (bound, known) if spots is None else (_cost(spots, chain, roles), spots)


def _cost(spots: list[Spot], chain: Chain, roles: Roles) -> int:
    moves = roles.cost([spot.start for spot in spots])
    return chain.begin_cost(spots[0]) + chain.end_cost(spots[-1]) + moves


def soonest(field: Field, chain: Chain, count: int) -> tuple[int, list[Spot]] | None:
    """The plan with the least points for its end and its notice, and those points; None when there is no
    plan.
    """
    best: tuple[int, list[Spot]] | None = None
    for least, begin in sorted(_beginnings(field, chain), key=itemgetter(0)):
        deadline = None
        while best is None or least < best[0]:
            if best is not None:
                deadline = chain.earliest + (best[0] - chain.begin_cost(begin) - 1) // FINISH_DAY
            spots = existence.find(field, chain, count, begin=begin, deadline=deadline)
            if spots is None:
                break
            best = chain.begin_cost(begin) + chain.end_cost(spots[-1]), spots
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


class Kept:
    """The search over starts that keeps as many old places as it can."""

    def __init__(self, field: Field, chain: Chain, roles: Roles, *, bound: int) -> None:
        self.spots = [spot for day in field.days for spot in day]
        self.starts = [spot.start for spot in self.spots]
        self.chain = chain
        self.roles = roles
        self.bound = bound
        self.rest = self._rests()
        self.heap: list[tuple[int, int, int, int, int, tuple[Minute, ...], int, object]] = []
        self.pushed = 0
        self.seen: dict[tuple[int, Minute], list[tuple[int, tuple[Minute, ...], int]]] = {}

    def _rests(self) -> list[list[int]]:
        """The least rest of a plan after each step at each start, by the least gap alone."""
        chain, roles, size = self.chain, self.roles, len(self.spots)
        after = [bisect_left(self.starts, start + chain.min_minutes) for start in self.starts]
        ends = [chain.end_cost(spot) if chain.may_end(spot) else NEVER for spot in self.spots]
        rest: list[list[int]] = [[] for _ in roles.nodes]
        onward: list[list[int]] = [[] for _ in roles.nodes]  # the least of a step at a start or any later one
        for step in range(len(roles.nodes) - 1, -1, -1):
            following = roles.following[step]
            rest[step] = (
                [min(onward[one][at] for one in following) for at in after] if following else list(ends)
            )
            totals = [roles.toll(step, start) + rest[step][at] for at, start in enumerate(self.starts)]
            onward[step] = [*accumulate(reversed(totals), min)][::-1] + [NEVER]
        assert all(len(row) == size for row in rest)
        return rest

    def cheapest(self) -> list[Spot] | None:
        """The cheapest plan below the bound, or None."""
        chain, roles = self.chain, self.roles
        for step in roles.first:
            for at, spot in enumerate(self.spots):
                if chain.may_begin(spot) and chain.fits_limits((), spot.start):
                    cost = chain.begin_cost(spot) + roles.toll(step, spot.start)
                    self._push(cost, step, at, (spot.start,), spot.day, None)
        while self.heap:
            _, _, _, cost, step, tail, first, link = heappop(self.heap)
            if self._no_better(step, cost, tail, first):
                continue
            if not roles.following[step]:
                return self._unwind(link)
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
        total = cost + self.rest[step][at]
        if total < self.bound:
            if self.pushed == MOST_PARTIALS:
                raise Unsettled(f"more than {MOST_PARTIALS} ways to begin the plan are not yet ruled out")
            self.pushed += 1
            heappush(self.heap, (total, -step, self.pushed, cost, step, tail, first, (at, link)))

    def _unwind(self, link: object) -> list[Spot]:
        found = []
        while isinstance(link, tuple):
            found.append(self.spots[link[0]])
            link = link[1]
        return found[::-1]
