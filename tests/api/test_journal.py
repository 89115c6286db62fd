"""The journal at the door: who did what, when, and why."""

import pytest

from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.roster import close
from bookings.commands.staff import change_staff
from tests.api.counting import statements
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york, phoenix


@pytest.fixture
def series(cast):
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_ada,
        now=NOW,
    )


@pytest.fixture
def cancelled(cast, series):
    session = series.sessions.get(number=6)
    return cancel_session(session, reason="Away", actor=cast.as_desk, now=NOW)


def rows(caller, **query):
    return caller.get("journal/", **query).json()["results"]


def test_what_happened_to_a_session(desk, cast, cancelled):
    row = rows(desk, session=str(cancelled.id))[0]

    assert (row["verb"], row["reason"], row["at"]) == (
        "session_cancelled",
        "Away",
        "2026-04-01T08:00:00-04:00",
    )
    assert row["actor"] == {"kind": "staff", "id": str(cast.desk.id), "name": "Dee Alvarez"}
    assert (row["series"], row["patient"], row["clinic"]) == (
        str(cancelled.series_id),
        str(cast.ada.id),
        str(cast.north.id),
    )
    assert (row["before"]["start"], row["before"]["status"]) == ("2026-04-23T10:00:00-04:00", "booked")
    assert row["after"]["status"] == "cancelled"


def test_newest_first_of_a_series_and_of_a_patient(desk, cast, series, cancelled):
    of_series = [row["verb"] for row in rows(desk, series=str(series.id))]
    of_patient = [row["verb"] for row in rows(desk, patient=str(cast.ada.id))]

    assert of_series == of_patient
    assert of_series[0] == "session_cancelled"
    assert of_series[-1] == "series_booked"
    assert rows(desk, patient=str(cast.bea.id)) == []
    assert rows(desk, series=str(series.id))[-1]["actor"]["name"] == "Ada Quill"


def test_staff_read_of_their_own_clinics(cy, desk, series):
    assert rows(cy) == rows(cy, series=str(series.id)) == []
    assert rows(desk) != []


def test_times_are_those_of_the_clinic_of_the_row(desk, cast):
    close(
        cast.west,
        starts=phoenix("2026-04-06 08:00"),
        ends=phoenix("2026-04-06 09:00"),
        actor=cast.as_desk,
        now=NOW,
    )

    [row] = rows(desk, clinic="west")

    assert (row["at"], row["after"]["starts"]) == ("2026-04-01T05:00:00-07:00", "2026-04-06T08:00:00-07:00")
    assert rows(desk, clinic="north") == []


def test_who_joined_the_staff_is_for_managers(desk, manager, cast):
    change_staff(cast.ana, changes={"last_name": "Rey"}, actor=cast.as_manager, now=NOW)

    assert [row["verb"] for row in rows(manager)] == ["staff_changed"]
    assert rows(desk) == []


def test_the_journal_is_for_staff_and_for_reading(anyone, ada, manager):
    assert [caller.get("journal/").status_code for caller in (anyone, ada, manager)] == [401, 403, 200]
    assert [manager.post("journal/").status_code, manager.delete("journal/").status_code] == [405, 405]


@pytest.mark.parametrize("name", ["session", "series", "patient"])
@pytest.mark.parametrize("value", ["7", "x" * 36, "\0", "019d1c9e-6a00-7000-8000-00000000000"])
def test_what_is_no_id_is_refused(desk, name, value):
    response = desk.get("journal/", **{name: value})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, name)


def test_a_list_of_three_takes_as_many_statements_as_one_of_one(desk, cast, series):
    def book(at, patient, actor):
        book_series(patient, clinic=cast.west, protocol=cast.booster, starts=[at], actor=actor, now=NOW)

    book(new_york("2026-05-04 13:00"), cast.bea, cast.as_desk)
    one = statements(lambda: desk.get("journal/", clinic="west", limit=1))
    book(new_york("2026-05-05 13:00"), cast.carl, cast.as_prescriber)
    book(new_york("2026-05-08 13:00"), cast.ada, cast.as_desk)

    assert len(rows(desk, clinic="west")) >= 3
    assert statements(lambda: desk.get("journal/", clinic="west")) == one
