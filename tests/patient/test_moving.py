"""Moving shows only where the series stays whole, and what it does to the others before it is done."""

import re
from datetime import timedelta

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.models import Clinic, JournalEntry
from bookings.patient.shown import code_of
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york
from tests.patient.conftest import hidden, link_to, words

SIX = MONDAYS_AND_THURSDAYS


@pytest.fixture
def series(cast):
    return book_ket6(cast)


def page_of(series, number):
    return f"/my/sessions/{session(series, number).id}/move/"


def april(day, clock="10:00"):
    return new_york(f"2026-04-{day:02} {clock}")


def to(start):
    return {"to": code_of([start])}


def form_of(answer):
    return {"version": hidden(answer, "version")[0], "moves": hidden(answer, "moves")}


def days_of(answer):
    days = re.search(r'<ul class="days".*?</ul>', answer.content.decode(), re.DOTALL)
    return re.findall(r'<span class="nowrap">(\w+ \d+)</span>', days[0]) if days else []


def hours_of(answer):
    hours = re.search(r'<ul class="hours">.*?</ul>', answer.content.decode(), re.DOTALL)
    return re.findall(r">([\d: apm.]+)</a>", hours[0]) if hours else []


def test_the_days_on_which_the_others_can_stay_are_shown_and_the_hours_of_the_nearest(ada, series):
    answer = ada.get(page_of(series, 2))

    assert days_of(answer) == [
        "Thu 2",
        "Fri 3",
        "Wed 8",
        "Thu 9",
        "Fri 10",
        "Mon 27",
    ]
    assert hours_of(answer)[:3] == ["8:00 a.m.", "8:15 a.m.", "8:30 a.m."]
    assert "10:00 a.m." not in hours_of(answer)  # where it is


def test_another_day_shows_its_own_hours(cast, ada, series):
    book_one(cast, april(10, "08:00"), patient=cast.bea)
    book_one(cast, april(10, "08:00"), patient=cast.carl)

    hours = hours_of(ada.get(page_of(series, 2), {"day": "2026-04-10"}))

    assert hours[0] == "8:15 a.m."  # no nurse is free for a third set-up before


@pytest.mark.parametrize("day", ["2026-04-07", "x", "2026-13-01", "", "9999-12-31"])
def test_a_day_that_is_not_offered_shows_the_nearest(ada, series, day):
    assert ada.get(page_of(series, 2), {"day": day}).status_code == 200


def test_what_it_does_is_told_before_it_is_done(ada, series):
    answer = ada.get(page_of(series, 2), to(april(10, "14:00")))

    assert (
        "Visit Now New 2 Thursday 9 April, 10:00 a.m. Friday 10 April, 2:00 p.m. What it means "
        "Your other visits stay as they are. It is then 4 days after visit 1 and 3 days before visit 3. "
        "Your last visit is still on Thursday 23 April."
    ) in words(answer)
    assert starts_of(series) == SIX


@pytest.mark.parametrize("way", ["my", "link"])
def test_moving(ada, anyone, series, way):
    client = ada if way == "my" else anyone
    second = session(series, 2)
    base = f"/my/sessions/{second.id}/" if way == "my" else link_to(second)
    form = form_of(client.get(f"{base}move/", to(april(10, "14:00"))))

    answer = client.post(f"{base}move/", form, follow=True)

    assert answer.redirect_chain == [(base, 302)]
    assert "Friday 10 April, 2:00 p.m. is the new time of your visit." in words(answer)
    assert starts_of(series) == [SIX[0], april(10, "14:00"), *SIX[2:]]
    row = JournalEntry.objects.get(verb="session_moved")
    assert (row.actor_kind, row.actor_id) == ("patient", second.patient_id)


def test_pressed_twice_it_is_told_twice_and_done_once(ada, series):
    form = form_of(ada.get(page_of(series, 2), to(april(10))))
    for _press in range(2):
        assert "is the new time" in words(ada.post(page_of(series, 2), form, follow=True))
    assert JournalEntry.objects.filter(verb="session_moved").count() == 1


def test_days_for_which_later_visits_give_way_are_shown_when_asked_for(ada, series):
    assert "(1 other moves)" not in words(ada.get(page_of(series, 5)))

    said = words(ada.get(page_of(series, 5), {"others": ""}))

    assert "Wednesday 22 April, 10:00 a.m. (1 other moves)" in said


