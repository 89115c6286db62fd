"""The day at the desk: what it shows, the steps of a visit, moving one, and undoing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.actors import staff_actor
from bookings.commands.attend import check_in_session
from bookings.models import JournalEntry, Session
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import NEW_YORK, NOW
from tests.frontdesk.conftest import HTMX, at_the_desk, words

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = "2026-04-06"
AT_TEN = datetime(2026, 4, 6, 14, 0, tzinfo=UTC)


@pytest.fixture
def visit(cast) -> Session:
    """Ada's first of six, Monday 6 April at 10:00."""
    return book_ket6(cast).sessions.get(number=1)


def path(visit: Session, tail: str = "") -> str:
    return f"/desk/north/visits/{visit.id}/{tail}"


def test_the_desk_begins_with_today_at_the_first_clinic(cast, desk):
    assert desk.get("/desk/").headers["Location"] == "/desk/north/day/"
    assert "Wednesday, 1 April 2026" in words(desk.get("/desk/north/day/"))


def test_the_list_tells_of_each_visit_on_the_clinics_wall(cast, desk, visit):
    page = words(desk.get(f"/desk/north/day/?date={MONDAY}"))

    assert "10:00 –12:10 Ada" in page.replace("10:00–", "10:00 –")
    assert "1 of 6" in page
    assert "Booked First visit" in page


def test_the_grid_gets_walls_without_an_offset(cast, desk, visit):
    day = desk.get(f"/desk/north/day.json?date={MONDAY}").json()

    (found,) = day["visits"]
    assert [found["starts"], found["leaves"], found["ends"]] == [
        "2026-04-06T10:00",
        "2026-04-06T12:10",
        "2026-04-06T12:30",
    ]
    assert day["open"] == [{"starts": "2026-04-06T08:00", "ends": "2026-04-06T17:00"}]
    assert [chair["title"] for chair in day["chairs"]] == ["N1", "N2", "N3"]


def test_a_day_takes_the_same_queries_for_one_visit_and_for_three(
    cast, desk, django_assert_num_queries, django_assert_max_num_queries
):
    book_one(cast, AT_TEN)
    desk.get(f"/desk/north/day.json?date={MONDAY}")  # signs the session's clock in
    with django_assert_max_num_queries(20) as first:
        desk.get(f"/desk/north/day.json?date={MONDAY}")
    book_one(cast, AT_TEN, patient=cast.bea)
    book_one(cast, AT_TEN + timedelta(hours=1), patient=cast.carl)

    with django_assert_num_queries(len(first)):
        day = desk.get(f"/desk/north/day.json?date={MONDAY}").json()

    assert len(day["visits"]) == 3


def test_a_step_is_one_press(cast, desk, clock, visit):
    clock.set(AT_TEN)

    answer = desk.post(path(visit, "check-in/"), {"version": visit.version})

    assert answer.headers["Location"] == f"/desk/north/day/?date={MONDAY}#visit-{visit.id}"
    visit.refresh_from_db()
    assert visit.status == "arrived"


def test_whoever_is_late_with_a_press_is_told_that_somebody_has_gone_on(cast, desk, clock, visit):
    clock.set(AT_TEN)
    check_in_session(visit, actor=cast.as_nurse, now=AT_TEN)

    answer = desk.post(path(visit, "cancel/"), {"version": visit.version})

    assert answer.status_code == 412
    visit.refresh_from_db()
    assert visit.status == "arrived"


def test_nobody_goes_home_without_a_driver_or_a_prescribers_reason(cast, desk, prescriber, clock, visit):
    clock.set(AT_TEN)
    for step in ("check-in/", "start/", "recover/"):
        desk.post(path(visit, step))

    assert desk.post(path(visit, "complete/")).status_code == 400
    assert desk.post(path(visit, "complete/"), {"reason": "walks home"}).status_code == 403
    assert prescriber.post(path(visit, "complete/"), {"reason": "lives next door"}).status_code == 302

    visit.refresh_from_db()
    assert (visit.status, visit.overrides[0]["reason"]) == ("completed", "lives next door")


def test_moving_tells_what_it_does_to_the_series_before_it_is_done(cast, desk, visit):
    page = words(desk.get(path(visit, "move/?start=2026-04-07T10:00")))

    assert "Every rule is kept." in page
    assert "1 Tue 7 Apr, 10:00 –" in page
    assert "2 Thu 9 Apr, 10:00 2 (now 3)" in page
    visit.refresh_from_db()
    assert visit.start == AT_TEN


def test_a_broken_rule_is_named_and_its_override_is_the_prescribers(cast, desk, prescriber, visit):
    too_close = {"start": "2026-04-08T10:00"}

    assert "This is not possible:" in words(desk.get(path(visit, "move/"), too_close))
    assert "with a reason" in words(prescriber.get(path(visit, "move/"), too_close))
    assert desk.post(path(visit, "move/"), {**too_close, "reason": "asked"}).status_code == 422
    assert prescriber.post(path(visit, "move/"), {**too_close, "reason": "seen today"}).status_code == 302

    visit.refresh_from_db()
    assert visit.start.astimezone(NEW_YORK).isoformat() == "2026-04-08T10:00:00-04:00"
    assert [one["rule"] for one in visit.overrides] == ["min_gap"]


def test_while_it_is_dragged_the_allowed_hours_are_known_and_the_others_say_why(cast, desk, visit):
    places = desk.get(path(visit, "places.json?date=2026-04-08")).json()

    assert places["free"] == []
    reasons = {one["start"]: one["why"] for one in places["refused"]}
    assert len(reasons["2026-04-08T10:00"]) == 1


def test_each_takes_back_their_own_last_step_and_nobody_elses(cast, desk, clock, visit):
    clock.set(AT_TEN)
    desk.post(path(visit, "check-in/"))

    at_the_desk(cast.ana).post("/desk/north/undo/")
    visit.refresh_from_db()
    assert visit.status == "arrived"

    desk.post("/desk/north/undo/")
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_a_moved_visit_goes_back_to_its_place(cast, desk, visit):
    desk.post(path(visit, "move/"), {"start": "2026-04-07T11:00"})

    desk.post("/desk/north/undo/")

    visit.refresh_from_db()
    assert visit.start == AT_TEN
    assert JournalEntry.objects.filter(session=visit, verb="session_moved").count() == 2


def test_a_panel_takes_the_place_of_a_page_for_htmx(cast, desk, visit):
    answer = desk.get(path(visit), headers=HTMX)

    assert "<html" not in answer.content.decode()
    assert answer.content.decode().count("<article") == 1


def test_a_screen_that_nobody_touches_is_signed_out_after_a_quarter_of_an_hour(cast, desk, clock, visit):
    assert desk.get("/desk/north/day/").status_code == 200
    clock.forward(minutes=14, seconds=59)
    assert desk.get("/desk/north/day.json", headers={"X-By-Itself": "1"}).status_code == 200
    clock.forward(seconds=2)

    assert desk.get("/desk/north/day/").headers["Location"] == "/desk/login/?next=/desk/north/day/"


def test_another_clinic_is_not_there(cast, clock):
    desk = at_the_desk(cast.ana)
    actor = staff_actor(cast.cy)
    start = NOW + timedelta(days=5, hours=5)
    west = book_one(cast, start, clinic=cast.west, actor=actor, patient=cast.bea)

    assert desk.get("/desk/west/day/").status_code == 404
    assert desk.get(path(west)).status_code == 404
    assert desk.post(path(west, "cancel/")).status_code == 404
