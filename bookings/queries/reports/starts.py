"""When visits begin: how many in each quarter of an hour of the clinic's wall-clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from django.db import connection

from bookings import lifecycle
from bookings.queries.reports.period import Period

_STARTS = """
    WITH starts AS (
        SELECT start AT TIME ZONE %(zone)s AS clock FROM bookings_session
        WHERE clinic_id = %(clinic)s AND start >= %(starts)s AND start < %(ends)s AND status <> ALL (%(gone)s)
    ), counted AS (
        SELECT clock::date AS day, date_bin('15 minutes', clock, '2000-01-01')::time AS quarter,
               count(*) AS visits
        FROM starts GROUP BY 1, 2
    )
    SELECT quarter, sum(visits)::int, max(visits)::int, (SELECT count(DISTINCT day) FROM counted)::int
    FROM counted GROUP BY quarter ORDER BY quarter
"""
_QUARTER = 15  # minutes; as in the query


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour, by its first minute on the clinic's wall."""

    begins: time
    visits: int  # of all dates together
    most: int  # on one date


@dataclass(frozen=True)
class Starts:
    """From the first quarter with a visit to the last, those without among them."""

    days: int  # dates with a visit
    quarters: tuple[Quarter, ...]

    @property
    def visits(self) -> int:
        """All visits of the period."""
        return sum(one.visits for one in self.quarters)

    @property
    def busiest(self) -> Quarter | None:
        """The quarter in which most visits begin on one date; the earliest such one."""
        return max(self.quarters, key=lambda one: one.most, default=None)


def starts(period: Period) -> Starts:
    """What began or will begin in the period; neither cancelled nor missed visits. One query.

    A quarter that the clock shows twice on a date counts once, with the visits of both.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _STARTS,
            {
                "zone": period.clinic.time_zone,
                "clinic": period.clinic.id,
                "starts": period.starts,
                "ends": period.ends,
                "gone": sorted(lifecycle.GONE),
            },
        )
        rows = cursor.fetchall()
    if not rows:
        return Starts(0, ())
    found = {quarter: (visits, most) for quarter, visits, most, _ in rows}
    first, last = (row[0].hour * 60 + row[0].minute for row in (rows[0], rows[-1]))
    clocks = [time(*divmod(at, 60)) for at in range(first, last + 1, _QUARTER)]
    return Starts(rows[0][3], tuple(Quarter(at, *found.get(at, (0, 0))) for at in clocks))
