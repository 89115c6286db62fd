"""What became of the messages of a period. Two queries; names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from bookings.queries.reports.period import Period
from notifications.kinds import Status
from notifications.rules import SIGN_IN

MOST_REASONS = 12

_DUE = """
    FROM bookings_series series JOIN notifications_message message ON message.series_id = series.id
    WHERE series.clinic_id = %(clinic)s AND message.due_at >= %(starts)s AND message.due_at < %(ends)s
      AND message.kind <> ALL (%(sign_in)s)
"""
_COUNTS = f"SELECT message.kind, message.channel, message.status, count(*)::int {_DUE} GROUP BY 1, 2, 3"
_REASONS = f"""
    SELECT message.channel, message.status, message.reason, count(*)::int {_DUE}
      AND message.status = ANY (%(unsent)s)
    GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT %(most)s
"""
_ARRIVED = (Status.SENT, Status.DELIVERED)
_UNSENT = (Status.FAILED, Status.SUPPRESSED, Status.LAPSED)


@dataclass(frozen=True)
class Result:
    """The messages of one kind by one way, by what became of them."""

    kind: str
    channel: str
    by_status: dict[str, int]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.by_status.values())

    @property
    def went_out(self) -> int:
        """Those that the provider has, or says that it delivered."""
        return sum(self.by_status.get(status, 0) for status in _ARRIVED)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many messages did not go out."""

    channel: str
    status: str
    reason: str
    count: int


@dataclass(frozen=True)
class Results:
    """By kind and way, and the commonest reasons of what failed, was suppressed or came too late."""

    results: tuple[Result, ...]
    reasons: tuple[Reason, ...]


def results(period: Period) -> Results:
    """What was due on the dates of the period about series of its clinic. Sign-in codes are left out."""
    facts: dict[str, Any] = {
        "clinic": period.clinic.id,
        "starts": period.starts,
        "ends": period.ends,
        "sign_in": sorted(SIGN_IN),
        "unsent": [status.value for status in _UNSENT],
        "most": MOST_REASONS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, facts)
        counts = cursor.fetchall()
        cursor.execute(_REASONS, facts)
        reasons = cursor.fetchall()
    found: dict[tuple[str, str], dict[str, int]] = {}
    for kind, channel, status, count in counts:
        found.setdefault((kind, channel), {})[status] = count
    return Results(
        tuple(Result(*key, found[key]) for key in sorted(found)), tuple(Reason(*row) for row in reasons)
    )
