"""Who has looked at whom: every answer that shows a patient's data leaves one row, whoever asked by whatever
door; the row says nothing of what was shown, and nobody changes or removes it.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from bookings.models import Reading
from tests.api.conftest import caller_for, clock
from tests.bookings.scenes import book_ket6
from tests.cast import Cast
from tests.frontdesk.conftest import at_the_desk
from tests.patient.conftest import words

__all__ = ["clock"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def readings() -> list[dict[str, Any]]:
    """All of them, oldest first, without what every row has of its own."""
    names = ("actor_kind", "actor_id", "purpose", "route", "about", "about_id", "patients", "reason")
    return list(Reading.objects.order_by("id").values(*names))


def row(cast: Cast, purpose: str, route: str, *whose: UUID, **also: Any) -> dict[str, Any]:
    plain = {"about": "", "about_id": None, "reason": "", "actor_kind": "staff", "actor_id": cast.desk.id}
    return {**plain, "purpose": purpose, "route": route, "patients": sorted(whose), **also}


def test_a_page_a_list_and_a_search_each_leave_one_row(cast: Cast):
    visit = book_ket6(cast).sessions.get(number=1)
    desk = at_the_desk(cast.desk)

    desk.get(f"/desk/north/patients/{cast.bea.id}/")
    desk.get(f"/desk/north/visits/{visit.id}/")
    desk.get(f"/desk/north/list/?date={visit.start:%Y-%m-%d}")
    desk.get("/desk/north/search/?q=quill")
    desk.get("/desk/north/search/?q=nobody")
    desk.get("/desk/north/roster/")  # shows nobody

    assert readings() == [
        row(cast, "page", "desk-patient", cast.bea.id, about="patient", about_id=cast.bea.id),
        row(cast, "page", "desk-session", cast.ada.id, about="session", about_id=visit.id),
        row(cast, "list", "desk-list", cast.ada.id),
        row(cast, "search", "desk-search", cast.ada.id),
        row(cast, "search", "desk-search"),
    ]


def test_the_api_leaves_the_same_rows(cast: Cast):
    series = book_ket6(cast)
    desk = caller_for(cast.desk)

    desk.get(f"patients/{cast.bea.id}/")
    desk.get(f"series/{series.id}/")
    desk.get("sessions/")
    desk.get("patients/?q=sands")
    desk.get(f"journal/?patient={cast.ada.id}")
    desk.get("clinics/")

    assert readings() == [
        row(cast, "page", "patient", cast.bea.id, about="patient", about_id=cast.bea.id),
        row(cast, "page", "series", cast.ada.id, about="series", about_id=series.id),
        row(cast, "list", "sessions", cast.ada.id),
        row(cast, "search", "patients", cast.bea.id),
        row(cast, "list", "journal", cast.ada.id),
    ]


def test_patients_may_look_at_themselves_and_what_they_take_is_recorded(cast: Cast):
    book_ket6(cast)
    ada = caller_for(cast.ada)

    ada.get("sessions/")
    ada.get("me/record/")

    me = {"actor_kind": "patient", "actor_id": cast.ada.id}
    assert readings() == [row(cast, "download", "my-record", cast.ada.id, **me)]


def test_an_export_names_everybody_in_it_before_it_leaves(cast: Cast):
    book_ket6(cast)
    period = {"what": "patients", "from": "2026-04-01", "to": "2026-12-31"}

    at_the_desk(cast.manager).post("/desk/north/files/export/", period)

    manager = {"actor_id": cast.manager.id}
    assert readings() == [row(cast, "export", "desk-export", cast.ada.id, **manager)]


def test_what_is_refused_shows_nobody(cast: Cast):
    series = book_ket6(cast)

    assert caller_for(cast.cy).get(f"series/{series.id}/").status_code == 404

    assert readings() == []


def test_it_costs_one_statement(cast: Cast):
    desk = at_the_desk(cast.desk)
    address = f"/desk/north/patients/{cast.ada.id}/"
    desk.get(address)
    with CaptureQueriesContext(connection) as asked:
        desk.get(address)

    statements = [one["sql"] for one in asked if "bookings_reading" in one["sql"]]

    assert [statement.split()[0] for statement in statements] == ["INSERT"]


def test_no_row_holds_anything_that_was_shown_or_searched_for(cast: Cast):
    at_the_desk(cast.desk).get("/desk/north/search/?q=quill")

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(r)::text FROM bookings_reading r")
        (text,) = cursor.fetchone()

    assert [word for word in ("quill", "Quill", "Ada", "mail.example") if word in text] == []


@pytest.mark.parametrize(
    ("deed", "refused"),
    [
        ("UPDATE bookings_reading SET actor_id = NULL", True),
        ("DELETE FROM bookings_reading", True),
        ("DELETE FROM bookings_reading WHERE at < now() - interval '6 years'", False),
    ],
)
def test_no_row_is_changed_or_removed_before_six_years_are_over(cast: Cast, deed: str, refused: bool):
    at = ("now() - interval '6 years' + interval '1 hour'", "now() - interval '6 years' - interval '1 hour'")
    with connection.cursor() as cursor:
        for each in at:
            cursor.execute(
                "INSERT INTO bookings_reading "
                "(at, actor_kind, purpose, route, about, patients, reason, request_id) "
                f"VALUES ({each}, 'staff', 'page', 'desk-patient', '', '{{}}', '', '')"
            )
        if refused:
            with pytest.raises(DatabaseError, match="append-only"):
                cursor.execute(deed)
        else:
            cursor.execute(deed)
    assert Reading.objects.count() == (2 if refused else 1)


@pytest.fixture
def unwritable():
    """A table that takes no row, as where the disk is full."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_reading ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
        yield
        cursor.execute("ALTER TABLE bookings_reading DROP CONSTRAINT full_disk")


