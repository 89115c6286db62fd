"""The board: one day of one clinic, on one page."""

from datetime import timedelta

import pytest

from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.holds import hold_places
from bookings.models import Closure, Shift, Task
from tests.api.counting import statements
from tests.cast import MONDAYS_AND_THURSDAYS, NEW_YORK, NOW, make_clinic, make_patient, new_york

DAY = {"date": "2026-04-06"}


def book(cast, patient, *starts, protocol=None):
    return book_series(
        patient,
        clinic=cast.north,
        protocol=protocol or cast.booster,
        starts=list(starts),
        actor=cast.as_desk,
        now=NOW,
    )


@pytest.fixture
def ada_is_booked(cast):
    return book(cast, cast.ada, *MONDAYS_AND_THURSDAYS, protocol=cast.ket6)


def load(board):
    """The nursing of a day as (time, on duty, exclusive, shared, needed)."""
    return [
        (point["at"][11:16], point["on_duty"], point["exclusive"], point["shared"], point["needed"])
        for point in board["nursing"]
    ]


def test_a_day_with_one_visit(desk, cast, ada_is_booked):
    board = desk.get("clinics/north/day/", **DAY).json()

    assert (board["clinic"], board["date"]) == (str(cast.north.id), "2026-04-06")
    assert board["open"] == [{"starts": "2026-04-06T08:00:00-04:00", "ends": "2026-04-06T17:00:00-04:00"}]
    assert [chair["name"] for chair in board["chairs"]] == ["N1", "N2", "N3"]
    assert [shift["nurse_name"] for shift in board["shifts"]] == ["Ana Reyes", "Ben Okafor"]
    [session] = board["sessions"]
    assert {
        name: session[name]
        for name in ("number", "of", "patient_name", "protocol", "phase", "status", "start")
    } == {
        "number": 1,
        "of": 6,
        "patient_name": "Ada Quill",
        "protocol": "ket6",
        "phase": "induction",
        "status": "booked",
        "start": "2026-04-06T10:00:00-04:00",
    }
    assert (session["needs_escort"], session["flags"], session["chair_until"]) == (
        True,
        [],
        "2026-04-06T12:30:00-04:00",
    )
    assert [step["name"] for step in session["steps"]] == [
        "check-in",
        "set-up",
        "infusion",
        "recovery",
        "turnover",
    ]


def test_nurses_are_counted_minute_by_minute(desk, ada_is_booked):
    board = desk.get("clinics/north/day/", **DAY).json()

    assert load(board) == [
        ("00:00", 0, 0, 0, 0),
        ("08:00", 2, 0, 0, 0),
        ("10:15", 2, 1, 0, 1),
        ("10:30", 2, 0, 1, 1),
        ("12:10", 2, 0, 0, 0),
        ("16:30", 1, 0, 0, 0),
        ("17:00", 0, 0, 0, 0),
    ]
    assert not any(point["short"] for point in board["nursing"])


def test_a_shortage_shows(desk, cast, ada_is_booked):
    Shift.objects.filter(clinic=cast.north).delete()
    cast.north.roster_version += 1
    cast.north.save()

    board = desk.get("clinics/north/day/", **DAY).json()

    assert [(point["at"][11:16], point["short"]) for point in board["nursing"]] == [
        ("00:00", False),
        ("10:15", True),
        ("10:30", True),
        ("12:10", False),
    ]


def test_a_hold_takes_nurses_until_it_expires(desk, cast, clock):
    hold_places(
        cast.north, protocol=cast.booster, starts=[new_york("2026-04-06 10:00")], actor=cast.as_desk, now=NOW
    )

    held = desk.get("clinics/north/day/", **DAY).json()
    clock.forward(minutes=10)
    expired = desk.get("clinics/north/day/", **DAY).json()

    assert ("10:15", 2, 1, 0, 1) in load(held)
    assert held["sessions"] == []
    assert [point[2:] for point in load(expired)] == [(0, 0, 0)] * len(load(expired))


def test_in_line_of_sight_one_nurse_watches_three_of_whatever_kind(desk, cast):
    cast.north.nursing_mode = "line_of_sight"
    cast.north.roster_version += 1
    cast.north.save()
    for minute, patient in (("00", cast.ada), ("15", cast.bea), ("30", cast.carl)):
        book(cast, patient, new_york(f"2026-04-06 10:{minute}"))

    board = desk.get("clinics/north/day/", **DAY).json()

    assert [point for point in load(board) if "10:00" <= point[0] <= "11:00"] == [
        ("10:15", 2, 1, 0, 1),
        ("10:30", 2, 1, 1, 1),
        ("10:45", 2, 1, 2, 1),
        ("11:00", 2, 0, 3, 1),
    ]


