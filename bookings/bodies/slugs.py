"""Names for addresses, which people choose."""

from __future__ import annotations

import re
from typing import Any

from django.core.validators import RegexValidator

from bookings.bodies.fields import Text

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def is_id(key: str) -> bool:
    """Whether this has the form of an id; no slug may have it."""
    return _ID.fullmatch(key) is not None


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
