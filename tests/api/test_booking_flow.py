"""How somebody who is not known yet books a course: plan, hold, code, token, series."""

from __future__ import annotations

import pytest

from bookings import signals
from bookings.models import AccessToken, Claim, Hold, JournalEntry, LoginCode, Patient, Series
from tests.api.conftest import Caller
from tests.cast import Cast

PLAN = {"clinic": "north", "protocol": "ket6", "earliest": "2026-04-06"}


@pytest.fixture
def mailbox():
    """The codes that were sent, by contact."""
    sent: dict[str, str] = {}

    def receive(sender, *, contact, code, **_):
        sent[contact] = code

    signals.login_code_issued.connect(receive)
    yield sent
    signals.login_code_issued.disconnect(receive)


def test_a_stranger_plans_holds_signs_in_and_books(cast: Cast, anyone: Caller, mailbox):
    best = anyone.post("plans/", PLAN).json()["plans"][0]
    hold = anyone.post("holds/", {"clinic": "north", "protocol": "ket6", "sessions": best["sessions"]})
    asked = anyone.post("login-codes/", {"contact": "Nell@Mail.Example"})
    token = anyone.post(
        "tokens/",
        {
            "contact": "nell@mail.example",
            "code": mailbox["nell@mail.example"],
            "first_name": "Nell",
            "last_name": "Vance",
            "birth_date": "1991-05-06",
            "time_zone": "America/Chicago",
            "language": "es",
        },
    )
    nell = Caller(token.json()["token"])
    booked = nell.post(
        "series/", {"clinic": "north", "protocol": "ket6", "hold": hold.json()["id"]}, Idempotency_Key="n"
    )

    assert [hold.status_code, asked.status_code, token.status_code, booked.status_code] == [
        201,
        202,
        201,
        201,
    ]
    assert token.json()["role"] == "patient"
    patient = Patient.objects.get(email="nell@mail.example")
    assert (patient.first_name, patient.last_name, patient.birth_date.isoformat()) == (
        "Nell",
        "Vance",
        "1991-05-06",
    )
    assert (patient.time_zone, patient.language) == ("America/Chicago", "es")
    series = booked.json()
    assert series["patient"] == str(patient.id)
    assert [one["start"] for one in series["sessions"]] == [one["start"] for one in best["sessions"]]
    assert [one["number"] for one in series["sessions"]] == [1, 2, 3, 4, 5, 6]
    assert not Claim.objects.filter(hold__isnull=False).exists()
    assert Claim.objects.filter(patient=patient).count() == 6
    again = nell.get(f"series/{series['id']}/")
    assert again.json() == series
    assert again["ETag"] == booked["ETag"]
    verbs = ["hold_made", "patient_added", "signed_in", "series_booked"]
    assert list(JournalEntry.objects.order_by("id").values_list("verb", flat=True)) == verbs


def test_reading_writes_nothing(cast: Cast, anyone: Caller):
    anyone.post("plans/", PLAN)
    anyone.get("openings/", clinic="north", protocol="ket6")

    rows = [model.objects.count() for model in (Series, Hold, Claim, JournalEntry, LoginCode, AccessToken)]
    assert rows == [0, 0, 0, 0, 0, 0]


def test_booking_with_a_hold_alone_is_enough(cast: Cast, ada: Caller):
    best = ada.post("plans/", PLAN).json()["plans"][0]
    body = {
        "clinic": "north",
        "protocol": "ket6",
        "sessions": [{"start": s["start"]} for s in best["sessions"]],
    }
    hold = ada.post("holds/", body).json()

    booked = ada.post("series/", {"hold": hold["id"]})

    assert booked.status_code == 201
    assert booked["ETag"]
    assert booked.json()["status"] == "active"


def test_a_hold_that_was_given_back_books_nothing(cast: Cast, anyone: Caller, ada: Caller):
    best = anyone.post("plans/", PLAN).json()["plans"][0]
    hold = anyone.post("holds/", {"clinic": "north", "protocol": "ket6", "sessions": best["sessions"]}).json()

    assert anyone.delete(f"holds/{hold['id']}/").status_code == 204
    assert anyone.delete(f"holds/{hold['id']}/").status_code == 404
    assert ada.post("series/", {"hold": hold["id"]}).status_code == 404
    assert Series.objects.count() == 0


def test_a_hold_ends_by_time_though_no_worker_runs(cast: Cast, anyone: Caller, ada: Caller, clock):
    best = anyone.post("plans/", PLAN).json()["plans"][0]
    hold = anyone.post("holds/", {"clinic": "north", "protocol": "ket6", "sessions": best["sessions"]}).json()
    assert hold["expires_at"] == "2026-04-01T08:10:00-04:00"

    clock.forward(minutes=10)
    late = ada.post("series/", {"hold": hold["id"]})

    assert (late.status_code, late.json()["code"]) == (409, "hold-expired")
    assert late["Content-Type"] == "application/problem+json"
