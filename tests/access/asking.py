"""Asking without leaving a trace, and what the answer came to."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import Client

IN, NOT_SIGNED_IN, NOT_ALLOWED, NOT_THERE, NO_SUCH_METHOD = "in", "401", "403", "404", "405"
#: Whoever has not signed in is led there.
FORMS = ("/desk/login/", "/sign-in/", "/admin/login/")


def asked(
    client: Client,
    method: str,
    path: str,
    *,
    body: Any = None,
    headers: dict[str, str] | None = None,
    forms: bool = False,
) -> tuple[str, str]:
    """What became of the request, and the text of the answer. Whatever it changed is as it was before."""
    before = transaction.savepoint()
    try:
        if forms and method == "POST":
            answer: Any = client.post(path, body or {}, headers=headers)
        elif method == "GET":
            answer = client.get(path, headers=headers)
        else:
            answer = client.generic(
                method, path, body or "{}", content_type="application/json", headers=headers
            )
        said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    finally:
        transaction.savepoint_rollback(before)
    assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
    return _outcome(answer), said.decode(errors="replace")


def _outcome(answer: Any) -> str:
    status = str(answer.status_code)
    if status in (NOT_SIGNED_IN, NOT_ALLOWED, NOT_THERE, NO_SUCH_METHOD):
        return status
    if status == "302" and answer.headers["Location"].startswith(FORMS):
        return NOT_SIGNED_IN
    return IN


def told(said: str, path: str, secrets: dict[str, str]) -> list[str]:
    """Which of the secrets the answer has, but for those that the question named."""
    return [name for name, secret in secrets.items() if secret in said and secret not in path]
