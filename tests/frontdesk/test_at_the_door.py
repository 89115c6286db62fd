"""Walk-ins, the waiting list, proposals answered on the telephone, and what the front desk is not told."""

from __future__ import annotations

import json

import pytest

from bookings.commands.attend import miss_session
from bookings.commands.proposals import propose_moves
from bookings.commands.watching import watch_series
from bookings.models import JournalEntry, Proposal, Session, Task, WaitingEntry
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import new_york
from tests.frontdesk.conftest import HTMX, at_the_desk, said, words

pytestmark = pytest.mark.django_db(transaction=True)

BOOSTER = {"treatment": "booster/maintenance"}


def walk_in(cast) -> str:
    return f"/desk/north/patients/{cast.ada.id}/walk-in/"


def test_whoever_is_at_the_door_is_found_by_name(cast, desk):
    page = desk.get("/desk/north/walk-in/?q=ada", headers=HTMX).content.decode()

    assert f'href="{walk_in(cast)}"' in page


def test_one_more_visit_is_booked_at_the_next_start_of_the_grid(cast, desk, clock):
    clock.set(new_york("2026-04-06 09:52"))
    page = desk.get(walk_in(cast), BOOSTER)
    assert page.context["violations"] == ()
    start = page.context["at_once"].isoformat()

    answer = desk.post(walk_in(cast), {**BOOSTER, "start": start})

    booked = Session.objects.get(patient=cast.ada)
    assert booked.start == new_york("2026-04-06 10:00")
    assert answer.headers["Location"] == f"/desk/north/day/?date=2026-04-06#visit-{booked.id}"


def test_a_rule_that_staff_may_break_asks_for_a_reason_and_is_remembered(cast, desk, clock):
    clock.set(new_york("2026-04-06 16:30"))
    page = desk.get(walk_in(cast), BOOSTER)
    start = {**BOOSTER, "start": page.context["at_once"].isoformat()}

    assert page.context["may_override"] is True
    assert desk.post(walk_in(cast), start).status_code == 422
    assert desk.post(walk_in(cast), {**start, "reason": "Nurse stays on"}).status_code == 302

    booked = Session.objects.get(patient=cast.ada)
    assert {one["reason"] for one in booked.overrides} == {"Nurse stays on"}


def test_a_start_that_has_just_gone_by_needs_a_reason_too(cast, desk, clock):
    clock.set(new_york("2026-04-06 10:01"))
    gone_by = {**BOOSTER, "start": "2026-04-06T10:00:00-04:00"}

    assert desk.post(walk_in(cast), gone_by).status_code == 422
    assert desk.post(walk_in(cast), {**gone_by, "reason": "sits there already"}).status_code == 302

    assert [one["rule"] for one in Session.objects.get().overrides] == ["lead_time"]


@pytest.mark.parametrize("start", ["", "soon", "2026-04-06T10:00"])
def test_a_start_without_its_offset_is_none(cast, desk, start):
    assert desk.post(walk_in(cast), {**BOOSTER, "start": start}).status_code == 404


def test_a_visit_that_is_booked_can_be_had_today_instead(cast, desk, clock):
    series = book_ket6(cast)
    clock.set(new_york("2026-04-03 09:00"))

    page = desk.get(walk_in(cast))

    assert [row.number for row in page.context["booked"]] == [1, 2, 3]
    first = session(series, 1)
    assert f"/desk/north/visits/{first.id}/move/?date=2026-04-03" in page.content.decode()


def test_somebody_waits_for_an_earlier_time_and_gives_it_up(cast, desk):
    first = session(book_ket6(cast), 1)
    wish = {"what": f"session:{first.id}", "on": ["1", "2"], "not_before": "09:00", "notice_hours": "4"}

    desk.post(f"/desk/north/patients/{cast.ada.id}/wait/", wish)

    entry = WaitingEntry.objects.get()
    assert (entry.session_id, entry.notice_hours, entry.wish["weekdays"]) == (first.id, 4, [1, 2])
    page = words(desk.get("/desk/north/waiting/"))
    assert "earlier than Mon 6 Apr, 10:00 Mon, Tue, not before 09:00" in page
    desk.post(f"/desk/north/waiting/{entry.id}/leave/")
    entry.refresh_from_db()
    assert entry.closed_why == "left"


def test_what_cannot_be_waited_for_is_said_and_kept_as_typed(cast, desk):
    wish = {"what": "booster/maintenance", "latest": "2026-03-31", "notice_hours": "24"}

    answer = desk.post(f"/desk/north/patients/{cast.ada.id}/wait/", wish)

    assert answer.status_code == 400
    assert "This is before the first date." in words(answer)
    assert 'value="2026-03-31"' in answer.content.decode()


