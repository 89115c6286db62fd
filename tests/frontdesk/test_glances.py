"""The day as a list, the week, the strip of nurses, and the board on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.commands import attend, roster
from bookings.models import Patient, Role
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import make_staff, new_york
from tests.frontdesk.conftest import HTMX, at_the_desk, words

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = "2026-04-06"
AT_TEN = datetime(2026, 4, 6, 14, 0, tzinfo=UTC)


def test_the_list_is_the_day_without_its_grid(cast, desk):
    book_ket6(cast)

    page = desk.get(f"/desk/north/list/?date={MONDAY}")

    assert "1 of 6" in words(page)
    assert 'id="grid"' not in page.content.decode()


def test_a_week_runs_from_monday_to_sunday_with_hours_nurses_and_visits(cast, desk):
    book_ket6(cast)

    days = desk.get("/desk/north/week/?date=2026-04-08").context["days"]

    assert [day["date"].isoformat() for day in days][::6] == ["2026-04-06", "2026-04-12"]
    assert [day["count"] for day in days] == [1, 0, 0, 1, 0, 0, 0]
    assert [len(day["nurses"]) for day in days] == [2, 2, 2, 2, 2, 0, 0]
    assert [day["hours"] == [] for day in days] == [False] * 5 + [True] * 2


def test_a_week_takes_the_same_queries_for_one_visit_and_for_three(cast, desk, django_assert_num_queries):
    book_one(cast, AT_TEN)
    desk.get(f"/desk/north/week/?date={MONDAY}")
    with django_assert_num_queries(10):
        desk.get(f"/desk/north/week/?date={MONDAY}")
    book_one(cast, AT_TEN, patient=cast.bea)
    book_one(cast, AT_TEN + timedelta(days=2), patient=cast.carl)

    with django_assert_num_queries(10):
        days = desk.get(f"/desk/north/week/?date={MONDAY}").context["days"]

    assert [day["count"] for day in days] == [2, 0, 1, 0, 0, 0, 0]


def test_the_busiest_minute_counts_chairs_that_are_taken_together(cast, desk):
    first = book_one(cast, AT_TEN)
    book_one(cast, AT_TEN + timedelta(minutes=15), patient=cast.bea)
    book_one(cast, first.chair_until + timedelta(minutes=60), patient=cast.carl)

    (monday, *_rest) = desk.get(f"/desk/north/week/?date={MONDAY}").context["days"]

    assert (monday["count"], monday["at_once"]) == (3, 2)


@pytest.mark.parametrize("date", ["9999-12-31", "0001-01-01", "yesterday", ""])
@pytest.mark.parametrize("view", ["day", "week", "list"])
def test_no_date_breaks_a_page(cast, desk, view, date):
    assert desk.get(f"/desk/north/{view}/?date={date}").status_code == 200


def test_the_strip_says_in_words_what_it_draws(cast, desk):
    book_ket6(cast)

    page = desk.get(f"/desk/north/day/?date={MONDAY}")

    assert "From Until Needed On duty 08:00 10:15 0 2" in words(page)
    strip = page.context["strip"]
    assert [hour for _left, hour in strip.hours] == ["08", "09", "10", "11", "12", "13", "14", "15", "16"]
    assert [bar.words for bar in strip.bars if bar.kind == "shift"] == ["Ana Reyes", "Ben Okafor"]
    assert {bar.kind for bar in strip.bars} == {"duty", "need", "shift"}


def test_the_strip_shows_where_nurses_are_too_few_and_when_the_clinic_is_closed(cast, desk, clock):
    book_ket6(cast)
    for shift in list(cast.north.shifts.filter(starts__date=MONDAY)):
        roster.remove_shift(shift, actor=cast.as_manager, now=clock.now)
    closing = {"starts": new_york(f"{MONDAY} 13:00"), "ends": new_york(f"{MONDAY} 15:00"), "chair": None}
    roster.close(cast.north, **closing, reason="Water", actor=cast.as_manager, now=clock.now)

    strip = desk.get(f"/desk/north/day/?date={MONDAY}").context["strip"]

    assert {bar.kind for bar in strip.bars} == {"short", "closed"}
    (closed,) = (bar for bar in strip.bars if bar.kind == "closed")
    assert (closed.left, closed.width) == (55.56, 22.22)  # of 08:00 to 17:00


def test_the_line_of_now_stands_at_the_clinics_hour(cast, desk, clock):
    clock.set(new_york(f"{MONDAY} 12:30"))

    assert desk.get("/desk/north/day/").context["strip"].now == 50.0
    clock.set(new_york(f"{MONDAY} 07:59"))
    assert desk.get("/desk/north/day/").context["strip"].now is None


def test_a_board_for_the_wall_has_first_names_and_initials_alone(cast, desk, clock):
    book_ket6(cast)
    Patient.objects.filter(id=cast.ada.id).update(last_name="Quillinghast")
    clock.set(AT_TEN)

    page = desk.get("/desk/north/rooms/")

    assert "Ada Q." in words(page)
    assert "Quillinghast" not in page.content.decode()


def test_the_board_says_who_is_in_a_chair_and_who_is_next(cast, desk, clock):
    here = book_one(cast, AT_TEN)
    book_one(cast, here.chair_until, patient=cast.bea, override_reason="the only chair")
    for command in (attend.check_in_session, attend.start_session):
        clock.set(AT_TEN)
        command(here, actor=cast.as_nurse, now=AT_TEN)

    chairs = {chair["name"]: chair for chair in desk.get("/desk/north/rooms/").context["chairs"]}

    assert chairs["N1"]["now"]["name"] == "Ada Q."
    assert (chairs["N1"]["now"]["kind"], chairs["N1"]["now"]["words"]) == ("infusion", "Infusing")
    assert [chair["next"]["name"] for chair in chairs.values() if chair["next"]] == ["Bea S."]


def test_a_screen_on_the_wall_stays_awake_and_shows_nothing_else(cast, desk, clock):
    assert desk.get("/desk/north/rooms/").status_code == 200
    desk.post("/desk/north/rooms/hang-up/")
    clock.forward(hours=11)

    assert desk.get("/desk/north/rooms/", headers=HTMX).status_code == 200
    assert desk.get("/desk/west/rooms/").headers["Location"].startswith("/desk/login/")
    assert desk.get("/desk/north/rooms/").headers["Location"].startswith("/desk/login/")


@pytest.mark.parametrize("path", ["day/", "day.json", "search/?q=ada", "tasks/"])
def test_whoever_asks_a_wall_for_more_signs_it_out(cast, desk, path):
    desk.post("/desk/north/rooms/hang-up/")

    assert desk.get(f"/desk/north/{path}").headers["Location"].startswith("/desk/login/")


def test_a_wall_ends_with_the_working_day(cast, desk, clock):
    desk.post("/desk/north/rooms/hang-up/")
    clock.forward(hours=12, seconds=1)

    assert desk.get("/desk/north/rooms/").headers["Location"].startswith("/desk/login/")


def test_a_nurse_of_another_clinic_has_no_board_here(cast, clock):
    stranger = make_staff("x@west.example", "Xi", "Lo", Role.NURSE, cast.west)

    assert at_the_desk(stranger).get("/desk/north/rooms/").status_code == 404
