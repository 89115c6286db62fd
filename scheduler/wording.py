"""Times and amounts in the words of the clinic: its own wall-clock, English, no year where none is needed."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from scheduler.hours import local
from scheduler.spans import Minute

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SAYS_CHAIR = re.compile(r"\b(chair|recliner|sill[oó]n|silla|bed|cama)\b", re.IGNORECASE)


def day_words(day: date) -> str:
    """Such as "Wed 8 April"."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def weekday_words(weekday: int) -> str:
    """Such as "Wed" for ISO weekday 3."""
    return _WEEKDAYS[weekday - 1]


def clock_words(at: Minute, zone: ZoneInfo) -> str:
    """Such as "11:00"; an hour that occurs twice is told apart by its name: "01:30 EST"."""
    clock = local(at, zone)
    twice = clock.utcoffset() != clock.replace(fold=1 - clock.fold).utcoffset()
    return f"{clock:%H:%M} {clock.tzname()}" if twice else f"{clock:%H:%M}"


def when_words(at: Minute, zone: ZoneInfo) -> str:
    """Such as "Wed 8 April, 11:00"."""
    return f"{day_words(local(at, zone).date())}, {clock_words(at, zone)}"


def span_words(start: Minute, end: Minute, zone: ZoneInfo) -> str:
    """Such as "from 10:15 to 10:30", with the date of the end where it is another one."""
    same_day = local(start, zone).date() == local(end - 1, zone).date()
    until = clock_words(end, zone) if same_day else when_words(end, zone)
    return f"from {clock_words(start, zone)} to {until}"


def length_words(minutes: int) -> str:
    """Such as "47 h", "44 h 30 min" or "20 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def chair_words(name: str) -> str:
    """Such as "Chair 4", whether the chair is called "4" or "Chair 4"; "Sillón 4" needs no word before it."""
    return name if _SAYS_CHAIR.search(name) else f"Chair {name}"


def plural(number: int, word: str) -> str:
    """Such as "1 day" or "2 days"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
