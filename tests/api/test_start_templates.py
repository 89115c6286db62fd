"""Templates of starts: asked for by a manager, seen by staff, taken into force."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bookings.commands.levelling import draw_up_templates
from bookings.models import StartTemplate
from tests.api.counting import statements
from tests.bookings.scenes import book_one
from tests.cast import NOW, new_york

URL = "clinics/north/start-templates/"


@pytest.fixture
def booked(cast):
    """Three visits on the last Monday before the present, and who asks is at the Wednesday after it."""
    early = new_york("2026-03-23 08:00")
    book_one(cast, new_york("2026-03-30 10:00"), now=early)
    book_one(cast, new_york("2026-03-30 10:00"), patient=cast.bea, now=early)


def test_a_manager_has_a_template_drawn_up_and_takes_it_into_force(manager, desk, cast, booked):
    asked = manager.post(URL, {"weeks": 1})

    assert asked.status_code == 202
    answer = asked.json()
    assert (answer["first"], answer["last"]) == ("2026-03-25", "2026-03-31")
    assert (answer["drawn_up_at"], answer["in_force_since"], answer["opened"]) == (None, None, [])
    draw_up_templates(now=NOW)
    drawn = desk.get(f"{URL}{answer['id']}/").json()
    assert drawn["drawn_up_at"] == "2026-04-01T08:00:00-04:00"
    assert drawn["booked"] == [{"weekday": 1, "begins": "10:00", "minutes": 150, "visits": 2}]
    assert [(one["weekday"], one["minutes"], one["starts"]) for one in drawn["opened"]] == [(1, 150, 1)] * 2
    (day,) = drawn["days"]
    assert (day["peak_before"], day["peak"], day["proven"]) == (2.0, 1, True)

    taken = manager.post(f"{URL}{answer['id']}/take-into-force/", {})

    assert taken.status_code == 200
    assert taken.json() == {**drawn, "in_force_since": "2026-04-01T08:00:00-04:00"}
    assert manager.get("clinics/north/").json()["levelling"] is True
    assert manager.patch("clinics/north/", {"levelling": False}).json()["levelling"] is False


def test_twelve_weeks_unless_said_otherwise(manager, cast):
    assert manager.post(URL, {}).json()["first"] == "2026-01-07"


@pytest.mark.parametrize("weeks", [0, 53, "12", 1.5, True])
def test_other_weeks_are_refused(manager, cast, weeks):
    answer = manager.post(URL, {"weeks": weeks})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "weeks")


def test_what_is_being_drawn_up_cannot_be_taken_into_force(manager, cast):
    template = manager.post(URL, {}).json()["id"]

    answer = manager.post(f"{URL}{template}/take-into-force/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
    assert answer.json()["detail"] == "This template is still being drawn up."


def test_the_newest_comes_first_and_no_other_clinics(manager, cast):
    old = manager.post(URL, {}).json()["id"]
    draw_up_templates(now=NOW)
    manager.post("clinics/west/start-templates/", {})
    new = manager.post(URL, {}).json()["id"]

    assert {old, new} == {one["id"] for one in manager.get(URL).json()["results"]}
    west = StartTemplate.objects.get(clinic=cast.west)
    assert manager.get(f"{URL}{west.id}/").status_code == 404
    assert manager.post(f"{URL}{west.id}/take-into-force/", {}).status_code == 404
    assert manager.get(f"{URL}{uuid4()}/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(manager, cast, count):
    for _ in range(count):
        manager.post(URL, {})
        draw_up_templates(now=NOW)

    assert len(manager.get(URL).json()["results"]) == count
    assert statements(lambda: manager.get(URL)) == 3
