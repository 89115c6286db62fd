"""Chairs and shifts at the door, and what is true of all of the roster."""

import pytest

from bookings.commands.book import book_series
from bookings.models import Closure, Shift
from tests.api.counting import statements
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_chairs, make_clinic, make_staff, new_york

WEEK = {str(weekday): [{"opens": "08:00", "closes": "17:00"}] for weekday in range(1, 6)}
CLOSURE = {"starts": "2026-04-09T08:00:00-04:00", "ends": "2026-04-10T08:00:00-04:00", "reason": "Flood"}


@pytest.fixture
def ada_is_booked(cast):
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )


def fields(response):
    assert response.status_code == 400, response.json()
    return [error["field"] for error in response.json()["errors"]]


class TestChairs:
    def test_a_manager_adds_changes_and_retires_a_chair(self, manager, ada_is_booked):
        made = manager.post("clinics/north/chairs/", {"name": "N4", "features": ["bed"]})
        assert made.status_code == 201
        chair = made.json()
        assert chair == {"id": chair["id"], "name": "N4", "features": ["bed"], "retired": False}

        renamed = manager.patch(
            f"clinics/north/chairs/{chair['id']}/", {"name": "Bed"}, If_Match=made["ETag"]
        )
        assert renamed.json() == {**chair, "name": "Bed", "displaced": []}

        retired = manager.delete(f"clinics/north/chairs/{chair['id']}/")
        assert (retired.status_code, retired.json()["retired"]) == (200, True)
        assert manager.get(f"clinics/north/chairs/{chair['id']}/").json()["retired"] is True

    def test_retiring_a_chair_names_who_is_booked_in_it(self, manager, ada_is_booked):
        chair = ada_is_booked.sessions.first().chair_id

        answer = manager.patch(f"clinics/north/chairs/{chair}/", {"retired": True}).json()

        assert [one["number"] for one in answer["displaced"]] == [1, 2, 3, 4, 5, 6]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "name"),
            ({"name": "N1"}, "name"),
            ({"name": "x" * 61}, "name"),
            ({"name": "N4", "features": "bed"}, "features"),
            ({"name": "N4", "features": [1]}, "features.0"),
            ({"name": "N4", "retired": True}, "retired"),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_its_field(self, manager, body, field):
        assert fields(manager.post("clinics/north/chairs/", body)) == [field]

    def test_a_stale_change_is_refused(self, manager, cast):
        tag = manager.get(f"clinics/north/chairs/{cast.n1.id}/")["ETag"]
        manager.patch(f"clinics/north/chairs/{cast.n1.id}/", {"name": "One"})

        response = manager.patch(f"clinics/north/chairs/{cast.n1.id}/", {"name": "Eins"}, If_Match=tag)

        assert (response.status_code, response.json()["code"]) == (412, "stale")