def test_of_two_who_write_down_one_patients_wishes_the_second_is_told(cast, desk, prescriber):
    address = f"/desk/north/patients/{cast.ada.id}/wait/"
    seen = json.dumps(desk.get(address).context["form"].initial["seen"])
    wish = {"what": "booster/maintenance", "notice_hours": "24", "seen": seen}
    prescriber.post(address, {**wish, "on": ["2"], "notice_hours": "5"})

    answer = desk.post(address, {**wish, "on": ["1"]})

    assert answer.status_code == 400
    assert "Saved now: weekdays Tue, from – to –, 5 hours of notice." in words(answer)
    assert WaitingEntry.objects.get().notice_hours == 5
    again = answer.context["form"]["seen"].value()
    assert desk.post(address, {**wish, "on": ["1"], "seen": again}).status_code == 302
    assert WaitingEntry.objects.get().wish["weekdays"] == [1]


def test_the_waiting_list_takes_as_many_queries_however_many_wait(cast, desk, django_assert_num_queries):
    wish = {"what": "booster/maintenance", "notice_hours": "24"}
    desk.post(f"/desk/north/patients/{cast.ada.id}/wait/", wish)
    with django_assert_num_queries(10):
        desk.get("/desk/north/waiting/")
    for patient in (cast.bea, cast.carl):
        desk.post(f"/desk/north/patients/{patient.id}/wait/", wish)
    desk.get("/desk/north/waiting/")

    with django_assert_num_queries(10):
        desk.get("/desk/north/waiting/")


def test_a_task_leads_to_a_proposal_which_is_answered_for_the_patient(cast, desk, clock):
    series = book_ket6(cast)
    clock.set(new_york("2026-04-06 10:30"))
    miss_session(session(series, 1), actor=cast.as_desk, now=clock.now)
    watch_series([series.id], now=clock.now)
    desk = at_the_desk(cast.desk)
    assert "What would mend it" in words(desk.get("/desk/north/tasks/"))
    path = f"/desk/north/series/{series.id}/proposals/"
    assert desk.get(path).context["could_be"] != []

    desk.post(path, {"reason": "You missed one"})
    proposal = Proposal.objects.get(series=series)
    page = desk.get(path)
    assert "You missed one" in words(page)
    wanted = [move["to"] for move in page.context["proposals"][0]["moves"]]
    answer = desk.post(f"/desk/north/proposals/{proposal.id}/accept/")

    assert said(answer) == ["The visits are at their new times."]
    assert set(wanted) <= set(starts_of(series))
    entry = JournalEntry.objects.get(verb="proposal_accepted")
    assert entry.actor_id == cast.desk.id


def test_a_proposal_that_is_declined_leaves_everything_where_it_was(cast, desk, clock):
    series = book_ket6(cast)
    moves = {1: new_york("2026-04-07 10:00")}
    proposal = propose_moves(series, moves=moves, actor=cast.as_desk, now=clock.now)
    before = starts_of(series)

    desk.post(f"/desk/north/proposals/{proposal.id}/decline/", {"reason": "works on Tuesdays"})

    assert starts_of(series) == before
    assert desk.post(f"/desk/north/proposals/{proposal.id}/accept/").status_code == 409


WHY = "46 days since the visit before: the course must be looked at."


@pytest.fixture
def held(cast) -> Session:
    visit = book_one(cast, new_york("2026-04-02 10:00"))
    now = new_york("2026-04-01 08:00")
    Task.objects.create(
        kind="hard_gap",
        clinic=cast.north,
        series=visit.series,
        session=visit,
        detail=WHY,
        created_at=now,
        updated_at=now,
    )
    return visit


@pytest.mark.parametrize("path", ["tasks/", "patients/{ada}/", "visits/{visit}/", "day/?date=2026-04-02"])
def test_the_front_desk_learns_that_there_is_a_hold_and_not_why(cast, desk, prescriber, held, path):
    path = "/desk/north/" + path.format(ada=cast.ada.id, visit=held.id)

    page = desk.get(path).content.decode()

    assert WHY not in page
    assert "Clinical hold" in page or "A prescriber looks at this course." in page
    if path.endswith("tasks/"):
        assert WHY in prescriber.get(path).content.decode()


def test_not_even_the_data_of_the_grid_say_why(cast, desk, prescriber, held):
    path = "/desk/north/day.json?date=2026-04-02"

    flags = [client.get(path).json()["visits"][0]["flags"][0] for client in (desk, prescriber)]

    assert flags == ["clinical_hold", "hard_gap"]
