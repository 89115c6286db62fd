"""Hours and closures at the door."""

import pytest

from bookings.commands.book import book_series
from bookings.models import Closure, OpeningHours
from tests.cast import MONDAYS_AND_THURSDAYS, NOW

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


class TestHours:
    def test_each_weekday_has_its_hours(self, desk):
        assert desk.get("clinics/north/hours/").json() == {**WEEK, "6": [], "7": []}

    @pytest.mark.parametrize("wrapped", [False, True])
    def test_put_sets_the_whole_week(self, manager, cast, wrapped):
        week = {"6": [{"opens": "09:00", "closes": "24:00"}]}

        answer = manager.put("clinics/north/hours/", {"hours": week} if wrapped else week).json()

        closed = {str(weekday): [] for weekday in range(1, 8)}
        assert answer == {**closed, "6": [{"opens": "09:00", "closes": "00:00"}], "displaced": []}
        assert OpeningHours.objects.filter(clinic=cast.north).count() == 1

    def test_patch_leaves_other_weekdays_alone(self, manager):
        answer = manager.patch("clinics/north/hours/", {"5": []}).json()

        assert answer == {**WEEK, "5": [], "6": [], "7": [], "displaced": []}

    def test_the_answer_names_the_displaced_sessions(self, manager, ada_is_booked, cast):
        answer = manager.patch("clinics/north/hours/", {"1": [{"opens": "10:15", "closes": "17:00"}]}).json()

        assert [one["number"] for one in answer["displaced"]] == [1, 3, 5]
        first = answer["displaced"][0]
        session = ada_is_booked.sessions.get(number=1)
        assert first["violations"][0]["rule"] == "closed"
        assert {name: first[name] for name in first if name not in ("violations", "chair")} == {
            "id": str(session.id),
            "series": str(ada_is_booked.id),
            "number": 1,
            "patient": str(cast.ada.id),
            "status": "booked",
            "start": "2026-04-06T10:00:00-04:00",
            "end": "2026-04-06T12:10:00-04:00",
        }

    @pytest.mark.parametrize(
        ("week", "field"),
        [
            ({"8": []}, "8"),
            ({"0": []}, "0"),
            ({"monday": []}, "monday"),
            ({"1": [{"opens": "08:00"}]}, "1.0.closes"),
            ({"1": [{"opens": "8", "closes": "17:00"}]}, "1.0.opens"),
            ({"1": [{"opens": "08:00", "closes": "25:00"}]}, "1.0.closes"),
            ({"1": [{"opens": "08:00:30", "closes": "17:00"}]}, "1.0.opens"),
            ({"1": [{"opens": "24:00", "closes": "17:00"}]}, "1.0.opens"),
            ({"1": [{"opens": "17:00", "closes": "08:00"}]}, "1"),
            ({"1": [{"opens": "08:00", "closes": "12:00"}, {"opens": "11:00", "closes": "17:00"}]}, "1"),
            ({"1": "08:00-17:00"}, "1"),
            ({"1": None}, "1"),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_its_weekday(self, manager, week, field):
        assert fields(manager.put("clinics/north/hours/", week)) == [field]

    def test_a_stale_week_is_refused(self, manager):
        tag = manager.get("clinics/north/hours/")["ETag"]
        manager.patch("clinics/north/hours/", {"5": []})

        assert manager.put("clinics/north/hours/", WEEK, If_Match=tag).status_code == 412


class TestClosures:
    def test_a_closure_names_the_displaced_sessions(self, desk, ada_is_booked):
        response = desk.post("clinics/north/closures/", CLOSURE)

        answer = response.json()
        assert response.status_code == 201
        assert [(one["number"], one["start"]) for one in answer["displaced"]] == [
            (2, "2026-04-09T10:00:00-04:00")
        ]
        assert {name: answer[name] for name in ("starts", "ends", "reason", "chair")} == {
            **CLOSURE,
            "chair": None,
        }

    def test_times_are_answered_in_the_clinics_wall_clock(self, desk):
        body = {"starts": "2026-03-07T20:00:00-05:00", "ends": "2026-03-08T08:00:00Z", "reason": "Night"}

        answer = desk.post("clinics/north/closures/", body).json()

        assert (answer["starts"], answer["ends"]) == (
            "2026-03-07T20:00:00-05:00",
            "2026-03-08T04:00:00-04:00",
        )

    def test_a_chair_can_be_closed_alone(self, desk, cast):
        answer = desk.post("clinics/north/closures/", {**CLOSURE, "chair": str(cast.n2.id)}).json()

        assert answer["chair"] == {"id": str(cast.n2.id), "name": "N2"}

    def test_a_chair_of_another_clinic_is_not_found(self, desk, cast):
        assert desk.post("clinics/north/closures/", {**CLOSURE, "chair": str(cast.w1.id)}).status_code == 404

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"starts": "2026-04-09T08:00:00"}, "starts"),
            ({"starts": "2026-04-09T08:00:30-04:00"}, "starts"),
            ({"starts": "0001-01-01T00:00:00Z"}, "starts"),
            ({"starts": "2026-02-30T08:00:00Z"}, "starts"),
            ({"starts": 1775736000}, "starts"),
            ({"starts": "2026-04-10T08:00:00-04:00"}, "ends"),
            ({"ends": "9999-12-31T23:59:59-14:00"}, "ends"),
            ({"reason": "r" * 301}, "reason"),
            ({"reason": "\0"}, "reason"),
            ({"chair": "N1"}, "chair"),
            ({"chairs": []}, "chairs"),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_its_field(self, desk, change, field):
        assert fields(desk.post("clinics/north/closures/", {**CLOSURE, **change})) == [field]

    def test_a_closure_is_taken_back(self, desk):
        made = desk.post("clinics/north/closures/", CLOSURE).json()

        assert desk.delete(f"clinics/north/closures/{made['id']}/").status_code == 204
        assert Closure.objects.count() == 0
        assert desk.delete(f"clinics/north/closures/{made['id']}/").status_code == 404

    def test_a_closure_of_another_clinic_is_not_found(self, desk):
        made = desk.post("clinics/north/closures/", CLOSURE).json()

        assert desk.delete(f"clinics/west/closures/{made['id']}/").status_code == 404

    @pytest.mark.parametrize(
        ("first", "last", "found"),
        [
            ("2026-04-08", "2026-04-08", 0),
            ("2026-04-08", "2026-04-09", 1),
            ("2026-04-10", "2026-04-10", 1),
            ("2026-04-11", "2026-04-30", 0),
        ],
    )
    def test_dates_are_the_clinics_and_inclusive(self, desk, first, last, found):
        desk.post("clinics/north/closures/", CLOSURE)

        answer = desk.get("clinics/north/closures/", **{"from": first, "to": last}).json()

        assert len(answer["results"]) == found
