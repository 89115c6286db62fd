"""What those who wait are told of an earlier time, and in which words those who were not first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_session
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.models import Link, LinkPurpose, Patient
from bookings.tokens import digest_of
from notifications.channels import dispatch
from notifications.commands.react import react
from notifications.commands.send import settle, take_due
from notifications.kinds import Channel, Kind, Status
from notifications.models import Message
from notifications.queries import messages
from tests.bookings.offer_scenes import FREED, booked_up, free, many_wait, offer, wait_for_course
from tests.cast import NOW
from tests.notifications.both_ways import agree_to_texts

AT = NOW + timedelta(hours=1)  # everything was booked before
UNTIL = AT + timedelta(hours=2)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def offers(cast):
    """Two who wait, each with an email address, are offered what Ada has given up."""
    entries = many_wait(cast, 2)
    for entry in entries:
        Patient.objects.filter(id=entry.patient_id).update(
            email=f"{entry.patient.first_name}@p.example".lower()
        )
    free(cast)
    react(now=AT)
    return offer(now=AT)


def send_due(*, now) -> None:
    """Whatever is due goes out, as a worker has it."""
    with dispatch.connected():
        for taken in take_due(now=now):
            settle(taken, dispatch.send(taken.channel, taken.letter), now=now)


def told(kind: Kind) -> list[Message]:
    return list(Message.objects.filter(kind=kind, channel=Channel.EMAIL).order_by("id"))


def test_each_is_told_at_once_and_only_as_long_as_it_is_of_use(offers):
    react(now=AT)

    rows = told(Kind.OFFER)
    assert [row.session for row in rows] == [one.session for one in offers]
    assert [row.facts["offer"] for row in rows] == [str(one.id) for one in offers]
    assert {(row.due_at, row.expires_at, row.status) for row in rows} == {(AT, UNTIL, Status.PLANNED)}


def test_the_email_names_the_time_and_leads_to_the_page_where_it_is_answered(offers, mailbox, client):
    react(now=AT)
    send_due(now=AT)

    mail = next(mail for mail in mailbox.mails if "a time has become free" in mail["Subject"])
    said = mail.get_body(("plain",)).get_content()
    assert "- Monday, April 13, 2026, 10:00 a.m. EDT (instead of " in said
    assert "whoever accepts first has it" in " ".join(said.split())
    (secret,) = re.findall(r"/o/([A-Za-z0-9]{12})/", said)
    assert Link.objects.filter(purpose=LinkPurpose.OFFER).count() == 2
    kept = Message.objects.filter(kind=Kind.OFFER, status=Status.SENT, channel=Channel.EMAIL)
    assert all(secret not in row.body and "/o/…/" in row.body for row in kept)


def test_what_is_no_longer_open_is_not_offered(offers):
    react(now=AT)
    decline_offer(offers[0], actor=patient_actor(offers[0].entry.patient), now=AT)
    send_due(now=AT)

    first, second = told(Kind.OFFER)
    assert (first.status, first.reason) == (Status.WITHDRAWN, "the offer is declined")
    assert second.status != Status.WITHDRAWN


def test_too_late_is_not_at_all(offers):
    react(now=AT)
    send_due(now=UNTIL)

    assert {row.status for row in told(Kind.OFFER)} == {Status.LAPSED}


def test_who_was_not_first_is_told_kindly_and_that_their_visit_stays(offers, mailbox):
    react(now=AT)
    send_due(now=AT)
    later = AT + timedelta(minutes=5)
    accept_offer(offers[0], actor=patient_actor(offers[0].entry.patient), now=later)
    react(now=later)
    send_due(now=later)

    (mail,) = [mail for mail in mailbox.mails if mail["Subject"] == "Your appointment: it stays as it is"]
    assert mail["To"] == "p1@p.example"
    said = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "has gone to somebody else who waits. We are sorry. Your appointment stays as it is:" in said
    assert "- Monday, April 20, 2026, 10:00 a.m. EDT" in said
    assert "You are still on the waiting list" in said


def test_whoever_was_first_hears_of_the_new_time_once(offers):
    react(now=AT)
    accept_offer(offers[0], actor=patient_actor(offers[0].entry.patient), now=AT)
    react(now=AT)

    (change,) = told(Kind.CHANGE)
    assert change.patient == offers[0].entry.patient
    assert change.facts["sessions"][0]["start"].startswith(f"{FREED.astimezone(NOW.tzinfo):%Y-%m-%dT%H:%M}")
    assert [row.patient for row in told(Kind.OFFER_LOST)] == [offers[1].entry.patient]


@pytest.fixture
def course(cast):
    """Two who wait for a whole course are offered the place with which one could begin."""
    given_up = booked_up(cast)
    for patient in (cast.bea, cast.carl):
        wait_for_course(cast, patient)
    cancel_session(given_up, actor=cast.as_desk, now=AT)
    react(now=AT)
    return offer(now=AT)


def test_who_could_begin_a_course_is_told_of_all_of_it_and_of_nothing_else(cast, course, mailbox):
    react(now=AT)
    send_due(now=AT)

    (mail, _) = [one for one in mailbox.mails if "a time has become free" in one["Subject"]]
    said = " ".join(mail.get_body(("plain",)).get_content().split())
    assert (
        "There is room for you. Your appointments could be: - Monday, April 13, 2026, 10:00 a.m. EDT" in said
    )
    assert said.count(" EDT") == 6
    assert "Nothing is booked until you accept." in said
    assert "instead of" not in said
    for word in ("etamine", "KET6", "ket6", "induction"):
        assert word not in mail.as_string()
    assert [part.get_content_type() for part in mail.walk() if "calendar" in part.get_content_type()] == []
    (secret, *_rest) = re.findall(r"/o/([A-Za-z0-9]{12})/", said)
    assert Link.objects.get(digest=digest_of(secret)).offer == course[0]


def test_its_messages_belong_to_the_clinic_and_staff_see_them(cast, course):
    react(now=AT)

    rows = told(Kind.OFFER)
    assert [(row.series, row.clinic, row.patient) for row in rows] == [
        (None, cast.north, cast.bea),
        (None, cast.north, cast.carl),
    ]
    assert [row.expires_at for row in rows] == [one.expires_at for one in course]
    assert set(messages(cast.as_desk)) >= set(rows)
    elsewhere = replace(cast.as_desk, clinics=frozenset({cast.west.id}))
    assert not set(messages(elsewhere)) & set(rows)


def test_a_text_names_only_the_first_time(cast, course, texts_set_up):
    agree_to_texts(cast.bea)
    react(now=AT)

    (text,) = [one.letter.text for one in take_due(now=AT) if one.channel == Channel.TEXT]
    assert "a time is free: Mon Apr 13, 10:00 AM" in text
    assert "more" not in text


def test_who_was_not_first_is_told_kindly_that_the_time_is_taken(cast, course, mailbox):
    react(now=AT)
    accept_offer(course[0], actor=patient_actor(cast.bea), now=AT)
    react(now=AT)
    send_due(now=AT)

    (row,) = told(Kind.OFFER_LOST)
    assert (row.patient, row.clinic, row.status) == (cast.carl, cast.north, Status.SENT)
    (mail,) = [one for one in mailbox.mails if "the time is taken" in one["Subject"]]
    said = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "has gone to somebody else who waits. We are sorry. You are still on the waiting list" in said
    assert "stays as it is" not in said


def test_who_accepted_is_told_of_the_course_as_of_any_booking(cast, course):
    accept_offer(course[0], actor=patient_actor(cast.bea), now=AT)
    react(now=AT)

    (row,) = told(Kind.CONFIRMATION)[-1:]
    assert (row.patient, row.series.sessions.count()) == (cast.bea, 6)
