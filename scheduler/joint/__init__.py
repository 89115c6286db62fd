"""Many series that lost places at one clinic at once, mended together. `repair` is the door."""

from scheduler.joint.repair import repair
from scheduler.joint.values import (
    Change,
    Cost,
    Horizon,
    JointPlan,
    Left,
    Moved,
    OnProgress,
    Progress,
    Stage,
    Stricken,
)

__all__ = [
    "Change",
    "Cost",
    "Horizon",
    "JointPlan",
    "Left",
    "Moved",
    "OnProgress",
    "Progress",
    "Stage",
    "Stricken",
    "repair",
]
