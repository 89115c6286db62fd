"""Weekly opening hours, as callers write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from bookings.bodies.fields import Body
from bookings.bodies.times import ClockTime

WEEKDAYS = range(1, 8)
MOST_A_DAY = 12


class ClosingTime(ClockTime):
    """A time of day; 00:00, or 24:00, is midnight at the end of the day."""

    def to_internal_value(self, data: Any) -> time:
        return super().to_internal_value("00:00" if data in ("24:00", "24:00:00") else data)


class OpenFrom(Body):
    """Open from one time of day to another, in clinic wall-clock."""

    opens = ClockTime()
    closes = ClosingTime(help_text="00:00 is midnight at the end of the day.")


class Week(Body):
    """For each ISO weekday, 1 Monday to 7 Sunday, when the clinic is open.

    `{"hours": {…}}` around it is understood too.
    """

    def get_fields(self) -> dict[str, Any]:
        return {
            str(weekday): OpenFrom(many=True, required=False, max_length=MOST_A_DAY) for weekday in WEEKDAYS
        }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and list(data) == ["hours"]:
            data = data["hours"]
        return super().to_internal_value(data)
