"""How often somebody may ask, counted in Redis in fixed windows. Without Redis everybody gets through."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from bookings.errors import WrongCredentials

WRONG_PASSWORDS = "wrong passwords of an account"
_log = logging.getLogger(__name__)


def address_of(request: Request | HttpRequest) -> str:
    """A digest of the address that a request came from, which itself is written nowhere."""
    ident = BaseThrottle().get_ident(request) or ""
    return sha256(f"{settings.SECRET_KEY}{ident}".encode()).hexdigest()


def count(limit: str, who: str) -> None:
    """Count one more of `who` against the limit of that name in `settings.RATE_LIMITS`.

    Raises Throttled, with the seconds that are left of the window, when there were too many.
    """
    key, most, left = _window(limit, who)
    try:
        cache.add(key, 0, timeout=left)
        used = cache.incr(key)
    except (RedisError, ValueError) as exc:  # ValueError: the window ended between the two calls
        _log.warning("Requests are not counted: %s", type(exc).__name__)
        return
    if used > most:
        raise Throttled(wait=left)


def refuse_if_spent(limit: str, who: str) -> None:
    """Raises Throttled when `who` has used up the limit of that name; counts nothing."""
    key, most, left = _window(limit, who)
    try:
        used = cache.get(key, 0)
    except RedisError as exc:
        _log.warning("Requests are not counted: %s", type(exc).__name__)
        return
    if used >= most:
        raise Throttled(wait=left)


@contextmanager
def few_guesses(request: Request | HttpRequest, email: str) -> Iterator[None]:
    """Counts a password, digits or code of this account that turns out wrong within. Raises Throttled, before
    anything is tried, where there were too many.

    They are counted by the caller's address too: nobody may lock somebody else out by guessing badly.
    """
    account = f"{address_of(request)} {email}"
    refuse_if_spent(WRONG_PASSWORDS, account)
    try:
        yield
    except WrongCredentials:
        with suppress(Throttled):  # of many at once the last ones
            count(WRONG_PASSWORDS, account)
        raise


def _window(limit: str, who: str) -> tuple[str, int, int]:
    """The key of the present window, how many it allows, and its seconds that are left."""
    most, seconds = settings.RATE_LIMITS[limit]
    now = int(timezone.now().timestamp())
    name = limit.replace(" ", "-")
    return f"rate:{name}:{now // seconds}:{sha256(who.encode()).hexdigest()}", most, seconds - now % seconds


def per_address(limit: str, *, if_: Callable[[Request], bool] = lambda request: True) -> type[BaseThrottle]:
    """A throttle for `throttle_classes`: counts POSTs of one address against the limit of that name."""

    class PerAddress(BaseThrottle):
        def allow_request(self, request: Request, view: object) -> bool:
            if request.method == "POST" and if_(request):
                count(limit, address_of(request))
            return True

    return PerAddress


def per_patient(limit: str) -> type[BaseThrottle]:
    """A throttle for `throttle_classes`: counts POSTs of one patient who is signed in, from wherever."""

    class PerPatient(BaseThrottle):
        def allow_request(self, request: Request, view: object) -> bool:
            patient = request.user.patient
            if request.method == "POST" and patient is not None:
                count(limit, str(patient.id))
            return True

    return PerPatient


def of_a_stranger(request: Request) -> bool:
    """Whether nobody is signed in."""
    return not request.user.is_authenticated
