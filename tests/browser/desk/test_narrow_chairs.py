"""Eight chairs beside each other, and a panel beside them: what is said about a visit is said whole."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bookings.actors import staff_actor
from bookings.commands.attend import check_in_session, recover_session, start_session
from tests.browser.desk.clinic import make_clinic_at_ten
from tests.browser.desk.conftest import box
from tests.cast import make_patient

#: Which words of the grid stick out of their box, to the right or below.
_CUT = """() => [...document.querySelectorAll('#grid .ec-event[data-visit]')].flatMap(box => {
  const frame = box.getBoundingClientRect();
  return [...box.querySelectorAll('.timer, .flag')].filter(said => {
    const there = said.getBoundingClientRect();
    return said.scrollWidth > said.clientWidth + 1 || there.right > frame.right
      || there.bottom > frame.bottom;
  }).map(said => said.textContent);
})"""


@pytest.fixture
def at(transactional_db):
    return make_clinic_at_ten(chairs=8)


@pytest.mark.parametrize("width", [1440, 1024])
def test_timers_and_flags_are_not_cut_off(at, sits_down, width):
    visit = at.book(make_patient("Ada", "Quill", number=1), at.at("09:45")).sessions.get()
    for command in (check_in_session, start_session, recover_session):
        command(visit, actor=staff_actor(at.nurse), now=at.now)
        visit.refresh_from_db()
    page = sits_down(at.desk, size={"width": width, "height": 900}).go(at.path())

    expect(box(page, "Ada").locator(".timer")).to_contain_text("observation:")
    assert box(page, "Ada").locator(".flag").count() > 0
    assert page.evaluate(_CUT) == []

    box(page, "Ada").click()
    page.locator("#visit-heading").wait_for()
    expect(box(page, "Ada")).to_have_class(re.compile(r"\bchosen\b"))
