"""What holds for every page of the day and of people: no flaw that axe-core finds, in light or in dark."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.actors import staff_actor
from bookings.commands.attend import check_in_session, start_session
from bookings.commands.cancel import cancel_session
from bookings.commands.offers import offer_freed_places
from bookings.commands.proposals import propose_moves
from bookings.commands.waiting import join_waiting_list
from bookings.models import Repair, RepairPart, Task
from tests.browser.desk.conftest import box
from tests.cast import make_patient

pytestmark = pytest.mark.timeout(180)
TABLET = {"width": 820, "height": 1180}
TELEPHONE = {"width": 360, "height": 780}
_READ_SIDEWAYS = (
    "[...document.querySelectorAll('.stacks')].some(part => part.scrollWidth > part.clientWidth + 1)"
)


@pytest.fixture
def busy(at):
    """The clinic with a visit under way, a course, a task, a proposal, somebody who waits and an offer."""
    ada, bea = make_patient("Ada", "Quill", number=1), make_patient("Bea", "Sands", number=2)
    here = at.book(ada, at.at("09:45")).sessions.get()
    for command in (check_in_session, start_session):
        command(here, actor=staff_actor(at.nurse), now=at.now)
    course = at.book(bea, *(at.at("13:00", days=days) for days in (0, 3, 6, 9, 12, 15)))
    actor = staff_actor(at.desk)
    proposal = propose_moves(course, moves={2: at.at("15:00", days=3)}, actor=actor, now=at.now)
    join_waiting_list(ada, clinic=at.clinic, protocol=at.single, actor=actor, now=at.now)
    _offer_an_earlier_time(at)
    dates = {"created_at": at.now, "updated_at": at.now}
    Task.objects.create(
        kind="incomplete", clinic=at.clinic, series=course, detail="To be looked at.", **dates
    )
    plan = _plan_for_many(at, course)
    return {"ada": ada, "bea": bea, "here": here, "course": course, "proposal": proposal, "plan": plan}


def _plan_for_many(at, course):
    """One that moves the fourth visit of the course, and finds no place for the fifth."""
    fourth, fifth = course.sessions.get(number=4), course.sessions.get(number=5)
    times = {"created_at": at.now, "drawn_up_at": at.now, "expires_at": at.now + timedelta(hours=24)}
    plan = Repair.objects.create(clinic=at.clinic, sessions=[str(fourth.id)], status="ready", **times)
    move = {"number": 4, "session": str(fourth.id), "chair": str(at.chairs[2].id)}
    move |= {"from": fourth.start.isoformat(), "to": at.at("16:00", days=9).isoformat()}
    left = {
        "number": 5,
        "session": str(fifth.id),
        "start": fifth.start.isoformat(),
        "why": "No place was found.",
    }
    RepairPart.objects.create(repair=plan, series=course, moves=[move], left=[left])
    return plan


def _offer_an_earlier_time(at):
    carl, dan = make_patient("Carl", "Thorn", number=3), make_patient("Dan", "Moss", number=4)
    actor = staff_actor(at.desk)
    later = at.book(carl, at.at("13:00", days=20)).sessions.get()
    join_waiting_list(
        carl, clinic=at.clinic, protocol=at.single, session=later, actor=actor, now=at.now - timedelta(days=3)
    )
    cancel_session(at.book(dan, at.at("13:00", days=10)).sessions.get(), actor=actor, now=at.now)
    assert offer_freed_places(now=at.now) == 1


def test_no_page_of_the_desk_has_a_flaw_in_light_or_dark(at, busy, sits_down):
    desk = sits_down(at.desk)
    bea, course, second = busy["bea"], busy["course"], busy["course"].sessions.get(number=2)
    start = f"{at.at('10:00', days=4):%Y-%m-%dT%H:%M}"
    pages = {
        "day": "day/",
        "list": "list/",
        "week": "week/",
        "rooms": "rooms/",
        "visit": f"visits/{busy['here'].id}/",
        "move": f"visits/{second.id}/move/?start={start}",
        "search": "search/?q=ada",
        "new-patient": "patients/new/",
        "patient": f"patients/{bea.id}/",
        "change": f"patients/{bea.id}/change/",
        "plan": f"patients/{bea.id}/plan/?treatment=ket6/induction&earliest={at.today}",
        "walk-in": "walk-in/?q=ada",
        "walk-in-patient": f"patients/{bea.id}/walk-in/",
        "waiting": "waiting/",
        "wait": f"patients/{bea.id}/wait/",
        "proposals": f"series/{course.id}/proposals/",
        "repairs": "repairs/",
        "repair": f"repairs/{busy['plan'].id}/?tick=move",
        "tasks": "tasks/",
        "roster": "roster/",
        "refused": "patients/01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f/",
    }
    flaws = {}
    for name, path in pages.items():
        page = desk.go(at.path(path))
        if name == "day":
            box(page, "Bea").click()
            page.locator("#visit-heading").wait_for()
        if found := desk.flaws():
            flaws[name] = found
        desk.picture(f"desk-{name}")
    assert flaws == {}
    assert desk.said == []


@pytest.mark.parametrize("locale", ["en-US", "es-ES"])
def test_no_page_is_wider_than_a_telephone(at, busy, sits_down, locale):
    desk = sits_down(at.manager, size=TELEPHONE, locale=locale)
    bea, second = busy["bea"], busy["course"].sessions.get(number=2)
    start = f"{at.at('10:00', days=4):%Y-%m-%dT%H:%M}"
    paths = (
        *("day/", "list/", "week/", "rooms/", "search/?q=ada", "patients/new/", "walk-in/?q=ada", "waiting/"),
        *("tasks/", "roster/", "sheet/", "files/", "reports/", "reports/starts/", "reports/gaps/"),
        *(f"visits/{busy['here'].id}/", f"visits/{second.id}/move/?start={start}"),
        *(f"patients/{bea.id}/{page}" for page in ("", "change/", "wait/", "clearances/", "messages/")),
        f"patients/{bea.id}/plan/?treatment=ket6/induction&earliest={at.today}",
        f"series/{busy['course'].id}/proposals/",
        *(f"clinic/{page}/" for page in ("setup", "hours", "chairs", "treatments", "staff", "second-factor")),
        *("clinic/treatments/new/", f"clinic/staff/{at.nurse.id}/", f"clinic/treatments/{at.course.id}/"),
    )
    wide = {}
    for path in paths:
        page = desk.go(at.path(path))
        if (width := page.evaluate("document.documentElement.scrollWidth")) > TELEPHONE["width"]:
            wide[path] = width
        if page.evaluate(_READ_SIDEWAYS):
            wide[path] = "a table in it"

    assert wide == {}


def test_a_wall_a_tablet_and_the_help_have_none_either(at, busy, sits_down):
    desk = sits_down(at.nurse, size=TABLET)
    page = desk.go(at.path())
    box(page, "Bea").click()
    page.locator("#visit-heading").wait_for()
    desk.picture("desk-day-tablet")
    flaws = desk.flaws()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    flaws += desk.flaws()
    desk.go(at.path("rooms/"))
    page.get_by_role("button", name="Hang it on the wall").click()
    page.get_by_role("button", name="Take it down").wait_for()
    desk.picture("desk-wall-tablet")
    flaws += desk.flaws()

    assert flaws == []
    assert page.evaluate("document.documentElement.scrollWidth") == TABLET["width"]


def test_the_clinics_wall_is_drawn_wherever_the_browser_stands(at, busy, sits_down):
    drawn = []
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        page = sits_down(at.desk, timezone_id=zone).go(at.path())
        place, line = box(page, "Bea").bounding_box(), page.locator("#grid .now-line").first.bounding_box()
        drawn.append((place["y"], abs(_minutes(page, line["y"]) - _now(at)) <= 2))

    assert abs(drawn[0][0] - drawn[1][0]) < 5  # a quarter of an hour is 20
    assert [is_near for _y, is_near in drawn] == [True, True]


def _now(at) -> int:
    local = at.now.astimezone(at.clinic.zone)
    return local.hour * 60 + local.minute


def _minutes(page, y: float) -> float:
    """The minute of the wall at that height of the grid, by Bea's 13:00: a quarter is 20 pixels."""
    return 13 * 60 + (y - box(page, "Bea").bounding_box()["y"]) / 20 * 15


def test_the_desk_speaks_spanish(at, busy, sits_down):
    page = sits_down(at.desk, locale="es-ES").go(at.path("list/"))
    said = page.locator("body").inner_text()

    for words in (
        "Semana",
        "Sin cita",
        "En infusión",
        "quedan ",
        "Enfermería",
        "Ha llegado",
        "Primera visita",
    ):
        assert words in said
    for words in ("Week", "Walk-in", "Infusing", "Arrived", "Undo"):
        assert words not in said