class TestShifts:
    def body(self, nurse, day="2026-06-01"):
        return {
            "nurse": str(nurse.id),
            "starts": f"{day}T08:00:00-04:00",
            "ends": f"{day}T16:00:00-04:00",
        }

    def test_one_shift(self, desk, cast):
        response = desk.post("clinics/north/shifts/", self.body(cast.ana))

        answer = response.json()
        assert response.status_code == 201
        assert answer == {"id": answer["id"], **self.body(cast.ana), "nurse_name": "Ana Reyes"}

    def test_a_list_of_shifts_is_taken_whole_or_not(self, desk, cast):
        before = Shift.objects.count()
        days = [self.body(cast.ana, f"2026-06-0{day}") for day in (1, 2, 3)]

        refused = desk.post("clinics/north/shifts/", [*days, days[0]])
        taken = desk.post("clinics/north/shifts/", days)

        assert fields(refused) == ["3.starts"]
        assert [one["starts"] for one in taken.json()] == [day["starts"] for day in days]
        assert Shift.objects.count() == before + 3

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"nurse": "ana"}, "nurse"),
            ({"nurse": "019d1c9e-6a00-7000-8000-000000000002"}, "nurse"),
            ({"starts": "2026-06-01T08:00:00"}, "starts"),
            ({"ends": "2026-06-01T08:00:00-04:00"}, "ends"),
            ({"ends": "2027-06-02T08:01:00-04:00"}, "ends"),
            ({"starts": "2026-04-06T16:00:00-04:00", "ends": "2026-04-06T18:00:00-04:00"}, "starts"),
            ({"room": 1}, "room"),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_its_field(self, desk, cast, change, field):
        assert fields(desk.post("clinics/north/shifts/", {**self.body(cast.ana), **change})) == [field]

    @pytest.mark.parametrize("who", ["desk", "cy", "manager"])
    def test_only_nurses_of_the_clinic_are_on_shift(self, desk, cast, who):
        assert fields(desk.post("clinics/north/shifts/", self.body(getattr(cast, who)))) == ["nurse"]

    @pytest.mark.parametrize("body", [[], [[]], [7], "shift", [None]])
    def test_a_body_that_is_no_shift_is_refused(self, desk, body):
        assert desk.post("clinics/north/shifts/", body).status_code == 400

    def test_a_removed_shift_names_those_who_lack_a_nurse(self, desk, cast, ada_is_booked):
        answer = desk.get("clinics/north/shifts/", **{"from": "2026-04-06", "to": "2026-04-06"}).json()
        assert [one["nurse_name"] for one in answer["results"]] == ["Ana Reyes", "Ben Okafor"]

        first, second = (desk.delete(f"clinics/north/shifts/{one['id']}/") for one in answer["results"])

        assert (first.status_code, first.json()) == (200, {"displaced": []})
        assert [one["number"] for one in second.json()["displaced"]] == [1]

    @pytest.mark.parametrize("query", [{"from": "yesterday"}, {"to": "2026-02-30"}, {"from": "0001-01-01"}])
    def test_dates_that_make_no_sense_are_refused(self, desk, query):
        assert fields(desk.get("clinics/north/shifts/", **query)) == [next(iter(query))]


ADDRESSES = ["hours/", "closures/", "chairs/", "shifts/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_roster_is_for_those_who_work_there(anyone, ada, cy, desk, address):
    statuses = [caller.get(f"clinics/north/{address}").status_code for caller in (anyone, ada, cy, desk)]

    assert statuses == [401, 403, 404, 200]


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("put", "hours/", {"manager"}),
        ("patch", "hours/", {"manager"}),
        ("post", "closures/", {"manager", "desk"}),
        ("post", "chairs/", {"manager"}),
        ("post", "shifts/", {"manager", "desk"}),
    ],
)
def test_who_may_change_what(request, cast, method, address, allowed):
    for who in ("ada", "desk", "ana", "prescriber", "manager"):
        response = getattr(request.getfixturevalue(who), method)(f"clinics/north/{address}", {"bad": 1})
        assert response.status_code == (400 if who in allowed else 403), who


@pytest.mark.parametrize("address", ["closures/", "chairs/", "shifts/"])
def test_a_list_of_three_takes_as_many_statements_as_one_of_one(desk, cast, address):
    east = make_clinic("east", time_zone="America/New_York")
    cast.desk.clinics.add(east)

    def fill(number):
        make_chairs(east, f"E{number}")
        Closure.objects.create(
            clinic=east, starts=NOW, ends=new_york("2026-04-02 08:00"), chair=east.chairs.last()
        )
        nurse = make_staff(f"nurse{number}@east.example", "Nell", "Gray", "nurse", east)
        Shift.objects.create(clinic=east, nurse=nurse, starts=NOW, ends=new_york("2026-04-02 08:00"))

    fill(1)
    one = statements(lambda: desk.get(f"clinics/east/{address}"))
    fill(2)
    fill(3)

    assert statements(lambda: desk.get(f"clinics/east/{address}")) == one
    assert len(desk.get(f"clinics/east/{address}").json()["results"]) == 3
