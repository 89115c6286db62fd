"""What is left of a series, planned again with the fewest moves and the least displacement. Exact.

The order of what counts is strict: first how few sessions lose their old place, then by how many minutes the
moved ones are displaced in all, then the points of `preferences`. Moved sessions keep their order in time; a
session that is placed anew may come anywhere the rules allow, also after later numbers, and displaces
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.plans import Move, Remaining
from scheduler.roles import Roles
from scheduler.search import Found, best
from scheduler.spans import Minute

OTHER_TIME_MINUTES = 60


def distinct(field: Field, chain: Chain, roles: Roles, *, limit: int) -> list[Found]:
    """Up to `limit` plans, best first. Each leaves out at least one of the new places of every plan before
    it, by another date or at least an hour. Empty when there is none.
    """
    shown: list[Found] = []
    found = best(field, chain, roles)
    heap: list[tuple[int, int, Found, Field]] = []
    serial = 0
    if found is not None:
        heap.append((found.cost, serial, found, field))
    kept = frozenset(roles.old)
    while heap and len(shown) < limit:
        _, _, plan, where = heappop(heap)
        alike = next((other for other in shown if not _differs(plan, other, kept)), None)
        if alike is None:
            alike = plan
            shown.append(plan)
        if len(shown) == limit:
            break
        for left in alike.spots:
            if left.start not in kept:
                smaller = where.only(
                    lambda spot, left=left: spot.start in kept or not _close(spot, left)  # type: ignore[misc]
                )
                other = best(smaller, chain, roles)
                if other is not None:
                    serial += 1
                    heappush(heap, (other.cost, serial, other, smaller))
    return shown


def _close(spot: Spot, left: Spot) -> bool:
    return spot.day == left.day and abs(spot.start - left.start) < OTHER_TIME_MINUTES


def _differs(plan: Found, shown: Found, kept: frozenset[Minute]) -> bool:
    return any(
        left.start not in kept
        and not any(spot.start not in kept and _close(spot, left) for spot in plan.spots)
        for left in shown.spots
    )


def assign(remaining: Sequence[Remaining], starts: Sequence[Minute]) -> list[int]:
    """The number of the session for each start, in order of time: who keeps, who moves, who is placed
    anew.
    """
    holders = {one.start: one.number for one in remaining if one.start is not None}
    numbers: dict[Minute, int] = {start: holders[start] for start in starts if start in holders}
    moved = sorted((start, number) for start, number in holders.items() if start not in numbers)
    free = [start for start in starts if start not in numbers]
    chosen = _pair([start for start, _ in moved], free)
    numbers.update((start, number) for start, (_, number) in zip(chosen, moved, strict=True))
    anew = sorted(one.number for one in remaining if one.start is None)
    numbers |= dict(zip([start for start in free if start not in numbers], anew, strict=True))
    return [numbers[start] for start in starts]


def _pair(olds: Sequence[Minute], free: Sequence[Minute]) -> list[Minute]:
    """For each old start a free one, in the same order of time, with the least sum of minutes between
    them.
    """
    best: list[tuple[int, list[Minute]]] = [(0, [])] * (
        len(free) + 1
    )  # by how many free starts were looked at
    for paired, old in enumerate(olds, start=1):
        row: list[tuple[int, list[Minute]]] = [(1 << 62, [])] * (len(free) + 1)
        for looked in range(paired, len(free) + 1):
            minutes, starts = best[looked - 1]
            taken = minutes + abs(free[looked - 1] - old), [*starts, free[looked - 1]]
            row[looked] = min(row[looked - 1], taken)
        best = row
    return best[-1][1]


def moves(
    remaining: Sequence[Remaining], numbers: Sequence[int], starts: Sequence[Minute]
) -> tuple[Move, ...]:
    """What changes, in order of number."""
    before = {one.number: one.start for one in remaining}
    return tuple(
        Move(number, before[number], start)
        for number, start in sorted(zip(numbers, starts, strict=True))
        if before[number] != start
    )
