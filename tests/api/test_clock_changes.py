"""The API across changes of clock: gaps, times that do not exist or occur twice, and nights of closure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bookings.proof import prove
from tests.api.conftest import Clock, caller_for
from tests.api.refusing import refusal
from tests.bookings.clock_scenes import CHANGES, Place

SPRING = "2026-03-08"  # in New York there is no time from 02:00 to 03:00
AUTUMN = "2026-11-01"  # and here the time from 01:00 to 02:00 comes twice


class Door:
    """The clinic of a scene, with its desk at the API."""

    def __init__(self, zone: str, day: date, clock: Clock) -> None:
        self.place = Place(zone, day)
        clock.set(self.place.now)
        self.desk = caller_for(self.place.desk, now=self.place.now)
        self.spacing = self.place.protocol()

    def at(self, days: int, clock: time) -> str:
        return self.place.local(days, clock).isoformat()

    def ask(self, *starts: str) -> Any:
        body = {
            "clinic": "here",
            "protocol": self.spacing.slug,
            "patient": str(self.place.patient.id),
            "sessions": [{"start": start} for start in starts],
        }
        return self.desk.post("series/", body)

    def booked(self, *starts: str) -> list[dict[str, Any]]:
        answer = self.ask(*starts)
        assert answer.status_code == 201, answer.json()
        return answer.json()["sessions"]

    def openings(self, day: str) -> list[str]:
        query = {"clinic": "here", "protocol": self.spacing.slug, "from": day, "to": day}
        (answer,) = self.desk.get("openings/", **query).json()["days"]
        return [one["start"] for one in answer["openings"]]


@pytest.fixture(params=CHANGES, ids=lambda change: f"{change[0].split('/')[1]} {change[1]:%b}")
def change(request, db, clock) -> tuple[Door, int]:
    zone, day, longer = request.param
    return Door(zone, day, clock), longer


@pytest.fixture
def new_york(db, clock):
    return lambda day: Door("America/New_York", date.fromisoformat(day), clock)


def test_days_of_a_gap_are_dates_whatever_the_clocks_do(change):
    door, _ = change
    door.spacing = door.place.protocol(min_gap_days=2)
    first, next_day, day_after = door.at(-1, time(20)), door.at(0, time(21)), door.at(1, time(6))

    problem = refusal(door.ask(first, next_day), 422, "spacing")
    sessions = door.booked(first, day_after)

    (gap,) = [one for one in problem["violations"] if one["rule"] == "min_gap"]
    assert (gap["sessions"], gap["required"], gap["actual"]) == ([1, 2], 2, 1)
    assert [one["start"] for one in sessions] == [first, day_after]
    assert prove(now=door.place.now) == []


def test_hours_of_a_gap_are_those_that_pass(change):
    """48 hours are asked for, from ten o'clock to ten o'clock two days later."""
    door, longer = change
    door.spacing = door.place.protocol(min_gap_minutes=48 * 60)
    first, same_clock = door.at(-1, time(10)), door.at(1, time(10))
    late_enough = door.at(1, time(10)) if longer >= 0 else door.at(1, time(11))

    if longer < 0:
        problem = refusal(door.ask(first, same_clock), 422, "spacing")
        (gap,) = problem["violations"]
        assert (gap["rule"], gap["required"], gap["actual"]) == ("min_gap", 48 * 60, 48 * 60 + longer)
        needed = time(10, -longer) if longer > -60 else time(11)
        assert f", {needed:%H:%M}" in gap["detail"]
    elif longer > 0:
        # Just outside: as much earlier by the clock as the night was longer is 48 hours to the minute.
        to_the_minute = door.place.local(1, time(10)).astimezone(UTC) - timedelta(minutes=longer)
        early = (to_the_minute - timedelta(minutes=15)).isoformat()
        refusal(door.ask(first, early), 422, "spacing")
        late_enough = to_the_minute.astimezone(door.place.zone).isoformat()
    assert [one["start"] for one in door.booked(first, late_enough)] == [first, late_enough]
    assert prove(now=door.place.now) == []


def test_a_visit_through_the_night_of_the_change_ends_when_its_minutes_are_over(change):
    door, _ = change

    (visit,) = door.booked(door.at(0, time(0, 30)))

    start, end = (datetime.fromisoformat(visit[name]) for name in ("start", "end"))
    assert end - start == timedelta(minutes=130)
    assert visit["end"] == end.astimezone(door.place.zone).isoformat()
    assert visit["steps"][-1]["end"] == visit["chair_until"]


@pytest.mark.parametrize("start", [f"{SPRING}T02:30:00", f"{AUTUMN}T01:30:00", f"{AUTUMN}T10:00:00"])
def test_a_time_without_its_offset_is_refused_so_none_is_guessed(new_york, start):
    problem = refusal(new_york(start[:10]).ask(start), 400, "invalid")

    assert [one["field"] for one in problem["errors"]] == ["sessions.0.start"]
    assert "offset" in problem["errors"][0]["detail"]


def test_an_instant_that_is_written_as_a_time_that_does_not_exist_is_answered_as_it_is(new_york):
    (visit,) = new_york(SPRING).booked(f"{SPRING}T02:30:00-05:00")

    assert visit["start"] == f"{SPRING}T03:30:00-04:00"


def test_no_opening_is_at_a_time_that_does_not_exist(new_york):
    door = new_york(SPRING)

    by_hour = [start[11:13] for start in door.openings(SPRING) if start[14:16] == "00"]

    assert by_hour[:4] == ["00", "01", "03", "04"]


def test_a_time_that_occurs_twice_is_two_openings_and_two_places(new_york):
    door = new_york(AUTUMN)
    first, second = f"{AUTUMN}T01:30:00-04:00", f"{AUTUMN}T01:30:00-05:00"
    assert [one for one in door.openings(AUTUMN) if "T01:30" in one] == [first, second]

    (visit,) = door.booked(second)

    assert visit["start"] == second
    assert datetime.fromisoformat(visit["start"]).astimezone(UTC).time() == time(6, 30)


@pytest.mark.parametrize(
    ("day", "opens", "closes", "first", "last"),
    [
        (SPRING, "02:30", "08:00", "03:00:00-04:00", "05:45:00-04:00"),  # opens with the first instant after
        (SPRING, "00:00", "02:30", None, None),  # closes then, after two hours
        (AUTUMN, "01:30", "08:00", "01:30:00-04:00", "05:45:00-05:00"),  # opens at the first of the two
        (AUTUMN, "00:00", "01:30", "00:00:00-04:00", "00:15:00-04:00"),  # closes at the second: after 2 h 30
    ],
)
def test_weekly_hours_at_such_times(new_york, day, opens, closes, first, last):
    door = new_york(day)
    door.place.desk.role = "manager"
    door.place.desk.save()
    assert (
        door.desk.put("clinics/here/hours/", {"7": [{"opens": opens, "closes": closes}]}).status_code == 200
    )

    starts = door.openings(day)

    assert (starts[:1], starts[-1:]) == (([f"{day}T{first}"], [f"{day}T{last}"]) if first else ([], []))


@pytest.mark.parametrize(
    ("starts", "ends", "last_before", "first_after"),
    [
        (f"{SPRING}T23:00:00-04:00", "2026-03-09T01:00:00-04:00", "20:45", "01:00"),
        (
            "2026-03-07T22:00:00-05:00",
            f"{SPRING}T03:00:00-04:00",
            "19:45",
            "03:00",
        ),  # five hours by the clock
        (f"{AUTUMN}T23:00:00-05:00", "2026-11-02T01:00:00-05:00", "20:45", "01:00"),
        ("2026-10-31T22:00:00-04:00", f"{AUTUMN}T01:00:00-05:00", "19:45", "01:00"),  # the second one o'clock
    ],
)
def test_a_closure_over_midnight_bars_both_days(new_york, starts, ends, last_before, first_after):
    door = new_york(SPRING if "-03-" in starts else AUTUMN)

    answer = door.desk.post("clinics/here/closures/", {"starts": starts, "ends": ends, "reason": "power"})

    assert (answer.status_code, answer.json()["starts"], answer.json()["ends"]) == (201, starts, ends)
    evening, morning = door.openings(starts[:10]), door.openings(ends[:10])
    assert (evening[-1][11:16], morning[0]) == (last_before, f"{ends[:10]}T{first_after}:00{ends[-6:]}")
    problem = refusal(door.ask(starts), 422, "not-offered")
    assert problem["violations"][0]["rule"] == "closed"


def test_phoenix_and_new_york_are_an_hour_further_apart_in_summer(db, clock):
    """One patient, two clinics: elapsed minutes count between them, and each says its own time."""
    phoenix = Door("America/Phoenix", date.fromisoformat(SPRING), clock)
    phoenix.spacing = phoenix.place.protocol(min_gap_minutes=24 * 60)
    saturday = phoenix.at(-1, time(10))

    early = refusal(phoenix.ask(saturday, phoenix.at(0, time(9, 45))), 422, "spacing")
    booked = phoenix.booked(saturday, phoenix.at(0, time(10)))

    assert early["violations"][0]["actual"] == 23 * 60 + 45
    assert [one["start"] for one in booked] == [f"2026-03-0{day}T10:00:00-07:00" for day in (7, 8)]
