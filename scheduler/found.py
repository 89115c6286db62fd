"""What the search finds, and how one find is told from another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from scheduler.chain import Spot

Keep = Callable[[Spot], bool]  # whether a start is left


#: The steps that taking up one plan begun counts for, or one start in a table of bounds.
PLAN = 10


class Unsettled(Exception):
    """The question was not answered within bounded work. Nothing less than proof is ever returned, so the
    caller may ask a smaller one: fewer dates, or fewer wishes.
    """


class Effort:
    """How much work one question may still cost: counted, not timed, so that the same question has the same
    answer. One step is some three tenths of a microsecond.
    """

    def __init__(self, most: int) -> None:
        self.most = self.left = most

    def spend(self, steps: int = 1) -> None:
        """Take note of so much work. Raises Unsettled when that is too much."""
        self.left -= steps
        if self.left < 0:
            raise Unsettled(f"the best plan is not proven after {self.most} steps of the search")


class Found(NamedTuple):
    """A plan: its points (with the moves of `roles`, if any) and its places in order of time."""

    cost: int
    spots: tuple[Spot, ...]


Ways = Callable[[Found], Sequence[Keep]]  # what is left of a field for a plan that differs from this one


def differs(plan: Found, ways: Sequence[Keep]) -> bool:
    """Whether a plan lies in what one of the ways leaves."""
    return any(all(map(keep, plan.spots)) for keep in ways)
