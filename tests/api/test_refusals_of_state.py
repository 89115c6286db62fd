"""Refusals because of how things stand, not where they would be: wrong state, stale, busy, malformed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from bookings.locking import roster_lock
from bookings.models import Session
from tests.api.conftest import Caller, caller_for
from tests.api.refusing import book, booster, facts, ket6, refusal, starts
from tests.cast import MONDAYS_AND_THURSDAYS, Cast, make_cast, new_york
from tests.threads import in_another_thread

# --- wrong state, stale, busy -----------------------------------------------------------------------


def test_wrong_state_names_the_state_and_the_verbs(cast: Cast, ada: Caller, desk: Caller):
    session = book(ada, booster(new_york("2026-04-06 10:00")))["sessions"][0]

    problem = refusal(desk.post(f"sessions/{session['id']}/complete/", {"escort": True}), 409, "wrong-state")

    assert facts(problem) == {"state", "allowed"}
    assert problem["state"] == "booked"
    assert problem["allowed"] == ["confirm", "move", "cancel", "check-in"]  # it is too early for a no-show


def test_a_patient_is_not_told_of_verbs_that_are_not_theirs(cast: Cast, ada: Caller):
    session = book(ada, booster(new_york("2026-04-06 10:00")))["sessions"][0]
    ada.post(f"sessions/{session['id']}/confirm/")

    problem = refusal(ada.post(f"sessions/{session['id']}/confirm/"), 409, "wrong-state")

    assert (problem["state"], problem["allowed"]) == ("confirmed", ["move", "cancel"])


def test_a_stale_if_match_is_refused_and_changes_nothing(cast: Cast, ada: Caller):
    session = book(ada, booster(new_york("2026-04-06 10:00")))["sessions"][0]
    address = f"sessions/{session['id']}/"
    seen = ada.get(address)["ETag"]
    confirmed = ada.post(f"{address}confirm/", If_Match=seen)

    problem = refusal(ada.post(f"{address}cancel/", If_Match=seen), 412, "stale")

    assert facts(problem) == {"version"}
    assert ada.get(address).json()["status"] == "confirmed"
    assert ada.post(f"{address}cancel/", If_Match=confirmed["ETag"]).json()["status"] == "cancelled"


def test_a_database_that_is_away_is_busy(cast: Cast, desk: Caller, monkeypatch):
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("rest_framework.views.APIView.perform_authentication", away)
    response = desk.get("series/")

    assert refusal(response, 503, "busy")["code"] == "busy"
    assert response["Retry-After"] == "1"


def test_a_day_that_others_write_on_for_long_is_busy(transactional_db, clock):
    """Somebody else holds the roster's lock: the answer comes after the lock timeout, as 503."""
    cast = make_cast()
    ada = caller_for(cast.ada)
    with roster_lock(cast.north.id):
        response = in_another_thread(lambda: ada.post("series/", booster(new_york("2026-04-06 10:00"))))
    connection.close()

    assert refusal(response, 503, "busy")["retry_after"] == 1
    assert response["Retry-After"] == "1"
    assert Session.objects.count() == 0


# --- malformed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"clinic": "north", "protocol": "ket6"}, "sessions"),
        ({"protocol": "ket6", "sessions": starts(MONDAYS_AND_THURSDAYS[0])}, "clinic"),
        (ket6(MONDAYS_AND_THURSDAYS[0]), "sessions"),  # one of six
        (ket6(*MONDAYS_AND_THURSDAYS, phase="nonsense"), "phase"),
        (ket6(*MONDAYS_AND_THURSDAYS, colour="blue"), "colour"),
        (ket6(*MONDAYS_AND_THURSDAYS, override={}), "override.reason"),
        (ket6(*MONDAYS_AND_THURSDAYS, hold="0198"), "hold"),
        ({**ket6(), "sessions": [{"start": "2026-04-06T10:00:00"}]}, "sessions.0.start"),
        ({**ket6(), "sessions": [{"start": "2026-04-06T10:00:30-04:00"}]}, "sessions.0.start"),
        ({**ket6(), "sessions": [{"start": "9999-12-31T23:59:00+00:00"}]}, "sessions.0.start"),
        ({**ket6(), "sessions": []}, "sessions"),
        ({**ket6(), "sessions": starts(*[MONDAYS_AND_THURSDAYS[0]] * 60)}, "sessions"),
        ({**ket6(), "sessions": "tomorrow"}, "sessions"),
    ],
)
def test_malformed_bodies_name_the_field(cast: Cast, ada: Caller, body: dict[str, Any], field: str):
    problem = refusal(ada.post("series/", body), 400, "invalid")

    assert facts(problem) == {"errors"}
    assert [one["field"] for one in problem["errors"]] == [field]
    assert all(one["detail"] for one in problem["errors"])
