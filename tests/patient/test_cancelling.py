"""Cancelling tells first until when it is possible and what it does."""

from datetime import timedelta

import pytest

from bookings.commands.move import move_session
from bookings.models import JournalEntry, Series, Session
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york
from tests.patient.conftest import hidden, link_to, words

SECOND = MONDAYS_AND_THURSDAYS[1]
CUT_OFF = SECOND - timedelta(hours=24)


@pytest.fixture
def second(cast):
    return session(book_ket6(cast), 2)


def page_of(found):
    return f"/my/sessions/{found.id}/cancel/"


def status(found):
    return Session.objects.get(id=found.id).status


def test_the_cut_off_and_what_it_does_are_told_before_the_button(ada, second):
    answer = ada.get(page_of(second))

    said = words(answer)
    told, button = said.index("until Wednesday 8 April, 10:00 a.m."), said.rindex("Cancel this visit")
    meaning = said.index(
        "Your 5 other visits stay as they are. Between visits 1 and 3 there are then 7 days."
    )
    assert told < meaning < button
    assert "which is 24 hours before the visit" in said
    assert status(second) == "booked"


@pytest.mark.parametrize("way", ["my", "link"])
def test_cancelling(ada, anyone, second, way):
    client = ada if way == "my" else anyone
    base = f"/my/sessions/{second.id}/" if way == "my" else link_to(second)
    version = hidden(client.get(f"{base}cancel/"), "version")[0]

    answer = client.post(f"{base}cancel/", {"version": version}, follow=True)

    assert answer.redirect_chain == [(base, 302)]
    assert "Your visit on Thursday 9 April, 10:00 a.m. is cancelled." in words(answer)
    assert "This visit is cancelled: nobody expects you." in words(answer)
    assert "How to prepare" not in words(answer)
    assert status(second) == "cancelled"
    row = JournalEntry.objects.get(verb="session_cancelled")
    assert (row.actor_kind, row.actor_id) == ("patient", second.patient_id)


def test_pressed_twice_it_is_told_twice_and_done_once(ada, second):
    for _press in range(2):
        answer = ada.post(page_of(second), {"version": 1}, follow=True)
        assert "is cancelled." in words(answer)
    assert JournalEntry.objects.filter(verb="session_cancelled").count() == 1


def test_a_page_from_before_the_visit_moved_cancels_nothing(cast, ada, second):
    version = hidden(ada.get(page_of(second)), "version")[0]
    move_session(second, start=new_york("2026-04-10 10:00"), actor=cast.as_desk, now=NOW)

    answer = ada.post(page_of(second), {"version": version})

    assert (answer.status_code, status(second)) == (409, "booked")
    assert "This has changed since you opened the page. Please look again." in words(answer)
    assert "Friday 10 April, 10:00 a.m." in words(answer)


def test_looking_changes_nothing(ada, anyone, second):
    rows, versions = JournalEntry.objects.count(), second.version
    for client, address in ((ada, page_of(second)), (anyone, f"{link_to(second)}cancel/")):
        client.get(address)
        client.head(address)
    assert (JournalEntry.objects.count(), Session.objects.get(id=second.id).version) == (rows, versions)


def test_at_the_cut_off_it_still_can_be(ada, second, clock):
    clock.set(CUT_OFF)
    ada.post(page_of(second), {"version": 1})

    assert status(second) == "cancelled"


def test_a_second_later_it_says_until_when_and_whom_to_call(cast, ada, second, clock):
    type(cast.north).objects.update(phone="+12025550142")
    clock.set(CUT_OFF + timedelta(seconds=1))

    shown = ada.get(page_of(second))
    sent = ada.post(page_of(second), {"version": 1})

    assert (shown.status_code, sent.status_code) == (200, 422)
    for answer in (shown, sent):
        assert "Changes here were possible until Wednesday 8 April, 10:00 a.m." in words(answer)
        assert "Call (202) 555-0142" in words(answer)
        assert hidden(answer, "version") == []
    assert status(second) == "booked"


def test_the_cut_off_over_a_change_of_clock_is_in_elapsed_hours(cast, ada, clock):
    cast.north.opening_hours.create(weekday=7, opens="08:00", closes="17:00")
    found = book_one(cast, new_york("2026-04-08 10:00"))
    Session.objects.filter(id=found.id).update(
        start=new_york("2026-11-01 12:00"),
        end=new_york("2026-11-01 14:10"),
        chair_until=new_york("2026-11-01 14:30"),
    )

    assert "until Saturday 31 October, 1:00 p.m." in words(ada.get(page_of(found)))


def test_the_only_visit_says_that_the_series_ends(cast, ada):
    only = book_one(cast, new_york("2026-04-08 10:00"))

    assert "It is the only visit of this series, so the series ends." in words(ada.get(page_of(only)))

    ada.post(page_of(only), {"version": 1})
    assert Series.objects.get().status == "cancelled"


def test_a_pause_of_the_course_is_told_before_and_shown_after(cast, ada):
    type(cast.north).objects.update(phone="+12025550142")
    days = (6, 8, 10, 13, 20, 28)
    series = book_ket6(
        cast,
        starts=[new_york(f"2026-04-{day:02} 10:00") for day in days],
        actor=cast.as_prescriber,
        override_reason="Agreed.",
    )
    fifth = session(series, 5)

    assert "15 days between two visits are more than the 14 that are allowed." in words(
        ada.get(page_of(fifth))
    )

    ada.post(page_of(fifth), {"version": 1})
    assert Series.objects.get().status == "lapsed"
    assert "a prescriber looks at your course before it goes on" in words(ada.get("/my/"))
    assert "Please call the clinic" in words(ada.get(f"/my/sessions/{session(series, 6).id}/"))


def test_what_is_missing_afterwards_can_be_planned_from_my_visits(ada, second):
    ada.post(page_of(second), {"version": 1})
    mine = ada.get("/my/")
    assert "One visit of this course is not booked. Plan what is missing" in words(mine)
    address = f"/my/series/{second.series_id}/make-up/"

    offered = ada.get(address)
    assert "Now New 7 – Monday 27 April, 10:00 a.m." in words(offered)
    ways = hidden(offered, "moves")
    done = ada.post(address, {"version": hidden(offered, "version")[0], "moves": ways[0]}, follow=True)

    assert "Your visit is booked." in words(done)
    assert Session.objects.get(number=7).start == new_york("2026-04-27 10:00")
    assert "is not booked" not in words(ada.get("/my/"))


def test_a_make_up_from_an_older_page_is_offered_anew(ada, second):
    ada.post(page_of(second), {"version": 1})
    address = f"/my/series/{second.series_id}/make-up/"
    way = hidden(ada.get(address), "moves")[0]

    answer = ada.post(address, {"version": 1, "moves": way})

    assert (answer.status_code, hidden(answer, "moves")[0]) == (409, way)
    assert Session.objects.count() == 6


def test_a_fixed_number_of_questions(cast, ada, second, django_assert_num_queries):
    ada.get(page_of(second))
    with django_assert_num_queries(7):
        ada.get(page_of(second))
    only = book_one(cast, new_york("2026-05-11 10:00"), now=NOW)
    with django_assert_num_queries(7):
        ada.get(page_of(only))
