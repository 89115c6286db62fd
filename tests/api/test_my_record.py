"""Everything that is kept about a patient, as a file."""

from __future__ import annotations

import json

from bookings.commands.clearance import grant_clearance
from bookings.commands.escort import name_escort
from bookings.models import Patient
from tests.api.conftest import Caller
from tests.api.counting import statements
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import NOW, Cast, new_york


def test_it_has_every_part(cast: Cast, ada: Caller, desk: Caller):
    series = book_ket6(cast)
    name_escort(session(series, 1), name="Noor Quill", actor=cast.as_ada, now=NOW)
    ada.post("me/consents/", {"purpose": "texts", "wording": "Text me."})
    ada.post("waitlist/", {"clinic": "north", "protocol": "booster"})
    moves = [{"number": 3, "start": "2026-04-14T10:00:00-04:00"}]
    desk.post(f"series/{series.id}/proposals/", {"moves": moves})

    response = ada.get("me/record/")
    record = response.json()

    assert response["Content-Disposition"] == 'attachment; filename="my-record.json"'
    assert response["Cache-Control"] == "no-store"
    assert record["patient"]["email"] == "ada@mail.example"
    assert [one["wording"] for one in record["consents"]] == ["Text me."]
    assert [one["number"] for one in record["series"][0]["sessions"]] == [1, 2, 3, 4, 5, 6]
    assert record["series"][0]["protocol"] == "Ketamine, six sessions"
    assert record["series"][0]["sessions"][0]["escort_name"] == "Noor Quill"
    assert record["series"][0]["sessions"][0]["start"] == "2026-04-06T14:00:00+00:00"
    assert [one["protocol"] for one in record["waiting_list"]] == ["booster"]
    assert [one["status"] for one in record["proposals"]] == ["open"]
    assert sorted(one["verb"] for one in record["journal"]) == [
        "consent_given",
        "escort_named",
        "moves_proposed",
        "series_booked",
        "waiting_joined",
    ]


def test_staff_and_secrets_are_not_in_it(cast: Cast, ada: Caller):
    grant_clearance(
        cast.ada,
        protocol=cast.ket6,
        sessions=6,
        expires=new_york("2026-06-30 00:00").date(),
        actor=cast.as_prescriber,
        now=NOW,
    )
    book_one(
        cast, new_york("2026-04-04 10:00"), actor=cast.as_prescriber, override_reason="Came in on a Saturday."
    )

    record = json.dumps(ada.get("me/record/").json())

    assert "Came in on a Saturday." in record
    for person in (cast.desk, cast.prescriber):
        assert str(person.id) not in record
        assert person.last_name not in record
    assert "digest" not in record


def test_nothing_of_another_patient_is_in_it(cast: Cast, ada: Caller):
    book_ket6(cast)
    book_one(cast, new_york("2026-04-14 13:00"), patient=cast.bea)

    assert str(cast.bea.id) not in json.dumps(ada.get("me/record/").json())
    assert len(ada.get("me/record/").json()["series"]) == 1


def test_the_same_number_of_queries_however_much_there_is(cast: Cast, ada: Caller):
    book_one(cast, new_york("2026-04-14 13:00"))
    one = statements(lambda: ada.get("me/record/"))
    for day in ("16", "20"):
        book_one(cast, new_york(f"2026-04-{day} 13:00"))

    assert Patient.objects.get(id=cast.ada.id).series.count() == 3
    assert statements(lambda: ada.get("me/record/")) == one
