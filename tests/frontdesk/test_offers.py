"""What was offered to those who wait, on the page of the waiting list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_session
from bookings.commands.offer_answers import accept_offer, decline_offer, withdraw_offer
from bookings.commands.offers import tidy_offers
from bookings.errors import NotAllowed, WrongState
from bookings.models import JournalEntry, Offer, WaitingEntry
from tests.bookings.offer_scenes import (
    FREED,
    booked_up,
    free,
    held,
    many_wait,
    offer,
    statuses,
    wait,
    wait_for_course,
)
from tests.cast import NOW
from tests.frontdesk.conftest import at_the_desk, said, words

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "/desk/north/waiting/"


def withdrawn(offer: Offer) -> str:
    return f"{WAITING}offers/{offer.id}/withdraw/"


def test_the_page_says_to_whom_what_was_offered_instead_of_what_and_until_when(cast, desk):
    wait(cast, cast.bea)
    free(cast)
    offer()

    page = words(desk.get(WAITING))

    assert "Bea Sands Mon 13 Apr, 10:00 Mon 20 Apr, 10:00 Waits for an answer until Wed 1 Apr, 10:00" in page
    assert "number 1" in page


def test_each_end_of_an_offer_has_its_words(cast, desk, clock):
    many_wait(cast, 4)
    free(cast)
    first, second, _third = offer()
    decline_offer(first, actor=cast.as_desk, now=NOW)
    accept_offer(second, actor=cast.as_desk, now=NOW)

    page = words(desk.get(WAITING))

    assert [status in page for status in ("Declined", "Accepted", "Somebody else was first")] == [True] * 3
    assert "Waits for an answer" not in page


def test_one_past_its_time_has_expired_tidied_or_not(cast, desk, clock):
    wait(cast, cast.bea)
    free(cast)
    (made,) = offer()

    clock.set(made.expires_at)
    before = words(desk.get(WAITING))
    tidy_offers(now=clock.now)

    assert "Not answered in time Wed 1 Apr, 10:00" in before
    assert words(desk.get(WAITING)) == before


def test_what_is_older_than_a_week_is_gone_from_the_page(cast, desk, clock):
    wait(cast, cast.bea)
    free(cast)
    (made,) = offer()
    decline_offer(made, actor=cast.as_desk, now=NOW)

    clock.set(NOW + timedelta(days=7))
    last = words(desk.get(WAITING))
    clock.forward(seconds=1)

    assert "Declined" in last
    assert "Declined" not in words(desk.get(WAITING))


def test_staff_take_an_offer_back_and_everything_else_stays(cast, desk):
    entries = many_wait(cast, 2)
    free(cast)
    first, second = offer()

    answer = desk.post(withdrawn(first))

    assert said(answer) == [f"{entries[0].patient}: the offer is taken back. What is booked stays as it is."]
    assert statuses() == ["withdrawn", "open"]
    assert held() == [FREED]  # for the other one
    assert WaitingEntry.objects.filter(closed_at__isnull=True).count() == 2
    entries[0].session.refresh_from_db()
    assert entries[0].session.start == first.present
    row = JournalEntry.objects.get(verb="offer_withdrawn")
    assert (row.actor_id, row.patient_id) == (cast.desk.id, entries[0].patient_id)

    desk.post(withdrawn(second))
    assert held() == []


def test_the_place_goes_on_to_those_next_in_turn_and_not_to_the_same_once_more(cast, desk):
    entries = many_wait(cast, 4)
    free(cast)
    for made in offer():
        desk.post(withdrawn(made))

    assert [one.entry for one in offer()] == entries[3:]


def test_an_answer_that_came_first_stands_and_is_said(cast, desk):
    wait(cast, cast.bea)
    free(cast)
    (made,) = offer()
    accept_offer(made, actor=cast.as_desk, now=NOW)

    answer = desk.post(withdrawn(made))

    assert said(answer) == ["Bea Sands: too late. Accepted."]
    assert statuses() == ["accepted"]


def test_a_patient_takes_nothing_back(cast):
    wait(cast, cast.bea)
    free(cast)
    (made,) = offer()

    with pytest.raises(NotAllowed):
        withdraw_offer(made, actor=patient_actor(cast.bea), now=NOW)
    assert statuses() == ["open"]


def test_one_that_is_over_is_not_taken_back(cast):
    wait(cast, cast.bea)
    free(cast)
    (made,) = offer()

    with pytest.raises(WrongState):
        withdraw_offer(made, actor=cast.as_desk, now=made.expires_at)


def test_an_offer_of_another_clinic_is_not_found(cast):
    wait(cast, cast.bea)
    free(cast)
    (made,) = offer()
    elsewhere = at_the_desk(cast.cy)

    answer = elsewhere.post(f"/desk/west/waiting/offers/{made.id}/withdraw/")

    assert answer.status_code == 404
    assert statuses() == ["open"]


def test_three_offers_cost_as_many_queries_as_one(cast, desk, django_assert_num_queries):
    many_wait(cast, 3)
    free(cast)
    first, _second, _third = offer()
    Offer.objects.exclude(id=first.id).update(
        created_at=NOW - timedelta(days=8), status="lost", decided_at=NOW, hold=None
    )
    desk.get(WAITING)
    with django_assert_num_queries(10):
        desk.get(WAITING)
    Offer.objects.update(created_at=NOW)
    with django_assert_num_queries(10):
        assert words(desk.get(WAITING)).count("number ") == 3


def test_a_first_place_is_told_from_an_earlier_time_and_can_be_taken_back(cast, desk):
    given_up = booked_up(cast)
    wait_for_course(cast, cast.bea)
    cancel_session(given_up, actor=cast.as_desk, now=NOW)
    (made,) = offer()

    page = words(desk.get(WAITING))
    assert "Mon 13 Apr, 10:00 nothing: 6 visits until 30 Apr that are not booked" in page

    desk.post(withdrawn(made))
    assert (statuses(), held()) == (["withdrawn"], [])
