"""Calendar entries, read back by another library than the one that writes them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from notifications.calendar import INVITING, Visit, feed, invitations
from notifications.kinds import Kind
from tests.cast import NOW
from tests.notifications.calendar_client import CalendarClient
from tests.notifications.saying import HARBOR, LONG, SIX, content_of, visit

ADA = "ada@mail.example"
PLEASE_CALL = "Please call to change or cancel: an answer from this calendar does not reach us."


def invited(kind: Kind, *, now: datetime = NOW, **changes):
    return invitations(replace(content_of(kind), **changes), recipient=ADA, now=now)


def read(content: bytes):
    """As another library sees it."""
    return vobject.readOne(content.decode())


def test_a_confirmation_of_six_visits_is_six_invitations():
    found = invitations(content_of(Kind.CONFIRMATION, visits=6), recipient=ADA, now=NOW)

    client = CalendarClient(ADA)
    assert [one.method for one in found] == ["REQUEST"] * 6
    assert [client.receive(one.content) for one in found] == ["added"] * 6
    assert [entry.start for entry in client.entries.values()] == SIX
    assert {entry.summary for entry in client.entries.values()} == {"Appointment"}


@pytest.mark.parametrize("kind", Kind)
def test_only_what_books_moves_or_cancels_a_visit_comes_with_one(kind):
    assert bool(invited(kind)) == (kind in INVITING)


def test_a_visit_that_is_moved_and_then_cancelled_disappears():
    client = CalendarClient(ADA)
    booked = visit(SIX[0], kind=Kind.CONFIRMATION)
    moved = replace(booked, kind=Kind.CHANGE, start=SIX[1], end=SIX[1] + timedelta(hours=2), sequence=1)
    cancelled = replace(moved, kind=Kind.CANCELLATION, sequence=2, cancelled=True)

    said = []
    for minutes, (kind, each) in enumerate(
        [(Kind.CONFIRMATION, booked), (Kind.CHANGE, moved), (Kind.CANCELLATION, cancelled)]
    ):
        (one,) = invited(kind, appointments=(each,), now=NOW + timedelta(minutes=minutes))
        said.append(client.receive(one.content))

    assert said == ["added", "updated", "removed"]
    assert client.entries == {}


def test_what_arrives_late_changes_nothing():
    client = CalendarClient(ADA)
    booked = visit(SIX[0], kind=Kind.CONFIRMATION)
    moved = replace(booked, start=SIX[1], end=SIX[1] + timedelta(hours=2), sequence=1)
    cancelled = replace(moved, sequence=2, cancelled=True)
    first, second, third = (
        invited(Kind.CHANGE, appointments=(each,), now=NOW + timedelta(minutes=each.sequence))[0].content
        for each in (booked, moved, cancelled)
    )

    assert [client.receive(one) for one in (second, first, third, second)] == [
        "added",
        "stale",
        "removed",
        "stale",
    ]
    assert client.entries == {}


def test_a_cancellation_that_is_taken_back_returns():
    client = CalendarClient(ADA)
    booked = visit(SIX[0], kind=Kind.CONFIRMATION)
    for minutes, each in enumerate(
        [booked, replace(booked, sequence=1, cancelled=True), replace(booked, sequence=2)]
    ):
        (one,) = invited(Kind.RESTORED, appointments=(each,), now=NOW + timedelta(minutes=minutes))
        client.receive(one.content)

    assert [entry.start for entry in client.entries.values()] == [SIX[0]]


def test_one_that_is_for_somebody_else_is_left_alone():
    (one,) = invited(Kind.CONFIRMATION)

    assert CalendarClient("eve@mail.example").receive(one.content) == "not for me"


def test_it_says_when_and_where_and_nothing_else():
    (one,) = invited(Kind.CONFIRMATION)

    (event,) = read(one.content).vevent_list
    assert {name: [each.value for each in lines] for name, lines in event.contents.items()} == {
        "uid": ["01920000-0000-7000-8000-000000000001"],
        "sequence": ["0"],
        "dtstamp": [NOW],
        "dtstart": [SIX[0]],
        "dtend": [SIX[0] + timedelta(minutes=130)],
        "summary": ["Appointment"],
        "description": [
            f"Harbor Clinic, +1 202-555-0100. {PLEASE_CALL}",
        ],
        "location": ["1 Harbor Street"],
        "class": ["PRIVATE"],
        "transp": ["OPAQUE"],
        "status": ["CONFIRMED"],
        "organizer": ["mailto:appointments@localhost"],
        "attendee": [f"mailto:{ADA}"],
    }
    assert event.attendee.params == {"ROLE": ["REQ-PARTICIPANT"], "PARTSTAT": ["ACCEPTED"], "RSVP": ["FALSE"]}
    assert event.organizer.params == {"CN": ["Harbor Clinic"]}


def test_in_spanish_it_is_a_cita():
    (one,) = invited(Kind.CONFIRMATION, language="es")

    assert read(one.content).vevent.summary.value == "Cita"


@pytest.mark.parametrize(
    ("start", "wall"),
    [
        (datetime(2026, 3, 8, 6, 30, tzinfo=UTC), "20260308T013000"),  # before the clocks go forward
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), "20260308T030000"),  # and after
        (datetime(2026, 11, 1, 14, 0, tzinfo=UTC), "20261101T090000"),
    ],
)
def test_a_time_is_the_clinics_wall_clock_and_the_same_instant(start, wall):
    (one,) = invited(Kind.CONFIRMATION, appointments=(visit(start),))

    assert f"DTSTART;TZID=America/New_York:{wall}\r\n".encode() in one.content
    assert read(one.content).vevent.dtstart.value == start


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(
        ["America/New_York", "America/Phoenix", "Australia/Lord_Howe", "Europe/Dublin", "Asia/Kathmandu"]
    ),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC)),
)
@example(zone="America/New_York", start=datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
@example(zone="America/New_York", start=datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
@example(zone="Australia/Lord_Howe", start=datetime(2026, 4, 4, 15, 15, tzinfo=UTC))
def test_the_zone_that_is_sent_along_tells_the_instant_to_one_who_knows_no_zones(zone, start):
    start = start.replace(second=0, microsecond=0)
    (one,) = invited(
        Kind.CONFIRMATION, clinic=replace(HARBOR, zone=ZoneInfo(zone)), appointments=(visit(start),)
    )

    # The definition in the object itself, not the zone of that name that the reader may know or have read.
    renamed = one.content.replace(zone.encode(), f"Made/Up/{zone}/{start:%Y%j%H%M}".encode())
    event = Calendar.from_ical(renamed).walk("VEVENT")[0]
    assert event["DTSTART"].dt.astimezone(UTC) == start


def test_lines_are_folded_and_end_as_the_standard_has_it():
    (one,) = invited(Kind.CONFIRMATION, clinic=LONG, language="es")

    lines = one.content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", sorted(INVITING))
def test_an_entry_has_no_word_of_its_own_but_the_neutral_ones(kind, language):
    for one in invited(kind, language=language):
        entry = read(one.content).vevent
        said = f"{entry.summary.value} {entry.description.value} {entry.location.value}"
        assert re.findall(r"(?i)ketamin|infus|treatment|therapy|Ada|drive|eat|comer", said) == []


def test_a_calendar_to_subscribe_to_has_each_visit_once_with_its_zone():
    visits = [
        Visit(
            session=f"session-{n}",
            start=start,
            end=start + timedelta(hours=2),
            sequence=n,
            certain=n != 2,
            clinic=HARBOR if n < 3 else replace(HARBOR, zone=ZoneInfo("America/Phoenix")),
        )
        for n, start in enumerate(SIX)
    ]

    calendar = read(feed(visits, language="es", now=NOW))

    assert [(event.uid.value, event.dtstart.value, event.status.value) for event in calendar.vevent_list] == [
        (f"session-{n}", start, "TENTATIVE" if n == 2 else "CONFIRMED") for n, start in enumerate(SIX)
    ]
    assert [zone.tzid.value for zone in calendar.vtimezone_list] == ["America/New_York", "America/Phoenix"]
    assert calendar.x_wr_calname.value == "Citas"
    assert {event.summary.value for event in calendar.vevent_list} == {"Cita"}


def test_a_calendar_without_visits_is_one_nevertheless():
    assert read(feed([], language="en", now=NOW)).contents.keys() >= {"version", "prodid"}
