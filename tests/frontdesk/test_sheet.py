"""The day on paper: who comes, and nothing of what for."""

from __future__ import annotations

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.escort import name_escort
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import NOW, new_york
from tests.frontdesk.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = {"date": "2026-04-06"}


def test_everything_that_somebody_at_the_door_needs(cast, desk):
    first = session(book_ket6(cast), 1)
    name_escort(first, name="Otto Quill", phone="+12025550177", actor=cast.as_desk, now=NOW)

    page = words(desk.get("/desk/north/sheet/", MONDAY))

    assert "North – Monday, 6 April 2026" in page
    assert "Open 08:00–17:00 · 1 visit · Nurses: Ana Reyes 08:00–16:30, Ben Okafor 08:00–17:00" in page
    assert "10:00–12:10" in page
    assert "Ada Quill 1980-01-02 (202) 555-0101 1/6 Otto Quill First visit" in page


def test_what_somebody_is_treated_for_is_not_on_it(cast, desk):
    book_ket6(cast)

    page = desk.get("/desk/north/sheet/", MONDAY).content.decode().lower()

    assert [word for word in ("ketamine", "ket6", "induction") if word in page] == []


def test_who_does_not_come_is_named_below_the_table(cast, desk):
    cancel_session(book_one(cast, new_york("2026-04-06 10:00")), actor=cast.as_desk, now=NOW)

    answer = desk.get("/desk/north/sheet/", MONDAY)

    assert answer.context["visits"] == []
    assert "Not coming: Ada Quill" in words(answer)


@pytest.mark.parametrize("date", ["", "tomorrow", "2026-02-30"])
def test_without_a_date_it_is_today(cast, desk, date):
    assert desk.get("/desk/north/sheet/", {"date": date}).context["date"].isoformat() == "2026-04-01"
