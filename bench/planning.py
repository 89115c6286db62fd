"""What it costs to plan the messages of a booking, beside the booking itself."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any, NamedTuple

from bench.client import Client
from bench.crowd import series_on_different_days
from bench.installation import Installation, web
from bench.sending import workers
from bench.service import API, expect
from bench.staging import Stage
from bench.timing import Line, Timing, milliseconds
from bench.ways_out import ways_out
from bookings.commands.book import book_series
from bookings.models import Consent, Patient
from bookings.nudging import PAUSE
from notifications.commands.react import react
from notifications.models import Message

TIMES, WARM_UP = 35, 5
TOGETHER, GROUPS = 20, 3
ASKED = 25  # requests to each of two services
DAYS = 1500  # that so many series on different days need
TARGET = 0.20


class Spent(NamedTuple):
    """What a piece of work took: until it was over, and of this process's time on a processor."""

    seconds: float
    processor: float

    def shared_by(self, count: int) -> Spent:
        return Spent(self.seconds / count, self.processor / count)

    def __str__(self) -> str:
        return f"{milliseconds(self.seconds)} ({milliseconds(self.processor)} on the processor)"


def lines(installed: Installation, stage: Stage, *, days: Sequence[date], now: datetime) -> Iterator[Line]:
    """The report. Each booking is of six sessions, by a patient who wants mail and texts."""
    count = TIMES + WARM_UP + TOGETHER * GROUPS + 2 * ASKED + 2
    callers = _patients(stage, count, now=now)
    bodies = series_on_different_days(stage.clinic.slug, days, iter(callers))
    bookings, alone = [], []
    for turn in range(TIMES + WARM_UP):
        body = next(bodies)
        if turn == WARM_UP:
            gc.collect()
        bookings.append(_spent(lambda body=body: _book(stage, body, callers, now=now)))
        alone.append(_spent(lambda: react(now=now)))
    planned = Message.objects.count() / (TIMES + WARM_UP)
    together = []
    for _ in range(GROUPS):
        for _, body in zip(range(TOGETHER), bodies, strict=False):
            _book(stage, body, callers, now=now)
        together.append(_spent(lambda: react(now=now)).shared_by(TOGETHER))

    booking, one, grouped = map(_median, (bookings[WARM_UP:], alone[WARM_UP:], together))
    yield Line("messages", "booking a series of six, in the process, p50", str(booking))
    what = f"planning the {planned:.0f} messages of such a booking, by a worker after its commit"
    for how, spent in (
        ("reacted to by itself, p50", one),
        (f"{TOGETHER} reacted to together, each", grouped),
    ):
        share = spent.seconds / booking.seconds
        figure = (
            f"{spent}: {share:.0%} of the booking, {spent.processor / booking.processor:.0%} of its processor"
        )
        yield Line("messages", f"{what}, {how}", figure, f"≤ {TARGET:.0%}", share <= TARGET)
    yield _asked(installed, stage, bodies)


def _asked(installed: Installation, stage: Stage, bodies: Iterator[dict[str, Any]]) -> Line:
    """What whoever books waits for it: the same requests to a service that nudges a worker, and to one that
    tells nobody, in turns, each when the last one's messages are planned.
    """
    taken: dict[str, list[float]] = {"": [], "1": []}
    with ExitStack() as stack:
        told = stack.enter_context(ways_out(installed.folder))
        stack.enter_context(workers({**installed.environment, **told}))
        clients = {
            silent: Client(stack.enter_context(web(installed, BENCH_SILENT=silent)), stage.token)
            for silent in taken
        }
        for turn, body in zip(range(2 * ASKED + 2), bodies, strict=False):
            silent = "1" if turn % 2 else ""
            before = time.perf_counter()
            expect(clients[silent].post(f"{API}/series/", body), 201)
            if turn >= 2:
                taken[silent].append(time.perf_counter() - before)
            time.sleep(PAUSE * 1.1)
    heard, unheard = (Timing(tuple(sorted(taken[silent]))).p50 for silent in ("", "1"))
    added = heard / unheard - 1
    return Line(
        "messages",
        "booking a series of six over HTTP while a worker plans its messages, p50",
        f"{milliseconds(heard)}, {milliseconds(unheard)} with nobody told: {added:+.0%}",
        f"≤ +{TARGET:.0%}",
        added <= TARGET,
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


def _spent(work: Callable[[], object]) -> Spent:
    before, processor = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - before, time.process_time() - processor)


def _median(found: Sequence[Spent]) -> Spent:
    seconds, processor = (sorted(each)[len(found) // 2] for each in zip(*found, strict=True))
    return Spent(seconds, processor)
