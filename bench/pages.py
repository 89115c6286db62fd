"""What the pages for patients cost on the server: the demo, with many further sessions behind it."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle, islice
from uuid import UUID

from django.db import connection, reset_queries
from django.test import Client
from django.utils import timezone

from bench.timing import Line, Timing, milliseconds
from bookings.commands.links import issue_link
from bookings.models import Clinic, Hold, LinkPurpose, Patient, Protocol, Session
from bookings.queries.catalogue import catalogue

TARGET = 0.120
TIMES, READERS = 60, 20
AHEAD = timedelta(days=4)  # so far ahead that a visit can still be moved


@dataclass
class Measured:
    """What one page took, and with how many statements."""

    taken: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)  # of the process, without waiting for anybody
    statements: set[int] = field(default_factory=set)

    def line(self, name: str) -> Line:
        """The line of the report."""
        seconds, cpu = (Timing(tuple(sorted(each))) for each in (self.taken, self.busy))
        said = f"{milliseconds(cpu.p95)} at work, {milliseconds(seconds.p95)} in all"
        queries = "/".join(map(str, sorted(self.statements)))
        what = f"{name}, p95, {queries} statements"
        return Line("pages", what, said, f"≤ {TARGET * 1000:.0f} ms at work", cpu.p95 <= TARGET)

    def __iadd__(self, other: Measured) -> Measured:
        self.taken += other.taken
        self.busy += other.busy
        self.statements |= other.statements
        return self


def lines(demo: Sequence[str], *, now: datetime) -> Iterator[Line]:
    """A line for each page, `demo` being the clinics by slug that it is measured at. Each page is asked for
    `TIMES` times, with other wishes or for another patient each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as config/wsgi.py, where pages are served
    stranger = _client()
    yield _measured(cycle([(stranger, "/")])).line("the first page")
    every = Measured()  # as the page is met: by people who want one treatment or another
    for name, pages in _of_treatments(demo, now=now):
        measured = _measured(cycle((stranger, page) for page in pages))
        every += measured
        yield measured.line(name)
    yield every.line("plans, of every treatment and wish above")
    readers = _readers(demo, now=now)
    for name, address in _MINE.items():
        pages = [(client, address(session)) for client, session in readers]
        yield _measured(cycle(pages)).line(name)
    for name, ask in {"a single visit is changed": _adjusted, "a plan is kept and shown": _held}.items():
        yield _measured(ask(readers[0][1].clinic, now=now)).line(name)


_CODE = re.compile(r'name="plan" value="([^"]+)"')
_NARROW = [(day, part) for part in ("", "morning", "afternoon") for day in range(1, 6)]

_MINE: dict[str, Callable[[Session], str]] = {
    "my visits": lambda one: "/my/",
    "a visit": lambda one: f"/my/sessions/{one.id}/",
    "a visit's link": lambda one: _link(one),  # noqa: PLW0108  it is defined below
    "moving a visit": lambda one: f"/my/sessions/{one.id}/move/",
    "moving a visit, later ones as well": lambda one: f"/my/sessions/{one.id}/move/?others=",
    "cancelling a visit": lambda one: f"/my/sessions/{one.id}/cancel/",
    "waiting for an earlier time": lambda one: f"/my/sessions/{one.id}/earlier/",
    "my data": lambda one: "/my/data/",
    "my data as a file": lambda one: "/my/data/download/",
    "my messages": lambda one: "/my/messages/",
    "a visit's calendar file": lambda one: f"/my/sessions/{one.id}/appointment.ics",
}


def _of_treatments(demo: Sequence[str], *, now: datetime) -> Iterator[tuple[str, list[str]]]:
    """Each clinic's treatments, with the pages that plan them: by wide wishes, and by one weekday only."""
    for clinic, offered in catalogue():
        for protocol, version in offered if clinic.slug in demo else ():
            where = f"{clinic.slug}, {version.rules['name']}"
            yield f"plans, {where}", _plans(clinic, protocol, now=now)
            narrow = [f"{_base(clinic, protocol)}?on={day}&time={part}" for day, part in _NARROW]
            yield f"plans by one weekday, {where}", narrow


