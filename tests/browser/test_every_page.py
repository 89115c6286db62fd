"""What holds for every page of the booking way: no flaw that axe-core finds, and little to load."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.walking import ADA, fill_in

HEAVIEST = 100_000  # bytes over the wire, at a first visit


@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (DESKTOP, "desktop")])
def test_no_page_or_state_has_a_flaw_in_light_or_dark(visitor, practice, codes, size, name):
    ada = visitor(size=size)
    flaws = {}

    def look(state):
        ada.picture(f"{name}-{state}")
        if found := ada.flaws():
            flaws[state] = found

    page = ada.go("/")
    look("1-landing")
    page.locator("article", has_text="Ketamine infusion").get_by_role("link").click()
    ada.picture(f"{name}-2-plans")
    page.locator(".wishes-box summary").click()
    look("2-wishes")
    page.locator("article.plan a.change").first.click()
    page.get_by_role("link", name="Change visit 3").click()
    page.locator("#choose .days a:not(.none)").last.click()
    page.wait_for_url("**day=**")
    page.locator("#choose .hours a:visible").first.click()
    page.locator("#adjust .banner").first.wait_for()
    look("3-change")
    ada.go(practice.plans(on="1"))
    look("4-nothing-fits")
    ada.go(practice.plans())
    page.locator("article.plan button").first.click()
    page.locator("main form button.whole").click()
    look("5-errors")
    fill_in(page)
    look("6-code")
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").click()
    page.get_by_role("heading", name="All 6 visits are booked").wait_for()
    look("7-booked")

    assert flaws == {}
    assert ada.said == []


def test_the_pages_for_signing_in_have_no_flaw(visitor, practice, codes):
    ada = visitor()
    page = ada.go("/sign-in/")
    flaws = ada.flaws()
    page.locator("[name=contact]").fill(ADA)
    page.locator("main form button").click()
    flaws += ada.flaws()
    page.locator("[name=code]").fill("12")
    page.locator("main form button").click()
    flaws += ada.flaws()
    ada.go("/nowhere/")
    flaws += ada.flaws()

    assert flaws == []


@pytest.mark.parametrize("path", ["/", "plans", "/sign-in/"])
def test_a_first_load_is_at_most_100_kilobytes(visitor, practice, path):
    ada = visitor()
    session = ada.context.new_cdp_session(ada.page)
    session.send("Network.enable")
    loaded = []
    session.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))

    ada.go(practice.plans() if path == "plans" else path)
    ada.page.wait_for_load_state("networkidle")

    assert len(loaded) >= 4
    assert sum(loaded) <= HEAVIEST
    print(f"{path}: {sum(loaded)} bytes in {len(loaded)} answers")


def test_nothing_is_wider_than_the_smallest_phone(visitor, practice):
    ada = visitor(size={"width": 320, "height": 640})

    for path in ("/", practice.plans(), practice.plans(on="1"), "/sign-in/"):
        ada.go(path)
        assert ada.page.evaluate("document.documentElement.scrollWidth") == 320
