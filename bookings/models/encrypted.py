"""A column whose text is encrypted as it is written and decrypted as it is read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from bookings.encryption import decrypted, encrypted


class EncryptedText(models.TextField):
    """Text that the database cannot read, and cannot search: equal texts are kept unequal. Empty stays empty.

    Values from before it was encrypted are read as they are. With `WRITE_ENCRYPTED` off they are written so,
    too, while processes of an older version still run beside.
    """

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return value and decrypted(value)

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return encrypted(plain) if plain and settings.WRITE_ENCRYPTED else plain
