"""What the search finds, and how one find is told from another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

from scheduler.chain import Spot

Keep = Callable[[Spot], bool]  # whether a start is left


#: The steps that taking up one plan begun counts for, or one start in a table of bounds.
PLAN = 10


class Unsettled(Exception):
    """The question was not answered within the effort that its caller allowed. Nothing less than proof is
    ever returned, so the caller may allow more, or ask a smaller one: fewer dates, or fewer wishes.
    """


class Effort:
    """How much work one question may still cost: counted, not timed, so that the same question has the same
    answer. One step is some three tenths of a microsecond.
    """

    def __init__(
        self, most: int | None = None, *, further: int | None = None, whole: Effort | None = None
    ) -> None:
        """So many steps, or as many as it takes, and no more than `further` of them once there is an answer
        and more are looked for; `whole` is charged as well.
        """
        self.most, self.further, self.whole = most, further, whole
        self.left = inf if most is None else most

    def spend(self, steps: int) -> None:
        """Take note of so much work. Raises Unsettled when that is too much."""
        one: Effort | None = self
        while one is not None:
            one.left -= steps
            one = one.whole
        if self.left < 0:
            raise Unsettled(f"the answer is not proven after {self.most} steps of the search")

    def answered(self) -> None:
        """Take note that there is an answer, so that from now on more of them are looked for."""
        one: Effort | None = self
        while one is not None:
            if one.further is not None:
                self.left = min(self.left, one.further)
            one = one.whole

    def part(self, parts: int) -> Effort:
        """One of so many parts of what is left: whoever uses it up has not used up the whole."""
        return Effort(None if self.most is None else int(self.left) // parts, whole=self)


class Found(NamedTuple):
    """A plan: its points (with the moves of `roles`, if any) and its places in order of time."""

    cost: int
    spots: tuple[Spot, ...]


Ways = Callable[[Found], Sequence[Keep]]  # what is left of a field for a plan that differs from this one


def differs(plan: Found, ways: Sequence[Keep]) -> bool:
    """Whether a plan lies in what one of the ways leaves."""
    return any(all(map(keep, plan.spots)) for keep in ways)
