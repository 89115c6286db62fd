"""The whole way from the first page to six visits, as people with different browsers go it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Consent, Hold, Series, Session
from bookings.patient.shown import starts_in
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.walking import ADA, choose, fill_in, to_plans


@pytest.mark.parametrize(
    ("js", "size", "locale"),
    [(True, PHONE, "en-US"), (False, PHONE, "es-MX"), (True, DESKTOP, "es-ES"), (False, DESKTOP, "en-GB")],
)
def test_six_visits_are_booked_within_three_screens(visitor, practice, codes, js, size, locale):
    ada = visitor(js=js, size=size, locale=locale)

    page = choose(ada)
    fill_in(page)
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").click()

    said = "All 6 visits are booked" if locale.startswith("en") else "Las 6 visitas están reservadas"
    assert page.locator("h1").inner_text() == said
    series = Series.objects.get()
    assert series.sessions.count() == 6
    assert str(series.patient) == "Ada Quill"
    assert series.patient.language == locale[:2]
    assert sorted(Consent.objects.values_list("purpose", "language")) == [
        ("booking", locale[:2]),
        ("emails", locale[:2]),
    ]
    assert ada.said == []


def test_with_the_keyboard_alone(visitor, practice, codes):
    ada = visitor(size=DESKTOP)
    page = ada.go("/")

    def press_until(words, key="Enter"):
        for _step in range(60):
            page.keyboard.press("Tab")
            if words in page.evaluate("document.activeElement.name || document.activeElement.textContent"):
                return page.keyboard.press(key)
        raise AssertionError(f"no tab leads to {words}")

    press_until("See times: Ketamine")
    page.wait_for_url("**/book/harbor/**")
    press_until("Choose this plan")
    page.locator("[name=first_name]").wait_for()
    for name, typed in (
        ("first_name", "Ada"),
        ("last_name", "Quill"),
        ("birth_date_month", "4"),
        ("birth_date_day", "27"),
        ("birth_date_year", "1985"),
        ("contact", ADA),
    ):
        press_until(name, key="Home")
        page.keyboard.type(typed)
    press_until("agree", key="Space")
    press_until("Send me a code")
    page.locator("[name=code]").wait_for()
    press_until("code", key="Home")
    page.keyboard.type(codes[ADA])
    page.keyboard.press("Enter")

    page.get_by_role("heading", name="All 6 visits are booked").wait_for()


def test_a_single_visit_is_changed_and_undone(visitor, practice):
    page = to_plans(visitor(), practice, time="afternoon")
    page.locator("article.plan a.change").first.click()
    before = page.locator(".visits > li .when").all_inner_texts()

    page.get_by_role("link", name="Change visit 6").click()
    page.locator("#choose").wait_for()
    page.locator("#choose .days a:not(:has(small))").last.click()
    page.wait_for_url("**day=**")
    page.locator("#choose .hours a:visible").first.click()
    page.get_by_role("heading", name="Visit 6 is changed").wait_for()
    after = page.locator(".visits > li .when").all_inner_texts()
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("heading", name="Visit 6 is changed").wait_for(state="detached")

    assert after[:5] == before[:5]
    assert after[5] != before[5]
    assert "instead of" in after[5]
    assert page.locator(".visits > li .when").all_inner_texts() == before


@pytest.mark.parametrize("js", [True, False])
def test_an_hour_that_moves_others_says_so_before_it_does(visitor, practice, js):
    page = to_plans(visitor(js=js), practice)
    page.locator("article.plan a.change").first.click()
    page.get_by_role("link", name="Change visit 3").click()

    page.locator("#choose .days a:not(.none)", has_text="moves others").last.click()
    page.wait_for_url("**day=**")
    page.locator("#choose .hours a:visible").first.click()
    page.get_by_role("heading", name="What this would do").wait_for()
    told = page.locator("#consequences li").all_inner_texts()
    page.get_by_role("link", name="Change it so").click()
    page.get_by_role("heading", name="Visit 3 is changed").wait_for()

    assert len(page.locator(".visits > li.moved").all()) >= 2
    assert any("with it." in line for line in told)
    assert not page.locator("text=This plan is not possible").count()


def test_why_an_hour_is_not_offered_is_said(visitor, practice):
    page = to_plans(visitor(), practice)
    page.locator("article.plan a.change").first.click()
    page.get_by_role("link", name="Change visit 1").click()
    page.locator("#choose").wait_for()
    page.locator("#choose .days a").first.click()
    page.wait_for_url("**day=**")
    page.get_by_text("Why other hours are not offered").wait_for()

    assert "Visits are booked at least 24 hours ahead." in page.locator("#choose details").last.inner_text()


def test_wishes_are_followed_as_they_are_made(visitor, practice):
    page = to_plans(visitor(), practice)

    page.get_by_text("Choose days, time of day").click()
    page.get_by_role("checkbox", name="Tue").check()
    page.get_by_role("checkbox", name="Fri").check()
    page.get_by_role("radio", name="Afternoon").check()
    page.locator("article.plan h3", has_text="Tuesdays and Fridays").first.wait_for()
    page.wait_for_url("**time=afternoon**")

    for said in page.locator("article.plan h3").all_inner_texts():
        assert said.startswith("Tuesdays and Fridays")
        assert "p.m." in said


@pytest.mark.parametrize("js", [True, False])
def test_where_nothing_fits_the_nearest_is_offered(visitor, practice, js):
    page = visitor(js=js).go(practice.plans(on="1"))

    page.get_by_role("heading", name="No plan fits these wishes").wait_for()
    assert "(202) 555-0142" in page.locator("#plans").inner_text()
    page.locator("#plans form button.whole").click()

    assert page.locator("[name=first_name]").is_visible()
    assert Hold.objects.count() == 1


def test_two_who_reach_for_the_last_chair(visitor, practice, codes):
    """Both look at the same plan; the second is shown their own again with as little changed as can be."""
    practice.leave_one_chair()
    ada, bea = to_plans(visitor(), practice), to_plans(visitor(js=False), practice)

    wanted = starts_in(bea.locator("article.plan [name=plan]").first.input_value())
    ada.locator("article.plan button").first.click()
    ada.locator("[name=first_name]").wait_for()
    bea.locator("article.plan button").first.click()
    bea.get_by_role("heading", name="Somebody was quicker").wait_for()
    offered = starts_in(bea.locator("article.plan [name=plan]").first.input_value())
    assert set(offered).isdisjoint(wanted)
    assert {start.date() for start in offered} == {start.date() for start in wanted}
    bea.locator("article.plan button").first.click()
    for page, contact in ((ada, ADA), (bea, "bea@mail.example")):
        fill_in(page, contact=contact)
        page.locator("[name=code]").fill(codes[contact])
        page.locator("main form button.whole").click()
        page.get_by_role("heading", name="All 6 visits are booked").wait_for()

    assert Session.objects.count() == 12


def test_an_expired_hold_is_made_again_and_nothing_is_typed_twice(visitor, practice, codes):
    page = choose(visitor(js=False))
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    fill_in(page)

    page.get_by_role("heading", name="The time is over").wait_for()
    page.get_by_role("button", name="Keep the same times again").click()
    assert page.locator("[name=first_name]").input_value() == "Ada"
    assert page.locator("[name=birth_date_year]").input_value() == "1985"
    assert page.locator("[name=agree]").is_checked()
    page.locator("main form button.whole").click()
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").click()

    page.get_by_role("heading", name="All 6 visits are booked").wait_for()


def test_the_clock_of_a_hold_runs_and_says_when_it_is_over(visitor, practice):
    page = choose(visitor())
    clock = page.locator(".countdown .clock")
    first = clock.inner_text()
    page.wait_for_function("before => document.querySelector('.clock').textContent != before", arg=first)
    assert first.startswith(("9:", "10:"))

    page.evaluate("document.querySelector('.clock').dataset.until = Date.now() - 1000")
    page.get_by_text("The time is over.").wait_for()


@pytest.mark.parametrize("js", [True, False])
def test_a_double_click_books_once_and_leads_on(visitor, practice, codes, js):
    page = choose(visitor(js=js))
    fill_in(page)
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").dblclick()

    page.get_by_role("heading", name="All 6 visits are booked").wait_for()
    assert Series.objects.count() == 1


def test_back_and_again_after_a_booking_books_nothing_twice(visitor, practice, codes):
    page = choose(visitor())
    fill_in(page)
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").click()
    page.get_by_role("heading", name="All 6 visits are booked").wait_for()

    page.go_back()
    page.get_by_role("heading", name="All 6 visits are booked").wait_for()

    assert Series.objects.count() == 1


def test_two_tabs_with_the_same_form_book_once_and_both_lead_on(visitor, practice, codes):
    ada = visitor()
    page = choose(ada)
    fill_in(page)
    page.get_by_role("heading", name="Enter the code").wait_for()
    other = ada.context.new_page()
    other.goto(page.url)
    for tab in (page, other):
        tab.locator("[name=code]").fill(codes[ADA])
    for tab in (page, other):
        tab.locator("main form button.whole").click()
        tab.get_by_role("heading", name="All 6 visits are booked").wait_for()

    assert Series.objects.count() == 1


def test_another_plan_in_a_second_tab_takes_the_place_of_the_first_and_nothing_typed_is_lost(
    visitor, practice, codes
):
    ada = visitor()
    page = choose(ada)
    other = ada.context.new_page()
    other.goto(ada.address + practice.plans())
    other.locator("article.plan button").last.click()
    other.locator("[name=first_name]").wait_for()
    fill_in(page)
    page.get_by_role("heading", name="The time is over").wait_for()
    other.reload()

    assert other.locator("[name=first_name]").input_value() == "Ada"
    other.locator("main form button.whole").click()
    other.locator("[name=code]").fill(codes[ADA])
    other.locator("main form button.whole").click()
    other.get_by_role("heading", name="All 6 visits are booked").wait_for()
    assert (Series.objects.count(), Session.objects.count()) == (1, 6)


def test_a_wrong_code_says_so_and_keeps_the_way_open(visitor, practice, codes):
    page = choose(visitor())
    fill_in(page)
    wrong = "000000" if codes[ADA] != "000000" else "111111"
    page.locator("[name=code]").fill(wrong)
    page.locator("main form button.whole").click()
    page.get_by_text("That code does not match.").first.wait_for()
    assert page.locator("[name=code]").get_attribute("aria-invalid") == "true"
    page.get_by_role("button", name="Send a new code").click()
    page.get_by_text("A new code is on its way.").wait_for()
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").click()

    page.get_by_role("heading", name="All 6 visits are booked").wait_for()


def test_a_lost_connection_loses_nothing(visitor, practice, codes):
    ada = visitor()
    page = to_plans(ada, practice)
    page.get_by_text("Choose days, time of day").click()
    ada.context.set_offline(True)
    page.get_by_label("Afternoon").check()
    page.get_by_text("There is no connection just now.").wait_for()
    ada.context.set_offline(False)
    page.get_by_role("button", name="Show plans").click()
    page.wait_for_url("**time=afternoon**")

    assert page.get_by_text("There is no connection just now.").is_hidden()


def test_a_course_that_a_clinician_looks_at_first_says_what_happens_next(visitor, practice, codes):
    page = choose(visitor(), "Esketamine nasal spray")
    fill_in(page)
    page.locator("[name=code]").fill(codes[ADA])
    page.locator("main form button.whole").click()

    page.get_by_role("heading", name="Your times are kept").wait_for()
    page.get_by_text("A clinician looks at your request.").wait_for()
    assert Series.objects.get().status == "requested"


def test_the_clinics_zone_is_named_where_the_readers_clock_differs(visitor, practice):
    here, there = visitor(), visitor(timezone_id="America/Los_Angeles")
    unknown = visitor(js=False)

    assert to_plans(here, practice).locator(".zone").is_hidden()
    for page in (to_plans(there, practice), to_plans(unknown, practice)):
        assert page.locator(".zone").inner_text().startswith("All times are New York (E")
