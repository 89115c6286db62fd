"""A clinic and its settings, as callers write them."""

from __future__ import annotations

from typing import Any

from bookings.bodies.fields import Body, OneOf, Phone, Text, TimeZone, Whole, YesNo
from bookings.bodies.slugs import Slug
from bookings.models import NursingMode


class Stagger(Body):
    """At most `starts` sessions begin within any window of `minutes`."""

    starts = Whole(min_value=1, max_value=100)
    minutes = Whole(min_value=1, max_value=240)


class ClinicBody(Body):
    """A clinic with its settings."""

    slug = Slug()
    name = Text(max_length=200)
    time_zone = TimeZone(max_length=64, help_text="An IANA name, such as America/New_York.")
    phone = Phone(max_length=32, required=False, allow_blank=True)
    address = Text(max_length=300, required=False, allow_blank=True)
    grid_minutes = Whole(
        min_value=1, max_value=240, required=False, help_text="Sessions start on this grid; 15 unless set."
    )
    nursing_mode = OneOf(choices=NursingMode.choices, required=False)
    patients_per_nurse = Whole(min_value=1, max_value=20, required=False)
    start_stagger = Stagger(required=False, allow_null=True)
    hold_minutes = Whole(
        min_value=1, max_value=240, required=False, help_text="How long a hold lasts; 10 unless set."
    )
    no_show_after_minutes = Whole(
        max_value=240,
        required=False,
        help_text="Minutes after the start from which a patient can be marked as missing; 15 unless set.",
    )
    levelling = YesNo(
        required=False,
        help_text="Whether plans prefer the starts that the template in force opens; false unless set.",
    )


class ClinicPatch(ClinicBody):
    """What is to be different; everything may be left out."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


def details_of(body: dict[str, Any]) -> dict[str, Any]:
    """The body as the command knows it."""
    details = dict(body)
    if "start_stagger" in details:
        stagger = details.pop("start_stagger") or {}
        details["stagger_starts"] = stagger.get("starts")
        details["stagger_minutes"] = stagger.get("minutes")
    return details
