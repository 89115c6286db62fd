"""A place comes free at a clinic where thousands wait: what it costs a worker to find whom to ask."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection

from bench.staging import Stage
from bench.timing import Line, Timing, milliseconds
from bookings.commands.cancel import cancel_session
from bookings.commands.offers import make_offers
from bookings.freed import newly_freed
from bookings.models import Claim, FreedPlace, Patient, Session, WaitingEntry

FEW, MANY = 50, 5_000
TIMES = 15
TARGET = 1.0  # seconds of a processor; a pass is made each minute
DAYS = 1_120  # in which there are as many courses


def lines(stage: Stage, *, now: datetime) -> Iterator[Line]:
    """The report. The clinic is filled already with courses, of each of which the last visit alone is left to
    come; four in five who wait have such a visit, the others wait for a course.
    """
    _leave_the_last_visits()
    visits = Session.objects.filter(clinic=stage.clinic, number=6)
    sessions = list(visits.order_by("-start")[: MANY * 4 // 5])
    newcomers = stage.patients(MANY // 5)
    places = iter(visits.order_by("start")[: 2 * TIMES + 1])
    for count in (FEW, MANY):
        _wait(stage, sessions[: count * 4 // 5], newcomers[: count // 5], now=now)
        spent, queries, made = [], set(), 0
        for _ in range(TIMES):
            seconds, asked, offers = _spent(_freed(next(places), stage, now=now), now=now)
            spent.append(seconds)
            queries.add(asked)
            made += offers
        took = Timing(tuple(sorted(spent)))
        queried = " or ".join(str(asked) for asked in sorted(queries))
        yield Line(
            "waiting",
            f"{made} offers of {TIMES} places among {count:,} who wait, each place on the processor",
            f"p50 {milliseconds(took.p50)}, p95 {milliseconds(took.p95)}, {queried} queries",
            f"p95 ≤ {milliseconds(TARGET)}" if count == MANY else "",
            took.p95 <= TARGET and made == 3 * TIMES if count == MANY else None,
        )
    WaitingEntry.objects.update(wish={"weekdays": [7], "not_before": None, "not_after": None})
    seconds, asked, _ = _spent(_freed(next(places), stage, now=now), now=now)
    yield Line(
        "waiting",
        f"a place on a day that none of {MANY:,} wishes for; it is done with after that",
        f"{milliseconds(seconds)}, {asked} queries",
    )


def _leave_the_last_visits() -> None:
    Claim.objects.filter(session__number__lt=6).delete()
    Session.objects.filter(number__lt=6).update(status="cancelled")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _wait(stage: Stage, sessions: list[Session], newcomers: list[Patient], *, now: datetime) -> None:
    WaitingEntry.objects.filter(offers__isnull=True).delete()
    shared = {"clinic": stage.clinic, "protocol": stage.protocol, "phase": "induction", "notice_hours": 24}
    anytime = {"weekdays": [], "not_before": None, "not_after": None}
    known = set(WaitingEntry.objects.values_list("session", flat=True))
    rows = [
        WaitingEntry(**shared, patient_id=one.patient_id, session=one, series_id=one.series_id, wish=anytime)
        for one in sessions
        if one.id not in known
    ]
    rows += [WaitingEntry(**shared, patient=one, wish=anytime) for one in newcomers]
    for at, row in enumerate(rows):
        row.created_at = now - timedelta(minutes=at)
    WaitingEntry.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE bookings_waitingentry")


def _freed(session: Session, stage: Stage, *, now: datetime) -> FreedPlace:
    cancel_session(session, actor=stage.desk, now=now)
    FreedPlace.objects.bulk_create(newly_freed(None, now=now), ignore_conflicts=True)
    return FreedPlace.objects.select_related("clinic").get(starts=session.start, entry__session=session)


def _spent(place: FreedPlace, *, now: datetime) -> tuple[float, int, int]:
    """Seconds of this process on a processor, queries, and offers made."""
    asked = 0

    def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        return execute(sql, params, many, context)

    began = time.process_time()
    with connection.execute_wrapper(count):
        made = make_offers(place, now=now)
    return time.process_time() - began, asked, len(made)
