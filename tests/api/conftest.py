"""The cast at the door of the API, at a clock that stands still until a test moves it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from bookings.api.authentication import digest_of
from bookings.models import AccessToken, Patient, StaffMember
from tests.cast import NOW, Cast, cast

__all__ = ["cast"]


class Clock:
    """The time that the API reads."""

    def __init__(self) -> None:
        self.now = NOW

    def set(self, now: datetime) -> None:
        self.now = now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """Doors read Django's clock; here it stands at NOW. Times of the database are its own."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


class Caller:
    """Somebody who calls the API: paths are below /api/v1/, bodies are JSON."""

    def __init__(self, token: str | None = None) -> None:
        self.client = APIClient()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers={**self.headers, **(headers or {})})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("put", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def delete(self, path: str) -> Any:
        return self._send("delete", path, None, {})

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        send = getattr(self.client, method)
        body = {} if body is None else body
        return send(f"/api/v1/{path}", body, format="json", headers={**self.headers, **named})


def caller_for(person: StaffMember | Patient, *, now: datetime = NOW) -> Caller:
    """The person with a token that is good for a year."""
    token = secrets.token_urlsafe(16)
    owner = {"staff": person} if isinstance(person, StaffMember) else {"patient": person}
    AccessToken.objects.create(
        digest=digest_of(token), created_at=now, expires_at=now + timedelta(days=365), **owner
    )
    return Caller(token)


@pytest.fixture
def anyone(db, clock) -> Caller:
    """Somebody who is not signed in."""
    return Caller()


@pytest.fixture
def ada(cast: Cast, clock) -> Caller:
    return caller_for(cast.ada)


@pytest.fixture
def bea(cast: Cast, clock) -> Caller:
    return caller_for(cast.bea)


@pytest.fixture
def desk(cast: Cast, clock) -> Caller:
    """Front desk of both clinics."""
    return caller_for(cast.desk)


@pytest.fixture
def ana(cast: Cast, clock) -> Caller:
    """A nurse at NORTH."""
    return caller_for(cast.ana)


@pytest.fixture
def cy(cast: Cast, clock) -> Caller:
    """A nurse at WEST."""
    return caller_for(cast.cy)


@pytest.fixture
def prescriber(cast: Cast, clock) -> Caller:
    return caller_for(cast.prescriber)


@pytest.fixture
def manager(cast: Cast, clock) -> Caller:
    return caller_for(cast.manager)


@pytest.fixture(autouse=True)
def _fresh_counts(settings, worker_id: str) -> None:
    """Each test counts requests anew; workers that share one Valkey do not count for one another."""
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "KEY_PREFIX": f"test-{worker_id}-{secrets.token_hex(4)}"}
    }


@pytest.fixture(scope="session")
def worker_id(request) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")
