"""A closure of days, on each of its dates."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone, translation

from bookings.models import Closure
from bookings.templatetags.desk_words import hours_on
from tests.cast import NEW_YORK, new_york
from tests.frontdesk.conftest import words


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-04-02", "18:00–24:00"),
        ("2026-04-03", "all day"),
        ("2026-04-04", "00:00–09:30"),
    ],
)
def test_it_is_said_for_the_date_alone(day: str, said: str):
    lasting = Closure(starts=new_york("2026-04-02 18:00"), ends=new_york("2026-04-04 09:30"))

    with timezone.override(NEW_YORK):
        assert hours_on(lasting, date.fromisoformat(day)) == said


def test_the_day_the_clocks_go_forward_is_a_whole_one():
    lasting = Closure(starts=new_york("2026-03-08 00:00"), ends=new_york("2026-03-09 00:00"))

    with timezone.override(NEW_YORK), translation.override("es"):
        assert hours_on(lasting, date(2026, 3, 8)) == "todo el día"


def test_the_week_and_the_day_say_so(cast, desk):
    span = {"starts": new_york("2026-04-02 18:00"), "ends": new_york("2026-04-04 00:00")}
    Closure.objects.create(clinic=cast.north, reason="Painters", **span)

    week = words(desk.get("/desk/north/week/?date=2026-04-02"))
    day = words(desk.get("/desk/north/day/?date=2026-04-03"))

    assert "Closed 18:00–24:00 · Painters" in week
    assert "Closed all day · Painters" in week
    assert "Closed all day. Painters" in day
    assert "viernes, 3 de abril de 2026" in words(
        desk.get("/desk/north/day/?date=2026-04-03", headers={"Accept-Language": "es"})
    )
