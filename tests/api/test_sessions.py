"""Sessions and series over HTTP: what is said of them, and the verbs of their life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import JournalEntry, SessionStatus
from tests.api.conftest import Caller
from tests.cast import MONDAYS_AND_THURSDAYS, Cast, new_york, phoenix


def book(caller: Caller, at: str, *, clinic: str = "north", **more: Any) -> dict[str, Any]:
    start = (new_york if clinic == "north" else phoenix)(at).isoformat()
    body = {"clinic": clinic, "protocol": "booster", "sessions": [{"start": start}], **more}
    response = caller.post("series/", body)
    assert response.status_code == 201, response.json()
    return response.json()["sessions"][0]


@pytest.fixture
def session(cast: Cast, ada: Caller) -> dict[str, Any]:
    """Ada's session on Monday the 6th at 10:00."""
    return book(ada, "2026-04-06 10:00")


def test_a_session_says_all_of_itself(cast: Cast, ada: Caller, session: dict[str, Any]):
    assert ada.get(f"sessions/{session['id']}/").json() == {
        "id": session["id"],
        "series": session["series"],
        "number": 1,
        "of": 1,
        "patient": str(cast.ada.id),
        "clinic": str(cast.north.id),
        "chair": {"id": str(cast.n1.id), "name": "N1"},
        "status": "booked",
        "start": "2026-04-06T10:00:00-04:00",
        "end": "2026-04-06T12:10:00-04:00",
        "chair_until": "2026-04-06T12:30:00-04:00",
        "steps": [
            {"name": "check-in", "start": "2026-04-06T10:00:00-04:00", "end": "2026-04-06T10:15:00-04:00"},
            {"name": "set-up", "start": "2026-04-06T10:15:00-04:00", "end": "2026-04-06T10:30:00-04:00"},
            {"name": "infusion", "start": "2026-04-06T10:30:00-04:00", "end": "2026-04-06T11:10:00-04:00"},
            {"name": "recovery", "start": "2026-04-06T11:10:00-04:00", "end": "2026-04-06T12:10:00-04:00"},
            {"name": "turnover", "start": "2026-04-06T12:10:00-04:00", "end": "2026-04-06T12:30:00-04:00"},
        ],
        "allowed": ["confirm", "move", "cancel"],
        "overrides": [],
        "escort": None,
    }


def test_a_series_says_all_of_itself(cast: Cast, ada: Caller):
    body = {
        "clinic": "north",
        "protocol": "ket6",
        "sessions": [{"start": at.isoformat()} for at in MONDAYS_AND_THURSDAYS],
    }
    series = ada.post("series/", body).json()

    assert {name: series[name] for name in series if name not in ("id", "sessions")} == {
        "patient": str(cast.ada.id),
        "clinic": str(cast.north.id),
        "protocol": str(cast.ket6.id),
        "protocol_version": 1,
        "phase": "induction",
        "status": "active",
    }
    assert [(one["number"], one["of"], one["start"][:16]) for one in series["sessions"]] == [
        (number, 6, at.isoformat()[:16]) for number, at in enumerate(MONDAYS_AND_THURSDAYS, start=1)
    ]


def test_the_life_of_a_session(cast: Cast, ada: Caller, desk: Caller, ana: Caller, session, clock):
    address = f"sessions/{session['id']}/"
    steps = [
        (ada, "confirm", {}, "confirmed"),
        (desk, "check-in", {}, "arrived"),
        (ana, "start", {}, "infusing"),
        (ana, "recover", {}, "recovering"),
        (ana, "complete", {"escort": True}, "completed"),
    ]
    clock.set(new_york("2026-04-06 10:00"))
    for caller, verb, body, status in steps:
        answer = caller.post(f"{address}{verb}/", body)
        assert (answer.status_code, answer.json()["status"]) == (200, status)

    assert ada.get(f"series/{session['series']}/").json()["status"] == "completed"
    verbs = JournalEntry.objects.filter(session=session["id"]).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [
        "session_confirmed",
        "session_arrived",
        "session_infusing",
        "session_recovering",
        "session_completed",
    ]


def test_a_visit_does_not_end_without_an_escort(cast: Cast, desk: Caller, prescriber: Caller, session, clock):
    address = f"sessions/{session['id']}/"
    clock.set(new_york("2026-04-06 10:00"))
    for verb in ("check-in", "start", "recover"):
        desk.post(f"{address}{verb}/")

    alone = desk.post(f"{address}complete/")
    overridden = prescriber.post(f"{address}complete/", {"override": {"reason": "Lives next door."}})

    assert (alone.status_code, alone.json()["errors"][0]["field"]) == (400, "escort")
    assert overridden.json()["status"] == "completed"
    (remembered,) = overridden.json()["overrides"]
    assert (remembered["rule"], remembered["reason"]) == ("escort", "Lives next door.")


@pytest.mark.parametrize(("minutes", "status"), [(14, 409), (15, 200)])
def test_a_visit_is_missed_a_quarter_of_an_hour_after_its_start(
    desk: Caller, session, clock, minutes: int, status: int
):
    clock.set(new_york("2026-04-06 10:00") + timedelta(minutes=minutes))
    allowed = desk.get(f"sessions/{session['id']}/").json()["allowed"]

    assert ("no-show" in allowed) == (status == 200)
    assert desk.post(f"sessions/{session['id']}/no-show/").status_code == status


def test_undo_goes_one_step_back(desk: Caller, session):
    address = f"sessions/{session['id']}/"
    desk.post(f"{address}cancel/", {"reason": "Wrong one."})

    back = desk.post(f"{address}undo/")
    again = desk.post(f"{address}undo/")

    assert (back.status_code, back.json()["status"]) == (200, "booked")
    assert (again.status_code, again.json()["code"]) == (409, "wrong-state")


