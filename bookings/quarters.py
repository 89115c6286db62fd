"""When the visits of a clinic begin, and how much of anything they take at one time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from django.db import connection

from bookings import snapshot
from bookings.models import Clinic
from scheduler.hours import day_start
from scheduler.protocol import Protocol
from scheduler.spans import Minute, instant

_STARTED = """
    WITH began AS (
        SELECT series_id, start, start AT TIME ZONE %s AS shown FROM bookings_session
        WHERE clinic_id = %s AND start >= %s AND start < %s AND status <> ALL (%s)
    )
    SELECT shown::date, (extract(epoch FROM start) / 60)::int,
           (extract(hour FROM shown) * 60 + extract(minute FROM shown))::int, series.protocol_version_id,
           count(*)::int
    FROM began JOIN bookings_series series ON series.id = began.series_id
    GROUP BY 1, 2, 3, 4 ORDER BY 2, 4
"""


class Started(NamedTuple):
    """Visits under one protocol that begin at one minute."""

    date: date
    start: Minute
    clock: int  # minutes after midnight on the clinic's wall
    protocol: Protocol
    visits: int


def started(clinic: Clinic, first: date, last: date, *, without: Collection[str]) -> list[Started]:
    """What began or will begin on those dates, in order, without sessions of those states. Two queries."""
    starts, ends = (instant(day_start(day, clinic.zone)) for day in (first, last + timedelta(days=1)))
    with connection.cursor() as cursor:
        cursor.execute(_STARTED, [clinic.time_zone, clinic.id, starts, ends, sorted(without)])
        rows = cursor.fetchall()
    protocols = snapshot.protocols_of({version for *_, version, _ in rows})
    return [
        Started(day, start, clock, protocols[version], visits) for day, start, clock, version, visits in rows
    ]


def set_ups(row: Started) -> Iterable[tuple[int, int]]:
    """When such a visit needs a nurse to itself: from and until, in minutes after its start."""
    return [(run.starts, run.ends) for run in row.protocol.nurse_runs if run.exclusive]


def most_at_once(
    rows: Iterable[Started], parts: Callable[[Started], Iterable[tuple[int, int]]]
) -> dict[date, int]:
    """Of each date with visits, how many that begin on it are at one time in such a part of them, at most."""
    changes: dict[date, defaultdict[Minute, int]] = {}
    for row in rows:
        there = changes.setdefault(row.date, defaultdict(int))
        for begins, ends in parts(row):
            there[row.start + begins] += row.visits
            there[row.start + ends] -= row.visits
    return {
        day: max(accumulate(there[at] for at in sorted(there)), default=0) for day, there in changes.items()
    }
