"""Running the clinic in a real browser: no flaw that axe-core finds, and the editor by the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.cast import make_patient, make_version
from tests.treatments import KET6

pytestmark = pytest.mark.timeout(180)
TABLET = {"width": 820, "height": 1180}


def test_no_page_that_sets_a_clinic_up_has_a_flaw_in_light_or_dark(at, sits_down):
    ada = make_patient("Ada", "Quill", number=1)
    at.book(ada, *(at.at("13:00", days=days) for days in (0, 3, 6, 9, 12, 15)))
    make_version(at.course, {**KET6, "lead_time_hours": 12}, signed_by=None)
    pages = {
        "clinic": "clinic/",
        "setup": "clinic/setup/",
        "hours": "clinic/hours/",
        "chairs": "clinic/chairs/",
        "chair": f"clinic/chairs/{at.chairs[0].id}/",
        "treatments": "clinic/treatments/",
        "treatment": f"clinic/treatments/{at.course.id}/",
        "editor": f"clinic/treatments/{at.course.id}/change/",
        "staff": "clinic/staff/",
        "member": f"clinic/staff/{at.nurse.id}/",
        "second-factor": "clinic/second-factor/",
        "password": "clinic/password/",
        "program": "clinic/staff/programs/new/",
        "tokens": f"clinic/staff/{at.manager.id}/tokens/",
        "clearances": f"patients/{ada.id}/clearances/",
        "readers": f"patients/{ada.id}/readers/",
        "emergency": f"patients/{ada.id}/emergency/",
        "erase": f"patients/{ada.id}/erase/",
    }
    flaws = {}
    manager = sits_down(at.manager)
    for name, path in pages.items():
        manager.go(at.path(path))
        manager.picture(f"desk-{name}")
        flaws[name] = manager.flaws()
    small = sits_down(at.prescriber, size=TABLET)
    for name, path in pages.items():
        small.go(at.path(path))
        small.picture(f"desk-{name}-820")
        assert small.page.evaluate("document.documentElement.scrollWidth") <= TABLET["width"], name

    assert flaws == {name: [] for name in pages}
    assert manager.said == []


def test_what_is_shown_in_answer_to_a_form_has_no_flaw_either(at, sits_down):
    ada = make_patient("Ada", "Quill", number=1)
    at.book(ada, *(at.at("13:00", days=days) for days in (0, 3, 6, 9, 12, 15)))
    manager = sits_down(at.manager)

    page = manager.go(at.path(f"clinic/staff/{at.manager.id}/tokens/"))
    page.locator("[name=name]").fill("calls")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="I have kept it").wait_for()
    assert manager.flaws() == []
    manager.picture("desk-token-made")

    page = manager.go(at.path(f"patients/{ada.id}/emergency/"))
    page.locator("[name=reason]").fill("Unconscious at the door of another clinic.")
    page.locator("main form button").first.click()
    page.get_by_text("The record is open to you until").wait_for()
    assert manager.flaws() == []
    manager.picture("desk-emergency-record")


def test_hours_are_changed_by_the_keyboard_and_say_what_they_would_do_first(at, sits_down):
    at.book(make_patient("Ada", "Quill", number=1), at.at("15:00"))
    manager = sits_down(at.manager)
    page = manager.go(at.path("clinic/"))
    page.get_by_role("link", name="Weekly hours").focus()
    page.keyboard.press("Enter")
    page.get_by_label(f"{at.today:%A} closes").first.focus()

    page.keyboard.type("0100PM")
    page.keyboard.press("Enter")
    page.get_by_text("1 visit would not fit any more.").wait_for()
    assert manager.flaws() == []
    manager.picture("desk-foreseen")
    page.get_by_role("button", name="Change what I typed").press("Enter")
    expect(page.get_by_label(f"{at.today:%A} closes").first).to_have_value("13:00")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="What would it do?").press("Enter")
    page.get_by_role("button", name="Save the hours").press("Enter")

    page.get_by_text("The hours are saved.").wait_for()
    assert at.clinic.opening_hours.get(weekday=at.today.isoweekday()).closes.hour == 13


def test_a_version_is_written_by_the_keyboard_and_enter_removes_nothing(at, sits_down):
    writer = sits_down(at.prescriber)
    page = writer.go(at.path(f"clinic/treatments/{at.course.id}/change/"))

    page.get_by_role("button", name="Add a row Steps of a visit").press("Enter")
    expect(page.locator("[name='steps.5.name']")).to_be_focused()
    page.keyboard.type("call the driver")
    page.keyboard.press("Tab")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.get_by_text("The patient has left in the step before.").wait_for()
    assert writer.flaws() == []
    writer.picture("desk-editor-fault")
    page.locator("[name='steps.5.patient']").uncheck()
    page.locator("[name='steps.5.minutes']").press("Enter")
    page.get_by_text("What it would change").first.wait_for()
    assert writer.flaws() == []
    writer.picture("desk-review")
    page.get_by_role("button", name="Sign and save").press("Enter")

    page.get_by_text("Version 2 is in effect for what is booked from now on.").wait_for()
    assert [step["name"] for step in at.course.versions.get(version=2).rules["steps"]][-2:] == [
        "turnover",
        "call the driver",
    ]
