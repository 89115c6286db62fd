"""Plans as pages show them, and the short form in which an address or a form carries one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.patient.picture import Week, weeks
from bookings.patient.plan_words import finish_of, rhythm_of
from bookings.patient.wording import clock_words, short_day_words
from bookings.placing import MOST_PLACES
from scheduler.spans import instant, minute

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_CODE = re.compile(rf"[0-9a-z]{{1,6}}(\.[0-9a-z]{{1,6}}){{0,{MOST_PLACES - 1}}}", re.ASCII)


@dataclass(frozen=True)
class Visit:
    """One visit in words. `was`: when it was before a change, empty where it stays."""

    number: int
    start: datetime
    day: str
    clock: str
    ends: str
    was: str = ""


@dataclass(frozen=True)
class Shown:
    """One plan."""

    code: str
    visits: tuple[Visit, ...]
    weeks: tuple[Week, ...]
    rhythm: str
    finish: str
    tags: tuple[str, ...] = ()


def shown(
    starts: Sequence[datetime],
    *,
    minutes: int,
    zone: ZoneInfo,
    tags: Sequence[str] = (),
    before: Mapping[int, datetime] | None = None,
) -> Shown:
    """The plan of those starts, whose visits take so many minutes. `before`: other starts by number."""
    ordered = sorted(starts)
    dates: dict[date, int] = {}
    for number, start in enumerate(ordered, start=1):
        dates.setdefault(start.astimezone(zone).date(), number)
    return Shown(
        code=code_of(ordered),
        visits=tuple(
            _visit(number, start, minutes=minutes, zone=zone, was=(before or {}).get(number))
            for number, start in enumerate(ordered, start=1)
        ),
        weeks=weeks(dates),
        rhythm=rhythm_of(ordered, zone),
        finish=finish_of(ordered, zone),
        tags=tuple(tags),
    )


def code_of(starts: Sequence[datetime]) -> str:
    """Starts in a short form for addresses, which says nothing of what they are for."""
    return ".".join(_base36(minute(start)) for start in sorted(starts))


def starts_in(code: str) -> list[datetime]:
    """The starts of such a form, in order of time; none where it is not one."""
    if not _CODE.fullmatch(code):
        return []
    return sorted({instant(int(part, 36)) for part in code.split(".")})


def _visit(number: int, start: datetime, *, minutes: int, zone: ZoneInfo, was: datetime | None) -> Visit:
    return Visit(
        number=number,
        start=start,
        day=short_day_words(start.astimezone(zone).date()),
        clock=clock_words(start, zone),
        ends=clock_words(start + timedelta(minutes=minutes), zone),
        was=_when(was, start, zone) if was is not None and was != start else "",
    )


def _when(was: datetime, now: datetime, zone: ZoneInfo) -> str:
    """When it was: the hour alone where the day is the same."""
    one, other = was.astimezone(zone), now.astimezone(zone)
    return (
        clock_words(was, zone)
        if one.date() == other.date()
        else f"{short_day_words(one.date())}, {clock_words(was, zone)}"
    )


def _base36(number: int) -> str:
    said = ""
    while number:
        number, digit = divmod(number, 36)
        said = _DIGITS[digit] + said
    return said or "0"
