"""Which visit of how many, also where one was made up for."""

from __future__ import annotations

import pytest
from django.utils import translation

from bookings.frontdesk.day.words import fraction, k_of_n
from bookings.models import Session
from tests.bookings.scenes import book_ket6
from tests.frontdesk.conftest import words

MONDAY = "2026-04-06"


@pytest.mark.parametrize(
    ("number", "said", "signs"),
    [
        (1, "1 of 6", "1/6"),
        (6, "6 of 6", "6/6"),
        (7, "7 of 6 + 1 make-up", "7/6+1"),
        (8, "8 of 6 + 2 make-ups", "8/6+2"),
    ],
)
def test_a_make_up_is_counted_beyond_what_the_phase_has(number: int, said: str, signs: str):
    assert (k_of_n(number, 6), fraction(number, 6)) == (said, signs)


def test_in_spanish_too():
    with translation.override("es"):
        assert k_of_n(7, 6) == "7 de 6 + 1 reposición"


@pytest.mark.django_db(transaction=True)
def test_list_panel_grid_and_sheet_say_it_alike(cast, desk):
    first = book_ket6(cast).sessions.get(number=1)
    Session.objects.filter(id=first.id).update(number=7)

    pages = (f"list/?date={MONDAY}", f"visits/{first.id}/", f"visits/{first.id}/move/")
    for page in pages:
        assert "7 of 6 + 1 make-up" in words(desk.get(f"/desk/north/{page}")), page
    (drawn,) = desk.get(f"/desk/north/day.json?date={MONDAY}").json()["visits"]
    assert drawn["fraction"] == "7/6+1"
    assert "7/6+1" in words(desk.get(f"/desk/north/sheet/?date={MONDAY}"))
