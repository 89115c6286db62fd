"""A patient's calendar by its secret address."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.models import Patient, Session
from notifications.models import CalendarFeed, ClinicVoice
from tests.api.conftest import clock
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york
from tests.notifications.page_scenes import do, everything
from tests.patient.conftest import signed_in

__all__ = ["clock"]

pytestmark = pytest.mark.django_db(transaction=True)
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def ada(cast, clock) -> Client:
    return signed_in(cast.ada)


def address(client: Client) -> str:
    return re.search(r"http://[^<]+(/calendar/[\w-]+\.ics)", do(client, "renew").content.decode())[1]


def entries(answer) -> list[tuple]:
    calendar = vobject.readOne(answer.content.decode())
    return [(event.dtstart.value, event.status.value) for event in calendar.contents.get("vevent", [])]


def test_a_calendar_shows_the_visits_as_they_are_now(cast, ada, series):
    feed = address(ada)
    move_session(
        series.sessions.get(number=2), start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=SOON
    )
    cancel_session(series.sessions.get(number=6), actor=cast.as_desk, now=SOON)

    answer = Client().get(feed)

    starts = [MONDAYS_AND_THURSDAYS[0], new_york("2026-04-10 09:00"), *MONDAYS_AND_THURSDAYS[2:5]]
    assert entries(answer) == [(start, "CONFIRMED") for start in starts]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_its_entries_are_those_of_the_invitations(ada, series):
    calendar = vobject.readOne(Client().get(address(ada)).content.decode())

    assert [(event.uid.value, event.sequence.value) for event in calendar.vevent_list] == [
        (str(session.id), str(session.version - 1)) for session in series.sessions.order_by("start")
    ]


def test_it_speaks_under_the_name_that_the_clinic_has_chosen(cast, ada, series):
    cast.north.name = "North Ketamine Center"
    cast.north.save()
    ClinicVoice.objects.create(clinic=cast.north, sender_name="North Clinic")

    content = Client().get(address(ada)).content.decode()

    assert "North Clinic" in content
    assert "etamine" not in content


def test_another_address_ends_the_one_before(ada, series):
    first = address(ada)
    second = address(ada)

    assert first != second
    assert [Client().get(one).status_code for one in (first, second)] == [404, 200]


def test_looking_at_a_calendar_changes_nothing(ada, series):
    feed = address(ada)
    before = everything()

    Client().get(feed)
    Client().head(feed)

    assert everything() == before


def test_only_a_digest_of_the_secret_is_kept(ada, cast):
    secret = address(ada).removeprefix("/calendar/").removesuffix(".ics")

    row = CalendarFeed.objects.get(patient=cast.ada)
    assert secret.encode() not in bytes(row.digest)
    assert len(secret) == 32


def test_with_another_key_of_the_server_the_page_asks_to_make_another_address(ada, settings):
    feed = address(ada)
    settings.SECRET_KEY = "another" * 8

    client = signed_in(Patient.objects.get(email="ada@mail.example"))

    assert feed not in client.get("/my/messages/").content.decode()
    assert Client().get(feed).status_code == 200  # calendars that have it keep up


def test_it_shows_the_last_three_months_and_nothing_older(ada, series, clock):
    feed = address(ada)
    clock.now = MONDAYS_AND_THURSDAYS[1] + timedelta(days=92)

    assert [start for start, _ in entries(Client().get(feed))] == MONDAYS_AND_THURSDAYS[2:]


@pytest.mark.parametrize("visits", [1, 3])
def test_reading_it_takes_three_queries_however_many_visits_there_are(ada, series, visits):
    feed = address(ada)
    Session.objects.filter(number__gt=visits).update(status="cancelled")

    with CaptureQueriesContext(connection) as asked:
        Client().get(feed)

    assert len(asked) == 3
