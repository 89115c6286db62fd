"""The clinics that a simulation can be about, each with the arms that are worth comparing there.

One clinic cannot show everything: without patients who wait there is nobody to offer a place to, and where
few begin at once there is nothing to level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from bookings.simulation.world import BASE


@dataclass(frozen=True)
class Setting:
    """What one clinic has that differs from `World`, and the arms that are lived there unless told."""

    arms: tuple[str, ...]
    world: Mapping[str, Any] = field(default_factory=dict)


USUAL = "simulation"
SETTINGS = {
    USUAL: Setting((BASE, "no-watch", "no-waiting-list", "no-template")),
    #: Chairs to spare, and patients who see to a lost visit as seldom as in 2024 (`World.unaided`).
    "calm": Setting((BASE, "no-watch"), {"new_patients": 3.0, "unaided": 0.27}),
    #: Short courses, booked out for weeks; what is cancelled is cancelled up to two weeks before.
    "booked-out": Setting(
        (BASE, "no-waiting-list"),
        {
            "chairs": 2,
            "demand": {"ferric-carboxymaltose": 60, "lidocaine-iv": 40},
            "new_patients": 26.0,
            "patience": timedelta(days=42),
            "cancelled": 0.1,
            "longest_notice": timedelta(days=14),
            "joins_list": 0.8,
        },
    ),
    #: One nurse for four chairs, counted by line of sight, and most want the morning.
    "rush": Setting(
        (BASE, "no-template", "no-levelling"),
        {
            "chairs": 4,
            "nurses": 1,
            "nursing_mode": "line_of_sight",
            "patients_per_nurse": 4,
            "demand": {"ferric-carboxymaltose": 50, "lidocaine-iv": 30, "infliximab": 20},
            "new_patients": 20.0,
            "times_of_day": (
                (None, time(10)),
                (None, time(11, 30)),
                (None, time(12)),
                (time(12), None),
                (None, None),
                (None, None),
            ),
            "levels_after_weeks": 3,
            "closed_days_per_year": 0.0,
            "sick_days_per_nurse": 0.0,
        },
    ),
}
