"""Lists in pages: every row once, in order, in both directions, while others are added."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.cast import Cast, new_york

DAYS = [new_york(f"2026-04-{day:02} 10:00") for day in (6, 8, 10, 13, 15)]


@pytest.fixture
def booked(cast: Cast, ada: Caller) -> list[str]:
    """Ada's sessions, one on each of the days, by start."""
    ids = []
    for at in DAYS:
        body = {"clinic": "north", "protocol": "booster", "sessions": [{"start": at.isoformat()}]}
        ids.append(ada.post("series/", body).json()["sessions"][0]["id"])
    return ids


def follow(caller: Caller, link: str) -> dict[str, Any]:
    return caller.client.get(link, headers=caller.headers).json()


def ids(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["results"]]


def test_forward_through_all_pages_and_back(ada: Caller, booked: list[str]):
    first = ada.get("sessions/", limit=2).json()
    second = follow(ada, first["next"])
    third = follow(ada, second["next"])

    assert [ids(first), ids(second), ids(third)] == [booked[:2], booked[2:4], booked[4:]]
    assert (first["previous"], third["next"]) == (None, None)
    assert ids(follow(ada, third["previous"])) == booked[2:4]
    assert ids(follow(ada, second["previous"])) == booked[:2]
    assert follow(ada, second["previous"])["previous"] is None


def test_the_newest_first_where_that_is_the_order(ada: Caller, booked: list[str]):
    first = ada.get("series/", limit=3).json()
    second = follow(ada, first["next"])

    sessions = [row["sessions"][0]["id"] for row in first["results"] + second["results"]]
    assert sessions == booked[::-1]
    assert ids(follow(ada, second["previous"])) == ids(first)


def test_a_page_is_not_shifted_by_what_comes_before_it(ada: Caller, booked: list[str]):
    first = ada.get("sessions/", limit=2).json()
    body = {
        "clinic": "north",
        "protocol": "booster",
        "sessions": [{"start": new_york("2026-04-03 10:00").isoformat()}],
    }
    assert ada.post("series/", body).status_code == 201

    assert ids(follow(ada, first["next"])) == booked[2:4]


def test_filters_stay_in_the_links(ada: Caller, booked: list[str]):
    first = ada.get("sessions/", limit=2, **{"from": "2026-04-08"}).json()

    assert ids(first) == booked[1:3]
    assert ids(follow(ada, first["next"])) == booked[3:]


@pytest.mark.parametrize(
    ("limit", "status"), [("1", 200), ("200", 200), ("0", 400), ("201", 400), ("x", 400)]
)
def test_limits(ada: Caller, cast: Cast, limit: str, status: int):
    assert ada.get("sessions/", limit=limit).status_code == status


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "\u2603",
        urlsafe_b64encode(b"[0]").decode(),
        urlsafe_b64encode(b'[0, "2026-04-06", "not an id"]').decode(),
        urlsafe_b64encode(b'[0, {"a": 1}, []]').decode(),
        urlsafe_b64encode(b'[0, "0000-99-99", "0198c0de-0000-7000-8000-000000000000"]').decode(),
    ],
)
def test_a_cursor_of_another_list_is_refused(ada: Caller, cast: Cast, cursor: str):
    response = ada.get("sessions/", cursor=cursor)

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "cursor")
