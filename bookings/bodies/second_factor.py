"""A second factor, as callers write it."""

from __future__ import annotations

from bookings.bodies.fields import Body, Text


class SecondFactorBody(Body):
    """The secret, and the digits that the authenticator shows for it."""

    secret = Text(min_length=32, max_length=64)
    otp = Text(max_length=10)


class Digits(Body):
    """The digits that the authenticator shows, or a recovery code."""

    otp = Text(max_length=20)
