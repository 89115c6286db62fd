"""Consents over HTTP, given by patients and recorded by staff."""

from __future__ import annotations

import pytest

from bookings.models import Consent
from tests.api.conftest import Caller
from tests.cast import Cast

TEXTS = {"purpose": "texts", "wording": "Text me about my visits. Reply STOP to end.", "language": "en"}


def test_a_patient_agrees_and_reads_it_again(ada: Caller):
    made = ada.post("me/consents/", TEXTS)

    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        **TEXTS,
        "source": "api",
        "given_at": "2026-04-01T08:00:00-04:00",
        "withdrawn_at": None,
        "withdrawn_source": None,
    }
    assert ada.get("me/consents/").json()["results"] == [made.json()]


def test_without_a_language_it_is_the_patients(cast: Cast, ada: Caller):
    cast.ada.language = "es"
    cast.ada.save()

    body = {"purpose": "emails", "wording": "Escríbanme."}

    assert ada.post("me/consents/", body).json()["language"] == "es"


def test_withdrawn_it_stays_on_record(ada: Caller):
    ada.post("me/consents/", TEXTS)

    assert ada.delete("me/consents/texts/").status_code == 204
    (kept,) = ada.get("me/consents/").json()["results"]
    assert (kept["withdrawn_at"], kept["withdrawn_source"]) == ("2026-04-01T08:00:00-04:00", "api")


@pytest.mark.parametrize("purpose", ["texts", "marketing"])
def test_there_is_nothing_to_withdraw_where_nothing_was_given(ada: Caller, purpose: str):
    assert ada.delete(f"me/consents/{purpose}/").status_code == 404


def test_the_desk_records_and_withdraws(cast: Cast, desk: Caller, ada: Caller):
    path = f"patients/{cast.ada.id}/consents/"

    assert desk.post(path, TEXTS).json()["source"] == "desk"
    assert ada.get("me/consents/").json()["results"] == desk.get(path).json()["results"]
    assert desk.delete(f"{path}texts/").status_code == 204
    assert Consent.objects.get().withdrawn_source == "desk"


def test_one_patient_does_not_see_what_another_agreed_to(ada: Caller, bea: Caller):
    ada.post("me/consents/", TEXTS)

    assert bea.get("me/consents/").json()["results"] == []
    assert bea.delete("me/consents/texts/").status_code == 404
    assert Consent.objects.get().withdrawn_at is None


@pytest.mark.parametrize(
    ("change", "field"),
    [({"purpose": "marketing"}, "purpose"), ({"wording": ""}, "wording"), ({"language": "xx"}, "language")],
)
def test_a_malformed_body_names_the_field(ada: Caller, change: dict[str, str], field: str):
    response = ada.post("me/consents/", {**TEXTS, **change})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)
