"""When a message is due: pure, and the only page that knows about quiet hours.

A reminder's day and hour are the clinic's: three days before a session at 10:00 is 10:00 on the clinic's wall
three calendar days earlier, whatever the clocks do in between. Quiet hours are the recipient's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.rules import Rule
from scheduler.hours import opening_span
from scheduler.spans import instant

#: A reminder that would come later than this before the session comes the evening before instead.
LEAST_NOTICE = timedelta(hours=2)
#: A notice of a change that could not be sent for so long is no news any more.
NOTICE_KEEPS = timedelta(hours=48)

_RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is disturbed, on the recipient's wall: from `begins` up to `ends`, over midnight or not."""

    begins: time = time(21)
    ends: time = time(8)


#: 21:00 to 08:00, as 47 CFR 64.1200(c)(1) has it for solicitations; kept for reminders too. Some states:
#: 20:00.
QUIET = QuietHours()


@dataclass(frozen=True, slots=True)
class Due:
    """When something is to be sent, and the instant from which it is of no use."""

    rule: Rule
    due_at: datetime
    expires_at: datetime


def wider(quiet: QuietHours, *, begins: time | None, ends: time | None) -> QuietHours:
    """Those quiet hours, over midnight, begun earlier and ended later where somebody wants that."""
    return QuietHours(min(quiet.begins, begins or quiet.begins), max(quiet.ends, ends or quiet.ends))


def reminders(
    start: datetime,
    rules: Sequence[Rule],
    *,
    clinic: ZoneInfo,
    patient: ZoneInfo,
    quiet: QuietHours = QUIET,
) -> tuple[Due, ...]:
    """The reminders that those rules ask for of a session that starts at `start`, earliest first.

    Each expires when the next one is due, the last one `LEAST_NOTICE` before the start.
    """
    ordered = sorted(rules, key=lambda rule: rule.days_before or 0, reverse=True)
    at = [
        awake(before(start, rule=rule, zone=clinic), start=start, zone=patient, quiet=quiet)
        for rule in ordered
    ]
    ends = [*at[1:], start - LEAST_NOTICE]
    return tuple(Due(rule, due, end) for rule, due, end in zip(ordered, at, ends, strict=True))


def preparation(
    start: datetime,
    rule: Rule,
    *,
    decided_at: datetime,
    clinic: ZoneInfo,
    patient: ZoneInfo,
    quiet: QuietHours = QUIET,
) -> Due:
    """When somebody is told how to prepare: as the rule says or, where that hour was over when the session
    was booked or moved (`decided_at`), at once.
    """
    at = max(before(start, rule=rule, zone=clinic), decided_at)
    return Due(rule, awake(at, start=start, zone=patient, quiet=quiet), start - LEAST_NOTICE)


def follow_up(
    end: datetime, rule: Rule, *, clinic: ZoneInfo, patient: ZoneInfo, quiet: QuietHours = QUIET
) -> Due:
    """So many calendar days after a session, by the clinic's wall-clock; after the recipient's quiet hours,
    never before them.
    """
    there = end.astimezone(clinic)
    at = _on_the_wall(there.date() + timedelta(days=rule.days_after or 0), rule.at or there.time(), clinic)
    night = night_around(at, zone=patient, quiet=quiet)
    due = at if night is None else night[1]
    return Due(rule, due, due + NOTICE_KEEPS)


def before(start: datetime, *, rule: Rule, zone: ZoneInfo) -> datetime:
    """So many calendar days before a visit on the wall in `zone`: at the rule's hour, or the visit's own.

    An hour that the clocks skip on that day counts as the first instant after the gap; of one that they show
    twice it is the first.
    """
    there = start.astimezone(zone)
    day = there.date() - timedelta(days=rule.days_before or 0)
    return _on_the_wall(day, rule.at or there.time(), zone)


def awake(at: datetime, *, start: datetime, zone: ZoneInfo, quiet: QuietHours = QUIET) -> datetime:
    """`at`, or when that lies in quiet hours: their end, if `LEAST_NOTICE` is left before the session then,
    otherwise the last minute before they begin.
    """
    night = night_around(at, zone=zone, quiet=quiet)
    if night is None:
        return at
    begins, ends = night
    return ends if start - ends >= LEAST_NOTICE else begins - timedelta(minutes=1)


def night_around(
    at: datetime, *, zone: ZoneInfo, quiet: QuietHours = QUIET
) -> tuple[datetime, datetime] | None:
    """The quiet hours in which `at` lies, from and up to; None when it lies in none."""
    there = at.astimezone(zone)
    clock, today = there.time(), there.date()
    if quiet.begins <= quiet.ends:
        if not quiet.begins <= clock < quiet.ends:
            return None
        first, last = today, today
    elif clock >= quiet.begins:
        first, last = today, today + timedelta(days=1)
    elif clock < quiet.ends:
        first, last = today - timedelta(days=1), today
    else:
        return None
    return _on_the_wall(first, quiet.begins, zone), _on_the_wall(last, quiet.ends, zone)


def morning_after(at: datetime, *, zone: ZoneInfo, quiet: QuietHours = QUIET) -> datetime:
    """When people are disturbed again on the day after `at`, by the wall in `zone`."""
    over_midnight = quiet.begins > quiet.ends
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return _on_the_wall(tomorrow, quiet.ends if over_midnight else time(0), zone)


def evening_of(at: datetime, *, zone: ZoneInfo, quiet: QuietHours = QUIET) -> datetime:
    """When the quiet hours begin that follow `at`, which lies in none."""
    today = at.astimezone(zone).date()
    tonight = _on_the_wall(today, quiet.begins, zone)
    return tonight if tonight > at else _on_the_wall(today + timedelta(days=1), quiet.begins, zone)


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts, or None: give up."""
    return _RETRIES[attempts - 1] if attempts <= len(_RETRIES) else None


def _on_the_wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    # As opening hours are read: skipped is after the gap, double is the first.
    return instant(opening_span(day, at.replace(tzinfo=None, fold=0), time(0), zone).start)
