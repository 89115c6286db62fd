"""What a long past costs: the same questions with ten thousand and with a million sessions behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import psycopg

from bench import clinic as measured
from bench.filling import BLOCK, Where, fill, judges_away
from bench.service import Measured
from bench.staging import Stage, open_clinic, where
from bench.timing import Line, Timing, milliseconds

GROWTH_TARGET = 1.25


def add_past(
    connection: psycopg.Connection[Any],
    stage: Stage,
    *,
    sessions: int,
    clinics: int,
    before: date,
    progress: Callable[[str], None],
) -> None:
    """Add about so many completed sessions, spread over so many other clinics, on days before `before`."""
    wheres = _clinics(stage, clinics)
    a_day = len(measured.patterns()[0])
    blocks = -(-sessions // (clinics * a_day * BLOCK))
    back = before - timedelta(days=blocks * BLOCK * 7 // 5 + 14)
    days = [day for day in measured.open_days(back, count=blocks * BLOCK) if day < before]

    def tell(done: int, of: int) -> None:
        if done % 10 == 0 or done == of:
            progress(f"past of {done} of {of} clinics written")

    with judges_away(connection):
        written = fill(connection, wheres, days=days, status="completed", progress=tell)
        progress(f"{written} past sessions written; building the constraints that judge them")
    connection.execute("VACUUM ANALYZE")


def lines(short: Measured, long: Measured, *, few: int, many: int) -> Iterator[Line]:
    """The report: each question with a long past beside the same with a short one."""
    for what, one, two in [
        ("openings over 30 days", short.openings, long.openings),
        ("plans/", short.plans, long.plans),
        ("booking a series of six", short.booking, long.booking),
    ]:
        ratio = _ratio(one, two)
        yield Line(
            "growth",
            f"{what}, {many:,} past sessions against {few:,}, p50",
            f"{milliseconds(two.p50)}, {ratio:.2f} × as long",
            f"≤ {GROWTH_TARGET} ×",
            ratio <= GROWTH_TARGET,
        )


def _ratio(one: Timing, two: Timing) -> float:
    return two.p50 / one.p50


def _clinics(stage: Stage, count: int) -> list[Where]:
    return [
        where(open_clinic(f"past-{count}-{number}", stage.protocol), stage.version) for number in range(count)
    ]
