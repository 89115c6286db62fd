"""Closures and shifts at the desk: what a change does is shown before it is saved."""

from __future__ import annotations

import pytest

from bookings.models import Closure, JournalEntry, Shift
from tests.bookings.scenes import book_ket6
from tests.cast import MONDAYS_AND_THURSDAYS
from tests.frontdesk.conftest import at_the_desk, said, words

pytestmark = pytest.mark.django_db(transaction=True)

A_MORNING = {"starts": "2026-04-06T08:00", "ends": "2026-04-06T12:00", "reason": "Water"}


def test_a_closure_tells_whom_it_displaces_and_saves_nothing_yet(cast, desk):
    book_ket6(cast)

    page = words(desk.post("/desk/north/roster/close/", A_MORNING))

    assert "1 visit would not fit any more." in page
    assert "Mon 6 Apr, 10:00 Ada" in page
    assert Closure.objects.count() == 0


@pytest.mark.parametrize(("ends", "affected"), [("10:00", 0), ("10:01", 1)])
def test_a_closure_counts_up_to_its_last_minute(cast, desk, ends, affected):
    book_ket6(cast)

    answer = desk.post("/desk/north/roster/close/", {**A_MORNING, "ends": f"2026-04-06T{ends}"})

    assert len(answer.context["displaced"]) == affected


def test_once_confirmed_it_is_saved_and_does_what_was_foretold(cast, desk):
    series = book_ket6(cast)
    foretold = desk.post("/desk/north/roster/close/", A_MORNING).context["displaced"]

    answer = desk.post("/desk/north/roster/close/", {**A_MORNING, "confirmed": "yes"})

    assert answer.status_code == 302
    (told,) = said(answer)
    assert told.startswith("The closure is saved. 1 visit does not fit any more: it stays where it is,")
    assert [one.session.id for one in foretold] == [series.sessions.get(number=1).id]
    assert Closure.objects.get().reason == "Water"
    assert series.sessions.get(number=1).start == MONDAYS_AND_THURSDAYS[0]


def test_one_chair_out_displaces_only_who_sits_in_it(cast, desk):
    first = book_ket6(cast).sessions.get(number=1)
    other = next(chair for chair in (cast.n1, cast.n2, cast.n3) if chair.id != first.chair_id)

    inside = desk.post("/desk/north/roster/close/", {**A_MORNING, "chair": first.chair_id})
    outside = desk.post("/desk/north/roster/close/", {**A_MORNING, "chair": other.id})

    assert [len(answer.context["displaced"]) for answer in (inside, outside)] == [1, 0]


def test_a_shift_tells_who_would_lack_a_nurse(cast, desk):
    book_ket6(cast)
    shifts = Shift.objects.filter(clinic=cast.north, starts__date="2026-04-06").order_by("nurse__first_name")
    ana, ben = shifts

    alone = desk.post(f"/desk/north/roster/shifts/{ana.id}/remove/")
    desk.post(f"/desk/north/roster/shifts/{ana.id}/remove/", {"confirmed": "yes"})
    both = desk.post(f"/desk/north/roster/shifts/{ben.id}/remove/")

    assert [len(answer.context["displaced"]) for answer in (alone, both)] == [0, 1]
    assert list(shifts.all()) == [ben]


def test_a_time_that_the_clocks_skip_is_refused_and_the_rest_is_kept(cast, desk):
    skipped = {"starts": "2026-03-08T02:30", "ends": "2026-03-08T12:00", "reason": "Floor"}

    answer = desk.post("/desk/north/roster/close/", skipped)

    assert answer.status_code == 400
    assert "The clocks skip this hour on that day." in words(answer)
    assert 'value="Floor"' in answer.content.decode()


def test_nurses_see_the_roster_and_change_nothing(cast, clock):
    nurse = at_the_desk(cast.ana)

    assert nurse.get("/desk/north/roster/").context["may_change"] is False
    assert nurse.post("/desk/north/roster/close/", {**A_MORNING, "confirmed": "yes"}).status_code == 403
    assert JournalEntry.objects.filter(verb="closure_added").count() == 0


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday"])
def test_a_date_that_no_diary_reaches_is_no_fault(cast, desk, day):
    visit = book_ket6(cast).sessions.get(number=1)

    assert desk.get("/desk/north/roster/", {"date": day}).status_code == 200
    assert desk.get(f"/desk/north/visits/{visit.id}/move/", {"date": day}).status_code == 200
    assert desk.get(f"/desk/north/visits/{visit.id}/places.json", {"date": day}).status_code == 200
