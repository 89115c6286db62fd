"""A change made at one screen is on every other within a second, also after the stream was cut."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from bookings.actors import staff_actor
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.proposals import propose_moves
from bookings.commands.roster import close
from bookings.commands.waiting import join_waiting_list
from tests.browser.desk.clinic import make_full_day
from tests.browser.desk.conftest import await_focus, line
from tests.browser.desk.watching import delays
from tests.cast import make_patient

#: The full measure is `tests/races/test_screens.py`.
CHANGES = 10


def test_a_change_is_on_another_screen_within_a_second(at, stream, sits_down):
    make_full_day(at, visits=CHANGES // 2)
    here, there = sits_down(at.desk), sits_down(at.nurse)

    took = delays(at, here, there, changes=CHANGES)

    from_commit = sorted(one.from_commit for one in took)
    print(f"from the commit to the other screen: {from_commit} ms")
    assert len(took) == CHANGES
    assert from_commit[int(CHANGES * 0.9) - 1] <= 1000


def test_a_cut_stream_comes_back_without_a_reload_and_without_losing_what_is_typed(at, stream, sits_down):
    ada, bea = make_patient("Ada", "Quill", number=1), make_patient("Bea", "Sands", number=2)
    at.book(ada, at.at("10:00"))
    at.book(bea, at.at("12:00"))
    here, there = sits_down(at.desk), sits_down(at.nurse)
    for each in (here, there):
        each.go(at.path("list/"))
        each.page.locator("#live[data-state=live]").wait_for(state="attached")
    page = there.page
    line(page, "Bea").get_by_role("link", name="Bea Sands").click()
    page.locator("summary", has_text="Cancel visit").click()
    page.locator("#cancel-reason").fill("Half a sen")
    page.evaluate("window.sameDocument = true")

    stream.cut()
    expect(page.locator("#live")).to_have_text("Reconnecting…")
    line(here.page, "Ada").get_by_role("button", name="Arrived").click()
    expect(line(here.page, "Ada")).to_contain_text("Arrived")
    expect(line(page, "Ada")).to_contain_text("Booked")
    stream.restore()

    expect(line(page, "Ada")).to_contain_text("Arrived")
    expect(page.locator("#live")).to_have_text("")
    page.keyboard.type("tence")
    assert page.locator("#cancel-reason").input_value() == "Half a sentence"
    assert page.evaluate("window.sameDocument") is True


def test_two_who_take_the_same_step_are_told(at, stream, sits_down):
    ada = make_patient("Ada", "Quill", number=1)
    at.book(ada, at.at("10:00"))
    here, there = sits_down(at.desk), sits_down(at.nurse)
    for each in (here, there):
        each.go(at.path("list/"))
    stream.cut()  # so that the second one does not see it in time

    line(here.page, "Ada").get_by_role("button", name="Arrived").click()
    here.page.locator("#panel .state-arrived").first.wait_for()
    line(there.page, "Ada").get_by_role("button", name="Arrived").click()

    await_focus(there.page, "#panel [role=alert]")
    expect(there.page.locator("#panel")).to_contain_text("Arrived")


def test_a_person_the_waiting_list_and_the_roster_are_shown_anew_too(at, stream, sits_down):
    ada = make_patient("Ada", "Quill", number=1)
    visit = at.book(ada, at.at("14:00", days=10)).sessions.get()
    person, waiting, roster = sits_down(at.desk), sits_down(at.desk), sits_down(at.nurse)
    person.go(at.path(f"patients/{ada.id}/"))
    waiting.go(at.path("waiting/"))
    roster.go(at.path("roster/"))
    for each in (person, waiting, roster):
        each.page.locator("#live[data-state=live]").wait_for(state="attached")
    person.page.locator(f"[id='open-{visit.id}']").focus()

    how = {"actor": staff_actor(at.desk), "now": at.now}
    join_waiting_list(ada, clinic=at.clinic, protocol=at.single, session=visit, **how)
    close(at.clinic, starts=at.at("08:00", days=3), ends=at.at("12:00", days=3), reason="Water", **how)
    move_session(visit, start=at.at("15:30", days=10), **how)

    expect(person.page.locator("#known")).to_contain_text("15:30")
    expect(waiting.page.locator("#waiting")).to_contain_text("Ada Quill")
    expect(roster.page.locator("#closures")).to_contain_text("Water")
    await_focus(person.page, f"[id='open-{visit.id}']")


def test_what_is_proposed_cleared_counted_and_planned_is_shown_anew_too(at, stream, sits_down):
    ada, bea = make_patient("Ada", "Quill", number=1), make_patient("Bea", "Sands", number=2)
    course = at.book(ada, *(at.at("13:00", days=days) for days in (0, 3, 6, 9, 12, 15)))
    soon = at.at("09:00", days=2)
    paths = {
        "proposals": f"series/{course.id}/proposals/",
        "clearances": f"patients/{ada.id}/clearances/",
        "thread": f"patients/{ada.id}/messages/",
        "plans": f"patients/{bea.id}/plan/?treatment=ket6/induction&earliest={soon.date()}",
        "figures": f"reports/starts/?from={at.today}&to={at.today + timedelta(days=30)}",
    }
    pages = {}
    for name, path in paths.items():
        page = pages[name] = sits_down(at.prescriber if name == "clearances" else at.desk).go(at.path(path))
        page.locator("#live[data-state=live]").wait_for(state="attached")
        page.evaluate(f"window.before = document.getElementById('{name}')")
    typed = pages["proposals"].locator("#reason")
    typed.fill("Half a sen")
    how = {"actor": staff_actor(at.desk), "now": at.now}

    propose_moves(course, moves={2: at.at("15:00", days=3)}, **how)
    expires = at.today + timedelta(days=90)
    grant_clearance(
        ada, protocol=at.course, sessions=6, expires=expires, actor=staff_actor(at.prescriber), now=at.now
    )
    at.book(bea, soon)

    expect(pages["proposals"].locator("#proposals")).to_contain_text("waits for an answer")
    expect(pages["clearances"].locator("#clearances tbody tr")).to_have_count(1)
    for name, page in pages.items():
        page.wait_for_function("name => document.getElementById(name) !== window.before", arg=name)
    pages["proposals"].keyboard.type("tence")
    assert typed.input_value() == "Half a sentence"
