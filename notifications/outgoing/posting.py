"""The way out: one POST to an address that somebody gave, with bounds on everything that comes back.

The connection is made to an address that was checked, under the name of the URL (`Host`, certificate). No
redirect is followed, no body is read, and the whole exchange has one deadline, so that a receiver can neither
lead us into a private network nor keep a worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from ssl import SSLCertVerificationError, SSLContext
from typing import Any

import httpcore

from notifications.outgoing import addresses
from notifications.outgoing.retries import Answer

SECONDS = 10.0  # from the first packet to the status line
_MOST_RETRY_AFTER = 86_400
Resolve = Callable[[str, int], list[str]]


class Deadline:
    """How much is left of the time for one exchange."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, never none: a socket takes zero for "do not wait"."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.TimeoutException
        return left


class _Stream(httpcore.NetworkStream):
    """A connection each of whose steps waits no longer than the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Stream(secure, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Checked(httpcore.NetworkBackend):
    """Connects to checked addresses alone, in the order in which the name resolved to them."""

    def __init__(self, deadline: Deadline, resolve: Resolve, *, allow_private: bool) -> None:
        self._deadline = deadline
        self._resolve = resolve
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = addresses.checked(self._resolve(host, port), allow_private=self._allow_private)
        refused: Exception = httpcore.ConnectError()
        for address in found:
            try:
                stream = self._sockets.connect_tcp(address, port, self._deadline.left())
            except httpcore.ConnectError as error:
                refused = error
            else:
                return _Stream(stream, self._deadline)
        raise refused


def post(
    url: str,
    *,
    body: str,
    headers: Mapping[str, str],
    allow_private: bool = False,
    seconds: float = SECONDS,
    resolve: Resolve = addresses.resolve,
    trust: SSLContext | None = None,
) -> Answer:
    """What the receiver at the URL said to the body. Never raises for what a receiver can do wrong."""
    deadline = Deadline(seconds)
    backend = _Checked(deadline, resolve, allow_private=allow_private)
    sent = [("Content-Type", "application/json"), ("User-Agent", "cadence-webhooks/1"), *headers.items()]
    try:
        addresses.refuse_url(url, allow_private=allow_private)
        with (
            httpcore.ConnectionPool(ssl_context=trust, network_backend=backend) as pool,
            pool.stream("POST", url, headers=sent, content=body.encode()) as response,
        ):
            return Answer(response.status, retry_after=_retry_after(response.headers))
    except addresses.Forbidden as refusal:
        return Answer(detail=str(refusal))
    except httpcore.TimeoutException:
        return Answer(detail=f"no answer within {seconds:g} s")
    except httpcore.ConnectError as error:
        distrusted = any(isinstance(one, SSLCertVerificationError) for one in error.args)
        return Answer(detail="its certificate is not valid" if distrusted else "no connection")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        return Answer(detail="the connection broke, or it did not speak HTTP")


def _retry_after(headers: Iterable[tuple[bytes, bytes]]) -> timedelta | None:
    """Whole seconds; a date, which some send instead, is passed over."""
    said = next((value for name, value in headers if name.lower() == b"retry-after"), b"").strip()
    if not (said.isdigit() and len(said) <= 9):
        return None
    return timedelta(seconds=min(int(said), _MOST_RETRY_AFTER))