def test_what_is_cancelled_stays_on_the_board_and_takes_nobody(desk, cast, ada_is_booked):
    cancel_session(ada_is_booked.sessions.get(number=1), actor=cast.as_desk, now=NOW)

    board = desk.get("clinics/north/day/", **DAY).json()

    assert [session["status"] for session in board["sessions"]] == ["cancelled"]
    assert {point[2:] for point in load(board)} == {(0, 0, 0)}


def test_flags_say_where_somebody_should_look(desk, cast, ada_is_booked):
    first = ada_is_booked.sessions.get(number=1)
    first.overrides = [{"rule": "closed", "reason": "asked to", "by": None, "at": NOW.isoformat()}]
    first.save()
    times = {"created_at": NOW, "updated_at": NOW, "clinic": cast.north, "series": ada_is_booked}
    Task.objects.create(kind="incomplete", detail="One is missing.", **times)
    Task.objects.create(kind="no_longer_fits", session=first, detail="Closed.", **times)
    other = ada_is_booked.sessions.get(number=2)
    Task.objects.create(kind="soft_gap", session=other, detail="Long.", **times)
    Task.objects.create(kind="hard_gap", session=first, detail="Done.", resolved_at=NOW, **times)

    board = desk.get("clinics/north/day/", **DAY).json()

    assert board["sessions"][0]["flags"] == ["incomplete", "no_longer_fits", "overridden"]


def test_a_day_ends_at_the_clinics_midnight(desk, cast):
    night = {"clinic": cast.north, "reason": "Cleaning"}
    Closure.objects.create(starts=new_york("2026-04-06 23:00"), ends=new_york("2026-04-07 00:00"), **night)

    def closures(day):
        return len(desk.get("clinics/north/day/", date=day).json()["closures"])

    assert [closures(day) for day in ("2026-04-05", "2026-04-06", "2026-04-07")] == [0, 1, 0]


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2026-03-08", "2026-03-08T03:00:00-04:00", "2026-03-08T05:00:00-04:00"),
        ("2026-11-01", "2026-11-01T01:30:00-04:00", "2026-11-01T05:00:00-05:00"),
    ],
)
def test_hours_on_the_changes_of_clock(desk, cast, day, opens, closes):
    night = make_clinic("night", time_zone="America/New_York", weekdays=())
    cast.desk.clinics.add(night)
    times = {"2026-03-08": ("02:30", "05:00"), "2026-11-01": ("01:30", "05:00")}[day]
    night.opening_hours.create(weekday=7, opens=times[0], closes=times[1])

    board = desk.get("clinics/night/day/", date=day).json()

    assert board["open"] == [{"starts": opens, "ends": closes}]


def test_without_a_date_it_is_today(desk, clock):
    clock.set(new_york("2026-04-06 23:59"))

    assert desk.get("clinics/north/day/").json()["date"] == "2026-04-06"
    assert desk.get("clinics/north/day/").json()["nursing"][0]["at"].endswith("-04:00")


@pytest.mark.parametrize(
    "date", ["today", "2026-02-30", "0001-01-01", "99999-01-01", "2026-04-06T10:00", "\0"]
)
def test_a_date_that_makes_no_sense_is_refused(desk, date):
    response = desk.get("clinics/north/day/", date=date)

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "date")


def test_the_board_is_for_those_who_work_there(anyone, ada, cy, desk):
    statuses = [caller.get("clinics/north/day/").status_code for caller in (anyone, ada, cy, desk)]

    assert statuses == [401, 403, 404, 200]


def test_a_full_day_takes_as_many_statements_as_one_visit(desk, cast, ada_is_booked):
    desk.get("clinics/north/day/", **DAY)
    one = statements(lambda: desk.get("clinics/north/day/", **DAY))
    book(cast, cast.bea, new_york("2026-04-06 13:00"))
    book(cast, cast.carl, new_york("2026-04-06 13:30"))
    book(cast, make_patient("Dora", "Wren", number=9), new_york("2026-04-06 08:00"), protocol=cast.infliximab)
    Closure.objects.create(
        clinic=cast.north,
        chair=cast.n3,
        starts=MONDAYS_AND_THURSDAYS[0].astimezone(NEW_YORK),
        ends=MONDAYS_AND_THURSDAYS[0] + timedelta(hours=1),
    )

    assert statements(lambda: desk.get("clinics/north/day/", **DAY)) == one
    assert len(desk.get("clinics/north/day/", **DAY).json()["sessions"]) == 4
