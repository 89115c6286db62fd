"""The one form in which email addresses and telephone numbers are kept and compared. Pure."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_SIGNS = re.compile(r"[\s().\-/]+")
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_NORTH_AMERICAN = re.compile(r"1?([2-9]\d{9})", re.ASCII)


def normalised_contact(text: str) -> str | None:
    """An email address or telephone number in the form in which it is kept; None for anything else."""
    return normalised_email(text) if "@" in text else normalised_phone(text)


def normalised_email(text: str) -> str | None:
    """An email address in lower case, without spaces around it; None for anything else."""
    address = unicodedata.normalize("NFKC", text).strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        return None
    return address if len(address) <= 254 else None


def normalised_phone(text: str) -> str | None:
    """A telephone number as E.164; one without a country code is read as North American. None for anything
    else.
    """
    number = _SIGNS.sub("", unicodedata.normalize("NFKC", text))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if found := _NORTH_AMERICAN.fullmatch(number):
        number = f"+1{found[1]}"
    return number if _E164.fullmatch(number) else None
