"""Two hundred people who book, move and cancel over HTTP, and remember what they were told."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import uuid4

PATIENCE = 30  # seconds for an answer
RHYTHM = (0, 3, 7, 10, 14, 17)  # days from the first visit of six
FULL = 6  # so many series each, before some are given up again
#: Answers after which nothing is known: faults of the moment, and a twin that may have done it.
OPEN_ENDED = {"busy", "internal", "idempotency-key-in-use", None}


class Told(Enum):
    """What somebody may believe about what they asked for."""

    DONE = "answered 2xx"
    REFUSED = "refused"
    UNKNOWN = "no answer"


@dataclass
class Course:
    """One patient's only series: where its sessions may be, by all that was answered."""

    patient: str
    booked: Told = Told.UNKNOWN
    series: str = ""
    cancelled: Told = Told.REFUSED
    sessions: dict[str, set[datetime]] = field(default_factory=dict)  # by id; several while nobody knows
    moves: dict[str, Counter[Told]] = field(default_factory=dict)


@dataclass
class Crowd:
    """All of them, and the sum of what they were told."""

    port: int
    tokens: Sequence[str]
    clinics: Sequence[str]
    protocol: str
    first: datetime  # the first day on which they book, at midnight of the clinics' clock
    patients: Sequence[Sequence[str]]  # for each writer, those who have no series yet
    ended: threading.Event = field(default_factory=threading.Event)
    courses: list[Course] = field(default_factory=list)
    told: Counter[Told] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def answered(self) -> int:
        return self.told[Told.DONE] + self.told[Told.REFUSED]

    def begin(self) -> list[threading.Thread]:
        threads = [
            threading.Thread(target=Writer(self, number).work, name=f"writer {number}", daemon=True)
            for number in range(len(self.patients))
        ]
        for thread in threads:
            thread.start()
        return threads

    def note(self, told: Told, status: str, said: str) -> None:
        with self.lock:
            self.told[told] += 1
            self.statuses[status] += 1
            if status == "500" or (status[0] == "4" and status not in ("404", "409", "422")):
                self.faults.append(said)


class Writer:
    """One of them. Nobody else touches the series that it has booked."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.crowd, self.dice = crowd, random.Random(number)
        self.token = crowd.tokens[number % len(crowd.tokens)]
        self.patients = list(crowd.patients[number])
        self.mine: list[Course] = []
        self._connection: http.client.HTTPConnection | None = None

    def work(self) -> None:
        while not self.crowd.ended.is_set():
            if self.mine and (len(self.mine) >= FULL or not self.patients):
                self.cancel(self.mine.pop(0))
            elif self.mine and self.dice.random() < 0.4:
                self.move(self.dice.choice(self.mine))
            elif self.patients:
                self.book(Course(self.patients.pop()))
            else:
                return

    def book(self, course: Course) -> None:
        """Six visits, in a third of the cases by a hold."""
        self.crowd.courses.append(course)
        body: dict[str, Any] = {
            "clinic": self.dice.choice(self.crowd.clinics),
            "protocol": self.crowd.protocol,
        }
        places = [{"start": start.isoformat()} for start in self._starts()]
        if self.dice.random() < 1 / 3:
            told, hold = self._post("holds/", {**body, "sessions": places})
            if told is not Told.DONE:
                course.booked = Told.REFUSED  # nobody asked for it
                return
            body["hold"] = hold["id"]
        else:
            body["sessions"] = places
        course.booked, made = self._post("series/", {**body, "patient": course.patient}, tries=3)
        if course.booked is Told.DONE:
            course.series = made["id"]
            course.sessions = {one["id"]: {_at(one["start"])} for one in made["sessions"]}
            self.mine.append(course)

    def move(self, course: Course) -> None:
        session = self.dice.choice(list(course.sessions))
        near = max(course.sessions[session])
        start = near + timedelta(
            days=self.dice.choice([0, 0, 1, -1]), minutes=15 * self.dice.randrange(-8, 9)
        )
        told, _ = self._post(f"sessions/{session}/move/", {"start": start.isoformat()})
        course.moves.setdefault(session, Counter())[told] += 1
        if told is Told.DONE:
            course.sessions[session] = {start}
        elif told is Told.UNKNOWN:
            course.sessions[session] |= {start}

    def cancel(self, course: Course) -> None:
        course.cancelled, _ = self._post(f"series/{course.series}/cancel/", {})

    def _starts(self) -> list[datetime]:
        first = self.crowd.first + timedelta(days=self.dice.randrange(40), hours=self.dice.randrange(8, 16))
        first += timedelta(minutes=15 * self.dice.randrange(4))
        return [first + timedelta(days=day) for day in RHYTHM]

    def _post(self, path: str, body: dict[str, Any], *, tries: int = 1) -> tuple[Told, Any]:
        """Ask, and where nothing is known, once more by the same key. Once a try ended in the dark, only an
        answer of 2xx is light.
        """
        key, dark = str(uuid4()), False
        while True:
            tries -= 1
            status, answer = self._send(f"/api/v1/{path}", body, key)
            code = answer.get("code") if isinstance(answer, dict) else None
            if 200 <= status < 300:
                told = Told.DONE
            elif dark or code in OPEN_ENDED:
                told, dark = Told.UNKNOWN, True
            else:
                told = Told.REFUSED
            if told is not Told.UNKNOWN or not tries or self.crowd.ended.is_set():
                self.crowd.note(told, str(status), f"{path}: {status} {answer}")
                return told, answer
            time.sleep(self.dice.uniform(0.2, 1))

    def _send(self, path: str, body: dict[str, Any], key: str) -> tuple[int, Any]:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.crowd.port, timeout=PATIENCE)
            self._connection.request("POST", path, json.dumps(body), headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            if self._connection:
                self._connection.close()
            self._connection = None
            time.sleep(self.dice.uniform(0.1, 0.5))  # nobody is there; a client does not hammer at the door
            return 0, None
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, {"code": "internal", "text": text[:200]}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
