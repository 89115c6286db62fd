"""A whole clinic day as a story: the front desk, a nurse and a prescriber, each with their own browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from bookings.models import Patient, Series, Session
from tests.browser.desk.conftest import box, line
from tests.cast import make_patient

pytestmark = pytest.mark.timeout(180)


def test_a_clinic_day(at, stream, sits_down):
    ada, bea, carl, dan, eve = (
        make_patient(name, last, number=number)
        for number, (name, last) in enumerate(
            [("Ada", "Quill"), ("Bea", "Sands"), ("Carl", "Thorn"), ("Dan", "Moss"), ("Eve", "Pike")]
        )
    )
    at.book(ada, at.at("10:00"))
    bea_at = at.book(bea, at.at("14:00")).sessions.get()
    carls = at.book(carl, *(at.at("11:00", days=days) for days in (0, 3, 6, 9, 12, 15)))
    at.book(dan, at.at("08:30"))
    desk, nurse, prescriber = (sits_down(one) for one in (at.desk, at.nurse, at.prescriber))
    for each in (desk, nurse, prescriber):
        each.go(at.path())
        box(each.page, "Ada").wait_for()

    _books_by_telephone(desk, at)
    _drags(desk, nurse, at, bea_at)
    _is_refused_and_overridden(desk, prescriber, at, carls)
    _comes_is_treated_and_goes_home(desk, nurse)
    _does_not_come(desk, nurse)
    _walks_in(desk, nurse, at, eve)
    _closes(desk, nurse, at)
    _takes_it_back(nurse, desk)

    assert [each.said for each in (desk, nurse, prescriber)] == [[], [], []]


def _books_by_telephone(desk, at):
    page = desk.page
    page.keyboard.press("/")
    page.locator("#q").fill("Nora Nash")
    page.get_by_role("link", name="New patient").click()
    page.locator("[name=phone]").fill("202 555 0177")
    page.locator("main form button").first.click()
    page.get_by_label("Treatment").select_option("ket6/induction")
    page.get_by_role("button", name="Show plans").click()
    page.locator(".plans li").first.wait_for()
    page.keyboard.press("1")
    page.get_by_text("visits are booked").wait_for()
    nora = Patient.objects.get(last_name="Nash")
    assert Series.objects.get(patient=nora).sessions.count() == 6


def _where_it_stays(page, visit):
    """Its place in the middle of the page, as at an edge dragging scrolls; once nothing is drawn anew."""
    place, before = None, {}
    while place is None or place != before:
        visit.evaluate("box => box.scrollIntoView({block: 'center'})")
        before, place = place, visit.bounding_box()
        page.wait_for_timeout(250)
    return place


def _drags(desk, nurse, at, visit):
    page = desk.go(at.path())
    bea = box(page, "Bea")
    page.locator("#live[data-state=live]").wait_for(state="attached")
    place = _where_it_stays(page, bea)
    page.mouse.move(place["x"] + 40, place["y"] + 8)
    page.mouse.down()
    page.mouse.move(place["x"] + 40, place["y"] + 30, steps=4)
    page.locator("#grid .ec-bg-event.free").first.wait_for()
    page.mouse.move(
        place["x"] + 40, place["y"] + 8 + 20 * 4, steps=8
    )  # an hour later: four slots of 20 pixels
    expect(page.locator("#hint")).to_have_text("15:00: every rule is kept")
    page.mouse.up()
    page.get_by_text("Every rule is kept.").wait_for()
    visit.refresh_from_db()
    assert visit.start == at.at("14:00")  # nothing has happened as yet

    page.get_by_role("button", name="Move it").click()
    page.get_by_text("is at 15:00 now").wait_for()

    expect(box(nurse.page, "Bea")).to_contain_text("15:00")  # nobody has touched that page


def _is_refused_and_overridden(desk, prescriber, at, series):
    second = series.sessions.get(number=2)
    too_close = at.path(f"visits/{second.id}/move/?start={at.at('11:00', days=1):%Y-%m-%dT%H:%M}")
    page = desk.go(too_close)
    page.get_by_text("This is not possible:").wait_for()
    assert page.get_by_role("button", name="Move it").count() == 0

    page = prescriber.go(too_close)
    page.locator("#reason").fill("seen today, stable")
    page.get_by_role("button", name="Move it").click()
    page.get_by_text("is at 11:00 now").wait_for()
    second.refresh_from_db()
    assert (second.start, second.overrides[0]["rule"]) == (at.at("11:00", days=1), "min_gap")


def _comes_is_treated_and_goes_home(desk, nurse):
    desk.go(nurse.page.url.removeprefix(nurse.address))
    line(desk.page, "Ada").get_by_role("button", name="Arrived").click()
    expect(line(nurse.page, "Ada")).to_contain_text("Arrived")
    line(nurse.page, "Ada").get_by_role("button", name="Start infusion").click()
    expect(line(desk.page, "Ada")).to_contain_text("min left")
    expect(box(desk.page, "Ada")).to_contain_text("Infusing")
    line(nurse.page, "Ada").get_by_role("button", name="To recovery").click()
    expect(line(desk.page, "Ada")).to_contain_text("observation: 60 min left")

    line(nurse.page, "Ada").get_by_role("link", name="Goes home").click()
    panel = nurse.page.locator("#panel")
    panel.get_by_role("button", name="Goes home").click()
    panel.get_by_text("Somebody must fetch the patient").wait_for()
    panel.get_by_role("checkbox").check()
    panel.get_by_role("button", name="Goes home").click()
    expect(line(desk.page, "Ada")).to_contain_text("Done")


def _does_not_come(desk, nurse):
    line(desk.page, "Dan").get_by_role("link", name="Dan Moss").click()
    panel = desk.page.locator("#panel")
    panel.locator("summary", has_text="Did not come").click()
    panel.get_by_role("button", name="Mark as missed").click()
    expect(line(nurse.page, "Dan")).to_contain_text("Did not come")
    expect(box(nurse.page, "Dan")).to_have_count(0)


def _walks_in(desk, nurse, at, eve):
    page = desk.page
    page.keyboard.press("n")
    page.locator("#q").fill("eve")
    page.get_by_role("link", name="Eve Pike").click()
    page.get_by_role("button", name="Book at once").click()
    page.locator("#visits tr", has_text="Eve").wait_for()
    expect(box(nurse.page, "Eve")).to_have_count(1)
    assert at.at("10:00") <= Session.objects.get(patient=eve).start <= at.at("11:15")


def _closes(desk, nurse, at):
    page = desk.go(at.path("roster/"))
    form = page.locator("form", has=page.locator("[name=chair]"))
    form.locator("[name=starts]").fill(f"{at.at('14:00'):%Y-%m-%dT%H:%M}")
    form.locator("[name=ends]").fill(f"{at.at('18:00'):%Y-%m-%dT%H:%M}")
    form.locator("[name=reason]").fill("Water")
    form.get_by_role("button").click()
    page.get_by_text("Bea Sands").wait_for()
    page.locator("main form button").first.click()
    page.get_by_text("The closure is saved.").wait_for()
    expect(nurse.page.locator("#strip-picture")).to_contain_text("Closed 14:00–18:00. Water")


def _takes_it_back(nurse, desk):
    nurse.page.locator("h1").click()
    nurse.page.keyboard.press("Escape")
    nurse.page.keyboard.press("z")
    nurse.page.get_by_text("Ada Quill: taken back.").wait_for()
    expect(line(nurse.page, "Ada")).to_contain_text("Recovering")
