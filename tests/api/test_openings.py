"""Openings over HTTP: the engine's answer in the clinic's own clock, through the right eyes."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import OpeningHours
from tests.api.conftest import Caller
from tests.cast import (
    KET6,
    Cast,
    make_chairs,
    make_clinic,
    make_protocol,
    make_shifts,
    make_version,
    new_york,
)

ASKED = {"clinic": "north", "protocol": "ket6"}


def days(caller: Caller, **query: Any) -> dict[str, list[dict[str, Any]]]:
    response = caller.get("openings/", **{**ASKED, **query})
    assert response.status_code == 200, response.json()
    return {day["date"]: day["openings"] for day in response.json()["days"]}


def starts(openings: list[dict[str, Any]]) -> list[str]:
    return [one["start"][11:16] for one in openings]


def book(caller: Caller, at: str, protocol: str = "booster") -> dict[str, Any]:
    body = {"clinic": "north", "protocol": protocol, "sessions": [{"start": new_york(at).isoformat()}]}
    response = caller.post("series/", body)
    assert response.status_code == 201, response.json()
    return response.json()


def test_a_day_is_said_in_the_clinics_own_offset(cast: Cast, anyone: Caller):
    found = days(anyone, **{"from": "2026-04-06", "to": "2026-04-07"})

    assert list(found) == ["2026-04-06", "2026-04-07"]
    assert found["2026-04-06"][0] == {
        "start": "2026-04-06T08:00:00-04:00",
        "end": "2026-04-06T10:10:00-04:00",
        "chairs": 3,
    }
    assert starts(found["2026-04-06"])[-1] == "14:45"  # done at 16:55
    assert starts(found["2026-04-06"]) == [
        f"{at // 60:02}:{at % 60:02}" for at in range(8 * 60, 14 * 60 + 46, 15)
    ]


def test_days_without_openings_are_there(cast: Cast, anyone: Caller):
    assert days(anyone, **{"from": "2026-04-04", "to": "2026-04-05"}) == {"2026-04-04": [], "2026-04-05": []}


def test_thirty_days_from_today_unless_said(cast: Cast, anyone: Caller):
    found = list(days(anyone))

    assert (found[0], found[-1], len(found)) == ("2026-04-01", "2026-04-30", 30)
    assert list(days(anyone, **{"from": "2026-04-20"}))[-1] == "2026-05-19"
    assert list(days(anyone, to="2026-04-02")) == ["2026-04-01", "2026-04-02"]


@pytest.mark.parametrize(("to", "status"), [("2026-07-01", 200), ("2026-07-02", 400), ("2026-03-31", 400)])
def test_ninety_two_days_at_most(cast: Cast, anyone: Caller, to: str, status: int):
    assert anyone.get("openings/", **{**ASKED, "from": "2026-04-01", "to": to}).status_code == status


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"clinic": ""}, 400, "clinic"),
        ({"clinic": "nowhere"}, 404, None),
        ({"clinic": "\x00"}, 400, "clinic"),
        ({"clinic": "01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f"}, 404, None),
        ({"protocol": "nothing"}, 404, None),
        ({"phase": "nonsense"}, 400, "phase"),
        ({"from": "2026-02-30"}, 400, "from"),
        ({"from": "9999-12-31"}, 400, "from"),
        ({"from": "0001-01-01"}, 400, "from"),
        ({"from": "2026-04-01T00:00:00Z"}, 400, "from"),
        ({"from": "٢٠٢٦-٠٤-٠١"}, 400, "from"),
        ({"to": "2100-12-31", "from": "2100-12-01"}, 200, None),
        ({"series": "12"}, 400, "series"),
        ({"series": "01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f"}, 404, None),
        ({"explain": "perhaps"}, 400, "explain"),
        ({"explain": "true"}, 401, None),
    ],
)
def test_questions_that_make_no_sense(cast: Cast, anyone: Caller, query, status: int, field: str | None):
    response = anyone.get("openings/", **{**ASKED, **query})

    assert response.status_code == status
    if field:
        assert response.json()["errors"][0]["field"] == field


def test_ids_do_as_well_as_slugs(cast: Cast, anyone: Caller):
    by_slug = days(anyone, **{"from": "2026-04-06", "to": "2026-04-06"})
    by_id = days(
        anyone,
        clinic=str(cast.north.id),
        protocol=str(cast.ket6.id),
        **{"from": "2026-04-06", "to": "2026-04-06"},
    )

    assert by_id == by_slug


def test_a_clinic_that_does_not_offer_the_treatment_has_no_openings_for_it(cast: Cast, anyone: Caller):
    cast.ket6.clinics.remove(cast.north)

    assert anyone.get("openings/", **ASKED).status_code == 404


def test_lead_time_and_horizon_bind_everybody_but_staff(cast, anyone: Caller, ada: Caller, desk: Caller):
    strict = {**KET6, "slug": "strict", "lead_time_hours": 24 * 7, "horizon_days": 20}
    make_protocol(strict, cast.north, signed_by=cast.prescriber)
    asked = {"protocol": "strict", "from": "2026-04-01", "to": "2026-04-30"}

    def open_dates(caller: Caller) -> list[str]:
        return [day for day, openings in days(caller, **asked).items() if openings]

    assert (open_dates(anyone)[0], open_dates(anyone)[-1]) == ("2026-04-08", "2026-04-21")
    assert open_dates(ada) == open_dates(anyone)
    assert (open_dates(desk)[0], open_dates(desk)[-1]) == ("2026-04-01", "2026-04-30")


def test_another_place_for_a_session_is_seen_through_the_rules_of_its_patient(
    cast: Cast, ada: Caller, desk: Caller
):
    series = book(ada, "2026-04-06 10:00")
    book(ada, "2026-04-13 10:00")
    session = series["sessions"][0]["id"]
    week = {"from": "2026-04-06", "to": "2026-04-17"}

    def open_dates(caller: Caller, **query: Any) -> list[str]:
        response = caller.get("openings/", **query, **week)
        return [day["date"][8:] for day in response.json()["days"] if day["openings"]]

    moved = open_dates(ada, session=session)
    assert moved == ["06", "07", "08", "09", "10", "15", "16", "17"]  # two days off the 13th
    assert open_dates(desk, session=session) == moved
    assert open_dates(ada, series=series["id"]) == ["08", "09", "10", "15", "16", "17"]


def test_a_session_is_not_in_its_own_way(cast: Cast, ada: Caller):
    series = book(ada, "2026-04-06 10:00")
    day = {"from": "2026-04-06", "to": "2026-04-06"}

    response = ada.get("openings/", session=series["sessions"][0]["id"], **day)

    assert response.json()["days"][0]["openings"][0]["chairs"] == 3


def test_the_series_must_be_for_what_is_asked(cast: Cast, ada: Caller):
    series = book(ada, "2026-04-06 10:00")

    assert ada.get("openings/", series=series["id"], clinic="west").status_code == 400
    assert ada.get("openings/", series=series["id"], clinic="north", protocol="booster").status_code == 200


def test_staff_see_why_a_start_is_refused(cast: Cast, desk: Caller, ada: Caller):
    day = {"from": "2026-04-06", "to": "2026-04-06", "explain": "true"}
    answer = desk.get("openings/", **ASKED, **day).json()

    refused = {one["start"][11:16]: one["violations"] for one in answer["refused"]}
    assert list(refused) == ["15:00", "15:15", "15:30", "15:45", "16:00", "16:15", "16:30", "16:45"]
    assert [one["rule"] for one in refused["15:00"]] == ["closed", "nursing"]  # Ana goes at 16:30
    assert set(refused["15:00"][0]) == {"rule", "sessions", "required", "actual", "detail"}
    assert ada.get("openings/", **ASKED, **day).status_code == 403


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("America/New_York", "2026-03-07", "2026-03-09"),
        ("America/New_York", "2026-10-31", "2026-11-02"),
        ("Australia/Lord_Howe", "2026-04-04", "2026-04-06"),
        ("Australia/Lord_Howe", "2026-10-03", "2026-10-05"),
        ("Europe/London", "2026-03-28", "2026-03-30"),
    ],
)
def test_offsets_are_right_on_every_change_of_clock(cast: Cast, anyone: Caller, clock, zone, first, last):
    """A clinic that never closes, so that every hour around the change is said."""
    clinic = make_clinic("allday", time_zone=zone, weekdays=range(1, 8), opens=time(0), closes=time(0))
    make_chairs(clinic, "A1")
    midnight = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(zone))
    make_shifts(
        clinic,
        cast.cy,
        time(0),
        time(23, 59),
        first=midnight.date() - timedelta(days=1),
        last=midnight.date() + timedelta(days=4),
        weekdays=range(1, 8),
    )
    cast.ket6.clinics.add(clinic)
    clock.set(midnight - timedelta(days=1))

    found = days(anyone, clinic="allday", **{"from": first, "to": last})

    said = [(one["start"], one["end"]) for openings in found.values() for one in openings]
    instants = [datetime.fromisoformat(start) for start, _ in said]
    assert len(said) > 150
    assert instants == sorted(set(instants))
    for start, end in said:
        began, ended = datetime.fromisoformat(start), datetime.fromisoformat(end)
        assert ended - began == timedelta(minutes=130)
        assert began.isoformat() == began.astimezone(ZoneInfo(zone)).isoformat()
        assert ended.isoformat() == ended.astimezone(ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize("booked", [1, 3])
def test_two_queries_however_much_is_booked(cast: Cast, anyone: Caller, desk: Caller, booked: int):
    patients = [cast.ada, cast.bea, cast.carl]
    for number in range(booked):
        body = {
            "clinic": "north",
            "protocol": "booster",
            "patient": str(patients[number].id),
            "sessions": [{"start": new_york(f"2026-04-{7 + number:02} 10:00").isoformat()}],
        }
        assert desk.post("series/", body).status_code == 201
    days(anyone)  # the roster and the protocols are known to the process now

    with CaptureQueriesContext(
        connection,
    ) as queries:
        days(anyone)

    assert len(queries) == 2  # the clinic with its version, and the diary


def test_a_change_of_hours_is_seen_at_once(cast: Cast, anyone: Caller):
    day = {"from": "2026-04-06", "to": "2026-04-06"}
    days(anyone, **day)
    OpeningHours.objects.filter(clinic=cast.north).update(opens=time(9))
    cast.north.roster_version += 1
    cast.north.save()

    assert starts(days(anyone, **day)["2026-04-06"])[0] == "09:00"


def test_an_unsigned_version_is_not_in_effect(cast: Cast, anyone: Caller):
    make_version(cast.ket6, {**KET6, "steps": [{**KET6["steps"][0], "minutes": 60}]}, signed_by=None)
    day = {"from": "2026-04-06", "to": "2026-04-06"}

    assert days(anyone, **day)["2026-04-06"][0]["end"] == "2026-04-06T10:10:00-04:00"
