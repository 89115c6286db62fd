"""A busy morning: what people at the desk and patients ask of the service, in which shares, by many clients.

Each request is sent when it is due, whether or not those before it were answered, and its time counts from
then: a server that falls behind is not asked less for it.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPException
from itertools import count
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

from bench import clinic as measured
from bench.client import Answer, Client
from bench.service import API

T = TypeVar("T")
CLIENTS = 24
#: What the diary answers when somebody else was quicker, or a rule is in the way: that is no fault.
REFUSALS, BUSY = {404, 409, 422}, 503
#: Of a hundred requests.
SHARES = {
    "find": 20,
    "plan": 11,
    "book": 10,
    "look_for_another_time": 7,
    "move": 7,
    "confirm": 5,
    "cancel": 9,
    "day": 9,
    "list_of_the_desk": 8,
    "my_visits": 14,
}
#: What is asked when there is nothing yet to do that with.
INSTEAD = {
    "book": "plan",
    "move": "look_for_another_time",
    "look_for_another_time": "find",
    "confirm": "find",
    "cancel": "plan",
}


class NothingYet(Exception):
    """No plan was made that could be booked, or no series booked that could be moved."""


@dataclass(frozen=True)
class Crew:
    """Who is there: the clinics, who may book at them, the desk's cookie and those of some patients."""

    clinics: Sequence[str]
    days: Sequence[date]
    token: str
    desk: str
    patients: Sequence[str]
    callers: deque[UUID]  # patients who have no series yet; each books one


@dataclass
class Heard:
    """What was answered."""

    taken: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SHARES})
    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0

    def note(self, name: str, answer: Answer, seconds: float) -> None:
        self.taken[name].append(seconds)
        self.statuses[answer.status] += 1
        if answer.status != BUSY and answer.status not in REFUSALS and not 200 <= answer.status < 300:
            self.errors.append(f"{name}: {answer.status} {answer.body[:200]!r}")

    @property
    def requests(self) -> int:
        return sum(map(len, self.taken.values()))


class Morning:
    """The requests of such a morning, each building upon what earlier ones were answered."""

    def __init__(self, port: int, crew: Crew, *, seed: int) -> None:
        self.port, self.crew, self.dice, self.lock = port, crew, random.Random(seed), Lock()
        self.planned: deque[tuple[str, list[str]]] = deque(maxlen=200)
        self.booked: deque[dict[str, Any]] = deque(maxlen=2000)
        self.movable: deque[tuple[str, str]] = deque(maxlen=200)

    def ask(self, client: Client, name: str) -> tuple[str, Answer]:
        """What was asked in the end, and the answer."""
        try:
            return name, getattr(self, name)(client)
        except NothingYet:
            return self.ask(client, INSTEAD[name])

    def find(self, client: Client) -> Answer:
        day = self._day()
        to = self.crew.days[min(self.crew.days.index(day) + 20, len(self.crew.days) - 1)]
        return client.get(
            f"{API}/openings/", clinic=self._clinic(), protocol=measured.PROTOCOL.slug, **{"from": day}, to=to
        )

    def plan(self, client: Client) -> Answer:
        clinic, earliest = self._clinic(), self._day()
        body = {"clinic": clinic, "protocol": measured.PROTOCOL.slug, "earliest": str(earliest), "limit": 3}
        answer = client.post(f"{API}/plans/", body)
        if answer.status == 200:
            plan = answer.json()["plans"][0]
            self.planned.append((clinic, [one["start"] for one in plan["sessions"]]))
        return answer

    def book(self, client: Client) -> Answer:
        clinic, starts = self._next(self.planned)
        body = {
            "clinic": clinic,
            "protocol": measured.PROTOCOL.slug,
            "patient": str(self.crew.callers.popleft()),
            "sessions": [{"start": start} for start in starts],
        }
        answer = client.post(f"{API}/series/", body)
        if answer.status == 201:
            self.booked.append(answer.json())
        return answer

    def look_for_another_time(self, client: Client) -> Answer:
        series = self._series()
        session = self._pick(series["sessions"])
        day = session["start"][:10]
        answer = client.get(
            f"{API}/openings/",
            clinic=series["clinic"],
            protocol=measured.PROTOCOL.slug,
            **{"from": day, "to": day},
            series=series["id"],
            session=session["id"],
        )
        days = answer.json()["days"] if answer.status == 200 else []
        if found := [one for each in days for one in each["openings"]]:
            self.movable.append((session["id"], self._pick(found)["start"]))
        return answer

    def move(self, client: Client) -> Answer:
        session, start = self._next(self.movable)
        return client.post(f"{API}/sessions/{session}/move/", {"start": start})

    def confirm(self, client: Client) -> Answer:
        session = self._pick(self._series()["sessions"])
        return client.post(f"{API}/sessions/{session['id']}/confirm/", {})

    def cancel(self, client: Client) -> Answer:
        """Nearly as often as somebody books, so that the clinics stay as full as they are."""
        if len(self.booked) < CLIENTS:
            raise NothingYet
        return client.post(f"{API}/series/{self._next(self.booked)['id']}/cancel/", {})

    def day(self, client: Client) -> Answer:
        return client.get(f"{API}/clinics/{self._clinic()}/day/", date=self._day())

    def list_of_the_desk(self, client: Client) -> Answer:
        return client.page(f"/desk/{self._clinic()}/list/?date={self._day()}", cookies=self.crew.desk)

    def my_visits(self, client: Client) -> Answer:
        return client.page("/my/", cookies=self._pick(self.crew.patients))

    def _clinic(self) -> str:
        return self._pick(self.crew.clinics)

    def _day(self) -> date:
        return self._pick(self.crew.days[:-60])

    def _series(self) -> dict[str, Any]:
        return self._pick(self.booked)

    def _next(self, waiting: deque[T]) -> T:
        with self.lock:
            if not waiting:
                raise NothingYet
            return waiting.popleft()

    def _pick(self, among: Sequence[T]) -> T:
        with self.lock:
            if not among:
                raise NothingYet
            return self.dice.choice(among)


def live(morning: Morning, *, seconds: float, rate: float | None) -> Heard:
    """So many seconds at so many requests a second; without a rate each client asks again when it was
    answered, which is as much as the service can do.
    """
    heard, lock, number = Heard(), Lock(), count()
    order = random.Random(1).choices(list(SHARES), weights=list(SHARES.values()), k=10_000)
    began = time.perf_counter()

    def work(_client: int) -> None:
        client = Client(morning.port, morning.crew.token)
        while True:
            with lock:
                at = next(number)
            now = time.perf_counter()
            due = began + at / rate if rate else now
            if due >= began + seconds:
                return
            time.sleep(max(0.0, due - now))
            name = order[at % len(order)]
            try:
                name, answer = morning.ask(client, name)
            except (OSError, HTTPException) as fault:
                answer = Answer(0, repr(fault).encode())
                client = Client(morning.port, morning.crew.token)
            with lock:
                heard.note(name, answer, time.perf_counter() - due)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, range(CLIENTS)))
    heard.seconds = time.perf_counter() - began
    return heard
