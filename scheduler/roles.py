"""Which session takes which place, when some of them had a place before.

A plan from nothing has no roles: sessions are numbered in order of time. When a series is planned again, a
session that had a place may keep it, or is moved, and one that had none (missed, cancelled) is placed anew.
What counts is, in this order: how few are moved, how little they move, and the points of `preferences`. One
integer holds all three, because Python's integers have no end: `MOVED` outweighs every displacement and
`SHIFT` outweighs all points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scheduler.spans import Minute

SHIFT = 1 << 40  # one minute that a moved session is away from its old start
MOVED = 1 << 80  # one session whose old place is not kept


@dataclass(frozen=True)
class Roles:
    """`old` starts in order of time and the number of sessions to be placed `anew`.

    Moved sessions keep their order, so in order of time each place either takes the next of the old starts or
    is for a session placed anew. A kept session needs no choice of its own: whichever old start its place is
    paired with, the least sum of minutes over all pairs is the same (crossing pairs never help on a line),
    and what is kept is counted by the place alone.
    """

    count: int
    old: tuple[Minute, ...] = ()

    @property
    def anew(self) -> int:
        """How many sessions have no old start."""
        return self.count - len(self.old)

    @cached_property
    def nodes(self) -> list[Minute | None]:
        """The steps of the search in order, each with the old start that its place is paired with."""
        return self._graph[0]

    @cached_property
    def following(self) -> list[list[int]]:
        """For each step those that may come next, none after the last."""
        return self._graph[1]

    @cached_property
    def first(self) -> list[int]:
        """The steps that may come first."""
        return self._graph[2]

    @cached_property
    def _graph(self) -> tuple[list[Minute | None], list[list[int]], list[int]]:
        if not self.old:
            return [None] * self.count, [[step + 1] for step in range(self.count - 1)] + [[]], [0]
        index: dict[tuple[int, int, bool], int] = {}
        for placed in range(1, self.count + 1):
            for paired in range(max(0, placed - self.anew), min(placed, len(self.old)) + 1):
                if paired:
                    index[placed, paired, True] = len(index)
                if placed - paired:
                    index[placed, paired, False] = len(index)
        nodes = [self.old[paired - 1] if is_paired else None for _, paired, is_paired in index]
        following = [
            [
                index[key]
                for key in ((placed + 1, paired + 1, True), (placed + 1, paired, False))
                if key in index
            ]
            for placed, paired, _ in index
        ]
        first = [step for (placed, _, _), step in index.items() if placed == 1]
        return nodes, following, first

    def toll(self, step: int, start: Minute) -> int:
        """What a place costs for the moves it stands for, on top of the points."""
        return self.toll_at(self.nodes[step], start) if self.old else 0

    def toll_at(self, paired: Minute | None, start: Minute) -> int:
        """The same for a place paired with that old start, where there are old starts."""
        shift = 0 if paired is None else SHIFT * abs(start - paired)
        return shift if start in self._kept else shift + MOVED

    def left(self, step: int) -> int:
        """How many sessions are still to be placed after a step."""
        return self._left[step]

    @cached_property
    def _left(self) -> list[int]:
        left = [0] * len(self.following)
        for step in range(len(left) - 1, -1, -1):
            if self.following[step]:
                left[step] = left[self.following[step][0]] + 1
        return left

    @cached_property
    def _kept(self) -> frozenset[Minute]:
        return frozenset(self.old)

    def cost(self, starts: Sequence[Minute]) -> int:
        """The moves that places at those starts stand for, paired as well as possible."""
        best = {step: self.toll(step, starts[0]) for step in self.first}
        for start in starts[1:]:
            reached: dict[int, int] = {}
            for step, points in best.items():
                for following in self.following[step]:
                    total = points + self.toll(following, start)
                    reached[following] = min(total, reached.get(following, total))
            best = reached
        return min(best.values())
