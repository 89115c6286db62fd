"""Both in one run: a month of openings, single bookings, and one place that 32 clients want."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial

import psycopg

from bench import clinic as measured
from bench import crowd, filling, staging
from bench.beside import theirs
from bench.client import Client
from bench.installation import Installation, web
from bench.service import API
from bench.timing import Line, Timing, measure, milliseconds

DAYS, ALONE, TOGETHER, CLIENTS, RIVALS, ROUNDS = 30, 100, 320, 16, 32, 5
Book = Callable[[], bool]


def lines(installed: Installation) -> Iterator[Line]:
    """The report of both."""
    now = datetime.now(UTC)
    first = now.date() + timedelta(days=8 - now.date().isoweekday())
    yield from _ours(installed, first, now)
    yield from _theirs(installed, first)


def _ours(installed: Installation, first: date, now: datetime) -> Iterator[Line]:
    stage = staging.stage(first=first, days=200, now=now)
    clinic, slug = crowd.open_single(stage)
    with psycopg.connect(installed.database_url, autocommit=True) as connection:
        where = staging.where(stage.clinic, stage.version)
        filling.fill(connection, [where], days=measured.open_days(first, count=36), status="booked")
    with web(installed) as port:
        client = Client(port, stage.token)
        query = {"clinic": "bench", "protocol": measured.PROTOCOL.slug, "from": first}
        query["to"] = first + timedelta(days=DAYS - 1)
        month = measure(lambda: client.get(f"{API}/openings/", **query), times=50)

        def book(start: datetime, patient: object, client: Client) -> bool:
            body = {"clinic": clinic.slug, "protocol": slug, "patient": str(patient)}
            sessions = [{"start": start.astimezone(UTC).isoformat()}]
            return client.post(f"{API}/series/", {**body, "sessions": sessions}).status == 201

        total = ALONE + TOGETHER + ROUNDS * (RIVALS + measured.CHAIRS)
        patients = iter([patient.id for patient in stage.patients(total)])
        clients = [Client(port, stage.token) for _ in range(RIVALS)]
        places = _places(first)

        def turn(number: int) -> Book:
            start, _ = next(places)
            return partial(book, start, next(patients), clients[number % CLIENTS])

        alone, rate = _alone_and_together(turn)
        winners = []
        for _ in range(ROUNDS):
            start = _next_day(places)
            for _ in range(measured.CHAIRS - 1):  # all chairs but one
                book(start, next(patients), client)
            winners.append(_winners([partial(book, start, next(patients), one) for one in clients]))
    yield from _report("cadence", month, 1, alone, rate, winners)


def _theirs(installed: Installation, first: date) -> Iterator[Line]:
    filled = measured.open_days(first, count=DAYS)
    with theirs.running(installed, days=filled, clients=RIVALS) as them:
        browsers = [theirs.Browser(them, number) for number in range(RIVALS)]
        dates = [first + timedelta(days=number) for number in range(DAYS)]
        asked = [(day, member) for day in dates for member in them.staff]
        month = measure(lambda: [browsers[0].slots(*one) for one in asked], times=3, warm_up=1)
        places = _places(filled[-1] + timedelta(days=1))

        def turn(number: int) -> Book:
            start, chair = next(places)
            return partial(browsers[number % CLIENTS].book, start.replace(tzinfo=None), them.staff[chair])

        alone, rate = _alone_and_together(turn)
        winners = []
        for _ in range(ROUNDS):
            start = _next_day(places).replace(tzinfo=None)
            winners.append(_winners([partial(one.book, start, them.staff[0]) for one in browsers]))
        yield from _report("django-appointment", month, DAYS * len(them.staff), alone, rate, winners)


def _places(first: date) -> Iterator[tuple[datetime, int]]:
    """Three starts a day in each of twelve chairs, on empty days from `first` on."""
    for day in measured.open_days(first, count=60):
        opens = datetime.combine(day, measured.OPENS, measured.ZONE)
        for third in range(3):
            for chair in range(measured.CHAIRS):
                yield opens + third * theirs.VISIT, chair


def _next_day(places: Iterator[tuple[datetime, int]]) -> datetime:
    """The first start of the next day, of which nothing is taken yet."""
    return next(start for start, chair in places if start.time() == measured.OPENS and chair == 0)


def _alone_and_together(turn: Callable[[int], Book]) -> tuple[Timing, float]:
    """Bookings by one client, and the rate of bookings by sixteen at once."""
    bookings = iter([turn(0) for _ in range(ALONE)])

    def book() -> bool:
        return next(bookings)()

    alone = measure(book, times=ALONE - 5, warm_up=5)
    shares = [[turn(number) for _ in range(TOGETHER // CLIENTS)] for number in range(CLIENTS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        booked = sum(pool.map(lambda share: sum(one() for one in share), shares))
    return alone, booked / (time.perf_counter() - began)


def _winners(rivals: Sequence[Book]) -> int:
    """How many of the clients, all at once, are told that they have the one place."""
    with ThreadPoolExecutor(len(rivals)) as pool:
        return sum(pool.map(lambda book: book(), rivals))


def _report(
    name: str, month: Timing, requests: int, alone: Timing, rate: float, winners: Sequence[int]
) -> Iterator[Line]:
    many = f"{requests} requests" if requests > 1 else "one request"
    figure = f"{milliseconds(month.p50)} in {many}"
    yield Line("beside", f"{name}: {DAYS} days of openings of the whole clinic", figure)
    yield Line("beside", f"{name}: a single booking, one client, p50", milliseconds(alone.p50))
    yield Line("beside", f"{name}: single bookings by {CLIENTS} clients", f"{rate:.0f} a second")
    told = ", ".join(str(count) for count in winners)
    yield Line("beside", f"{name}: winners of one place among {RIVALS} clients, {ROUNDS} rounds", told)