def _client() -> Client:
    return Client(SERVER_NAME="127.0.0.1")


def _measured(pages: Iterator[tuple[Client, str]]) -> Measured:
    found = Measured()
    for client, page in islice(pages, 3):
        client.get(page)
    gc.collect()
    for client, page in islice(pages, TIMES):
        reset_queries()
        connection.force_debug_cursor = True
        before, worked = time.perf_counter(), time.process_time()
        answer = client.get(page)
        found.busy.append(time.process_time() - worked)
        found.taken.append(time.perf_counter() - before)
        found.statements.add(len(connection.queries))
        connection.force_debug_cursor = False
        if answer.status_code != 200:
            raise RuntimeError(f"{page} answered {answer.status_code}")
    return found


def _plans(clinic: Clinic, protocol: Protocol, *, now: datetime) -> list[str]:
    """Pages of plans from other days on, some with wishes."""
    today, wishes = now.astimezone(clinic.zone).date(), ("", "&time=morning", "&time=afternoon", "&same=on")
    days = (today + timedelta(days=ahead) for ahead in range(3, 33, 2))
    return [
        f"{_base(clinic, protocol)}?begin={day}{wish}" for day, wish in zip(days, cycle(wishes), strict=False)
    ]


def _base(clinic: Clinic, protocol: Protocol) -> str:
    return f"/book/{clinic.slug}/{protocol.id}/"


def _readers(demo: Sequence[str], *, now: datetime) -> list[tuple[Client, Session]]:
    """So many patients who are signed in, each with a visit that can be moved."""
    ahead = Session.objects.filter(status="booked", start__gt=now + AHEAD, clinic__slug__in=demo)
    first: dict[UUID, Session] = {}
    for session in ahead.select_related("patient", "clinic", "series").order_by("start"):
        first.setdefault(session.patient_id, session)
    return [(_signed_in(one.patient), one) for one in list(first.values())[:READERS]]


def _signed_in(patient: Patient) -> Client:
    client = _client()
    client.post(f"/l/{issue_link(patient, purpose=LinkPurpose.SIGN_IN, now=timezone.now())}/")
    return client


def _link(session: Session) -> str:
    plain = issue_link(session.patient, purpose=LinkPurpose.VISIT, session=session, now=timezone.now())
    return f"/v/{plain}/"


def _chosen(clinic: Clinic, *, now: datetime) -> Iterator[tuple[str, str]]:
    """Plans that can be had, as their codes, with the address of their treatment."""
    stranger = _client()
    for place, offered in catalogue():
        if place.id == clinic.id:
            for protocol, _version in offered:
                for page in _plans(clinic, protocol, now=now)[:3]:
                    codes = _CODE.findall(stranger.get(page).content.decode())
                    yield from ((_base(clinic, protocol), code) for code in codes)


def _adjusted(clinic: Clinic, *, now: datetime) -> Iterator[tuple[Client, str]]:
    stranger = _client()
    return cycle(
        (stranger, f"{base}adjust/?plan={code}&visit={min(3, len(code.split('.')))}")
        for base, code in _chosen(clinic, now=now)
    )


def _held(clinic: Clinic, *, now: datetime) -> Iterator[tuple[Client, str]]:
    """Holds, of which each takes places: the plans are looked at anew once all of them were wanted."""
    while True:
        before = Hold.objects.count()
        for base, code in _chosen(clinic, now=now):
            client = _client()
            answer = client.post(f"{base}hold/", {"plan": code})
            if "/book/hold/" in answer.url:
                yield client, answer.url
        if Hold.objects.count() == before:
            raise RuntimeError(f"{clinic.slug} has no plan left to hold")
