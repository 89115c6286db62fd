"""What it costs to plan the messages of a booking, beside the booking itself."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from bench.crowd import series_on_different_days
from bench.staging import Stage
from bench.timing import Line, Timing, milliseconds
from bookings.commands.book import book_series
from bookings.models import Consent, Patient
from notifications.commands.react import react
from notifications.models import Message

TIMES, WARM_UP, TOGETHER = 35, 5, 20
TARGET = 0.20


def lines(stage: Stage, *, days: Sequence[date], now: datetime) -> Iterator[Line]:
    """The report. Each booking is of six sessions, by a patient who wants mail and texts."""
    callers = _patients(stage, TIMES + WARM_UP + TOGETHER, now=now)
    bodies = series_on_different_days(stage.clinic.slug, days, iter(callers))
    bookings, alone = [], []
    for turn in range(TIMES + WARM_UP):
        body = next(bodies)
        if turn == WARM_UP:
            gc.collect()
        bookings.append(_seconds(lambda body=body: _book(stage, body, callers, now=now)))
        alone.append(_seconds(lambda: react(now=now)))
    planned = Message.objects.count() / (TIMES + WARM_UP)
    for _, body in zip(range(TOGETHER), bodies, strict=False):
        _book(stage, body, callers, now=now)
    together = _seconds(lambda: react(now=now)) / TOGETHER

    booking, one = (Timing(tuple(sorted(each[WARM_UP:]))).p50 for each in (bookings, alone))
    yield Line("messages", "booking a series of six, in the process, p50", milliseconds(booking))
    yield Line(
        "messages",
        f"planning the {planned:.0f} messages of such a booking, reacted to by itself, p50",
        f"{milliseconds(one)}, {one / booking:.0%} of the booking",
        f"≤ {TARGET:.0%}",
        one / booking <= TARGET,
    )
    yield Line(
        "messages",
        f"the same for {TOGETHER} bookings reacted to together, each",
        f"{milliseconds(together)}, {together / booking:.0%} of the booking",
    )


def _patients(stage: Stage, count: int, *, now: datetime) -> dict[str, Patient]:
    people = stage.patients(count)
    for number, patient in enumerate(people):
        patient.email, patient.phone = (
            f"p{number}@mail.example",
            f"+1{301 + number // 100}55501{number % 100:02}",
        )
    Patient.objects.bulk_update(people, ["email", "phone"])
    Consent.objects.bulk_create(
        Consent(patient=one, purpose="texts", wording="Text me.", language="en", source="page", given_at=now)
        for one in people
    )
    return {str(one.id): one for one in people}


def _book(stage: Stage, body: dict[str, Any], callers: dict[str, Patient], *, now: datetime) -> None:
    starts = [datetime.fromisoformat(one["start"]) for one in body["sessions"]]
    book_series(
        callers[body["patient"]],
        clinic=stage.clinic,
        protocol=stage.protocol,
        starts=starts,
        actor=stage.desk,
        now=now,
    )


def _seconds(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before
