"""The live stream of the desk: says within half a second that something at a clinic has changed.

A small process of its own, because a connection that stays open for hours would hold a web worker. It
tells nothing but which clinic and which days to look at again, so a ticket (signed by the page's server, for
the clinics of one member of staff) is all that it asks for. The journal is the source: one query for all
listeners together, four times a second, and none when nobody listens.

    granian --interface asgi --workers 1 config.live:application
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core import signing  # noqa: E402

from bookings.frontdesk.access import LIVE_SALT, LONGEST  # noqa: E402
from config.startup import refuse_unfit_settings  # noqa: E402

refuse_unfit_settings()

PATH = "/desk/live/"
LOOKS_EVERY = 0.25  # seconds
HEARTBEAT = 15.0  # seconds: proxies cut a connection that is silent for a minute
#: A row may become visible behind one with a higher number: its transaction took longer. So each look goes
#: back as far as any transaction of ours may last (statement_timeout is 30 s).
LATE = 60.0  # seconds
MOST_WAITING = 100  # changes that a listener has not read yet; beyond them it is told to look at everything

#: A clearance is of a patient, not of a clinic: staff see it at each.
_CHANGES = """
SELECT entry.id, clinic.id::text, extract(epoch FROM entry.at)::float8,
       ARRAY(SELECT DISTINCT (timezone(clinic.time_zone, (facts ->> 'start')::timestamptz))::date::text
             FROM unnest(ARRAY[entry.before, entry.after]) AS facts WHERE facts ? 'start')
FROM bookings_journalentry AS entry JOIN bookings_clinic AS clinic
     ON clinic.id = entry.clinic_id OR (entry.clinic_id IS NULL AND entry.verb = 'clearance_granted')
WHERE entry.id > %s AND NOT entry.id = ANY(%s) ORDER BY entry.id LIMIT 1000
"""
_NEWEST = "SELECT coalesce(max(id), 0) FROM bookings_journalentry"
_OVERLAP = 200  # rows: as many transactions as can be under way when a watch begins
#: Seconds from the beginning of a request, which its rows are dated by, to its commit: waiting for a lock
#: takes three at most. A page that was made meanwhile has not seen what it did.
UNDER_WAY = 5.0

_log = logging.getLogger(__name__)
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Change:
    """Something of a clinic is not as it was. `days` are clinic-local; empty: look at all of them."""

    id: int
    clinic: str
    days: tuple[str, ...] = ()

    @property
    def event(self) -> bytes:
        data = json.dumps({"clinic": self.clinic, "days": self.days})
        return f"id: {self.id}\nevent: change\ndata: {data}\n\n".encode()


@dataclass(eq=False)
class Listener:
    """One open page."""

    clinics: frozenset[str]
    waiting: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def hear(self, change: Change) -> None:
        if change.clinic in self.clinics:
            with suppress(asyncio.QueueFull):  # it has so much to look at that it will see this too
                self.waiting.put_nowait(change)


class Journal:
    """The journal's rows as they become visible, each told once."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self._floor: int | None = None
        self._seen: dict[int, float] = {}
        self._recent: deque[tuple[float, Change]] = deque(maxlen=_OVERLAP)
        self._wanted = asyncio.Event()
        self.watching = asyncio.Event()  # whatever becomes visible from now on is told
        self._task: asyncio.Task[None] | None = None

    def join(self, listener: Listener) -> None:
        self.listeners.add(listener)
        self._wanted.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        if not self.listeners:
            self._wanted.clear()
            self.watching.clear()
            self._floor, self._seen = None, {}

    async def _watch(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                async with await psycopg.AsyncConnection.connect(
                    settings.DATABASE_URL, autocommit=True, connect_timeout=5
                ) as connection:
                    while self.listeners:
                        self._tell(await self._look(connection))
                        if self._floor is not None:  # the last one may have left while it looked
                            self.watching.set()
                        await asyncio.sleep(LOOKS_EVERY)
            except psycopg.Error as fault:
                # Pages look again by themselves once a minute, and at once when a change comes through here.
                self.watching.clear()
                _log.warning("the journal cannot be read just now: %s", type(fault).__name__)
                await asyncio.sleep(2)

    async def _look(self, connection: psycopg.AsyncConnection[Any]) -> list[Change]:
        """What has become visible since the last look; nothing at the first."""
        is_first = self._floor is None
        if self._floor is None:
            newest = await (await connection.execute(_NEWEST)).fetchone()
            self._floor = (newest[0] if newest else 0) - _OVERLAP
        rows = await (await connection.execute(_CHANGES, [self._floor, list(self._seen)])).fetchall()
        now = asyncio.get_running_loop().time()
        self._seen |= {row[0]: now for row in rows}
        settled = [id for id, at in self._seen.items() if now - at > LATE]  # noqa: A001
        if settled:
            self._floor = max(self._floor, *settled)
            self._seen = {id: at for id, at in self._seen.items() if id > self._floor}  # noqa: A001
        changes = [Change(row[0], row[1], tuple(row[3])) for row in rows]
        self._recent.extend((row[2], change) for row, change in zip(rows, changes, strict=True))
        return [] if is_first else changes

    def made_up_for(self, since: float) -> list[Change]:
        """What a page that was asked for at that time (seconds since 1970) may not have seen."""
        return [change for at, change in self._recent if at > since - UNDER_WAY]

    def _tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            for listener in self.listeners:
                listener.hear(change)


journal = Journal()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """`GET /desk/live/?ticket=`: server-sent events `change` as long as the page is open; 403 without a
    ticket.
    """
    if scope["type"] != "http":
        return
    if scope["path"] != PATH or scope["method"] != "GET":
        await _answer(send, 404 if scope["path"] != PATH else 405)
        return
    try:
        ticket = parse_qs(scope["query_string"].decode())["ticket"][0]
        clinics = frozenset(signing.loads(ticket, salt=LIVE_SALT, max_age=LONGEST))
        since = float(parse_qs(scope["query_string"].decode()).get("since", ["inf"])[0])
    except (KeyError, ValueError, signing.BadSignature):
        await _answer(send, 403)
        return
    listener = Listener(clinics)
    journal.join(listener)
    try:
        await _stream(listener, since, receive, send)
    finally:
        journal.leave(listener)


async def _stream(listener: Listener, since: float, receive: Receive, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        # In a demo the stream has a port of its own. The ticket is what counts, no cookie comes along.
        (b"access-control-allow-origin", settings.PUBLIC_URL.encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 1000\n\n", "more_body": True})
    gone = asyncio.create_task(_closed(receive))
    try:
        if not await _watched(gone):
            return
        # From here on it misses nothing, and it is told what it may have missed since it was made. A page
        # that connects again looks once when it hears this.
        await send({"type": "http.response.body", "body": b"event: hello\ndata: {}\n\n", "more_body": True})
        for missed in journal.made_up_for(since):
            listener.hear(missed)
        while not gone.done():
            change = asyncio.create_task(listener.waiting.get())
            await asyncio.wait({change, gone}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
            body = change.result().event if change.done() else b": still here\n\n"
            change.cancel()
            await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        gone.cancel()


async def _watched(gone: asyncio.Task[None]) -> bool:
    """Waits until the journal is watched; false when the page has been closed before."""
    ready = asyncio.create_task(journal.watching.wait())
    await asyncio.wait({ready, gone}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    return not gone.done()


async def _closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
