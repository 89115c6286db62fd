"""What patients do after they have booked, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.actors import patient_actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.links import issue_link
from bookings.commands.proposals import accept_proposal, propose_moves
from bookings.models import Patient, Role, Series, Session
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.practice import NEW_YORK, Practice
from tests.cast import make_patient, make_staff


@dataclass(frozen=True)
class Booked:
    """Ada, whose six visits begin on the Monday after next, Mondays and Thursdays at ten."""

    ada: Patient
    series: Series

    def session(self, number: int) -> Session:
        return self.series.sessions.select_related("patient").get(number=number)

    def link(self, purpose: str, **about: Any) -> str:
        plain = issue_link(self.ada, purpose=purpose, now=timezone.now(), **about)
        return {"sign_in": f"/l/{plain}/", "visit": f"/v/{plain}/", "proposal": f"/p/{plain}/"}[purpose]


@pytest.fixture
def booked(practice: Practice) -> Booked:
    ada = make_patient("Ada", "Quill", number=1)
    today = datetime.now(NEW_YORK).date()
    monday = today + timedelta(days=14 - today.weekday())
    days = [monday + timedelta(days=ahead) for ahead in (0, 3, 7, 10, 14, 17)]
    series = book_series(
        ada,
        clinic=practice.clinic,
        protocol=practice.drip,
        starts=[datetime.combine(day, time(10), NEW_YORK) for day in days],
        actor=patient_actor(ada),
        now=timezone.now(),
    )
    return Booked(ada, series)


@pytest.fixture
def signed_in(visitor: Callable[..., Visitor], booked: Booked) -> Callable[..., Visitor]:
    """Makes browsers that are Ada's, by a link that she was sent."""

    def make(**options: Any) -> Visitor:
        ada = visitor(**options)
        ada.go(booked.link("sign_in"))
        ada.page.locator("main form button").click()
        return ada

    return make


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
    proposal = _proposed(booked, practice)
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


STATES = {
    "my": lambda booked: "/my/",
    "visit": lambda booked: f"/my/sessions/{booked.session(1).id}/",
    "move": lambda booked: f"/my/sessions/{booked.session(2).id}/move/?others=",
    "move-late-day": lambda booked: f"/my/sessions/{booked.session(2).id}/move/?to=zzzzzz",
    "cancel": lambda booked: f"/my/sessions/{booked.session(2).id}/cancel/",
    "earlier": lambda booked: f"/my/sessions/{booked.session(2).id}/earlier/",
    "data": lambda booked: "/my/data/",
    "links": lambda booked: "/my/links/",
    "link": lambda booked: booked.link("visit", session=booked.session(1)),
    "sign-in-link": lambda booked: "/l/AAAAAAAAAAAA/",
    "gone": lambda booked: "/v/AAAAAAAAAAAA/",
}


def test_every_state_is_without_flaws_in_light_and_dark(signed_in, booked, practice):
    ada, found = signed_in(), {}
    proposal = _proposed(booked, practice)
    states = {**STATES, "proposal": lambda booked: booked.link("proposal", proposal=proposal)}
    for name, address in states.items():
        ada.go(address(booked))
        found[name] = ada.flaws()
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        ada.picture(f"after-{name}")
    page = ada.go(f"/my/sessions/{booked.session(5).id}/move/?others=")
    page.get_by_role("link", name="other moves").first.click()
    found["check"] = ada.flaws()
    ada.picture("after-check")
    page = ada.go(f"/my/sessions/{booked.session(1).id}/")
    page.locator("[name=phone]").fill("1")
    page.get_by_role("button", name="Save").click()
    found["wrong number"] = ada.flaws()
    ada.picture("after-wrong-number")

    assert {name: flaws for name, flaws in found.items() if flaws} == {}


def test_what_has_gone_otherwise_is_without_flaws_too(signed_in, booked, practice):
    ada, found = signed_in(), {}
    third, actor, now = booked.session(3), patient_actor(booked.ada), timezone.now()
    proposal = _proposed(booked, practice)
    answered = booked.link("proposal", proposal=proposal)
    accept_proposal(proposal, actor=actor, now=now)
    cancel_session(third, actor=actor, now=now)
    soon = now + timedelta(hours=2)
    times = {"start": soon, "end": soon + timedelta(hours=2), "chair_until": soon + timedelta(hours=3)}
    Session.objects.filter(id=booked.session(2).id).update(**times)  # past its cut-off
    join = f"/my/waiting/?clinic={practice.clinic.slug}&treatment={practice.drip.id}"
    states = {
        "my, with one missing": "/my/",
        "make-up": f"/my/series/{booked.series.id}/make-up/",
        "cancelled": f"/my/sessions/{third.id}/",
        "cancelled, to be cancelled": f"/my/sessions/{third.id}/cancel/",
        "late": f"/my/sessions/{booked.session(2).id}/",
        "late, to be moved": f"/my/sessions/{booked.session(2).id}/move/",
        "wait": join,
        "answered": answered,
    }
    for name, address in states.items():
        ada.go(address)
        found[name] = ada.flaws()
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        ada.picture(f"after-{name.replace(', ', '-').replace(' ', '-')}")

    assert {name: flaws for name, flaws in found.items() if flaws} == {}


def _proposed(booked: Booked, practice: Practice) -> Any:
    desk = make_staff("desk@harbor.example", "Dee", "Alvarez", Role.FRONT_DESK, practice.clinic)
    later = booked.session(6).start + timedelta(days=1)
    return propose_moves(
        booked.series, moves={6: later}, reason="", actor=staff_actor(desk), now=timezone.now()
    )
