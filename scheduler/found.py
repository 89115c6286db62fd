"""What the search finds, and how one find is told from another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from scheduler.chain import Spot

Keep = Callable[[Spot], bool]  # whether a start is left


class Found(NamedTuple):
    """A plan: its points (with the moves of `roles`, if any) and its places in order of time."""

    cost: int
    spots: tuple[Spot, ...]


Ways = Callable[[Found], Sequence[Keep]]  # what is left of a field for a plan that differs from this one


def differs(plan: Found, ways: Sequence[Keep]) -> bool:
    """Whether a plan lies in what one of the ways leaves."""
    return any(all(map(keep, plan.spots)) for keep in ways)
