"""A chair, as callers write it."""

from __future__ import annotations

from rest_framework import serializers

from bookings.bodies.fields import Body, Text, YesNo


class ChairBody(Body):
    """A place for one patient at a time."""

    name = Text(max_length=60)
    features = serializers.ListField(
        child=Text(max_length=40),
        required=False,
        max_length=20,
        help_text="What the chair has; a protocol may ask for some of it.",
    )


class ChairPatch(Body):
    """What is to be different. A chair that is `retired` keeps its past and takes nothing new."""

    name = Text(max_length=60, required=False)
    features = serializers.ListField(child=Text(max_length=40), required=False, max_length=20)
    retired = YesNo(required=False)
