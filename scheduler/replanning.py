"""Which session gets which place when what is left of a series is planned again.

The order of what counts is strict: first how few sessions lose their old place, then by how many minutes the
moved ones are displaced in all, then the points of `preferences`. Moved sessions keep their order in time; a
session that is placed anew may come anywhere the rules allow, also after later numbers, and displaces
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.plans import Move, Remaining
from scheduler.spans import Minute


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
