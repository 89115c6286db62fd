"""The service over HTTP, with one client: finding, planning and booking, beside something bare."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

import psycopg

from bench import clinic as measured
from bench.client import Answer, Client
from bench.staging import Stage
from bench.timing import Line, Timing, measure, milliseconds

API = "/api/v1"
OPENINGS_DAYS, BOOKINGS = 30, 60
#: Parents before children; the rows of one booking.
TABLES = {
    "bookings_series": "id",
    "bookings_session": "series_id",
    "bookings_claim": "session_id",
    "bookings_journalentry": "series_id",
}


class Unexpected(RuntimeError):
    """The service answered something that would make the measurement worthless."""


@dataclass(frozen=True)
class Measured:
    """What the three addresses took, for one size of the tables."""

    bare: Timing
    openings: Timing
    plans: Timing
    booking: Timing
    bare_booking: Timing


def measure_service(port: int, database_url: str, stage: Stage, *, first: date, seed: int = 0) -> Measured:
    """Ask and book as the desk of the measured clinic, in the weeks from `first` on."""
    client, dice = Client(port, stage.token), random.Random(seed)
    bare = measure(lambda: expect(client.get("/bare/"), 200), times=300, warm_up=20)
    turn = count()

    def find() -> None:
        day = first + timedelta(days=next(turn) % 120)
        query = {"clinic": "bench", "protocol": measured.PROTOCOL.slug, "from": day}
        expect(client.get(f"{API}/openings/", **query, to=day + timedelta(days=OPENINGS_DAYS - 1)), 200)

    openings = measure(find, times=200, warm_up=10)

    def plan() -> list[dict[str, Any]]:
        earliest = first + timedelta(days=dice.randrange(0, 480))
        asked = {
            "clinic": "bench",
            "protocol": measured.PROTOCOL.slug,
            "earliest": earliest.isoformat(),
            "latest": (earliest + timedelta(weeks=8)).isoformat(),
            "limit": 4,
        }
        answer = expect(client.post(f"{API}/plans/", asked), 200)
        sessions: list[dict[str, Any]] = answer.json()["plans"][0]["sessions"]
        return sessions

    plans = measure(plan, times=100, warm_up=5)
    booked, taken = [], []
    for patient in stage.patients(BOOKINGS):
        asked = {
            "clinic": "bench",
            "protocol": measured.PROTOCOL.slug,
            "patient": str(patient.id),
            "sessions": [{"start": session["start"]} for session in plan()],
        }
        before = time.perf_counter()
        answer = expect(client.post(f"{API}/series/", asked), 201)
        taken.append(time.perf_counter() - before)
        booked.append(answer.json()["id"])
    booking = Timing(tuple(sorted(taken)))
    return Measured(bare, openings, plans, booking, _insert_again(database_url, booked))


def lines(found: Measured) -> Iterator[Line]:
    """The report of one measurement."""
    yield Line("http", "bare DRF endpoint with one query, p50", milliseconds(found.bare.p50))
    ratio = found.openings.p50 / found.bare.p50
    yield Line(
        "http",
        f"openings over {OPENINGS_DAYS} days, p50",
        f"{milliseconds(found.openings.p50)}, {ratio:.1f} × bare",
        "≤ 6 × bare",
        ratio <= 6,
    )
    p95 = found.plans.p95
    yield Line("http", "plans/ with three alternatives, p95", milliseconds(p95), "≤ 100 ms", p95 <= 0.100)
    yield Line(
        "http",
        "bare SQL transaction that inserts one booking's rows, p50",
        milliseconds(found.bare_booking.p50),
    )
    ratio = found.booking.p50 / found.bare_booking.p50
    yield Line(
        "http",
        "booking a planned series of six, p50",
        f"{milliseconds(found.booking.p50)}, {ratio:.1f} × bare",
        "≤ 5 × bare",
        ratio <= 5,
    )


def expect(answer: Answer, status: int) -> Answer:
    """The answer, if it has that status. Raises Unexpected otherwise."""
    if answer.status != status:
        raise Unexpected(f"{answer.status} instead of {status}: {answer.body[:500]!r}")
    return answer


def _insert_again(database_url: str, booked: list[str]) -> Timing:
    """Take the rows of those bookings out and put them back, each booking in a transaction of bare SQL."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        taken = [_take_out(connection, series) for series in booked]
        turn = iter(taken)

        def insert() -> None:
            with connection.transaction():
                for table, rows in next(turn).items():
                    connection.execute(
                        f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)",
                        [rows],
                    )

        timing = measure(insert, times=len(taken) - 3, warm_up=3)
        for series in booked:  # so that the next measurement asks the same questions of the same diary
            _take_out(connection, series)
        return timing


def _take_out(connection: psycopg.Connection[Any], series: str) -> dict[str, str]:
    sessions = [
        row[0] for row in connection.execute("SELECT id FROM bookings_session WHERE series_id = %s", [series])
    ]
    owners: dict[str, object] = {"bookings_claim": sessions}
    rows: dict[str, str] = {}
    for table, column in TABLES.items():
        owner = owners.get(table, [series])
        query = f"SELECT coalesce(jsonb_agg(one), '[]')::text FROM {table} one WHERE {column} = ANY (%s)"
        [rows[table]] = connection.execute(query, [owner]).fetchone()  # type: ignore[misc]
    for table, column in reversed(TABLES.items()):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ANY (%s)", [owners.get(table, [series])])
    return rows
