"""What patients do after they have booked, in a real browser."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.browser.conftest import DESKTOP, PHONE


@pytest.mark.parametrize("js", [True, False])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_confirm_name_a_driver_move_and_cancel(signed_in, booked, js, size):
    ada = signed_in(js=js, size=size)
    page = ada.page
    assert page.locator("h1").inner_text() == "Hello, Ada"

    page.get_by_role("button", name="Yes, I am coming").click()
    page.get_by_text("Thank you. The clinic knows that you are coming.").wait_for()
    page.locator("[name=name]").fill("Rosa Quill")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Thank you. Rosa Quill takes you home.").wait_for()

    page.get_by_role("link", name="Move it").click()
    page.locator("ul.days a").first.click()
    page.locator("ul.days b").wait_for()
    page.locator("ul.hours a").first.click()
    page.get_by_text("Your other visits stay as they are.").wait_for()
    page.get_by_role("button", name="Move the visit").click()
    page.get_by_text("is the new time of your visit").wait_for()

    page.get_by_role("link", name="Cancel it").click()
    page.get_by_text("Your course is then one visit short.").wait_for()
    page.get_by_role("button", name="Cancel this visit").click()
    page.get_by_text("is cancelled.").wait_for()
    assert booked.session(1).status == "cancelled"

    page.get_by_role("link", name="My visits").first.click()
    page.get_by_role("link", name="Plan what is missing").click()
    page.get_by_role("button", name="Book it like this").first.click()
    page.get_by_text("Your visit is booked.").wait_for()
    assert booked.session(7).status == "booked"
    assert ada.said == []


@pytest.mark.parametrize("js", [True, False])
def test_later_visits_give_way_when_asked(signed_in, booked, js):
    ada = signed_in(js=js)
    page = ada.go(f"/my/sessions/{booked.session(5).id}/move/")

    page.get_by_role("link", name="Show days for which later visits move too").click()
    page.get_by_role("link", name="other moves").first.click()
    page.get_by_text("Visit 6 moves with it.").wait_for()
    page.get_by_role("button", name="Move all of these").click()
    page.get_by_text("is the new time of your visit").wait_for()

    assert [booked.session(number).version for number in (4, 5, 6)] == [1, 2, 2]
    assert ada.said == []


def test_with_the_keyboard_alone_in_spanish(visitor, booked):
    ada = visitor(locale="es-MX")
    page = ada.go(booked.link("visit", session=booked.session(1)))
    press = page.keyboard.press

    def tab_to(words: str) -> None:
        for _stop in range(40):
            press("Tab")
            if words in page.evaluate("document.activeElement.innerText || ''"):
                return
        raise AssertionError(f"no way to {words!r} by Tab")

    press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    tab_to("Sí, voy a ir")
    press("Enter")
    page.get_by_text("Gracias. La clínica sabe que usted viene.").wait_for()
    tab_to("Cancelarla")
    press("Enter")
    page.get_by_role("heading", name="¿Cancelar esta visita?").wait_for()
    tab_to("Cancelar esta visita")
    press("Enter")
    page.get_by_text("está cancelada.").wait_for()

    assert booked.session(1).status == "cancelled"
    assert page.locator("html").get_attribute("lang") == "es"


def test_a_proposal_is_taken_with_one_tap(visitor, booked, practice):
    proposal = booked.proposed(practice)
    ada = visitor()
    page = ada.go(booked.link("proposal", proposal=proposal))

    page.get_by_role("button", name="Accept the new times").click()
    page.get_by_text("Thank you. Your visits are at the new times.").wait_for()

    moved = datetime.fromisoformat(proposal.moves[0]["to"])
    assert booked.session(6).start == moved


def test_back_and_a_second_press_do_nothing_twice(signed_in, booked):
    ada = signed_in()
    page = ada.go(f"/my/sessions/{booked.session(2).id}/cancel/")
    page.get_by_role("button", name="Cancel this visit").click()
    page.get_by_text("is cancelled.").wait_for()

    page.go_back()
    again = page.get_by_role("button", name="Cancel this visit")
    if again.count():
        again.click()
        page.get_by_text("is cancelled.").wait_for()

    assert booked.session(2).version == 2
