"""One plan for all that a closure displaces, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bookings.commands.move import move_session
from bookings.commands.repairs import draw_up_next
from bookings.models import Claim, Repair, Series
from tests.api.conftest import Caller
from tests.bookings.repair_scenes import april, close_monday, drawn_up, places_of, plan_of, three_series
from tests.bookings.scenes import session
from tests.cast import NOW, Cast

MONDAY = {"from": "2026-04-13", "to": "2026-04-13"}
PATH = "clinics/north/repairs/"


@pytest.fixture
def made(cast: Cast) -> list[Series]:
    return three_series(cast)


@pytest.fixture
def plan(cast: Cast, made: list[Series]) -> Repair:
    """Ada's and Bea's third sessions a day later."""
    ada, bea, _carl = made
    return plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})


def test_asking_is_answered_at_once_and_the_plan_comes_from_a_worker(cast: Cast, desk: Caller, made):
    close_monday(cast)

    asked = desk.post(PATH, MONDAY)

    assert asked.status_code == 202
    assert asked.json() == {
        "id": asked.json()["id"],
        "clinic": str(cast.north.id),
        "status": "drawing_up",
        "sessions": sorted(str(session(one, 3).id) for one in made),
        "created_at": "2026-04-01T08:00:00-04:00",
        "drawn_up_at": None,
        "expires_at": None,
        "figures": None,
        "error": "",
    }
    assert desk.get(f"{PATH}{asked.json()['id']}/").json()["series"] == []

    draw_up_next(now=NOW)

    ready = desk.get(f"{PATH}{asked.json()['id']}/").json()
    assert (ready["status"], ready["figures"]["proven"]) == ("ready", True)
    assert [(one["series"], one["state"]) for one in ready["series"]] == [
        (str(one.id), "open") for one in made
    ]
    assert [one["id"] for one in desk.get(PATH).json()["results"]] == [asked.json()["id"]]


def test_a_plan_says_of_each_series_what_would_change(cast: Cast, desk: Caller, plan: Repair, made):
    ada = made[0]

    first, _second = desk.get(f"{PATH}{plan.id}/").json()["series"]

    assert first == {
        "series": str(ada.id),
        "patient": str(cast.ada.id),
        "phone": cast.ada.phone,
        "state": "open",
        "proposal": None,
        "moves": [
            {
                "number": 3,
                "from": "2026-04-13T08:00:00-04:00",
                "to": "2026-04-14T08:00:00-04:00",
                "chair": "N1",
                "days": 1,
                "minutes": 1440,
            }
        ],
        "left": [],
        "gaps_before": [3, 4, 3, 4, 3],
        "gaps_after": [3, 5, 2, 4, 3],
        "violations": [],
    }


def test_some_are_moved_and_some_are_asked_in_one_step(desk: Caller, plan: Repair, made):
    ada, bea, _carl = made

    answer = desk.post(f"{PATH}{plan.id}/apply/", {"move": [str(ada.id)], "offer": [str(bea.id)]})

    assert (answer.status_code, answer.json()["status"]) == (200, "done")
    assert [one["state"] for one in answer.json()["series"]] == ["moved", "offered"]
    offered = desk.get(f"proposals/{answer.json()['series'][1]['proposal']}/").json()
    assert (offered["series"], offered["status"]) == (str(bea.id), "open")
    assert [places_of(one)[2][0] for one in (ada, bea)] == ["14 08:00", "13 11:00"]


def test_pressing_twice_with_one_key_is_pressing_once(desk: Caller, plan: Repair, made):
    path, body = f"{PATH}{plan.id}/apply/", {"move": [str(made[0].id)]}

    first, second = (desk.post(path, body, idempotency_key="once") for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert (second["Idempotent-Replayed"], second.json()) == ("true", first.json())


def test_whoever_read_an_older_version_is_told(desk: Caller, plan: Repair, made):
    seen = desk.get(f"{PATH}{plan.id}/")["ETag"]
    path = f"{PATH}{plan.id}/apply/"

    first = desk.post(path, {"move": [str(made[0].id)]}, if_match=seen)
    second = desk.post(path, {"move": [str(made[1].id)]}, if_match=seen)

    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 412, "stale")


def test_who_cannot_be_is_named_and_nothing_is_done(cast: Cast, desk: Caller, plan: Repair, made):
    ada, bea, _carl = made
    move_session(session(ada, 3), start=april("13 08:15"), actor=cast.as_desk, now=NOW)
    before = Claim.objects.count()

    refused = desk.post(f"{PATH}{plan.id}/apply/", {"move": [str(ada.id), str(bea.id)]})

    assert refused.status_code == 409
    assert refused.json() == {
        "type": "urn:cadence:problem:not-together",
        "title": "Not all of these can be carried out together",
        "status": 409,
        "detail": "Not all of these can be carried out together. Nothing was changed.",
        "code": "not-together",
        "series": [
            {
                "series": str(ada.id),
                "detail": "Its visits are no longer where they were when the plan was drawn up.",
                "violations": [],
                "depends_on": [],
            }
        ],
        "possible": [str(bea.id)],
    }
    assert (places_of(bea)[2][0], Claim.objects.count()) == ("13 11:00", before)


def test_an_outdated_plan_says_so_and_is_not_carried_out(desk: Caller, plan: Repair, made, clock):
    clock.forward(hours=24)

    assert desk.get(f"{PATH}{plan.id}/").json()["status"] == "outdated"
    refused = desk.post(f"{PATH}{plan.id}/apply/", {"move": [str(made[0].id)]})
    assert (refused.json()["code"], refused.json()["state"]) == ("wrong-state", "outdated")


def test_where_everything_fits_there_is_nothing_to_ask_for(desk: Caller, made):
    refused = desk.post(PATH, {})

    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")


@pytest.mark.parametrize("body", [{"sessions": []}, {"sessions": ["x"]}, {"from": "soon"}, {"to": 3}])
def test_what_makes_no_sense_is_refused(desk: Caller, made, body: dict[str, Any]):
    assert desk.post(PATH, body).json()["code"] == "invalid"


def test_a_plan_is_seen_by_those_who_work_there_alone(cast: Cast, plan: Repair, cy: Caller, ada: Caller):
    for path in (PATH, f"{PATH}{plan.id}/"):
        assert (cy.get(path).status_code, ada.get(path).status_code) == (404, 403)
    assert cy.get(f"clinics/west/repairs/{plan.id}/").status_code == 404


def test_a_plan_is_listed_newest_first(cast: Cast, desk: Caller, plan: Repair, made):
    close_monday(cast)
    newer = drawn_up(cast, now=NOW + timedelta(hours=1))

    assert [one["id"] for one in desk.get(PATH).json()["results"]] == [str(newer.id), str(plan.id)]
