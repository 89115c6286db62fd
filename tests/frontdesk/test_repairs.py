"""A plan for many at the desk: asked for from where the trouble shows, read, and carried out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from bookings.commands import repairs
from bookings.commands.move import move_session
from bookings.commands.repairs import PATIENCE, draw_up_next
from bookings.commands.watching import watch_series
from bookings.models import Proposal, Repair, Series
from tests.bookings.repair_scenes import april, close_monday, drawn_up, places_of, plan_of, three_series
from tests.bookings.scenes import session
from tests.cast import NOW, Cast
from tests.frontdesk.conftest import HTMX, said, words

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/desk/north/repairs/"


@pytest.fixture
def made(cast: Cast) -> list[Series]:
    return three_series(cast)


@pytest.fixture
def plan(cast: Cast, made: list[Series]) -> Repair:
    ada, bea, _carl = made
    return plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})


def page_of(plan: Repair) -> str:
    return f"{PAGE}{plan.id}/"


def test_a_closure_leads_to_one_plan_for_all_that_it_displaces(desk: Client, made):
    typed = {"starts": "2026-04-13T00:00", "ends": "2026-04-14T00:00", "reason": "", "confirmed": "1"}

    after = desk.post("/desk/north/roster/close/", typed, follow=True)

    link = '<a href="/desk/north/repairs/">Draw up one plan for all 3…</a>'
    assert link in after.content.decode()
    assert "Draw up one plan for all 3" in words(desk.get(PAGE))

    asked = desk.post(PAGE)

    plan = Repair.objects.get()
    assert asked.headers["Location"] == page_of(plan)
    assert "The plan is being drawn up." in words(desk.get(page_of(plan)))


def test_the_tasks_offer_one_plan_where_more_than_one_visit_does_not_fit(cast: Cast, desk: Client, made):
    close_monday(cast)
    watch_series([made[0].id], now=NOW)
    assert "Draw up one plan" not in words(desk.get("/desk/north/tasks/"))

    watch_series([one.id for one in made], now=NOW)

    assert "3 visits do not fit where they are." in words(desk.get("/desk/north/tasks/"))


def test_a_page_under_way_asks_again_by_itself_and_says_how_far_it_is(cast: Cast, desk: Client, made):
    close_monday(cast)
    desk.post(PAGE)
    plan = Repair.objects.get()
    Repair.objects.update(progress={"stage": "lost", "placed": 2, "moved": 2})

    page = desk.get(page_of(plan))

    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert "So far 2 have a place, and 2 would move." in words(page)
    draw_up_next(now=NOW)
    assert "every 2s" not in desk.get(page_of(plan), headers=HTMX).content.decode()


def test_a_page_says_when_no_worker_is_there(cast: Cast, desk: Client, made, clock):
    close_monday(cast)
    desk.post(PAGE)
    plan, silent = Repair.objects.get(), "No worker is at it just now."

    clock.forward(seconds=30)
    assert silent not in words(desk.get(page_of(plan)))
    clock.forward(seconds=1)
    assert silent in words(desk.get(page_of(plan)))

    Repair.objects.update(taken_up_at=clock.now)
    assert silent not in words(desk.get(page_of(plan)))
    clock.forward(seconds=PATIENCE.total_seconds() + 1)
    assert silent in words(desk.get(page_of(plan)))


def test_a_plan_that_failed_says_what_to_do_next(cast: Cast, desk: Client, plan: Repair):
    Repair.objects.update(status="failed", error=repairs.GIVEN_UP)

    assert repairs.GIVEN_UP in words(desk.get(page_of(plan)))


def test_the_difference_reads_as_old_and_new_with_gaps(desk: Client, plan: Repair):
    told = words(desk.get(page_of(plan)))

    assert "2 visits of 2 courses move, by 48 hours in all." in told
    assert "3 of 6: Mon 13 Apr, 08:00 → Tue 14 Apr, 08:00 1 day later · N1" in told
    assert "Days between the visits: 3 · 4 · 3 · 4 · 3, then 3 · 5 · 2 · 4 · 3" in told
    assert "Nobody has been moved or told, and no place is held." in told


@pytest.mark.parametrize(
    ("new", "by"),
    [
        ("13 08:00", "at the same time, in another chair"),
        ("13 09:30", "1:30 h later"),
        ("13 07:45", "0:15 h earlier"),
        ("15 08:00", "2 days later"),
        ("11 08:00", "2 days earlier"),
    ],
)
def test_by_how_much_a_visit_moves_is_said_in_words(cast: Cast, desk: Client, made, new: str, by: str):
    plan = plan_of(cast, {made[0]: {3: (new, cast.n2)}})

    assert f"{by} · N2" in words(desk.get(page_of(plan)))


def test_what_is_ticked_is_carried_out_and_the_rest_is_left(desk: Client, plan: Repair, made):
    ada, bea, _carl = made
    ticked = {f"series-{ada.id}": "move", f"series-{bea.id}": "leave", "version": "1"}

    after = desk.post(page_of(plan), ticked)

    assert said(after) == ["The visits of 1 patient are at their new times, and the patient is told."]
    assert [places_of(one)[2][0] for one in (ada, bea)] == ["14 08:00", "13 11:00"]
    assert "moved" in words(desk.get(page_of(plan)))


def test_who_is_asked_is_asked_with_the_reason_that_was_typed(desk: Client, plan: Repair, made):
    ada, bea, _carl = made
    ticked = {f"series-{one.id}": "offer" for one in (ada, bea)} | {"reason": "Water damage", "version": "1"}

    after = desk.post(page_of(plan), ticked)

    assert said(after) == ["2 patients are asked; the new places are held."]
    assert set(Proposal.objects.values_list("series", "reason")) == {
        (ada.id, "Water damage"),
        (bea.id, "Water damage"),
    }
    assert words(desk.get(page_of(plan))).count("asked, no answer yet") == 2


def test_who_cannot_be_is_named_and_the_others_are_one_press_away(
    cast: Cast, desk: Client, plan: Repair, made
):
    ada, bea, _carl = made
    seen = {"version": "1", **{f"series-{one.id}": "move" for one in (ada, bea)}}
    move_session(session(ada, 3), start=april("13 08:15"), actor=cast.as_desk, now=NOW)

    refused = desk.post(page_of(plan), seen)

    assert refused.status_code == 409
    assert "Ada Quill : Its visits are no longer where they were" in words(refused)
    assert "Carry out the other one without these" in words(refused)
    assert f'<input type="hidden" name="series-{bea.id}" value="move">' in refused.content.decode()

    desk.post(page_of(plan), {"version": "1", f"series-{bea.id}": "move"})

    assert places_of(bea)[2][0] == "14 11:00"


def test_who_stands_in_the_way_is_named(cast: Cast, desk: Client, made):
    ada, bea, _carl = made
    plan = plan_of(cast, {ada: {3: ("13 11:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})

    refused = desk.post(page_of(plan), {"version": "1", f"series-{ada.id}": "move"})

    assert "It would be possible together with: Bea Sands." in words(refused)


def test_of_two_who_press_the_second_is_told(desk: Client, plan: Repair, made):
    ticked = {f"series-{made[0].id}": "move", "version": "1"}

    assert [desk.post(page_of(plan), ticked).status_code for _ in range(2)] == [302, 412]


def test_nothing_ticked_is_said_and_nothing_done(desk: Client, plan: Repair, made):
    refused = desk.post(page_of(plan), {"version": "1", "series-x": "move"})

    assert (refused.status_code, places_of(made[0])[2][0]) == (400, "13 08:00")


def test_all_are_ticked_by_a_link(desk: Client, plan: Repair):
    for how in ("move", "offer"):
        page = desk.get(f"{page_of(plan)}?tick={how}").content.decode()
        assert page.count(f'value="{how}" checked') == 2
    assert desk.get(page_of(plan)).content.decode().count('value="leave" checked') == 2


def test_who_finds_no_place_is_to_be_rung(cast: Cast, desk: Client, made):
    close_monday(cast)
    Series.objects.filter(id=made[0].id).update(status="lapsed")
    plan = drawn_up(cast)

    page = desk.get(page_of(plan))

    assert "1 visit finds no place: ring the patient." in words(page)
    assert f'href="tel:{cast.ada.phone}"' in page.content.decode()


def test_an_outdated_plan_can_be_read_and_not_carried_out(desk: Client, plan: Repair, clock):
    clock.set(NOW + timedelta(hours=24))

    page = words(desk.get(page_of(plan)))

    assert "The plan is outdated: draw up another one." in page
    assert "Carry out what is ticked" not in page


def test_a_plan_of_another_clinic_is_not_there(desk: Client, plan: Repair):
    assert desk.get(f"/desk/west/repairs/{plan.id}/").status_code == 404


def test_reading_changes_nothing(cast: Cast, desk: Client, plan: Repair, made):
    close_monday(cast)
    before = list(Repair.objects.values())

    for _ in range(2):
        desk.get(PAGE)
        desk.get(page_of(plan))

    assert list(Repair.objects.values()) == before


def test_the_plan_speaks_spanish(cast: Cast, plan: Repair, desk: Client):
    page = words(desk.get(page_of(plan), headers={"Accept-Language": "es"}))

    with translation.override("es"):
        assert translation.gettext("Carry out what is ticked") in page
    assert "Carry out what is ticked" not in page
