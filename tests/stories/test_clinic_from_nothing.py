"""A manager sets up a clinic from nothing, through the API alone, and a patient is treated there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from bookings.models import StaffMember
from tests.api.conftest import Caller
from tests.cast import KET6, NOW

PASSWORD = "a long and private sentence"
WORKDAYS = {str(weekday): [{"opens": "09:00", "closes": "17:00"}] for weekday in range(1, 6)}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def first_manager(db):
    """Whoever installs the service makes one manager by Django's own command."""
    StaffMember.objects.create_superuser("manager@bay.example", PASSWORD, first_name="May", last_name="Bold")
    return signed_in("manager@bay.example")


def signed_in(email):
    answer = Caller().post("tokens/", {"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.json()
    return Caller(answer.json()["token"])


def done(response, status=201):
    assert response.status_code == status, response.json()
    return response.json()


def member(manager, role, first_name):
    body = {"first_name": first_name, "last_name": "Bay", "role": role, "password": PASSWORD}
    return done(manager.post("staff/", {**body, "email": f"{first_name.lower()}@bay.example"}))


def shifts(nurse, first, days):
    """Nine to five on each weekday, in the wall-clock of San Francisco in April."""
    every = (first + timedelta(days=number) for number in range(days))
    return [
        {"nurse": nurse["id"], "starts": f"{day}T09:00:00-07:00", "ends": f"{day}T17:00:00-07:00"}
        for day in every
        if day.isoweekday() < 6
    ]


def test_from_an_empty_database_to_a_booked_course(first_manager):
    manager, anyone = first_manager, Caller()
    clinic = done(
        manager.post("clinics/", {"slug": "bay", "name": "Bay", "time_zone": "America/Los_Angeles"})
    )
    query = {"clinic": "bay", "protocol": "ket6", "from": "2026-04-06", "to": "2026-04-06"}
    assert anyone.get("openings/", **query).status_code in (400, 404)

    done(manager.put("clinics/bay/hours/", WORKDAYS), 200)
    done(manager.post("clinics/bay/chairs/", {"name": "Window"}))
    done(manager.post("clinics/bay/chairs/", {"name": "Door"}))
    nurse = member(manager, "nurse", "Nora")
    member(manager, "prescriber", "Pat")
    member(manager, "front_desk", "Dan")
    desk, prescriber = signed_in("dan@bay.example"), signed_in("pat@bay.example")
    done(desk.post("clinics/bay/shifts/", shifts(nurse, date(2026, 4, 6), 28)))
    done(manager.post("protocols/", KET6))
    done(prescriber.post("protocols/ket6/sign/", {"version": 1}), 200)

    [offered] = done(anyone.get("protocols/", clinic="bay"), 200)["results"]
    assert (offered["slug"], offered["clinics"]) == ("ket6", [clinic["id"]])
    [day] = done(anyone.get("openings/", **query), 200)["days"]
    assert day["openings"][0] == {
        "start": "2026-04-06T09:00:00-07:00",
        "end": "2026-04-06T11:10:00-07:00",
        "chairs": 2,
    }
    # The patient leaves 130 minutes later, by the end of the day.
    assert day["openings"][-1]["start"] == "2026-04-06T14:45:00-07:00"

    patient = done(desk.post("patients/", {"first_name": "Ida", "last_name": "Brien"}))
    assert patient["time_zone"] == "America/Los_Angeles"
    plan = done(anyone.post("plans/", {"clinic": "bay", "protocol": "ket6", "earliest": "2026-04-06"}), 200)
    sessions = [{"start": session["start"]} for session in plan["plans"][0]["sessions"]]
    booking = {"patient": patient["id"], "clinic": "bay", "protocol": "ket6", "sessions": sessions}
    series = done(desk.post("series/", booking))
    assert (series["status"], len(series["sessions"])) == ("active", 6)

    first = series["sessions"][0]
    board = done(desk.get("clinics/bay/day/", date=first["start"][:10]), 200)
    assert [(one["id"], one["patient_name"]) for one in board["sessions"]] == [(first["id"], "Ida Brien")]
    assert max(point["exclusive"] + point["shared"] for point in board["nursing"]) == 1

    flood = {"starts": first["start"], "ends": first["end"], "reason": "Flood"}
    closed = done(desk.post("clinics/bay/closures/", flood))
    assert [one["id"] for one in closed["displaced"]] == [first["id"]]
    verbs = [row["verb"] for row in done(manager.get("journal/", limit=200), 200)["results"]]
    assert verbs[-1] in ("clinic_added", "signed_in")
    assert {"hours_changed", "chair_added", "shift_added", "protocol_signed", "closure_added"} <= set(verbs)


def test_an_opening_reopens_with_the_clinic(first_manager):
    manager, anyone = first_manager, Caller()
    done(manager.post("clinics/", {"slug": "bay", "name": "Bay", "time_zone": "America/Los_Angeles"}))
    done(manager.put("clinics/bay/hours/", WORKDAYS), 200)
    done(manager.post("clinics/bay/chairs/", {"name": "Window"}))
    nurse = member(manager, "nurse", "Nora")
    member(manager, "prescriber", "Pat")
    done(manager.post("clinics/bay/shifts/", shifts(nurse, date(2026, 4, 6), 1)))
    done(signed_in("pat@bay.example").post("protocols/", KET6))

    def openings():
        query = {"clinic": "bay", "protocol": "ket6", "from": "2026-04-06", "to": "2026-04-06"}
        return sum(len(day["openings"]) for day in done(anyone.get("openings/", **query), 200)["days"])

    before = openings()
    whole_day = {"starts": "2026-04-06T00:00:00-07:00", "ends": "2026-04-07T00:00:00-07:00", "reason": "x"}
    closure = done(manager.post("clinics/bay/closures/", whole_day))
    during = openings()
    manager.delete(f"clinics/bay/closures/{closure['id']}/")

    assert (before, during, openings()) == (24, 0, 24)
