"""Another password of one's own, as callers write it."""

from __future__ import annotations

from bookings.bodies.fields import Body, Text


class OwnPassword(Body):
    """The password of before, the new one, and the second factor where there is one."""

    old = Text(max_length=200, trim_whitespace=False)
    new = Text(max_length=200, trim_whitespace=False)
    otp = Text(max_length=20, required=False, allow_blank=True)