def test_undo_does_not_take_a_place_that_others_have(cast: Cast, desk: Caller, session):
    desk.post(f"sessions/{session['id']}/cancel/")
    for patient in (cast.bea, cast.carl):
        book(desk, "2026-04-06 10:00", patient=str(patient.id))

    answer = desk.post(f"sessions/{session['id']}/undo/")

    assert (answer.status_code, answer.json()["code"]) == (409, "taken")
    assert desk.get(f"sessions/{session['id']}/").json()["status"] == "cancelled"


def test_a_session_moves_to_another_time_and_chair(cast: Cast, ada: Caller, desk: Caller, session):
    address = f"sessions/{session['id']}/"
    moved = ada.post(f"{address}move/", {"start": "2026-04-08T15:30:00Z"}).json()
    seated = desk.post(f"{address}move/", {"start": moved["start"], "chair": str(cast.n3.id)}).json()

    assert (moved["start"], moved["id"]) == ("2026-04-08T11:30:00-04:00", session["id"])
    assert seated["chair"] == {"id": str(cast.n3.id), "name": "N3"}


def test_a_chair_of_another_clinic_is_none_here(cast: Cast, desk: Caller, session):
    body = {"start": session["start"], "chair": str(cast.w1.id)}

    assert desk.post(f"sessions/{session['id']}/move/", body).status_code == 404


@pytest.mark.parametrize(("hours", "allowed"), [(24, ["confirm", "move", "cancel"]), (23.99, ["confirm"])])
def test_patients_change_a_visit_until_the_cut_off(ada: Caller, desk: Caller, session, clock, hours, allowed):
    clock.set(new_york("2026-04-06 10:00") - timedelta(hours=hours))
    address = f"sessions/{session['id']}/"
    seen = ada.get(address).json()["allowed"]
    moved = ada.post(f"{address}move/", {"start": "2026-04-09T11:00:00-04:00"})

    assert seen == allowed
    assert (moved.status_code == 200) == ("move" in allowed)
    if "move" not in allowed:
        assert (moved.status_code, moved.json()["code"]) == (422, "not-offered")
        assert moved.json()["violations"][0]["rule"] == "lead_time"
        assert desk.post(f"{address}move/", {"start": "2026-04-09T11:00:00-04:00"}).status_code == 200


def test_a_series_is_cancelled_as_a_whole(cast: Cast, ada: Caller):
    body = {
        "clinic": "north",
        "protocol": "ket6",
        "sessions": [{"start": at.isoformat()} for at in MONDAYS_AND_THURSDAYS],
    }
    series = ada.post("series/", body).json()

    answer = ada.post(f"series/{series['id']}/cancel/", {"reason": "Moving away."})
    again = ada.post(f"series/{series['id']}/cancel/")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert {one["status"] for one in answer.json()["sessions"]} == {"cancelled"}
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (
        409,
        "wrong-state",
        "cancelled",
    )


# --- lists ------------------------------------------------------------------------------------------


def listed(caller: Caller, **query: str) -> list[str]:
    response = caller.get("sessions/", **query)
    assert response.status_code == 200, response.json()
    return [one["start"][5:16] for one in response.json()["results"]]


def test_sessions_by_date_status_patient_series_and_clinic(
    cast: Cast, ada: Caller, bea: Caller, desk: Caller
):
    first = book(ada, "2026-04-06 10:00")
    book(ada, "2026-04-08 14:45")
    book(bea, "2026-04-08 08:00", clinic="west")
    desk.post(f"sessions/{first['id']}/confirm/")

    assert listed(desk) == ["04-06T10:00", "04-08T08:00", "04-08T14:45"]
    assert listed(desk, **{"from": "2026-04-07"}) == ["04-08T08:00", "04-08T14:45"]
    assert listed(desk, to="2026-04-06") == ["04-06T10:00"]
    assert listed(desk, **{"from": "2026-04-08", "to": "2026-04-08"}) == ["04-08T08:00", "04-08T14:45"]
    assert listed(desk, clinic="west") == ["04-08T08:00"]
    assert listed(desk, clinic=str(cast.north.id)) == ["04-06T10:00", "04-08T14:45"]
    assert listed(desk, status="confirmed") == ["04-06T10:00"]
    assert listed(desk, status="confirmed,booked") == ["04-06T10:00", "04-08T08:00", "04-08T14:45"]
    assert listed(desk, patient=str(cast.bea.id)) == ["04-08T08:00"]
    assert listed(desk, series=first["series"]) == ["04-06T10:00"]
    assert listed(ada, clinic="west") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"clinic": "nowhere"}, 404),
        ({"status": "asleep"}, 400),
        ({"patient": "12"}, 400),
        ({"series": "\x00"}, 400),
        ({"from": "yesterday"}, 400),
        ({"from": "2026-04-08", "to": "2026-04-07"}, 400),
    ],
)
def test_filters_that_make_no_sense(cast: Cast, desk: Caller, query: dict[str, str], status: int):
    assert desk.get("sessions/", **query).status_code == status


@pytest.mark.parametrize("path", ["sessions/", "series/"])
def test_lists_take_as_many_queries_for_three_as_for_one(cast: Cast, ada: Caller, desk: Caller, path: str):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert desk.get(path, clinic="north").status_code == 200
        return len(counted)

    book(ada, "2026-04-06 10:00")
    queries()
    one = queries()
    book(ada, "2026-04-08 10:00")
    book(ada, "2026-04-10 10:00")

    assert queries() == one
    assert one == 5  # who asks, the clinic, the rows, what hangs on them, and who has looked


def test_every_state_is_one_of_the_models(cast: Cast, desk: Caller):
    assert desk.get("sessions/", status=",".join(SessionStatus.values)).status_code == 200
