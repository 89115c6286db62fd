"""What the watch costs at a hundred thousand active series: a pass over what may have changed, and the
nightly one over everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from bench import clinic as measured
from bench.filling import BLOCK, Where, fill, judges_away
from bench.staging import Stage, open_clinic, where
from bench.timing import Line
from bookings import journal
from bookings.actors import SYSTEM
from bookings.commands.watching import LOOK_BACK, watch_recent, watch_series
from bookings.models import Clinic, Role, Series, Shift, StaffMember
from bookings.watchlist import due
from scheduler.spans import instant

SERIES = 100_000
BLOCKS = 4  # of eighteen open days: twelve weeks and more that are booked
DAYS = BLOCKS * BLOCK * 7 // 5 + 14
PASS_TARGET = 2.0
#: What is written in a quarter of an hour at so many clinics: 1 in 40 of a day's 8,000 visits ends, and of a
#: hundred visits some six are moved or cancelled.
CHANGES = {"session_completed": 200, "series_booked": 30, "session_moved": 15, "session_cancelled": 5}
NIGHTLY = 1_000


def stage_series(
    connection: psycopg.Connection[Any], stage: Stage, *, first: date, progress: Callable[[str], None]
) -> None:
    """A hundred thousand series that keep every rule, at as many clinics as that takes, each with nurses."""
    a_day = len(measured.patterns()[0])
    clinics = -(-SERIES // (a_day * 3 * BLOCKS))
    wheres = [_clinic(stage, number, first=first) for number in range(clinics)]
    progress(f"{clinics} clinics with their shifts")
    days = list(measured.open_days(first, count=BLOCKS * BLOCK))

    def tell(done: int, of: int) -> None:
        if done % 40 == 0 or done == of:
            progress(f"{done} of {of} clinics booked")

    with judges_away(connection):
        fill(connection, wheres, days=days, status="booked", progress=tell)
    connection.execute("VACUUM ANALYZE")


def lines(*, now: datetime) -> Iterator[Line]:
    """A pass of the beat after a usual quarter of an hour, the same with a day closed, and a nightly one."""
    count = Series.objects.filter(status="active").count()
    _usual_changes(now=now)
    yield _one_pass(f"a pass over {count:,} active series, {sum(CHANGES.values())} changes", now=now)
    clinic = Clinic.objects.exclude(series=None).order_by("id").first()
    journal.record("closure_added", actor=SYSTEM, now=now, clinic=clinic)
    yield _one_pass("the same with a closure at one clinic", now=now)
    some = list(Series.objects.filter(clinic=clinic).values_list("id", flat=True)[:NIGHTLY])
    spent = _cpu(lambda: watch_series(some, now=now)) / len(some)
    yield Line("watch", "the nightly pass, the worker's CPU for each series", f"{spent * 1000:.1f} ms")


def _one_pass(what: str, *, now: datetime) -> Line:
    found = len(due(since=now - LOOK_BACK, now=now))
    spent = _cpu(lambda: watch_recent(now=now))
    return Line(
        "watch",
        f"{what}: {found} series looked at, the worker's CPU",
        f"{spent:.2f} s",
        f"≤ {PASS_TARGET:g} s",
        spent <= PASS_TARGET,
    )


def _cpu(work: Callable[[], object]) -> float:
    """The median of five, after one that reads the rosters."""
    work()
    taken = []
    for _ in range(5):
        before = time.process_time()
        work()
        taken.append(time.process_time() - before)
    return sorted(taken)[2]


def _usual_changes(*, now: datetime) -> None:
    rows = list(Series.objects.select_related("clinic", "patient").order_by("id")[:: SERIES // 400][:400])
    changed = iter(rows)
    journal.write(
        journal.entry(verb, actor=SYSTEM, now=now - timedelta(minutes=5), series=next(changed))
        for verb, times in CHANGES.items()
        for _ in range(times)
    )


def _clinic(stage: Stage, number: int, *, first: date) -> Where:
    clinic = open_clinic(f"watched-{number}", stage.protocol)
    nurses = StaffMember.objects.bulk_create(
        StaffMember(email=f"n{number}-{one}@bench.example", first_name="N", last_name="X", role=Role.NURSE)
        for one in range(measured.NURSES)
    )
    Shift.objects.bulk_create(
        Shift(clinic=clinic, nurse=nurse, starts=opens, ends=opens + timedelta(hours=9))
        for day in (first + timedelta(days=n) for n in range(DAYS))
        if day.isoweekday() <= 5
        for opens in [instant(measured.opening(day))]
        for nurse in nurses
    )
    return where(clinic, stage.version)
