"""docs/api.md tells the truth: its examples run as they stand, its table is the schema's."""

from __future__ import annotations

import json
import re
import shlex
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from bookings import signals
from tests.api.test_schema import operations
from tests.cast import KET6, Cast, make_chairs, make_clinic, make_protocol, make_shifts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
#: Left out of the table, since the page says once where they can be.
EVERYWHERE = {401, 403, 404, 405, 413, 415}
ON_EVERY_POST = {400, 409, 422}


def table_of(document: dict[str, Any]) -> list[str]:
    rows = []
    for (path, method), operation in operations(document).items():
        statuses = {int(status) for status in operation["responses"]} - EVERYWHERE
        if method == "post":
            statuses -= ON_EVERY_POST
        rows.append(f"| `{path}` | {method.upper()} | {', '.join(map(str, sorted(statuses)))} |")
    return rows


def test_the_table_is_the_schemas():
    document = APIClient().get("/api/v1/schema/").json()
    section = PAGE.read_text().split("## Every address", 1)[1]

    assert [line for line in section.splitlines() if line.startswith("| `")] == table_of(document)


def examples() -> list[tuple[str, int, dict[str, str]]]:
    """(curl, status, {NAME: path into the answer}) of each block."""
    found = []
    for block in re.findall(r"```bash\n(curl.*?)```", PAGE.read_text(), re.DOTALL):
        curl, _, after = block.rpartition("\n# ")
        status, _, names = after.strip().partition(": ")
        kept = dict(one.split(" is ") for one in names.split(", ")) if names else {}
        found.append((curl, int(status), kept))
    return found


@pytest.fixture
def baltimore(cast: Cast) -> None:
    clinic = make_clinic("baltimore", time_zone="America/New_York")
    make_chairs(clinic, "B1", "B2")
    make_shifts(clinic, cast.ana, time(8), time(17))
    make_shifts(clinic, cast.ben, time(8), time(17))
    make_protocol({**KET6, "slug": "ketamine-iv"}, clinic, signed_by=cast.prescriber)


def test_the_examples_run_as_they_stand(baltimore: None, clock):
    known: dict[str, Any] = {"API": "/api/v1"}
    receiver = lambda sender, *, code, **_: known.update(CODE=code)  # noqa: E731
    signals.login_code_issued.connect(receiver)
    for curl, status, names in examples():
        response = run(curl, known)
        assert response.status_code == status, (curl, response.content)
        for name, path in names.items():
            known[name] = at(response.json(), path)
    signals.login_code_issued.disconnect(receiver)

    assert known["REFUSAL"] == "taken"
    assert len(examples()) == 12


def run(curl: str, known: dict[str, Any]) -> Any:
    """Send what the curl command would."""
    words = iter(shlex.split(_filled(curl, known)))
    method, url, body, headers = None, "", b"", {}
    next(words)
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "--json":
            body, method = next(words).encode(), method or "POST"
        else:
            url = word
    return APIClient().generic(method or "GET", url, body, content_type="application/json", headers=headers)


def _filled(text: str, known: dict[str, Any]) -> str:
    for name in sorted(known, key=len, reverse=True):
        value = known[name]
        text = text.replace(f"${name}", value if isinstance(value, str) else json.dumps(value))
    return text


def at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value[int(step) if step.isdecimal() else step]
    return value
