"""Patients at the door: for staff alone."""

import pytest

from bookings.models import Patient
from tests.api.counting import statements
from tests.cast import make_patient

IDA = {
    "first_name": "Ida",
    "last_name": "Brien",
    "birth_date": "1980-02-29",
    "email": "Ida@Mail.example",
    "phone": "(202) 555-0142",
    "time_zone": "America/Chicago",
    "language": "es",
}


def found(caller, q):
    return [patient["first_name"] for patient in caller.get("patients/", q=q).json()["results"]]


def test_a_patient_is_added_and_found(desk):
    response = desk.post("patients/", IDA)

    answer = response.json()
    assert response.status_code == 201
    assert answer == {
        **IDA,
        "id": str(Patient.objects.get(last_name="Brien").id),
        "email": "ida@mail.example",
        "phone": "+12025550142",
    }
    assert desk.get(f"patients/{answer['id']}/").json() == answer
    assert found(desk, "ida bri") == found(desk, "0142") == found(desk, "1980-02-29") == ["Ida"]
    assert found(desk, "ida@mail") == found(desk, "BRIEN 2/29/1980") == ["Ida"]
    assert found(desk, "ida quill") == []


def test_everybody_in_order_of_their_names(desk):
    assert found(desk, "") == ["Ada", "Bea", "Carl"]


def test_the_zone_of_the_clinic_is_taken_for_the_patients(cy):
    answer = cy.post("patients/", {"first_name": "Ida", "last_name": "Brien"}).json()

    assert (answer["time_zone"], answer["language"], answer["birth_date"]) == ("America/Phoenix", "en", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"last_name": "\0"}, "last_name"),
        ({"last_name": None}, "last_name"),
        ({"birth_date": "29.2.1980"}, "birth_date"),
        ({"birth_date": "1979-02-29"}, "birth_date"),
        ({"birth_date": "2026-04-02"}, "birth_date"),
        ({"birth_date": "0001-01-01"}, "birth_date"),
        ({"email": "ida"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"phone": 2025550142}, "phone"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"language": "tlh"}, "language"),
        ({"diagnosis": "x"}, "diagnosis"),
        ({"version": 1}, "version"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(desk, change, field):
    response = desk.post("patients/", {**IDA, **change})

    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert Patient.objects.count() == 3


@pytest.mark.parametrize(
    "q", ["'", "\\", "a & b | !c", ":*", "%", "<->", "ˆ", "a" * 200, "1/1/99999", "99999-1-1", "+++", "🌊"]
)
def test_whatever_is_asked_for_is_answered(desk, q):
    assert desk.get("patients/", q=q).status_code == 200


@pytest.mark.parametrize("q", ["a" * 201, "a\0b"])
def test_what_nobody_is_called_is_refused(desk, q):
    assert desk.get("patients/", q=q).json()["errors"][0]["field"] == "q"


def test_a_patient_is_changed(desk, cast):
    tag = desk.get(f"patients/{cast.ada.id}/")["ETag"]

    answer = desk.patch(f"patients/{cast.ada.id}/", {"phone": "", "birth_date": None}, If_Match=tag)
    stale = desk.patch(f"patients/{cast.ada.id}/", {"language": "es"}, If_Match=tag)

    assert (answer.status_code, answer.json()["phone"], answer.json()["birth_date"]) == (200, "", None)
    assert answer.json()["email"] == "ada@mail.example"
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")


def test_patients_are_not_for_patients(anyone, ada, cast):
    for caller, status in ((anyone, 401), (ada, 403)):
        answers = [
            caller.get("patients/"),
            caller.post("patients/", IDA),
            caller.get(f"patients/{cast.ada.id}/"),
            caller.patch(f"patients/{cast.ada.id}/", {"language": "es"}),
            caller.get(f"patients/{cast.ada.id}/clearances/"),
        ]
        assert [answer.status_code for answer in answers] == [status] * 5


def test_the_same_key_adds_one_patient(desk):
    first, second = (desk.post("patients/", IDA, Idempotency_Key="k") for _ in range(2))

    assert first.json() == second.json()
    assert Patient.objects.filter(last_name="Brien").count() == 1


def test_a_list_of_three_takes_as_many_statements_as_one_of_one(desk, cast):
    one = statements(lambda: desk.get("patients/", q="ada"))
    make_patient("Ada", "Vale", number=7)
    make_patient("Ada", "Wren", number=8)

    assert statements(lambda: desk.get("patients/", q="ada")) == one
    assert len(found(desk, "ada")) == 3
