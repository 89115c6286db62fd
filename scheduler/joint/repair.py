"""One plan for many series that lost places at once."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.diary import Diary
from scheduler.joint.values import Horizon, JointPlan, OnProgress, Stricken
from scheduler.spans import Minute
from scheduler.supply import Supply


def repair(
    stricken: Sequence[Stricken],
    *,
    supply: Supply,
    diary: Diary,
    now: Minute,
    horizon: Horizon,
    seconds: float,
    on_progress: OnProgress | None = None,
) -> JointPlan:
    """The plan that places most lost sessions, moves the fewest and moves those the least."""
    raise NotImplementedError
