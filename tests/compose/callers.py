"""People who come through the proxy: one who books a course, and a steady stream of others."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import ssl
import threading
import time
import uuid
from collections import Counter
from typing import Any

from tests.compose.installation import Installation
from tests.compose.telling import expect, until

COURSE = {"clinic": "baltimore", "protocol": "ketamine-iv", "phase": "induction"}
DESK = {"email": "desk@harbor.example", "password": "demo-only-please-change"}
LOST = 0  # in place of a status: no answer came


class Caller:
    """Speaks HTTPS to the proxy, and trusts its certificate alone. A connection for each request."""

    def __init__(self, installation: Installation, token: str = "") -> None:
        self._port = installation.port
        self._trust = ssl.create_default_context(cafile=installation.secrets / "tls.pem")
        self._token = token

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self._port, timeout=60, context=self._trust)

    def ask(self, method: str, path: str, body: object = None, *, key: str = "") -> tuple[int, Any]:
        """Status and JSON (or text) of the answer; LOST where none came."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {self._token}"} if self._token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        connection = self.connect()
        try:
            connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as fault:
            return LOST, type(fault).__name__
        finally:
            connection.close()
        return response.status, json.loads(text) if "json" in response.headers.get(
            "Content-Type", ""
        ) else text

    def must(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        answer = self.ask(method, f"/api/v1/{path}", body, key=uuid.uuid4().hex if method == "POST" else "")
        expect(
            f"{method} {path.partition('?')[0]} is answered with {status}", answer[0] == status, seen=answer
        )
        return answer[1]


def book_as_a_patient(installation: Installation) -> str:
    """Plan, hold, code by mail, book six sessions, be told once. The id of the series."""
    stranger, address = Caller(installation), "nell@mail.example"
    plan = stranger.must("POST", "plans/", COURSE)["plans"][0]["sessions"]
    hold = stranger.must("POST", "holds/", {**COURSE, "sessions": plan}, status=201)["id"]
    stranger.must("POST", "login-codes/", {"contact": address}, status=202)
    waited = until("the code is in the mail catcher", lambda: installation.mails(address), seconds=60)
    expect(f"the code came after {waited:.1f} s", True)
    (code,) = set(re.findall(r"\b\d{6}\b", installation.mails(address)[0].partition("\n\n")[2]))
    who = {"first_name": "Nell", "last_name": "Vance", "birth_date": "1991-05-06"}
    token = stranger.must("POST", "tokens/", {"contact": address, "code": code, **who}, status=201)["token"]
    series = Caller(installation, token).must("POST", "series/", {**COURSE, "hold": hold}, status=201)
    expect("six sessions are booked", [one["status"] for one in series["sessions"]] == ["booked"] * 6)
    waited = until(
        "the confirmation is in the mail catcher", lambda: len(installation.mails(address)) >= 2, seconds=90
    )
    expect(f"the confirmation came after {waited:.1f} s", True)
    return str(series["id"])


def desk_token(installation: Installation) -> str:
    return str(Caller(installation).must("POST", "tokens/", DESK, status=201)["token"])


class Stream:
    """Pages, openings, plans and bookings in four threads, until the block ends."""

    def __init__(self, installation: Installation, token: str) -> None:
        self._caller = Caller(installation, token)
        self._patient = ""
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=work) for work in (self._read, self._read, self._plan, self._book)
        ]
        self.answers: Counter[tuple[str, int]] = Counter()
        self.slowest = 0.0
        self.booked: list[str] = []

    def __enter__(self) -> Stream:
        details = {"first_name": "Sam", "last_name": "Ostrow", "birth_date": "1980-01-02", "language": "en"}
        address = f"sam.{uuid.uuid4().hex[:8]}@mail.example"
        body = {**details, "email": address, "time_zone": "America/New_York"}
        self._patient = self._caller.must("POST", "patients/", body, status=201)["id"]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    @property
    def asked(self) -> int:
        return sum(self.answers.values())

    @property
    def lost(self) -> dict[str, int]:
        """What was asked and got no answer, or a fault for one."""
        return {
            f"{what} {status}": n
            for (what, status), n in self.answers.items()
            if status == LOST or status >= 500
        }

    def _send(self, method: str, path: str, body: object = None, *, key: str = "") -> tuple[int, Any]:
        began = time.monotonic()
        status, answer = self._caller.ask(method, path, body, key=key)
        what = path.partition("?")[0].removeprefix("/api/v1").strip("/").split("/")[-1]
        self.answers[f"{method} {what}", status] += 1
        self.slowest = max(self.slowest, time.monotonic() - began)
        return status, answer

    def _read(self) -> None:
        openings = "/api/v1/openings/?clinic=baltimore&protocol=ketamine-iv&phase=induction"
        paths = ("/", openings, "/sign-in/", "/book/baltimore/ketamine-iv/")
        for path in itertools.cycle(paths):
            if self._ended.wait(0.05):
                return
            self._send("GET", path)

    def _plan(self) -> None:
        while not self._ended.wait(0.3):
            self._send("POST", "/api/v1/plans/", COURSE)

    def _book(self) -> None:
        """Books a course and gives it back, again and again; what was answered 201 must stay there."""
        while not self._ended.wait(0.2):
            status, found = self._send("POST", "/api/v1/plans/", COURSE)
            if status != 200:
                continue
            body = {**COURSE, "patient": self._patient, "sessions": found["plans"][0]["sessions"]}
            status, series = self._send("POST", "/api/v1/series/", body, key=uuid.uuid4().hex)
            if status == 201:
                self.booked.append(series["id"])
                self._send(
                    "POST", f"/api/v1/series/{series['id']}/cancel/", {"reason": "Booked to try it out"}
                )
