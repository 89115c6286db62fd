"""How many texts a person gets: pure, and the only page that counts them.

At most one on each day of the patient's own calendar. A clinic that relies on the health-care exemption of
the TCPA instead of consent sends at most three a week besides
(https://www.technologylawdispatch.com/2015/09/privacy-data-protection/clarification-on-the-tcpas-exemption-for-health-care-related-calls/),
a week being both any seven days of that calendar and any 168 hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.kinds import Basis
from notifications.rules import ANSWERS
from notifications.timing import QuietHours, morning_after, night_around

#: What somebody asked for is not counted and not held back.
FREE = ANSWERS
WEEK = timedelta(days=7)
EXEMPT_IN_A_WEEK = 3
#: No text that was sent earlier than this before now matters any more.
LOOK_BACK = WEEK + timedelta(days=1)


def first_allowed(
    now: datetime, *, sent: Sequence[datetime], zone: ZoneInfo, quiet: QuietHours, basis: Basis
) -> datetime:
    """The first instant from `now` on at which one more text may go to somebody who got texts at `sent`.

    It lies outside their quiet hours; `now` itself, where nothing stands against it.
    """
    at = now
    while True:
        night = night_around(at, zone=zone, quiet=quiet)
        if night is not None:
            at = night[1]
        if not _too_many(at, sent, zone=zone, basis=basis):
            return at
        at = morning_after(at, zone=zone, quiet=quiet)


def _too_many(at: datetime, sent: Sequence[datetime], *, zone: ZoneInfo, basis: Basis) -> bool:
    today = at.astimezone(zone).date()
    days_ago = [(today - one.astimezone(zone).date()).days for one in sent]
    if 0 in days_ago:
        return True
    if basis != Basis.EXEMPTION:
        return False
    lately = [0 <= days < 7 or at - one < WEEK for days, one in zip(days_ago, sent, strict=True)]
    return sum(lately) >= EXEMPT_IN_A_WEEK
