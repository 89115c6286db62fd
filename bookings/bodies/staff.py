"""Members of staff, as callers write them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from bookings.bodies.fields import Body, Email, Key, OneOf, Text, YesNo
from bookings.models.people import STAFF_ROLES


class StaffBody(Body):
    """Somebody who works at one or more clinics, in one role."""

    email = Email(max_length=254, help_text="What they sign in with.")
    first_name = Text(max_length=100)
    last_name = Text(max_length=100)
    role = OneOf(choices=STAFF_ROLES)
    clinics = serializers.ListField(
        child=Key(),
        required=False,
        max_length=100,
        help_text="Where they work, by id or slug; everywhere the caller works unless given.",
    )
    password = Text(
        required=False,
        max_length=200,
        trim_whitespace=False,
        write_only=True,
        help_text="Without one they are on the roster but cannot sign in. At least 12 signs.",
    )
    is_active = YesNo(required=False, help_text="false for somebody who has left; signs them out at once.")


class StaffPatch(StaffBody):
    """What is to be different; everything may be left out."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields
