"""Clearances at the door: a prescriber's to grant."""

import pytest

from bookings.commands.book import book_series
from bookings.models import Clearance
from tests.api.counting import statements
from tests.cast import NOW, new_york

BODY = {"protocol": "esketamine", "sessions": 8, "expires": "2026-04-29"}


@pytest.fixture
def requested(cast):
    days = ("04-06", "04-08", "04-13", "04-15", "04-20", "04-22", "04-27", "04-29")
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.esketamine,
        starts=[new_york(f"2026-{day} 09:00") for day in days],
        actor=cast.as_ada,
        now=NOW,
    )


def test_a_prescriber_clears_a_patient(prescriber, ada, cast, requested):
    response = prescriber.post(f"patients/{cast.ada.id}/clearances/", BODY)

    answer = response.json()
    assert response.status_code == 201
    assert answer == {
        "id": str(Clearance.objects.get().id),
        "patient": str(cast.ada.id),
        "protocol": str(cast.esketamine.id),
        "sessions": 8,
        "expires": "2026-04-29",
        "granted_by": str(cast.prescriber.id),
        "granted_at": "2026-04-01T08:00:00-04:00",
        "series": [str(requested.id)],
    }
    assert ada.get(f"series/{requested.id}/").json()["status"] == "active"
    assert prescriber.get(f"patients/{cast.ada.id}/clearances/").json()["results"] == [answer]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"protocol": "none"}, "protocol"),
        ({"protocol": "a\0"}, "protocol"),
        ({"sessions": 0}, "sessions"),
        ({"sessions": 10**12}, "sessions"),
        ({"expires": "2026-03-31"}, "expires"),
        ({"expires": "2200-01-01"}, "expires"),
        ({"expires": "soon"}, "expires"),
        ({"why": "x"}, "why"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(prescriber, cast, change, field):
    response = prescriber.post(f"patients/{cast.ada.id}/clearances/", {**BODY, **change})

    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, [field])


@pytest.mark.parametrize("who", ["ada", "desk", "ana", "manager"])
def test_nobody_else_clears(request, cast, who):
    response = request.getfixturevalue(who).post(f"patients/{cast.ada.id}/clearances/", BODY)

    assert (response.status_code, Clearance.objects.count()) == (403, 0)


def test_a_patient_nobody_knows_is_not_found(prescriber):
    response = prescriber.post("patients/019d1c9e-6a00-7000-8000-000000000002/clearances/", BODY)

    assert response.status_code == 404


def test_a_list_of_three_takes_as_many_statements_as_one_of_one(prescriber, cast, requested):
    address = f"patients/{cast.ada.id}/clearances/"
    prescriber.post(address, BODY)
    one = statements(lambda: prescriber.get(address))
    prescriber.post(address, BODY)
    prescriber.post(address, BODY)

    assert statements(lambda: prescriber.get(address)) == one
