"""What tests of refusals share: bodies to book by, and a look at the problem that comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.api.conftest import Caller, caller_for
from tests.cast import Cast, make_patient


def starts(*times: datetime) -> list[dict[str, str]]:
    return [{"start": at.isoformat()} for at in times]


def ket6(*times: datetime, **more: Any) -> dict[str, Any]:
    return {"clinic": "north", "protocol": "ket6", "sessions": starts(*times), **more}


def booster(at: datetime, **more: Any) -> dict[str, Any]:
    return {"clinic": "north", "protocol": "booster", "sessions": starts(at), **more}


def refusal(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem, after a look at what every problem has."""
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert response["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"] == f"urn:cadence:problem:{code}"
    assert problem["title"]
    assert problem["detail"]
    return problem


def facts(problem: dict[str, Any]) -> set[str]:
    return set(problem) - {"type", "title", "status", "detail", "code"}


def book(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    response = caller.post("series/", body)
    assert response.status_code == 201, response.json()
    return response.json()


def fill(cast: Cast, at: datetime, *, chairs: int) -> None:
    """That many strangers have a session at that time."""
    for number in range(chairs):
        stranger = caller_for(make_patient(f"Guest{number}", "Stone", number=50 + number))
        book(stranger, booster(at))
