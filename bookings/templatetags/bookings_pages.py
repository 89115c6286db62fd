"""What templates say about times."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

from bookings.patient import wording

register = template.Library()

_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})", re.ASCII)


@register.filter
def phone_words(number: str) -> str:
    """A North American number as people there write it; others as they are kept."""
    found = _NORTH_AMERICAN.fullmatch(number)
    return f"({found[1]}) {found[2]}-{found[3]}" if found else number


@register.filter
def zone_words(zone: ZoneInfo, at: datetime) -> str:
    """How clocks are called there at that instant."""
    return wording.zone_words(zone, at)
