"""Clinic wall-clock turned into minutes: the one page about daylight saving.

A clinic says "Mondays 08:00 to 17:00" and means its own clock on the wall. Twice a year in most zones that
clock jumps. Forward, some wall times never exist; back, some occur twice. Two kinds of callers need two
answers:

- A person who names one time (`wall_clock`) must mean one instant. A time that does not exist is refused; a
  time that occurs twice must say which (`fold` 0 is the first, 1 the second) or carry its offset. Nothing is
  guessed.
- Weekly hours (`opening_span`) apply to every week alike and cannot be refused. A time that does not exist
  counts as the first instant after the gap; one that occurs twice opens at its first and closes at its last
  occurrence.

From here on everything is whole minutes since 1970 UTC, where no hour is missing and none is double.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.spans import Minute, Span, instant, minute

_MIDNIGHT = time(0)


class NoSuchTime(ValueError):
    """The clocks go forward over this wall-clock time: it does not exist on this date."""


class TwoSuchTimes(ValueError):
    """The clocks go back over this wall-clock time: it occurs twice and nobody said which is meant."""


def wall_clock(at: datetime, zone: ZoneInfo, *, fold: int | None = None) -> Minute:
    """The minute that a clock on the wall in `zone` shows as `at`, a naive datetime.

    Raises NoSuchTime for a time that the clocks skip, and TwoSuchTimes for one that they show twice unless
    `fold` says which: 0 the first, 1 the second. Where the time occurs once, `fold` changes nothing.
    """
    if at.tzinfo is not None:
        raise ValueError("a wall-clock time has no offset of its own")
    first, second = _readings(at, zone)
    if first > second:
        clock = f"{at:%H:%M} on {at.date().isoformat()}"
        raise NoSuchTime(f"{clock} does not exist in {zone.key}: the clocks go forward over it")
    if first < second and fold is None:
        clock = f"{at:%H:%M} on {at.date().isoformat()}"
        raise TwoSuchTimes(f"{clock} occurs twice in {zone.key}: say which by its offset")
    return second if fold else first


def parse_time(text: str, zone: ZoneInfo, *, fold: int | None = None) -> Minute:
    """The minute that an ISO 8601 text names: by its own offset, or without one on the wall clock of `zone`.

    Raises ValueError (of which NoSuchTime and TwoSuchTimes are kinds) for a text that names no single minute,
    also for one with seconds, which a booking has no use for.
    """
    at = datetime.fromisoformat(text)
    if at.second or at.microsecond:
        raise ValueError(f"{text!r} is not on a whole minute")
    return wall_clock(at, zone, fold=fold) if at.tzinfo is None else minute(at)


def day_start(day: date, zone: ZoneInfo) -> Minute:
    """The first minute of a local date. Where the clocks skip midnight, the first instant after the gap."""
    return _lenient(datetime.combine(day, _MIDNIGHT), zone, last=False)


def opening_span(day: date, opens: time, closes: time, zone: ZoneInfo) -> Span:
    """Wall-clock hours on one date; empty when the clocks skip them. `closes` 00:00 is the day's end."""
    start = _lenient(datetime.combine(day, opens), zone, last=False)
    if closes == _MIDNIGHT:
        return Span(start, day_start(day + timedelta(days=1), zone))
    return Span(start, _lenient(datetime.combine(day, closes), zone, last=True))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a local date with an even clock: at `start` it shows `clock` minutes after midnight."""

    start: Minute
    end: Minute
    clock: int


def stretches(day: date, zone: ZoneInfo) -> tuple[Stretch, ...]:
    """A local date from its first minute to its last, cut where the clocks change: one stretch, or two."""
    start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
    if _offset(start, zone) == _offset(end - 1, zone):
        return (Stretch(start, end, _shown(start, zone)),)
    change = _change(start, end - 1, zone)
    return Stretch(start, change, _shown(start, zone)), Stretch(change, end, _shown(change, zone))


def dates(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included."""
    for days in range((last - first).days + 1):
        yield first + timedelta(days=days)


def local(at: Minute, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows at a minute, as an aware datetime."""
    return datetime.fromtimestamp(at * 60, zone)


def _readings(at: datetime, zone: ZoneInfo) -> tuple[Minute, Minute]:
    """A wall-clock time read before and after a change of clock: equal, in order (twice) or crossed
    (never).
    """
    return minute(at.replace(tzinfo=zone, fold=0)), minute(at.replace(tzinfo=zone, fold=1))


def _lenient(at: datetime, zone: ZoneInfo, *, last: bool) -> Minute:
    first, second = _readings(at, zone)
    if first > second:
        return _change(second, first, zone)
    return second if last else first


def _change(before: Minute, after: Minute, zone: ZoneInfo) -> Minute:
    """The first minute with the offset of `after`, given that `before` has another."""
    goal = _offset(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == goal:
            after = middle
        else:
            before = middle
    return after


def _offset(at: Minute, zone: ZoneInfo) -> timedelta:
    offset = instant(at).astimezone(zone).utcoffset()
    assert offset is not None, "a ZoneInfo always has an offset"
    return offset


def _shown(at: Minute, zone: ZoneInfo) -> int:
    clock = local(at, zone)
    return clock.hour * 60 + clock.minute
