"""Figures and the day on paper in a real browser: read by everybody, and printed on one page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bookings.models import Patient, Session
from tests.browser.desk.clinic import Clinic10, make_full_day
from tests.browser.desk.conftest import Staff
from tests.cast import make_patient

REPORTS = ("", "starts/", "levelling/", "no-shows/", "gaps/", "messages/")


def fill(at: Clinic10, visits: int) -> None:
    """So many visits today, of people with long names."""
    make_full_day(at, visits=visits)
    Patient.objects.update(
        first_name="Wilhelmina", last_name="Abernathy-Oyelaran", phone="+12025550142", birth_date="1951-11-30"
    )


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_the_day_is_one_page_up_to_eighty_visits(at: Clinic10, sits_down: Staff):
    fill(at, 300)
    extra = list(Session.objects.order_by("-start", "-id"))
    page = sits_down(at.desk).go(at.path("sheet/"))
    pages = {}
    for visits in (300, 80, 60, 46, 30, 10, 1):
        Session.objects.filter(id__in=[one.id for one in extra[: 300 - visits]]).delete()
        page.reload()
        assert page.locator("tbody tr").count() == visits
        pages[visits] = [pages_of(page.pdf(format=paper)) for paper in ("A4", "Letter")]

    assert min(pages.pop(300)) > 1  # no smaller type than can be read, however many come
    assert pages == {visits: [1, 1] for visits in (80, 60, 46, 30, 10, 1)}


@pytest.mark.parametrize("report", REPORTS)
def test_reports_are_for_everybody(at: Clinic10, sits_down: Staff, report: str):
    fill(at, 6)
    at.book(
        make_patient("Ida", "Brien", number=60),
        *(at.at("09:00", days=days) for days in (7, 10, 14, 17, 21, 24)),
    )
    dee = sits_down(at.desk)
    first, last = at.at("09:00", days=-7).date(), at.at("09:00", days=30).date()

    dee.go(at.path(f"reports/{report}?from={first}&to={last}"))
    dee.picture(f"desk-report-{report.strip('/') or 'utilisation'}")

    assert (dee.flaws(), dee.said) == ([], [])


def test_the_sheet_on_the_screen_is_for_everybody(at: Clinic10, sits_down: Staff):
    fill(at, 6)
    dee = sits_down(at.desk)

    dee.go(at.path("sheet/"))
    dee.picture("desk-sheet")

    assert (dee.flaws(), dee.said) == ([], [])


def test_files_are_for_everybody(at: Clinic10, sits_down: Staff):
    max_ = sits_down(at.manager)
    page = max_.go(at.path("files/"))
    head = "first_name,last_name,birth_date,protocol,start"
    day = (at.now + timedelta(days=7)).date()
    lines = [f"Nell,Vance,1991-05-06,booster,{day} 10:00", f"Otto,Lane,1970-01-02,booster,{day} 03:00"]
    content = "\n".join([head, *lines]).encode()

    page.get_by_label("File", exact=True).set_input_files(
        {"name": "visits.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("cell", name="closed")).to_be_visible()
    max_.picture("desk-import")
    flaws = max_.flaws()
    page.get_by_label("The same file once more").set_input_files(
        {"name": "visits.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Take it over").click()

    expect(page.get_by_text("1 patient added. 1 series booked.")).to_be_visible()
    assert (flaws, max_.flaws(), max_.said) == ([], [], [])