def test_later_visits_move_with_it_all_in_one_step(ada, series):
    answer = ada.get(page_of(series, 5), to(april(22)))
    assert (
        "5 Monday 20 April, 10:00 a.m. Wednesday 22 April, 10:00 a.m. "
        "6 Thursday 23 April, 10:00 a.m. Friday 24 April, 10:00 a.m. What it means Visit 6 moves with it."
    ) in words(answer)

    ada.post(page_of(series, 5), form_of(answer))

    assert starts_of(series) == [*SIX[:4], april(22), april(24)]
    assert prove(now=NOW) == []


def test_what_the_page_showed_is_what_is_done_or_nothing(cast, ada, series):
    form = form_of(ada.get(page_of(series, 5), to(april(22))))
    move_session(session(series, 1), start=april(7), actor=cast.as_desk, now=NOW)

    answer = ada.post(page_of(series, 5), form)

    assert answer.status_code == 409
    assert "This has changed since you opened the page." in words(answer)
    assert starts_of(series)[4:] == SIX[4:]


def test_a_place_that_was_taken_meanwhile_is_answered_with_the_next_best(cast, ada, series):
    form = form_of(ada.get(page_of(series, 2), to(april(10))))
    for patient in (cast.bea, cast.carl):
        book_one(cast, april(10), patient=patient)

    answer = ada.post(page_of(series, 2), form)

    assert answer.status_code == 409
    assert "Somebody else has just taken that time." in words(answer)
    assert "10:00 a.m." not in hours_of(answer)
    assert "10:15 a.m." in hours_of(answer)
    assert starts_of(series) == SIX


@pytest.mark.parametrize("start", [april(5), april(9), april(6, "07:00"), april(9, "10:07")])
def test_a_start_that_is_not_offered_is_told_why_and_shown_the_days(ada, series, start):
    answer = ada.get(page_of(series, 2), to(start))

    assert answer.status_code == 409
    assert "Fri 10" in days_of(answer)
    assert hidden(answer, "moves") == []


def test_a_start_too_close_to_another_visit_says_so(ada, series):
    answer = ada.get(page_of(series, 6), to(april(21)))

    assert answer.status_code == 409
    assert "It is too close to another visit" in words(answer)


@pytest.mark.parametrize("moves", ["", "x", "2", "2-", "2-zzzzzzz", "2-x-y", "-1-abc", "٢-abc", "99999-abc"])
def test_a_mangled_form_changes_nothing(ada, series, moves):
    answer = ada.post(page_of(series, 2), {"version": 1, "moves": moves})

    assert (answer.status_code, answer["Location"]) == (302, page_of(series, 2))
    assert starts_of(series) == SIX


def test_a_link_opens_its_own_visit_only(anyone, series):
    base = link_to(session(series, 5))
    both = [f"5-{code_of([april(22)])}", f"6-{code_of([april(24)])}"]

    refused = anyone.get(f"{base}move/", to(april(22)))
    anyone.post(f"{base}move/", {"version": 1, "moves": both})

    assert refused.status_code == 409
    assert "Sign in to move later visits along with it." in words(refused)
    assert starts_of(series) == SIX


def test_past_the_cut_off_it_says_whom_to_call(ada, series, clock):
    clock.set(SIX[1] - timedelta(hours=24, seconds=-1))
    form = {"version": 1, "moves": f"2-{code_of([april(10)])}"}

    shown, sent = ada.get(page_of(series, 2)), ada.post(page_of(series, 2), form)

    assert (shown.status_code, sent.status_code) == (200, 409)
    for answer in (shown, sent):
        assert "Changes here were possible until Wednesday 8 April, 10:00 a.m." in words(answer)
    assert starts_of(series) == SIX


def test_a_cancelled_visit_does_not_move(cast, ada, series):
    cancel_session(session(series, 2), actor=cast.as_desk, now=NOW)

    answer = ada.get(page_of(series, 2))

    assert "This visit can no longer be changed." in words(answer)
    assert "Cancelled" in words(answer)


def test_where_nothing_is_free_it_says_so(cast, ada, series):
    cast.north.closures.create(starts=new_york("2026-03-01 00:00"), ends=new_york("2026-07-01 00:00"))
    Clinic.objects.filter(id=cast.north.id).update(roster_version=7)

    said = words(ada.get(page_of(series, 2), {"others": ""}))

    assert "There is no other time within four weeks" in said
    assert "There are none either. Please call the clinic." in said


def test_a_fixed_number_of_questions(cast, ada, series, django_assert_num_queries):
    alone = book_one(cast, new_york("2026-05-11 10:00"))
    for address in (page_of(series, 2), f"/my/sessions/{alone.id}/move/"):
        ada.get(address)
        with django_assert_num_queries(8):
            ada.get(address)
