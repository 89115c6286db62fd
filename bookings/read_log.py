"""The record of readings: every answer that shows patients' data leaves one row, written before it is sent.

Reading changes nothing of the diary; this row is the one thing that a GET writes, because who has looked is
a question that only a record can answer (45 CFR 164.312(b)).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_guid import get_guid
from prometheus_client import Counter

from bookings.models import Purpose, StaffMember
from bookings.noticed import Noticed, noticing

LOST = Counter("readings_lost", "Answers that were given although their reading could not be recorded")

_log = logging.getLogger("cadence.readings")
#: Routes that are not what their form says: a page where the address names a thing, else a list.
PURPOSES = {
    "desk-search": Purpose.SEARCH,
    "patients": Purpose.SEARCH,
    "desk-export": Purpose.EXPORT,
    "my-record": Purpose.DOWNLOAD,
    "my-data-download": Purpose.DOWNLOAD,
}
#: A subscribed calendar is asked for every hour by a program; the journal says who has made its address.
UNRECORDED = frozenset({"calendar"})
#: What takes data out in bulk is refused where it cannot be recorded.
_NEVER_UNRECORDED = frozenset({Purpose.SEARCH, Purpose.EXPORT, Purpose.DOWNLOAD})
#: One statement, and no wait for the disk: what a crash of the database server takes with it is what was read
#: in its last half second. Bulk readings do wait.
_WRITE = """
    INSERT INTO bookings_reading
        (at, actor_kind, actor_id, purpose, route, about, about_id, patients, reason, request_id)
    SELECT clock_timestamp(), %s, %s::uuid, %s, %s, %s, %s::uuid, %s::uuid[], %s, %s
    FROM (SELECT set_config('synchronous_commit', %s, true)) AS once
"""


class ReadLog:
    """The middleware that writes it, innermost, so that it knows what every view has read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with noticing() as noticed:
            response = self.get_response(request)
        if response.status_code == 200 and request.resolver_match is not None:
            _record(request, noticed)
        return response


def _record(request: HttpRequest, noticed: Noticed) -> None:
    match = request.resolver_match
    assert match is not None, "the caller has looked"
    route = match.url_name or match.route
    about, about_id = next(
        ((name, value) for name, value in reversed(match.kwargs.items()) if isinstance(value, UUID)),
        ("", None),
    )
    purpose = PURPOSES.get(route, Purpose.PAGE if about else Purpose.LIST)
    if route in UNRECORDED or (request.method not in ("GET", "HEAD") and purpose is not Purpose.EXPORT):
        return  # what a change answers with is what it has changed, and that is in the journal
    searched = purpose is Purpose.SEARCH and bool(request.GET.get("q"))
    if not (noticed.patients or searched):
        return  # before anybody is looked up: /healthz must answer without a database
    kind, who = _reader(request)
    shown = noticed.patients
    if kind == "patient" and purpose is not Purpose.DOWNLOAD:
        shown = shown - {who}  # everybody may look at themselves
    if not (shown or searched):
        return
    reading = (kind, who, str(purpose), route[:60], about[:30], about_id, sorted(shown))
    try:
        _write(*reading, noticed.reason[:500], get_guid() or "", waits=purpose in _NEVER_UNRECORDED)
    except DatabaseError:
        if purpose in _NEVER_UNRECORDED:
            raise
        LOST.inc()
        facts = {"actor": f"{kind}:{who}", "route": route, "patients": len(shown)}
        _log.exception("reading of %(route)s by %(actor)s not recorded", facts, extra=facts)


def _write(*reading: Any, waits: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [*reading, "on" if waits else "off"])


def _reader(request: HttpRequest) -> tuple[str, UUID | None]:
    """Who is shown it: as the API knows them, as the desk does, or as the patient's pages do."""
    seen = getattr(request, "_cadence_patient_token", None)
    if seen is not None:
        return "patient", seen.patient_id
    user: Any = request.user
    if isinstance(user, StaffMember):
        return "staff", user.id
    actor = getattr(user, "actor", None)
    return (actor.kind, actor.id) if actor is not None else ("anonymous", None)
