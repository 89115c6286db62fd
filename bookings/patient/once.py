"""A form that is sent twice is done once: the second is led where the first went.

Each form carries a token of its own. Its row is written before the work begins, so that a twin (a double
click, a reload, a second tab of the same page) waits for the first instead of doing the work again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from importlib import import_module
from secrets import token_urlsafe
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone

from bookings.errors import Busy
from bookings.models import IdempotencyKey

View = Callable[..., HttpResponseBase]
_CALLER = "page"
_TOKEN = re.compile(r"[\w-]{22}", re.ASCII)
_PATIENCE_SECONDS, _LOOK_EVERY_SECONDS = 8.0, 0.1
#: The trace of a process that died is taken over after this time.
_ABANDONED = timedelta(minutes=1)


def fresh_token() -> str:
    """For a form: nobody can guess it, and no other form has it."""
    return token_urlsafe(16)


def once(view: View) -> View:
    """Of twins with one token only the first is done, if it led on; a form that was shown again may be sent
    again.
    """

    @wraps(view)
    def sent(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = request.POST.get("once", "")
        if request.method != "POST" or not _TOKEN.fullmatch(token):
            return view(request, *args, **kwargs)
        before = _claim(token)
        if before is not None:
            return _led_again(request, before)
        try:
            answer = view(request, *args, **kwargs)
        except BaseException:
            _rows(token).delete()
            raise
        _settle(request, token, answer)
        return answer

    return sent


def _claim(token: str) -> IdempotencyKey | None:
    """None when the work is ours; else the row of a twin that has finished. Raises Busy after a while."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while not _insert(token):
        row = _rows(token).first()
        if row is not None and row.finished_at is not None:
            return row
        if row is not None and row.created_at < timezone.now() - _ABANDONED:
            _rows(token).filter(created_at=row.created_at).delete()
        elif time.monotonic() > until:
            raise Busy
        else:
            time.sleep(_LOOK_EVERY_SECONDS)
    return None


def _insert(token: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bookings_idempotencykey (caller, key, fingerprint, created_at, headers)"
            " VALUES (%s, %s, '', %s, '{}') ON CONFLICT (caller, key) DO NOTHING",
            [_CALLER, token, timezone.now()],
        )
        return cursor.rowcount == 1


def _settle(request: HttpRequest, token: str, answer: HttpResponseBase) -> None:
    if not isinstance(answer, HttpResponseRedirect):
        _rows(token).delete()
        return
    # A twin may come with the key that the session had before somebody signed in: it is led on with the new.
    request.session.save()
    headers = {"Location": answer.url, "session": request.session.session_key}
    _rows(token).update(finished_at=timezone.now(), status=answer.status_code, headers=headers)


def _led_again(request: HttpRequest, row: IdempotencyKey) -> HttpResponse:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if store().exists(row.headers["session"]):
        request.session = store(row.headers["session"])
        request.session.modified = True
    return HttpResponseRedirect(row.headers["Location"])


def _rows(token: str) -> Any:
    return IdempotencyKey.objects.filter(caller=_CALLER, key=token)
