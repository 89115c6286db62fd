"""One visit as a calendar file, for those who are signed in and for those who have a link."""

from __future__ import annotations

import pytest
import vobject
from django.test import Client

from bookings.commands.cancel import cancel_session
from bookings.commands.links import issue_link
from bookings.commands.proposals import propose_moves
from bookings.models import JournalEntry, LinkPurpose
from tests.api.conftest import clock
from tests.bookings.scenes import session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york
from tests.patient.conftest import link_to, signed_in

__all__ = ["clock"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ways(cast, series, clock):
    """Who may have the second visit's file, and where."""
    move = {2: new_york("2026-04-10 10:00")}
    proposal = propose_moves(series, moves=move, reason="", actor=cast.as_desk, now=NOW)
    proposed = issue_link(cast.ada, purpose=LinkPurpose.PROPOSAL, proposal=proposal, now=NOW)
    second = session(series, 2)
    return [
        (signed_in(cast.ada), f"/my/sessions/{second.id}/"),
        (Client(), link_to(second)),
        (Client(), f"/p/{proposed}/2/"),
    ]


def test_every_page_of_a_visit_leads_to_its_file(ways, series):
    rows = JournalEntry.objects.count()
    for client, base in ways:
        assert f'href="{base}appointment.ics"' in client.get(base).content.decode()
        answer = client.get(f"{base}appointment.ics")
        [event] = vobject.readOne(answer.content.decode()).vevent_list

        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="appointment.ics"'
        assert "no-store" in answer["Cache-Control"]
        assert (event.uid.value, event.sequence.value) == (str(session(series, 2).id), "0")
        assert (event.dtstart.value, event.summary.value) == (MONDAYS_AND_THURSDAYS[1], "Appointment")
        assert "etamine" not in answer.content.decode()
    assert JournalEntry.objects.count() == rows


def test_a_visit_that_is_cancelled_has_none(cast, ways, series):
    cancel_session(session(series, 2), actor=cast.as_desk, now=NOW)

    assert [client.get(f"{base}appointment.ics").status_code for client, base in ways] == [404, 404, 404]


def test_nobody_else_gets_it(cast, ways, series):
    (_ada, mine), (_anyone, _link), (_holder, proposed) = ways

    assert signed_in(cast.bea).get(f"{mine}appointment.ics").status_code == 404
    assert Client().get(f"{mine}appointment.ics").status_code == 302
    assert Client().get(f"/v/{'A' * 12}/appointment.ics").status_code == 404
    assert Client().get(proposed.replace("/2/", "/3/") + "appointment.ics").status_code == 404


def test_its_words_are_in_the_readers_language(ways):
    _anyone, link = ways[1]

    answer = Client(headers={"accept-language": "es"}).get(f"{link}appointment.ics")

    assert vobject.readOne(answer.content.decode()).vevent_list[0].summary.value == "Cita"
