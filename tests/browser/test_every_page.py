"""What holds for every page on the way to a booking: no flaw that axe-core finds, and little to load.

One visitor goes through all of them, so that each page is loaded once for everything that is looked at.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from bookings.models import Hold, Patient
from bookings.patient.shown import code_of, starts_in
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.walking import ADA, DRIP, fill_in
from tests.cast import make_patient

HEAVIEST = 100_000  # bytes over the wire, at a first visit


class Looks:
    """What a visitor has seen, and what was wrong with it."""

    def __init__(self, visitor: Any) -> None:
        self.visitor, self.flaws = visitor, {}

    def at(self, state: str, words: str = "", *, picture: bool = False) -> None:
        """The page as it is now, which says those words."""
        page = self.visitor.page
        if words:
            page.get_by_text(words).first.wait_for()
        if found := self.visitor.flaws():
            self.flaws[state] = found
        if picture:
            self.visitor.picture(f"phone-{state}")
            page.set_viewport_size(DESKTOP)
            self.visitor.picture(f"desktop-{state}")
            page.set_viewport_size(PHONE)


@pytest.fixture
def looks(visitor) -> Looks:
    return Looks(visitor())


def test_the_way_to_a_booking_has_no_flaw_in_light_or_dark(looks, practice, codes):
    ada, page = looks.visitor, looks.visitor.go("/")
    looks.at("1-landing", picture=True)
    page.locator("article", has_text=DRIP).get_by_role("link").click()
    looks.at("2-plans", "plans that fit", picture=True)
    page.locator(".wishes-box summary").click()
    looks.at("2-wishes", "Not before")
    plan = page.locator("article.plan [name=plan]").first.input_value()
    page.locator("article.plan a.change").first.click()
    page.get_by_role("link", name="Change visit 3").click()
    page.locator("#choose .days a:has(small)").last.click()
    page.wait_for_url("**day=**")
    page.locator("#choose .hours a:visible").first.click()
    looks.at("3-what-it-would-do", "What this would do", picture=True)
    page.get_by_role("link", name="Change it so").click()
    looks.at("3-changed", "Visit 3 is changed")
    ada.go(practice.plans(lost=plan))
    looks.at("2-quicker", "Somebody was quicker")
    ada.go(practice.plans(on="1"))
    looks.at("4-nothing-fits", "No plan fits these wishes", picture=True)
    first, _second, *rest = starts_in(plan)
    too_near = [first, first + timedelta(hours=1), *rest]
    ada.go(practice.plans(plan=code_of(too_near)).replace("/?", "/adjust/?"))
    looks.at("3-not-possible", "This plan is not possible")

    ada.go(practice.plans())
    page.locator("article.plan button").first.click()
    page.locator("main form button.whole").click()
    looks.at("5-errors", "Please look at this again", picture=True)
    fill_in(page)
    looks.at("6-code", "Enter the code", picture=True)
    page.locator("[name=code]").fill("12")
    page.locator("main form button.whole").click()
    page.locator("[name=code][aria-invalid=true]").wait_for()
    looks.at("6-wrong-code")
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page.reload()
    looks.at("6-expired", "Your times were kept for a while")
    page.get_by_role("button", name="Keep the same times again").click()
    page.evaluate("document.querySelector('.clock').dataset.until = Date.now() - 1000")
    looks.at("6-over", "The time is over.")
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").click()
    looks.at("7-booked", "All 6 visits are booked", picture=True)

    ada.go(practice.plans(practice.spray))
    page.locator("article.plan button").first.click()
    looks.at("5-is-this-right", "Ada, is this right?")
    page.locator("main form button.whole").click()
    looks.at("5-is-this-right-errors", "Please look at this again")
    page.locator("[name=agree]").check()
    page.locator("main form button.whole").click()
    looks.at("7-requested", "A clinician looks at your request.")

    assert looks.flaws == {}
    assert ada.said == []


def test_signing_in_and_every_refusal_have_no_flaw_in_light_or_dark(looks, practice, codes):
    for number, name in enumerate(("Cleo", "Carl"), start=3):
        make_patient(name, "Thorn", number=number)
    Patient.objects.update(email="thorns@mail.example")
    ada, page = looks.visitor, looks.visitor.go("/sign-in/")
    looks.at("sign-in", "See your visits")
    page.get_by_role("button", name="Send me a link").click()
    looks.at("sign-in, nothing typed", "Please look at this again")
    page.locator("[name=contact]").fill("thorns@mail.example")
    page.get_by_role("button", name="Send me a link").click()
    looks.at("a link", "A link is on its way")
    page.get_by_role("link", name="Send a new link").click()
    page.get_by_role("button", name="Send me a code").click()
    looks.at("code", "is on its way")
    page.locator("[name=code]").fill("12")
    page.locator("main form button").click()
    looks.at("a wrong code", "Please look at this again")
    page.locator("[name=code]").fill(codes["thorns@mail.example"])
    page.locator("main form button").click()
    looks.at("a shared contact", "Several people share this contact")

    ada.go("/nowhere/")
    looks.at("no page", "This page is not here")
    ada.go("/book/harbor/nothing/")
    looks.at("no treatment", "That did not work")
    ada.go(f"/v/{'A' * 12}/")
    looks.at("no link", "This link no longer works")
    ada.context.clear_cookies()
    ada.go("/sign-in/")
    ada.context.clear_cookies()
    page.locator("[name=contact]").fill(ADA)
    page.get_by_role("button", name="Send me a code").click()
    looks.at("no cookies", "Please try once more")
    with override_settings(RATE_LIMITS={"plans of an address": (0, 3600)}):
        ada.go(practice.plans())
        looks.at("too often", "That was asked for very often")

    assert looks.flaws == {}


@pytest.mark.parametrize("path", ["/", "plans", "/sign-in/"])
def test_a_first_load_is_at_most_100_kilobytes(visitor, practice, path):
    ada = visitor()
    session = ada.context.new_cdp_session(ada.page)
    session.send("Network.enable")
    loaded = []
    session.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))

    ada.go(practice.plans() if path == "plans" else path)
    ada.page.wait_for_load_state("networkidle")

    assert len(loaded) >= 3
    assert sum(loaded) <= HEAVIEST
    print(f"{path}: {sum(loaded)} bytes in {len(loaded)} answers")


def test_nothing_is_wider_than_the_smallest_phone(visitor, practice):
    ada = visitor(size={"width": 320, "height": 640})

    for path in ("/", practice.plans(), practice.plans(on="1"), "/sign-in/"):
        ada.go(path)
        assert ada.page.evaluate("document.documentElement.scrollWidth") == 320
