"""Requests that a carrier makes of its own accord, each at its time and signed as Twilio signs them."""

from __future__ import annotations

import base64
import heapq
import hmac
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlsplit

import httpx

SIGNATURE = "X-Twilio-Signature"

_log = logging.getLogger(__name__)


def signature(url: str, form: Mapping[str, str], *, token: str) -> str:
    """Twilio's signature of a form that is posted to `url`
    (source: https://www.twilio.com/docs/usage/webhooks/webhooks-security).
    """
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


class Calls:
    """What is to be posted, in order of time. Nothing is posted twice, whatever the answer was."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.answers: list[tuple[str, int]] = []  # (path, status), as they came; 0: nobody answered
        self._due: list[tuple[float, int, str, Mapping[str, str]]] = []
        self._changed = threading.Condition()
        self._numbers = count()
        self._waiting = 0  # not yet answered
        self._ended = False

    def post(self, url: str, form: Mapping[str, str], *, after: float) -> None:
        """Post a signed form, `after` seconds from now."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + after, next(self._numbers), url, form))
            self._waiting += 1
            self._changed.notify_all()

    def settle(self, *, seconds: float = 10) -> bool:
        """Wait until everything has been posted; whether it was in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Post as long as the block lasts; what is due later than its end is dropped."""
        with httpx.Client(timeout=10, trust_env=False) as client, ThreadPoolExecutor(4) as pool:
            thread = threading.Thread(target=self._deliver, args=(client, pool), name="carrier calls")
            thread.start()
            try:
                yield
            finally:
                with self._changed:
                    self._ended = True
                    self._changed.notify_all()
                thread.join()

    def _deliver(self, client: httpx.Client, pool: ThreadPoolExecutor) -> None:
        while True:
            with self._changed:
                while not self._ended and not (self._due and self._due[0][0] <= time.monotonic()):
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if self._ended:
                    return
                _, _, url, form = heapq.heappop(self._due)
            pool.submit(self._post, client, url, form)

    def _post(self, client: httpx.Client, url: str, form: Mapping[str, str]) -> None:
        status = 0
        try:
            headers = {SIGNATURE: signature(url, form, token=self.token)}
            status = client.post(url, data=dict(form), headers=headers).status_code
        except httpx.HTTPError as fault:
            _log.warning("a call of the carrier was not answered: %s", type(fault).__name__)
        finally:
            with self._changed:
                self.answers.append((urlsplit(url).path, status))
                self._waiting -= 1
                self._changed.notify_all()
