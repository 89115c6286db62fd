"""The day by the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk.conftest import await_focus, box, line
from tests.cast import make_patient


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def box_of(visit) -> str:
    return f"[id='box-{visit.id}']"


def link_of(visit) -> str:
    return f"[id='open-{visit.id}']"


def test_a_visit_is_chosen_moved_and_put_back(at, sits_down):
    bea = make_patient("Bea", "Sands", number=2)
    visit = at.book(bea, at.at("14:00")).sessions.get()
    carls = at.book(make_patient("Carl", "Thorn", number=3), at.at("14:00")).sessions.get()
    page = sits_down(at.desk).go(at.path())
    box(page, "Carl").focus()
    await_focus(page, box_of(carls))

    page.keyboard.press("ArrowLeft")
    await_focus(page, box_of(visit))
    page.keyboard.press("m")
    await_focus(page, "#move-heading")
    page.keyboard.press("ArrowDown")
    await_focus(page, "[data-arrows] a")
    hours = page.locator("[data-arrows] a").all_inner_texts()
    for _step in range(hours.index("15:30") - hours.index(focused(page))):
        page.keyboard.press("ArrowRight")
    await_focus(page, "[data-arrows] a[data-start$='T15:30']")
    expect(page.locator("#grid .ec-bg-event.preview")).to_have_count(1)
    page.keyboard.press("Enter")
    page.get_by_text("Every rule is kept.").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("is at 15:30 now").wait_for()
    visit.refresh_from_db()
    assert visit.start == at.at("15:30")

    page.keyboard.press("z")
    page.get_by_text("Bea Sands: taken back.").wait_for()
    visit.refresh_from_db()
    assert visit.start == at.at("14:00")


def test_steps_are_one_key_each_and_the_list_is_walked_by_arrows(at, sits_down):
    at.book(make_patient("Ada", "Quill", number=1), at.at("10:00"))
    visit = at.book(make_patient("Bea", "Sands", number=2), at.at("11:00")).sessions.get()
    page = sits_down(at.nurse).go(at.path("list/"))
    line(page, "Ada").get_by_role("link", name="Ada Quill").focus()

    page.keyboard.press("ArrowDown")
    await_focus(page, link_of(visit))
    page.keyboard.press("Enter")
    for state in ("arrived", "infusing", "recovering"):
        await_focus(page, "#visit-heading")
        page.keyboard.press("Enter")
        page.locator(f"#panel .tag.state-{state}").first.wait_for()
    page.keyboard.press("Escape")

    expect(page.locator("#panel > *")).to_have_count(0)
    await_focus(page, link_of(visit))


def test_days_views_and_help_have_keys(at, sits_down):
    page = sits_down(at.desk).go(at.path())
    for key, path in (
        ("ArrowRight", "day/?date="),
        ("w", "week/"),
        ("l", "list/"),
        ("t", f"date={at.today}"),
    ):
        page.keyboard.press(key)
        page.wait_for_url(f"**{path}**")

    page.keyboard.press("Control+k")
    page.wait_for_url("**/search/")
    await_focus(page, "#q")
    page.go_back()

    page.keyboard.press("?")

    keys = page.locator("#keys dt").all_inner_texts()
    assert keys == sorted(set(keys), key=keys.index)  # no key means two things
    assert {"d", "w", "l", "t", "n", "b", "z", "/", "k", "r"} <= set(keys)
