"""Planning what is left of a series anew, over HTTP."""

from __future__ import annotations

from tests.api.conftest import Caller
from tests.cast import MONDAYS_AND_THURSDAYS, Cast, new_york


def test_what_is_left_of_a_series_is_planned_anew(cast: Cast, ada: Caller, desk: Caller, clock):
    body = {
        "clinic": "north",
        "protocol": "ket6",
        "sessions": [{"start": at.isoformat()} for at in MONDAYS_AND_THURSDAYS],
    }
    series = ada.post("series/", body).json()
    third = series["sessions"][2]
    clock.set(new_york("2026-04-13 10:15"))
    assert desk.post(f"sessions/{third['id']}/no-show/").status_code == 200

    proposed = ada.post(f"series/{series['id']}/replan/").json()
    planned = ada.post("plans/", {"series": series["id"], "limit": 1}).json()
    unchanged = ada.get(f"series/{series['id']}/").json()
    applied = ada.post(f"series/{series['id']}/replan/", {"apply": True}).json()

    assert "series" not in proposed
    assert planned["plans"] == proposed["plans"][:1]
    assert len(unchanged["sessions"]) == 6
    (made_up,) = proposed["plans"][0]["moves"]
    assert (made_up["number"], made_up["from"]) == (7, None)
    assert applied["plans"] == proposed["plans"][:1]
    assert applied["series"]["sessions"][-1]["start"] == made_up["to"]
    assert applied["series"]["sessions"][-1]["number"] == 7
    assert [one["of"] for one in applied["series"]["sessions"]] == [6] * 7


def test_the_first_session_that_may_move_is_named_by_its_number_or_its_id(
    cast: Cast, ada: Caller, bea: Caller
):
    starts = [{"start": at.isoformat()} for at in MONDAYS_AND_THURSDAYS]
    series = ada.post("series/", {"clinic": "north", "protocol": "ket6", "sessions": starts}).json()
    fifth = series["sessions"][4]["id"]
    start = {"start": new_york("2026-04-08 14:45").isoformat()}
    other = bea.post("series/", {"clinic": "north", "protocol": "booster", "sessions": [start]}).json()
    theirs = other["sessions"][0]["id"]
    address, wish = f"series/{series['id']}/replan/", {"wish": {"not_before": "14:00"}}

    by_number, by_id = (ada.post(address, {"from_session": one, **wish}) for one in (5, fifth))
    statuses = [
        ada.post(address, {"from_session": one}).status_code
        for one in (theirs, "5", "fifth", 0, True, [5], None)
    ]

    assert by_number.status_code == 200
    assert {move["number"] for move in by_number.json()["plans"][0]["moves"]} == {5, 6}
    assert by_id.json() == by_number.json()
    assert statuses == [404, 400, 400, 400, 400, 400, 400]
