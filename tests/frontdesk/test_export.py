"""Data out: whole, on the clinic's wall, harmless in a spreadsheet, and never unrecorded."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.cancel import cancel_session
from bookings.frontdesk.figures.cells import guarded
from bookings.models import JournalEntry, Patient
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import NOW, make_patient, new_york
from tests.frontdesk.conftest import at_the_desk

pytestmark = pytest.mark.django_db(transaction=True)

APRIL = {"from": "2026-04-01", "to": "2026-04-30"}
EXPORT = "/desk/north/files/export/"


@pytest.fixture
def manager(cast, clock):
    return at_the_desk(cast.manager)


def rows(answer):
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_visits_of_a_period_in_whatever_state(cast, manager):
    series = book_ket6(cast)
    cancel_session(session(series, 6), actor=cast.as_desk, now=NOW)

    answer = manager.post(EXPORT, {**APRIL, "what": "sessions"})
    found = rows(answer)

    assert answer["Content-Disposition"] == 'attachment; filename="north-sessions-2026-04-01-2026-04-30.csv"'
    assert [(row["number"], row["start"][:10], row["status"]) for row in found] == [
        ("1", "2026-04-06", "booked"),
        ("2", "2026-04-09", "booked"),
        ("3", "2026-04-13", "booked"),
        ("4", "2026-04-16", "booked"),
        ("5", "2026-04-20", "booked"),
        ("6", "2026-04-23", "cancelled"),
    ]
    first = session(series, 1)
    assert found[0] == {
        "session": str(first.id),
        "series": str(series.id),
        "number": "1",
        "status": "booked",
        "start": "2026-04-06T10:00-04:00",
        "end": "2026-04-06T12:10-04:00",
        "chair": first.chair.name,
        "protocol": "ket6",
        "phase": "induction",
        "patient": str(cast.ada.id),
        "first_name": "Ada",
        "last_name": "Quill",
        "birth_date": "1980-01-02",
    }


def test_patients_once_each_and_only_those_of_the_period(cast, manager):
    book_ket6(cast)
    book_one(cast, new_york("2026-05-04 10:00"), patient=cast.bea)

    found = rows(manager.post(EXPORT, {**APRIL, "what": "patients"}))

    assert [(row["last_name"], row["email"], row["phone"]) for row in found] == [
        ("Quill", "ada@mail.example", "'+12025550101")
    ]


def test_a_name_is_never_a_formula(cast, manager):
    Patient.objects.filter(id=cast.ada.id).update(last_name='=HYPERLINK("https://evil.example")')
    book_ket6(cast)

    found = rows(manager.post(EXPORT, {**APRIL, "what": "patients"}))

    assert found[0]["last_name"] == '\'=HYPERLINK("https://evil.example")'


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        (-1, "-1"),
        (None, ""),
        ("O'Hara-Smith", "O'Hara-Smith"),
        ("2026-04-06", "2026-04-06"),
    ],
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(value, cell):
    assert guarded(value) == cell


def test_the_journal_says_who_took_what(cast, manager):
    manager.post(EXPORT, {**APRIL, "what": "patients"})

    entry = JournalEntry.objects.get(verb="data_exported")
    assert (entry.actor_id, entry.clinic_id, entry.at) == (cast.manager.id, cast.north.id, NOW)
    assert entry.after == {"what": "patients", "from": "2026-04-01", "to": "2026-04-30"}


@pytest.mark.parametrize(
    "changed", [{"what": "staff"}, {"from": ""}, {"to": "2027-05-01"}, {"to": "2026-03-01"}]
)
def test_what_makes_no_sense_takes_nothing_out_and_leaves_no_trace(cast, manager, changed):
    answer = manager.post(EXPORT, {**APRIL, "what": "sessions", **changed})

    assert (answer.status_code, JournalEntry.objects.count()) == (400, 0)


def test_only_a_manager_takes_data_out_and_only_by_pressing(cast, manager, clock):
    statuses = [
        at_the_desk(one).post(EXPORT, {**APRIL, "what": "sessions"}).status_code
        for one in (cast.desk, cast.ana, cast.prescriber)
    ]

    assert statuses == [403, 403, 403]
    assert manager.get(EXPORT).status_code == 405
    assert JournalEntry.objects.count() == 0


@pytest.mark.parametrize("what", ["sessions", "patients"])
def test_three_series_take_as_many_statements_as_one(cast, manager, what):
    book_ket6(cast)
    rows(manager.post(EXPORT, {**APRIL, "what": what}))
    counts = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as captured:
            rows(manager.post(EXPORT, {**APRIL, "what": what}))
        counts.append(len(captured))
        starts = [new_york(f"2026-04-{day} 1{number}:00") for day in ("06", "09", "13", "16", "20", "23")]
        book_ket6(cast, patient=make_patient(f"Pat{number}", "Vale", number=10 + number), starts=starts)

    assert counts[0] == counts[1]
