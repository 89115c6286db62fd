"""A prescriber's permission, as callers write it."""

from __future__ import annotations

from bookings.bodies.fields import Body, Key, Whole
from bookings.bodies.times import Day


class ClearanceBody(Body):
    """A permission for so many sessions of a protocol, until a day."""

    protocol = Key(help_text="The id or slug of the protocol.")
    sessions = Whole(min_value=1, max_value=1000)
    expires = Day(help_text="The last day that it permits, in the clinic's wall-clock.")
