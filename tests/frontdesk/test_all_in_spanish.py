"""Every page of the desk, for a reader of Spanish: no English is left but the names that people gave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from bookings.commands.attend import check_in_session, start_session
from bookings.commands.proposals import propose_moves
from bookings.commands.waiting import join_waiting_list
from bookings.models import Chair, Closure, Task, TaskKind
from notifications.commands.react import react
from notifications.models import Message
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import NOW, Cast, new_york
from tests.frontdesk.addresses import NOBODY, Address, addresses
from tests.frontdesk.conftest import at_the_desk
from tests.frontdesk.test_matrix import MATRIX

pytestmark = pytest.mark.django_db(transaction=True)

#: Words that no sentence of English does without for long, and no sentence of Spanish has.
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|was|were|to|for|from|with|not|this|that|by|at|an|or|it|has|have|be|will|you|your|"
    r"until|before|after|new|day|days|week|visit|visits|session|sessions|patient|chair|nurse|open|closed|"
    r"save|cancel|active|name|sent|email|text|task|reason|staff|report|who|when|what|nothing|nobody)\b",
    re.IGNORECASE,
)
#: What stays as it is in any language: addresses, and the names of a file's columns.
NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|\botpauth\S+|\w+(,\w+){5,}")


@pytest.fixture
def spoken(cast: Cast) -> dict[str, Any]:
    """A clinic with something on every page, and the ids of the things that pages are about."""
    for protocol in (cast.ket6, cast.booster, cast.esketamine, cast.infliximab):
        version = protocol.versions.get()
        for part in (version.rules, *version.rules["phases"], *version.rules["steps"]):
            part["names"] = {"es": f"Nombre {len(part['name'])}"}
        version.rules["name"] = "Ketamina"
        version.save(update_fields=["rules"])
    series = book_ket6(cast)
    today = book_one(cast, new_york("2026-04-01 13:00"), patient=cast.bea)
    for command in (check_in_session, start_session):
        command(today, actor=cast.as_nurse, now=NOW)
    moves = {2: new_york("2026-04-09 14:00")}
    proposal = propose_moves(series, moves=moves, actor=cast.as_desk, now=NOW)
    entry = join_waiting_list(
        cast.carl, clinic=cast.north, protocol=cast.ket6, phase="induction", actor=cast.as_desk, now=NOW
    )
    closure = Closure.objects.create(
        clinic=cast.north,
        starts=new_york("2026-04-02 08:00"),
        ends=new_york("2026-04-02 12:00"),
        reason="Obras",
    )
    _tasks(cast, series)
    react(now=NOW)
    return {
        "session": series.sessions.get(number=2).id,
        "patient": cast.ada.id,
        "series": series.id,
        "proposal": proposal.id,
        "entry": entry.id,
        "closure": closure.id,
        "chair": Chair.objects.filter(clinic=cast.north).first().id,
        "protocol": cast.ket6.id,
        "member": cast.ana.id,
        "message": Message.objects.first().id,
    }


def _tasks(cast: Cast, series: Any) -> None:
    details = {
        TaskKind.INCOMPLETE: "5 of 6 sessions are done or planned: session 6 was cancelled.",
        TaskKind.PHASE_FINISHED: "induction ended on Wed 1 April, and nothing is booked of induction.",
        TaskKind.MESSAGE_FAILED: "A reminder could not be sent: texts to this number were stopped",
        TaskKind.PATIENT_WROTE: "The patient wrote, and only a person can answer.\nPatient: Ya voy.",
    }
    dates = {"created_at": NOW, "updated_at": NOW}
    for kind, detail in details.items():
        Task.objects.create(kind=kind, clinic=cast.north, series=series, detail=detail, **dates)


#: What pages show more of, when they are asked.
ASKED = {
    "desk-move": ["?start=2026-04-07T10:00"],
    "desk-plan": [
        "?treatment=ket6/induction&earliest=2026-04-02",
        "?treatment=ket6/induction&earliest=2020-01-01",
    ],
    "desk-search": ["?q=ada", "?q=nadie", "?q=k"],
    "desk-walk-in": ["?q=ada"],
    "desk-tasks": ["?all"],
    "desk-day": ["?date=2026-04-02"],
    "desk-list": ["?date=2026-04-02", "?date=2026-04-06"],
    "desk-messages": ["?visit="],
}


def test_no_page_leaves_english_to_a_reader_of_spanish(cast: Cast, clock: Any, spoken: dict[str, Any]):
    left = {}
    for role in ("manager", "prescriber", "desk"):
        client = at_the_desk(getattr(cast, role))
        for address in addresses():
            for path in _paths(address, spoken):
                if found := _english(client, path):
                    left[path] = found

    assert left == {}


def _paths(address: Address, ids: dict[str, Any]) -> Iterator[str]:
    may_look, _may_press = MATRIX.get(address.name, ((), ()))
    if not may_look or address.path.endswith(".json"):
        return
    path = re.sub(r"<uuid:(\w+)>", lambda found: str(ids.get(found[1], NOBODY)), "/" + address.path)
    path = path.replace("<slug:clinic>", "north")
    for asked in ("", *ASKED.get(address.name, ())):
        yield path + asked


def _english(client: Client, path: str) -> list[str]:
    answer = client.get(path, headers={"Accept-Language": "es"}, follow=True)
    if not answer.headers["Content-Type"].startswith("text/html"):
        return []
    html = answer.content.decode()
    html = re.sub(r"<(script|style|textarea)\b.*?</\1>", " ", html, flags=re.DOTALL)
    attributes = re.findall(r"\b(?:aria-label|placeholder|title|alt|data-(?!hx)[a-z-]+)=\"([^\"]+)\"", html)
    shown = re.sub(r"<[^>]+>", "\n", html).split("\n") + [one for one in attributes if " " in one]
    texts = {" ".join(unescape(one).split()) for one in shown}
    return sorted(one for one in texts if ENGLISH.search(NO_WORDS.sub(" ", one)))
