"""Names for addresses, which people choose."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator

from bookings.api.fields import Text
from bookings.api.finding import is_id


class Slug(Text):
    """A name for addresses: lower-case letters, digits and hyphens, and not in the form of an id."""

    sentence = "Lower-case letters and digits, with single hyphens between them."
    default_error_messages = {"id": "This has the form of an id."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 50, **options})
        self.validators.append(RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", self.sentence))

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if is_id(text):
            self.fail("id")
        return text
