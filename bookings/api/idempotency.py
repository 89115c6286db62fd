"""The same POST twice is one POST: the first answer is kept, and a repeated request gets it again.

A key belongs to one caller. Its row is written, and committed, before the work begins, so that a twin that
arrives meanwhile is told to wait instead of doing the work again. The answer is kept in the transaction of
the work itself: whoever dies leaves both or neither. A row whose work was never finished is the trace of one
who left neither: after a minute the next twin takes it over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256, shake_256
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.problems import invalid, problem
from bookings.api.rendering import dumps
from bookings.api.throttling import address_of
from bookings.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST = 255
ABANDONED = timedelta(minutes=1)
_KEPT_HEADERS = ("ETag", "Location", "Retry-After", "WWW-Authenticate")

Post = Callable[..., HttpResponseBase]


def idempotent(post: Post) -> Post:
    """Make a view's `post` honour the Idempotency-Key. Faults and `busy` are not kept: they may be tried
    again.
    """

    @wraps(post)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get(HEADER, "")
        if not key:
            return post(view, request, *args, **kwargs)
        if len(key) > LONGEST:
            raise invalid(HEADER, f"A key has at most {LONGEST} characters.")
        row, ours = _claim(_caller(request), key, _fingerprint(request))
        if not ours:
            return _answer_again(row, _fingerprint(request))
        try:
            with _one_transaction():
                response = _answer(post, view, request, *args, **kwargs)
                kept = _is_final(response) and _keep(row, response)
                if not kept and response.status_code != 429:
                    transaction.set_rollback(True)
        except BaseException:
            _release(row)
            raise
        if kept:
            return response
        _release(row)
        return _in_use() if _is_final(response) else response

    return once


@contextmanager
def _one_transaction() -> Iterator[None]:
    """Whatever verbs commit within is committed together, at the end; so are the nudges that follow it."""
    block = transaction.atomic(durable=True)
    # A verb's own transaction insists on being the outermost, so that nothing it did can be undone later.
    # Django lets that of a test be around it, and this one: the answer is all that comes after the verb.
    block._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001
    with block:
        yield


def _answer(post: Post, view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
    try:
        return post(view, request, *args, **kwargs)
    except Exception as exc:
        response: HttpResponseBase = view.handle_exception(exc)
        return response


def _is_final(response: HttpResponseBase) -> bool:
    return response.status_code < 500 and response.status_code != 429


def _claim(caller: str, key: str, fingerprint: bytes) -> tuple[IdempotencyKey, bool]:
    """The row of this key, and whether it is ours to do the work."""
    now = timezone.now()
    if _insert(caller, key, fingerprint, now):
        return IdempotencyKey.objects.get(caller=caller, key=key), True
    row = IdempotencyKey.objects.filter(caller=caller, key=key).first()
    if row is None:  # its owner has just released it
        return _claim(caller, key, fingerprint)
    abandoned = row.finished_at is None and row.created_at < now - ABANDONED
    if abandoned and bytes(row.fingerprint) == fingerprint and _ours(row).update(created_at=now):
        row.created_at = now
        return row, True
    return row, False


def _insert(caller: str, key: str, fingerprint: bytes, now: datetime) -> bool:
    # The ORM's bulk_create(ignore_conflicts=True) does not tell whether it was we who wrote the row.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bookings_idempotencykey (caller, key, fingerprint, created_at, headers)"
            " VALUES (%s, %s, %s, %s, '{}') ON CONFLICT (caller, key) DO NOTHING",
            [caller, key, fingerprint, now],
        )
        return cursor.rowcount == 1


def _answer_again(row: IdempotencyKey, fingerprint: bytes) -> HttpResponseBase:
    if bytes(row.fingerprint) != fingerprint:
        return problem("idempotency-key-reused", "This Idempotency-Key was sent with another request before.")
    if row.finished_at is None or row.body is None:
        return _in_use()
    return HttpResponse(
        _sealed(row, bytes(row.body)),
        status=row.status,
        headers={**row.headers, "Idempotent-Replayed": "true"},
    )


def _in_use() -> HttpResponseBase:
    detail = "A request with this Idempotency-Key is still running."
    return problem("idempotency-key-in-use", detail, headers={"Retry-After": "1"})


def _keep(row: IdempotencyKey, response: Any) -> bool:
    """Whether the row was still ours to keep the answer in."""
    if isinstance(response, Response):
        body = b"" if response.data is None else dumps(response.data)
    else:
        body = response.content
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    headers["Content-Type"] = getattr(response, "content_type", None) or "application/json"
    return bool(
        _ours(row).update(
            finished_at=timezone.now(), status=response.status_code, headers=headers, body=_sealed(row, body)
        )
    )


def _release(row: IdempotencyKey) -> None:
    _ours(row).delete()


def _ours(row: IdempotencyKey) -> Any:
    # Not after somebody took it over from us because we were too slow.
    return IdempotencyKey.objects.filter(id=row.id, created_at=row.created_at, finished_at=None)


def _sealed(row: IdempotencyKey, body: bytes) -> bytes:
    """The body, encrypted or decrypted. An answer may hold a bearer token, which the database must not know.

    A stream that the server's secret, the key, the request and its time make unique is mixed in.
    """
    seed = f"{settings.SECRET_KEY}\n{row.caller}\n{row.key}\n{row.created_at.timestamp()}\n".encode()
    stream = shake_256(seed + bytes(row.fingerprint)).digest(len(body))
    return (int.from_bytes(body, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(body), "big")


def _caller(request: Request) -> str:
    principal: Any = request.user
    return principal.name if principal.is_authenticated else f"anonymous:{address_of(request)[:64]}"


def _fingerprint(request: Request) -> bytes:
    address = f"{request.method} {request.get_full_path()}\n".encode()
    return sha256(address + request.body).digest()
