"""Templates of starts and their report in a real browser: for everybody, on a telephone, in Spanish."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bookings.models import Clinic, StartTemplate
from tests.browser.desk.clinic import Clinic10, make_full_day
from tests.browser.desk.conftest import Staff

pytestmark = pytest.mark.timeout(240)
TELEPHONE = {"width": 360, "height": 740}


def drawn_up(at: Clinic10) -> StartTemplate:
    """A template of every weekday, drawn up and not in force."""
    return StartTemplate.objects.create(
        clinic=at.clinic,
        first=at.today - timedelta(days=84),
        last=at.today - timedelta(days=1),
        asked_at=at.now,
        drawn_up_at=at.now,
        booked=[{"weekday": day, "begins": "09:00", "minutes": 150, "visits": 24} for day in range(1, 8)],
        opened=[
            {"weekday": day, "begins": begins, "minutes": 150, "starts": 1}
            for day in range(1, 8)
            for begins in ("08:30", "11:15")
        ],
        days=[
            {
                "weekday": day,
                "dates": 12,
                "wanted": [{"minutes": 150, "visits": 2}],
                "unmet": 0,
                "peak": 1,
                "peak_bound": 1,
                "peak_before": 2.0,
                "proven": True,
            }
            for day in range(1, 8)
        ],
    )


def test_a_template_is_taken_into_force_with_one_press(at: Clinic10, sits_down: Staff):
    drawn_up(at)
    manager = sits_down(at.manager)
    page = manager.go(at.path("clinic/levelling/"))
    assert manager.flaws() == []
    manager.picture("desk-levelling")

    page.get_by_role("button", name="Take it into force").click()

    expect(page.get_by_text("is in force since")).to_be_visible()
    assert Clinic.objects.get(id=at.clinic.id).levelling is True
    assert (manager.flaws(), manager.said) == ([], [])


def test_one_that_is_being_drawn_up_appears_by_itself(at: Clinic10, sits_down: Staff):
    manager = sits_down(at.manager)
    page = manager.go(at.path("clinic/levelling/"))
    page.get_by_role("button", name="Draw it up").click()
    expect(page.get_by_text("is being drawn up")).to_be_visible()
    assert manager.flaws() == []

    StartTemplate.objects.update(drawn_up_at=at.now)

    expect(page.get_by_text("is being drawn up")).to_have_count(0)
    expect(page.get_by_role("button", name="Draw it up")).to_be_visible()


@pytest.mark.parametrize("language", ["en-US", "es"])
def test_both_pages_fit_a_telephone_in_either_language(at: Clinic10, sits_down: Staff, language: str):
    template = drawn_up(at)
    StartTemplate.objects.filter(id=template.id).update(in_force_since=at.now)
    make_full_day(at, visits=6)
    small = sits_down(at.manager, size=TELEPHONE, locale=language)
    period = f"?from={at.today - timedelta(days=3)}&to={at.today + timedelta(days=3)}"

    for name, path in (("levelling", "clinic/levelling/"), ("report", f"reports/levelling/{period}")):
        page = small.go(at.path(path))
        small.picture(f"desk-{name}-360-{language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"], name
        assert small.flaws() == []
    heading = "Starts against the template" if language == "en-US" else "Inicios frente a la plantilla"
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
