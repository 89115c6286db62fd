"""When a message is due: pure, and the only page that knows about quiet hours.

A reminder's day and hour are the clinic's: three days before a session at 10:00 is 10:00 on the clinic's wall
three calendar days earlier, whatever the clocks do in between. Quiet hours are the recipient's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.hours import opening_span
from scheduler.spans import instant

#: Days before a session. Both together: 4.4 % missed, against 5.8 % and 5.3 % with one of them alone
#: (https://pubmed.ncbi.nlm.nih.gov/30130032/, 54,066 patients).
REMINDER_DAYS = (3, 1)
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
    """When a reminder is to be sent, and the instant from which it is of no use."""

    days_before: int
    due_at: datetime
    expires_at: datetime


def reminders(
    start: datetime,
    *,
    clinic: ZoneInfo,
    patient: ZoneInfo,
    days: Sequence[int] = REMINDER_DAYS,
    quiet: QuietHours = QUIET,
) -> tuple[Due, ...]:
    """The reminders of a session that starts at `start`, earliest first. Each expires when the next one is
    due, the last one `LEAST_NOTICE` before the start.
    """
    at = [
        awake(before(start, days=count, zone=clinic), start=start, zone=patient, quiet=quiet)
        for count in sorted(days, reverse=True)
    ]
    ends = [*at[1:], start - LEAST_NOTICE]
    return tuple(
        Due(count, due, end) for count, due, end in zip(sorted(days, reverse=True), at, ends, strict=True)
    )


def before(start: datetime, *, days: int, zone: ZoneInfo) -> datetime:
    """The visit's own hour, `days` calendar days earlier on the wall in `zone`.

    An hour that the clocks skip on that day counts as the first instant after the gap; of one that they show
    twice it is the first.
    """
    there = start.astimezone(zone)
    return _on_the_wall(there.date() - timedelta(days=days), there.time(), zone)


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


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts, or None: give up."""
    return _RETRIES[attempts - 1] if attempts <= len(_RETRIES) else None


def _on_the_wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    # As opening hours are read: skipped is after the gap, double is the first.
    return instant(opening_span(day, at.replace(tzinfo=None, fold=0), time(0), zone).start)
