"""The page that answers why a patient was told something, or was not."""

from __future__ import annotations

import pytest

from bookings.models import JournalEntry
from notifications.commands.react import react
from notifications.kinds import Kind, Status
from notifications.models import Message
from tests.bookings.scenes import book_ket6
from tests.cast import NOW
from tests.frontdesk.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(cast, desk) -> str:
    """The messages of Ada, whose six visits are booked and reacted to."""
    book_ket6(cast)
    react(now=NOW)
    return f"/desk/north/patients/{cast.ada.id}/messages/"


def test_it_says_what_the_next_visit_brings_and_why_there_is_no_text(cast, desk, page):
    said = words(desk.get(page))

    assert "What the visit of Mon 6 Apr 2026, 10:00 brings" in said
    assert "Reminder 3 days before email planned Fri 3 Apr, 10:00 it waits for its hour" in said
    assert "Reminder 1 day before text none" in said


def test_a_message_can_be_said_again_and_goes_by_the_ledger(cast, desk, page):
    message = Message.objects.get(kind=Kind.CONFIRMATION, patient=cast.ada)
    Message.objects.filter(id=message.id).update(
        status=Status.SENT, sent_at=NOW, body="Your visits are booked."
    )
    assert "Your visits are booked." in words(desk.get(page))

    answer = desk.post(f"/desk/north/messages/{message.id}/again/")

    assert answer.headers["Location"] == page
    assert Message.objects.filter(key=f"again:{message.id}:1", status=Status.PLANNED).count() == 1


def test_one_that_waits_is_not_said_again(cast, desk, page):
    message = Message.objects.filter(kind=Kind.REMINDER, patient=cast.ada).first()

    assert desk.post(f"/desk/north/messages/{message.id}/again/").status_code == 409


@pytest.mark.parametrize(("minutes", "status", "told"), [("4", 400, 0), ("5", 302, 1), ("", 400, 0)])
def test_the_clinic_is_behind_by_five_minutes_at_least(cast, desk, page, minutes, status, told):
    visit = cast.ada.sessions.order_by("start").first()

    answer = desk.post(f"/desk/north/messages/{visit.id}/running-late/", {"minutes": minutes})

    assert answer.status_code == status
    assert JournalEntry.objects.filter(verb="session_running_late").count() == told


def test_a_long_thread_takes_no_more_queries(cast, desk, page, django_assert_num_queries):
    desk.get(page)
    with django_assert_num_queries(21) as few:
        desk.get(page)
    Message.objects.filter(kind=Kind.REMINDER).update(status=Status.SENT, sent_at=NOW)

    with django_assert_num_queries(len(few)):
        desk.get(page)
