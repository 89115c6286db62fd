"""When the visits of a clinic begin, and how many of them need a nurse to themselves at one time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from django.db import connection

from bookings import snapshot
from bookings.models import Clinic
from scheduler.hours import day_start, local
from scheduler.protocol import Protocol
from scheduler.spans import Minute, instant
from scheduler.start_template import QUARTER

_STARTED = """
    SELECT (start AT TIME ZONE %s)::date, (extract(epoch FROM start) / 60)::int, series.protocol_version_id,
           count(*)::int
    FROM bookings_session session JOIN bookings_series series ON series.id = session.series_id
    WHERE session.clinic_id = %s AND start >= %s AND start < %s AND session.status <> ALL (%s)
    GROUP BY 1, 2, 3 ORDER BY 2, 3
"""


class Started(NamedTuple):
    """Visits under one protocol that begin at one minute."""

    date: date
    start: Minute
    quarter: int  # that it begins in, in minutes after midnight on the clinic's wall
    protocol: Protocol
    visits: int


def started(clinic: Clinic, first: date, last: date, *, without: Collection[str]) -> list[Started]:
    """What began or will begin on those dates, in order, without sessions of those states. Two queries."""
    zone = clinic.zone
    starts, ends = (instant(day_start(day, zone)) for day in (first, last + timedelta(days=1)))
    with connection.cursor() as cursor:
        cursor.execute(_STARTED, [clinic.time_zone, clinic.id, starts, ends, sorted(without)])
        rows = cursor.fetchall()
    protocols = snapshot.protocols_of({version for _, _, version, _ in rows})
    return [
        Started(day, start, _quarter(local(start, zone)), protocols[version], visits)
        for day, start, version, visits in rows
    ]


def peaks(rows: Iterable[Started]) -> dict[date, int]:
    """Of each date, how many visits that begin on it need a nurse to themselves at one time, at most."""
    changes: dict[date, defaultdict[Minute, int]] = {}
    for row in rows:
        there = changes.setdefault(row.date, defaultdict(int))
        for run in row.protocol.nurse_runs:
            if run.exclusive:
                there[row.start + run.starts] += row.visits
                there[row.start + run.ends] -= row.visits
    return {
        day: max(accumulate(there[at] for at in sorted(there)), default=0) for day, there in changes.items()
    }


def _quarter(shown: datetime) -> int:
    clock = shown.hour * 60 + shown.minute
    return clock - clock % QUARTER
