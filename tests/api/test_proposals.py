"""Other times, proposed by staff and answered by the patient, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bookings.models import Proposal, Session
from tests.api.conftest import Caller, Clock
from tests.api.counting import statements
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import NOW, Cast, new_york

MONDAY, TUESDAY = "2026-04-13T10:00:00-04:00", "2026-04-14T10:00:00-04:00"
BODY = {"moves": [{"number": 3, "start": TUESDAY}], "reason": "The clinic is closed that day."}


@pytest.fixture
def series(cast: Cast) -> Any:
    return book_ket6(cast)


def proposed(desk: Caller, series: Any, body: Any = BODY) -> dict[str, Any]:
    response = desk.post(f"series/{series.id}/proposals/", body)
    assert response.status_code == 201, response.json()
    answer: dict[str, Any] = response.json()
    return answer


def test_staff_propose_and_the_patient_sees_old_and_new_side_by_side(desk, ada, series, cast):
    made = proposed(desk, series)

    assert ada.get(f"proposals/{made['id']}/").json() == made
    assert made == {
        "id": made["id"],
        "series": str(series.id),
        "patient": str(cast.ada.id),
        "clinic": str(cast.north.id),
        "status": "open",
        "moves": [{"number": 3, "session": str(session(series, 3).id), "from": MONDAY, "to": TUESDAY}],
        "cancels": [],
        "manner": "append",
        "reason": "The clinic is closed that day.",
        "created_at": "2026-04-01T08:00:00-04:00",
        "expires_at": "2026-04-04T08:00:00-04:00",
        "decided_at": None,
    }


def test_accepting_answers_with_the_series_as_it_is_now(desk, ada, series):
    made = proposed(desk, series)

    answer = ada.post(f"proposals/{made['id']}/accept/")

    assert answer.status_code == 200
    assert [one["start"] for one in answer.json()["sessions"]][2] == TUESDAY
    assert ada.get(f"proposals/{made['id']}/").json()["status"] == "accepted"


def test_pressing_twice_with_one_key_is_pressing_once(desk, ada, series):
    path = f"proposals/{proposed(desk, series)['id']}/accept/"

    first, second = (ada.post(path, idempotency_key="one tap") for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert second["Idempotent-Replayed"] == "true"


def test_an_answer_that_comes_too_late_names_the_state(desk, ada, series, clock: Clock):
    path = f"proposals/{proposed(desk, series)['id']}/accept/"
    clock.forward(hours=72)

    response = ada.post(path)

    assert (response.status_code, response.json()["code"]) == (409, "wrong-state")
    assert (response.json()["state"], response.json()["allowed"]) == ("expired", [])


def test_declining_says_so(desk, ada, series):
    made = proposed(desk, series)

    answer = ada.post(f"proposals/{made['id']}/decline/", {"reason": "I work that day."})

    assert (answer.status_code, answer.json()["status"]) == (200, "declined")
    assert answer.json()["decided_at"] == "2026-04-01T08:00:00-04:00"
    assert starts_of(series)[2] == new_york("2026-04-13 10:00")


def test_by_status_an_open_one_past_its_time_is_expired(desk, ada, series, clock: Clock):
    made = proposed(desk, series)

    def listed(status: str) -> list[str]:
        return [one["id"] for one in ada.get("proposals/", status=status).json()["results"]]

    assert (listed("open"), listed("expired")) == ([made["id"]], [])
    clock.forward(hours=72)
    assert (listed("open"), listed("expired")) == ([], [made["id"]])


def test_the_same_number_of_queries_for_three_as_for_one(cast, desk):
    def propose(day: int) -> None:
        one = book_one(cast, new_york(f"2026-04-{day} 10:00"), patient=cast.bea)
        body = {"moves": [{"number": 1, "start": f"2026-04-{day}T13:00:00-04:00"}]}
        proposed(desk, one.series, body)

    propose(13)
    one = statements(lambda: desk.get("proposals/"))
    propose(20)
    propose(27)

    assert statements(lambda: desk.get("proposals/")) == one


@pytest.mark.parametrize("path", ["", "accept/", "decline/"])
def test_to_others_there_is_no_such_proposal(desk, bea, cy, series, path):
    made = proposed(desk, series)

    for other in (bea, cy):
        call = other.post if path else other.get
        assert call(f"proposals/{made['id']}/{path}").status_code == 404
        assert other.get("proposals/").json()["results"] == []
    assert Proposal.objects.get().status == "open"


def test_staff_of_another_clinic_propose_nothing(cy, series):
    assert cy.post(f"series/{series.id}/proposals/", BODY).status_code == 404
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"moves": []}, "moves"),
        ({"moves": BODY["moves"] * 2}, "moves"),
        ({"moves": [{"number": 3, "start": "2026-04-14T10:00:00"}]}, "moves.0.start"),
        ({"moves": [{"number": 9, "start": TUESDAY}]}, "moves"),
        ({**BODY, "expires_at": "2026-04-01T08:00:00-04:00"}, "expires_at"),
        ({"move": []}, "move"),
    ],
)
def test_a_malformed_body_names_the_field(desk, series, body, field):
    response = desk.post(f"series/{series.id}/proposals/", body)

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_what_breaks_a_rule_is_not_proposed(desk, series):
    friday = {"moves": [{"number": 3, "start": "2026-04-10T10:00:00-04:00"}]}

    response = desk.post(f"series/{series.id}/proposals/", friday)

    assert (response.status_code, response.json()["code"]) == (422, "spacing")
    assert Session.objects.filter(start__lt=NOW + timedelta(days=9)).count() == 2
