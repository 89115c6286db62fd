"""Staff add patients and change them; and find them again."""

from datetime import date

import pytest
from django.db import connection

from bookings.commands.patients import add_patient, change_patient
from bookings.errors import Stale
from bookings.models import JournalEntry, Patient
from bookings.queries.patients import patients
from tests.cast import NOW

IDA = {
    "first_name": "Ida María",
    "last_name": "O'Brien-Solís",
    "birth_date": date(1980, 2, 29),
    "email": "ida.obrien@mail.example",
    "phone": "+14105550142",
    "time_zone": "America/New_York",
    "language": "es",
}


@pytest.fixture
def ida(cast):
    return add_patient(details=IDA, actor=cast.as_desk, now=NOW)


def test_a_patient_is_written_down(cast, ida):
    row = JournalEntry.objects.get()

    assert (row.verb, row.patient, row.after["birth_date"]) == ("patient_added", ida, "1980-02-29")


def test_families_share_contacts(cast, ida):
    add_patient(details={**IDA, "first_name": "Max"}, actor=cast.as_desk, now=NOW)

    assert Patient.objects.filter(phone=IDA["phone"]).count() == 2


def test_a_change_says_only_what_changed(cast, ida):
    changed = change_patient(
        ida, changes={"language": "en", "email": IDA["email"]}, actor=cast.as_desk, now=NOW
    )

    assert (changed.language, changed.version) == ("en", 2)
    row = JournalEntry.objects.get(verb="patient_changed")
    assert (row.before, row.after) == ({"language": "es"}, {"language": "en"})


def test_a_change_on_top_of_an_old_version_is_stale(cast, ida):
    change_patient(ida, changes={"language": "en"}, if_version=1, actor=cast.as_desk, now=NOW)

    with pytest.raises(Stale):
        change_patient(ida, changes={"phone": ""}, if_version=1, actor=cast.as_desk, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "ida",
        "MARIA",
        "maría ob",
        "solis",
        "o'brien",
        "obrien ida",
        "O'Brien-Sol",
        "ida.ob",
        "ida.obrien@mail.example",
        "+14105550142",
        "(410) 555-0142",
        "1 410 555",
        "410555",
        "5550142",
        "0142",
        "1980-02-29",
        "2/29/1980",
        "solis 2/29/1980",
    ],
)
def test_a_patient_is_found_by(ida, text):
    assert list(patients(text)) == [ida]


@pytest.mark.parametrize(
    "text",
    [
        "da",
        "ida quill",
        "brien@mail",
        "4105550143",
        "550142",
        "1980-02-28",
        "1980-02-30",
        "13/13/1980",
        "ida 1980-03-01",
        "' | ida",
        "ida:* | ada",
        "\\",
        "!ida",
    ],
)
def test_a_patient_is_not_found_by(ida, text):
    assert list(patients(text)) == []


def test_nothing_asked_for_is_everybody(ida):
    assert patients("").count() == patients("   ").count() == 4


@pytest.mark.parametrize("text", ["ida obr", "0142", "ida.ob"])
def test_words_are_looked_up_in_an_index(ida, text):
    with connection.cursor() as cursor:
        # Four rows are read faster in whatever other way; a hundred thousand are not.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")

    assert "patient_by_words" in patients(text).order_by().explain()