def test_care_goes_on_where_it_cannot_be_recorded_and_the_log_says_who_looked(cast: Cast, unwritable, caplog):
    answer = at_the_desk(cast.desk).get(f"/desk/north/patients/{cast.ada.id}/")

    assert answer.status_code == 200
    assert [one.getMessage() for one in caplog.records if one.name == "cadence.readings"] == [
        f"reading of desk-patient by staff:{cast.desk.id} not recorded"
    ]


@pytest.mark.parametrize("path", ["/desk/north/search/?q=quill", "/desk/north/search/?q=nobody"])
def test_nothing_is_searched_through_where_it_cannot_be_recorded(cast: Cast, unwritable, path: str):
    client = at_the_desk(cast.desk)
    client.raise_request_exception = False

    assert client.get(path).status_code == 500


def test_managers_see_who_has_looked(cast: Cast):
    at_the_desk(cast.desk).get(f"/desk/north/patients/{cast.ada.id}/")
    manager = at_the_desk(cast.manager)

    page = words(manager.get(f"/desk/north/patients/{cast.ada.id}/readers/"))

    assert "Dee Alvarez A page about them" in page


def test_an_auditor_takes_all_of_it_as_a_file(cast: Cast):
    at_the_desk(cast.desk).get(f"/desk/north/patients/{cast.ada.id}/")
    at_the_desk(cast.ana).get(f"/desk/north/patients/{cast.bea.id}/")

    def lines(**asked: Any) -> list[tuple[str, str, str]]:
        out = StringIO()
        call_command("export_readings", stdout=out, **asked)
        rows = csv.DictReader(StringIO(out.getvalue().removeprefix("\ufeff")))
        return [(one["staff_email"], one["route"], one["patients"]) for one in rows]

    both = [
        ("desk@north.example", "desk-patient", str(cast.ada.id)),
        ("ana@north.example", "desk-patient", str(cast.bea.id)),
    ]
    assert lines() == both
    assert lines(patient=cast.bea.id) == both[1:]
    assert lines(staff="desk@north.example") == both[:1]
