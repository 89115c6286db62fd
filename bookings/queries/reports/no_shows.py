"""Who does not come, by how long before the visit its time was settled."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from bookings import lifecycle
from bookings.queries.reports.period import Period

#: From so many days to so many, both included; the last has no end.
LEADS: tuple[tuple[int, int | None], ...] = (
    (0, 0),
    (1, 1),
    (2, 3),
    (4, 7),
    (8, 14),
    (15, 28),
    (29, None),
)
_CAME = lifecycle.FINISHED | {lifecycle.ARRIVED, lifecycle.INFUSING, lifecycle.RECOVERING}
# What was settled last: a visit that has been moved was settled when it was moved.
_BY_LEAD = """
    SELECT greatest(0, (session.start AT TIME ZONE %(zone)s)::date
               - (coalesce(settled.at, series.created_at) AT TIME ZONE %(zone)s)::date) AS lead,
           count(*) FILTER (WHERE session.status = ANY (%(came)s))::int,
           count(*) FILTER (WHERE session.status = 'no_show')::int
    FROM bookings_session session
    JOIN bookings_series series ON series.id = session.series_id
    LEFT JOIN LATERAL (
        SELECT max(entry.at) AS at FROM bookings_journalentry entry
        WHERE entry.session_id = session.id AND entry.verb IN ('session_booked', 'session_moved')
    ) settled ON true
    WHERE session.clinic_id = %(clinic)s AND session.start >= %(starts)s AND session.start < %(ends)s
      AND session.status = ANY (%(over)s)
    GROUP BY lead
"""


@dataclass(frozen=True, slots=True)
class Lead:
    """Visits whose time was settled from `from_days` to `to_days` clinic-local dates before."""

    from_days: int
    to_days: int | None
    came: int = 0
    missed: int = 0

    @property
    def share(self) -> float | None:
        """The missed part; None where there were no visits."""
        return self.missed / (self.came + self.missed) if self.came + self.missed else None


@dataclass(frozen=True)
class NoShows:
    """By lead time, the shortest first."""

    leads: tuple[Lead, ...]

    @property
    def total(self) -> Lead:
        return Lead(0, None, sum(one.came for one in self.leads), sum(one.missed for one in self.leads))


def no_shows(period: Period) -> NoShows:
    """The visits of the period to which somebody came or did not. What was cancelled, and what is still to
    come, is neither. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_LEAD,
            {
                "zone": period.clinic.time_zone,
                "clinic": period.clinic.id,
                "starts": period.starts,
                "ends": period.ends,
                "came": sorted(_CAME),
                "over": sorted(_CAME | {lifecycle.NO_SHOW}),
            },
        )
        rows = cursor.fetchall()
    return NoShows(tuple(_lead(first, last, rows) for first, last in LEADS))


def _lead(first: int, last: int | None, rows: list[tuple[int, int, int]]) -> Lead:
    within = [row for row in rows if row[0] >= first and (last is None or row[0] <= last)]
    return Lead(first, last, sum(row[1] for row in within), sum(row[2] for row in within))
