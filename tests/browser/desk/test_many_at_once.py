"""A day is closed at the desk: one plan is asked for, comes by itself, is read, and is carried out; with a
mouse, without JavaScript, and on a telephone.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.actors import staff_actor
from bookings.commands import repairs
from bookings.commands.roster import close
from bookings.models import Repair, Series
from tests.browser.conftest import PHONE
from tests.cast import make_patient

pytestmark = pytest.mark.timeout(180)
NAMES = (("Ada", "Quill"), ("Bea", "Sands"), ("Carl", "Thorn"), ("Dan", "Moss"))


@pytest.fixture
def courses(at) -> list[Series]:
    """Four of six visits each, whose first are in three days; of the last, the course waits for a
    prescriber.
    """
    made = []
    for number, name in enumerate(NAMES):
        days = (3, 6, 9, 12, 15, 18)
        starts = [at.at(f"{9 + number:02}:00", days=ahead) for ahead in days]
        made.append(at.book(make_patient(*name, number=number), *starts))
    Series.objects.filter(id=made[-1].id).update(status="lapsed")
    return made


def draw_up(at) -> None:
    assert repairs.draw_up_next(now=at.now)


def test_a_closed_day_becomes_a_plan_that_is_read_and_carried_out(at, courses, sits_down):
    desk = sits_down(at.desk)
    page = desk.go(at.path("roster/"))
    form = page.locator("form[action$='/close/']")
    form.get_by_label("From").fill(f"{at.at('00:00', days=3):%Y-%m-%dT%H:%M}")
    form.get_by_label("Until").fill(f"{at.at('00:00', days=4):%Y-%m-%dT%H:%M}")
    form.get_by_role("button").click()
    page.get_by_role("button", name="Close", exact=True).last.click()
    page.get_by_role("link", name="Draw up one plan for all 4…").click()
    flaws = desk.flaws()
    page.get_by_role("button", name="Draw up one plan for all 4").click()
    page.get_by_text("The plan is being drawn up.").wait_for()
    flaws += desk.flaws()
    desk.picture("desk-repair-under-way")

    draw_up(at)
    page.get_by_text("Nobody has been moved or told").wait_for()  # by itself
    desk.picture("desk-repair")
    flaws += desk.flaws()
    page.get_by_role("link", name="move now").click()
    first = page.locator("li.repair").nth(0)
    first.get_by_label("Ask the patient").check()
    page.get_by_role("button", name="Carry out what is ticked").click()
    page.get_by_text("The visits of 2 patients are at their new times").wait_for()
    desk.picture("desk-repair-done")
    flaws += desk.flaws()

    assert flaws == []
    assert desk.said == []
    outcomes = Repair.objects.get().parts.exclude(moves=[]).values_list("outcome", flat=True)
    assert sorted(outcomes) == ["moved", "moved", "offered"]


def test_it_works_without_javascript_and_on_a_telephone(at, courses, sits_down):
    close(
        at.clinic,
        starts=at.at("00:00", days=3),
        ends=at.at("00:00", days=4),
        actor=staff_actor(at.manager),
        now=at.now,
    )
    desk = sits_down(at.desk, size=PHONE, java_script_enabled=False)
    page = desk.go(at.path("repairs/"))
    page.get_by_role("button", name="Draw up one plan for all 4").click()
    draw_up(at)
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("Nobody has been moved or told").wait_for()
    desk.picture("desk-repair-phone")
    width = page.locator("main").bounding_box()["width"]
    page.locator("li.repair").nth(1).get_by_label("Move now").check()
    page.get_by_role("button", name="Carry out what is ticked").click()
    page.get_by_text("The visits of 1 patient are at their new times").wait_for()

    assert width <= PHONE["width"]
    moved = Repair.objects.get().parts.get(outcome="moved")
    assert moved.series.sessions.get(number=1).start > at.at("00:00", days=3) - timedelta(days=3)


def test_a_telephone_shows_old_and_new_without_scrolling_sideways(at, courses, sits_down):
    close(
        at.clinic,
        starts=at.at("00:00", days=3),
        ends=at.at("00:00", days=4),
        actor=staff_actor(at.manager),
        now=at.now,
    )
    at.clinic.refresh_from_db()
    plan = repairs.draw_up_repair(at.clinic, actor=staff_actor(at.desk), now=at.now)
    draw_up(at)
    desk = sits_down(at.desk, size=PHONE, locale="es-ES")
    for path in ("repairs/", f"repairs/{plan.id}/", "tasks/"):
        page = desk.go(at.path(path))
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert desk.flaws() == []
    desk.go(at.path(f"repairs/{plan.id}/"))
    desk.picture("desk-repair-phone-es")
