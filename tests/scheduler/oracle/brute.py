"""The best plan by trying every set of starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, permutations

from scheduler.case import Case, Place
from scheduler.preferences import cost
from scheduler.series import Remaining
from tests.scheduler.oracle.judge import alone, grid_starts, keeps


def sets(case: Case, count: int, *, first: date, last: date) -> Iterator[tuple[int, ...]]:
    """Every set of starts, in order of time, at which so many sessions keep every rule."""
    starts = [at for at in grid_starts(case, first, last) if alone(case, at)]
    yield from (some for some in combinations(starts, count) if keeps(case, some))


def plans(case: Case, count: int, *, first: date, last: date) -> list[tuple[int, tuple[int, ...]]]:
    """Every plan with its cost."""
    return [
        (cost(case, [Place(k, at) for k, at in enumerate(some, start=1)], earliest=first), some)
        for some in sets(case, count, first=first, last=last)
    ]


def cheapest(case: Case, count: int, *, first: date, last: date) -> int | None:
    """The least cost of any plan, or None when there is none."""
    return min((points for points, _ in plans(case, count, first=first, last=last)), default=None)


def least_change(
    case: Case, remaining: Sequence[Remaining], *, first: date, last: date
) -> tuple[int, int, int] | None:
    """Moved sessions, minutes moved and points of the best plan anew, or None when there is none."""
    found = []
    for some in sets(case, len(remaining), first=first, last=last):
        points = cost(case, [Place(k, at) for k, at in enumerate(some, start=1)], earliest=first)
        found.append((*change(remaining, some), points))
    return min(found, default=None)


def change(remaining: Sequence[Remaining], starts: Sequence[int]) -> tuple[int, int]:
    """How many old places are not kept, and the least minutes that the moved sessions are displaced in all.

    Every way to give the new places to the moved sessions is tried, in whatever order.
    """
    moved = [one.start for one in remaining if one.start is not None and one.start not in starts]
    old = {one.start for one in remaining}
    new = [at for at in starts if at not in old]
    ways = [
        sum(abs(a - b) for a, b in zip(moved, some, strict=True)) for some in permutations(new, len(moved))
    ]
    return len(moved), min(ways)
