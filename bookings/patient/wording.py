"""Days and hours as patients read them: in their language, by the clinic's wall-clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext, ngettext, pgettext


def day_words(day: date) -> str:
    """Such as "Thursday 9 April", "jueves 9 de abril"."""
    return formats.date_format(day, pgettext("a day, as of Django's date filter", "l j F"))


def short_day_words(day: date) -> str:
    """Such as "Thu 9 April"."""
    return formats.date_format(day, pgettext("a short day, as of Django's date filter", "D j F"))


def clock_words(at: datetime, zone: ZoneInfo) -> str:
    """Such as "10:00 a.m."; an hour that occurs twice is told apart by its name: "1:30 a.m. EST"."""
    there = at.astimezone(zone)
    clock = formats.date_format(there, pgettext("a time, as of Django's date filter", "g:i a"))
    twice = there.utcoffset() != there.replace(fold=1 - there.fold).utcoffset()
    return f"{clock} {there.tzname()}" if twice else clock


def when_words(at: datetime, zone: ZoneInfo) -> str:
    """Such as "Thursday 9 April, 10:00 a.m."."""
    day = day_words(at.astimezone(zone).date())
    return gettext("%(day)s, %(time)s") % {"day": day, "time": clock_words(at, zone)}


def days_words(days: int) -> str:
    """Such as "1 day" or "3 days"."""
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def hours_words(hours: int) -> str:
    """Such as "1 hour" or "24 hours"."""
    return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}


def zone_words(zone: ZoneInfo, at: datetime) -> str:
    """How a clock is called there then: "New York (EDT)"; a zone without letters only by its place."""
    place = zone.key.rpartition("/")[2].replace("_", " ")
    name = at.astimezone(zone).tzname() or ""
    return f"{place} ({name})" if name.isalpha() else place
