"""ETags: nobody overwrites what they have not seen, nobody loads what they have."""

from __future__ import annotations

import pytest

from tests.api.conftest import Caller
from tests.cast import Cast, new_york


@pytest.fixture
def session(cast: Cast, ada: Caller) -> str:
    body = {
        "clinic": "north",
        "protocol": "booster",
        "sessions": [{"start": new_york("2026-04-06 10:00").isoformat()}],
    }
    return f"sessions/{ada.post('series/', body).json()['sessions'][0]['id']}/"


def test_what_is_known_already_is_not_sent_again(ada: Caller, session: str):
    tag = ada.get(session)["ETag"]
    again = ada.get(session, headers={"If-None-Match": tag})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


def test_a_change_makes_a_new_tag(ada: Caller, session: str):
    before = ada.get(session)["ETag"]
    ada.post(f"{session}confirm/")

    again = ada.get(session, headers={"If-None-Match": before})

    assert again.status_code == 200
    assert again["ETag"] != before


def test_verbs_that_come_with_time_make_a_new_tag_and_no_new_version(
    ada: Caller, desk: Caller, session: str, clock
):
    before = desk.get(session)
    clock.set(new_york("2026-04-06 10:15"))
    after = desk.get(session, headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert set(after.json()["allowed"]) - set(before.json()["allowed"]) == {"no-show"}
    assert desk.post(f"{session}check-in/", If_Match=before["ETag"]).status_code == 200


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ("*", 200),
        ('"1"', 200),
        ('W/"1"', 200),
        ('"7", "1"', 200),
        ('"2"', 412),
        ('"nonsense"', 412),
        ("", 412),
        ('"99999999999999999999"', 412),
    ],
)
def test_if_match(ada: Caller, session: str, tag: str, status: int):
    assert ada.post(f"{session}confirm/", If_Match=tag).status_code == status


def test_the_tag_of_an_answer_is_that_of_the_thing(ada: Caller, session: str):
    confirmed = ada.post(f"{session}confirm/")

    assert ada.get(session)["ETag"] == confirmed["ETag"]


def test_a_series_has_another_version_when_one_of_its_sessions_changes(ada: Caller, session: str):
    series = f"series/{ada.get(session).json()['series']}/"
    before = ada.get(series)["ETag"]
    ada.post(f"{session}confirm/")

    assert ada.get(series)["ETag"] != before
    assert ada.post(f"{series}cancel/", If_Match=before).status_code == 412
