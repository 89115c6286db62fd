"""The live stream, served as in production and listened to over a socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from django.core import signing
from django.db import connection, transaction

from bookings.commands.attend import confirm_session
from bookings.commands.book import book_series
from bookings.commands.clearance import grant_clearance
from bookings.frontdesk.access import LIVE_SALT
from bookings.models import Session
from config import processes
from tests.cast import MONDAYS_AND_THURSDAYS, NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def live(settings, tmp_path) -> Iterator[str]:
    """The address of a stream that reads this test's database."""
    port = processes.free_port()
    given = connection.settings_dict
    login = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}"
    settings.SECRET_KEY = "s" * 50
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{login}/{given['NAME']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "DEMO": "1",
        "PUBLIC_URL": "http://desk.example",
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers-kill-timeout", "1s", "config.live:application"]
    with (tmp_path / "live.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield _answering(f"http://127.0.0.1:{port}/desk/live/", until=time.monotonic() + 20)
    finally:
        processes.stop(process)


def _answering(url: str, *, until: float) -> str:
    while time.monotonic() < until:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return url
    raise AssertionError("the stream does not answer")


def ticket_for(*clinics) -> dict[str, str]:
    return {"ticket": signing.dumps([str(clinic.id) for clinic in clinics], salt=LIVE_SALT)}


class Ear:
    """Reads events off an open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.lines = response.iter_lines()

    def event(self) -> tuple[str, dict]:
        name = next(line for line in self.lines if line.startswith("event: "))
        data = next(line for line in self.lines if line.startswith("data: "))
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_a_page_hears_within_a_second_which_days_of_its_clinic_have_changed(cast, live):
    series = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )
    first = series.sessions.get(number=1)
    with httpx.stream("GET", live, params=ticket_for(cast.north), timeout=5) as response:
        ear = Ear(response)
        assert ear.event() == ("hello", {})

        began = time.monotonic()
        confirm_session(first, actor=cast.as_desk, now=NOW)

        assert ear.event() == ("change", {"clinic": str(cast.north.id), "days": ["2026-04-06"]})
        assert time.monotonic() - began < 1


def test_a_change_whose_number_is_lower_but_which_became_visible_later_is_told_too(cast, live):
    series = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )
    with httpx.stream("GET", live, params=ticket_for(cast.north), timeout=5) as response:
        ear = Ear(response)
        ear.event()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT nextval('bookings_journalentry_id_seq')")
            early = cursor.fetchone()[0]
        confirm_session(series.sessions.get(number=2), actor=cast.as_desk, now=NOW)
        assert ear.event()[1]["days"] == ["2026-04-09"]

        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bookings_journalentry"
                " (id, at, verb, actor_kind, clinic_id, before, after, reason)"
                " VALUES (%s, now(), 'hours_changed', 'staff', %s, '{}', '{}', '')",
                [early, cast.north.id],
            )

        assert ear.event() == ("change", {"clinic": str(cast.north.id), "days": []})


@pytest.mark.parametrize(("asked_for_after", "is_told"), [(4.9, True), (5.1, False)])
def test_a_page_is_told_what_was_done_while_it_was_made(cast, live, asked_for_after, is_told):
    confirm_session(
        book_series(
            cast.ada,
            clinic=cast.north,
            protocol=cast.ket6,
            starts=MONDAYS_AND_THURSDAYS,
            actor=cast.as_desk,
            now=NOW - timedelta(days=1),
        ).sessions.get(number=1),
        actor=cast.as_desk,
        now=NOW,
    )
    asked = ticket_for(cast.north) | {"since": str(NOW.timestamp() + asked_for_after)}
    with httpx.stream("GET", live, params=asked, timeout=5) as response:
        ear = Ear(response)
        heard = [ear.event()]
        confirm_session(
            Session.objects.get(number=2), actor=cast.as_desk, now=NOW
        )  # so that there is an end to listening
        heard += [ear.event() for _ in range(2 if is_told else 1)]

    days = [told.get("days") for _name, told in heard]
    assert days == ([None, ["2026-04-06"], ["2026-04-09"]] if is_told else [None, ["2026-04-09"]])


def test_every_clinic_hears_of_a_clearance_and_it_is_about_no_day(cast, live):
    with (
        httpx.stream("GET", live, params=ticket_for(cast.north), timeout=5) as north,
        httpx.stream("GET", live, params=ticket_for(cast.west), timeout=5) as west,
    ):
        ears = Ear(north), Ear(west)
        assert [ear.event()[0] for ear in ears] == ["hello", "hello"]

        expires = NOW.date() + timedelta(days=90)
        grant_clearance(
            cast.ada, protocol=cast.ket6, sessions=6, expires=expires, actor=cast.as_prescriber, now=NOW
        )

        told = [ear.event() for ear in ears]
        assert told == [("change", {"clinic": str(at.id), "days": []}) for at in (cast.north, cast.west)]


def test_a_page_hears_nothing_of_a_clinic_that_its_ticket_does_not_name(cast, live):
    with httpx.stream("GET", live, params=ticket_for(cast.west), timeout=2) as response:
        ear = Ear(response)
        ear.event()
        book_series(
            cast.ada,
            clinic=cast.north,
            protocol=cast.ket6,
            starts=MONDAYS_AND_THURSDAYS,
            actor=cast.as_desk,
            now=NOW,
        )
        with pytest.raises(httpx.ReadTimeout):
            ear.event()


def test_without_a_ticket_of_ours_there_is_no_stream(cast, live):
    tickets = [{}, {"ticket": ""}, {"ticket": "WyJ4Il0:1abcde:forged"}]
    assert [httpx.get(live, params=ticket).status_code for ticket in tickets] == [403, 403, 403]
