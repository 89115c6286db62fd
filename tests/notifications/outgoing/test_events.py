"""What another system hears of a change, and that it hears of nothing else."""

from zoneinfo import ZoneInfo

import pytest

from bookings.journal import VERBS
from notifications.outgoing.events import TOLD, Change, EventType, payload
from tests.cast import NOW

NEW_YORK = ZoneInfo("America/New_York")
IDS = {"clinic": "c", "patient": "p", "series": "s"}
PLACE = {
    "start": "2026-04-06T14:00:00+00:00",
    "end": "2026-04-06T16:00:00+00:00",
    "chair": "a chair",
    "status": "booked",
    "version": 1,
}


def change(verb, **facts):
    return Change(verb=verb, at=NOW, zone=NEW_YORK, **IDS, **facts)


def test_every_verb_that_is_told_is_one_of_the_journal():
    assert set(TOLD) - VERBS == set()
    assert set(TOLD.values()) == set(EventType)


def test_every_verb_that_changes_a_session_is_told():
    about_sessions = {verb for verb in VERBS if verb.startswith("session_")}

    assert about_sessions - set(TOLD) <= {"session_running_late"}  # which changes neither state nor place


def test_a_series_comes_with_its_sessions_in_the_wall_clock_of_the_clinic():
    facts = {"status": "active", "phase": "induction", "sessions": [{"number": 1, **PLACE}]}

    assert payload(change("series_booked", after=facts)) == {
        "type": "series.booked",
        "timestamp": "2026-04-01T08:00:00-04:00",
        "data": {
            **IDS,
            "status": "active",
            "sessions": [
                {
                    "number": 1,
                    "status": "booked",
                    "start": "2026-04-06T10:00:00-04:00",
                    "end": "2026-04-06T12:00:00-04:00",
                }
            ],
        },
    }


def test_a_move_says_from_where_to_where():
    after = {**PLACE, "start": "2026-04-07T14:00:00+00:00", "end": "2026-04-07T16:00:00+00:00", "version": 2}

    assert payload(change("session_moved", session="v", number=1, before=PLACE, after=after)) == {
        "type": "session.moved",
        "timestamp": "2026-04-01T08:00:00-04:00",
        "data": {
            **IDS,
            "session": "v",
            "number": 1,
            "status": "booked",
            "start": "2026-04-07T10:00:00-04:00",
            "end": "2026-04-07T12:00:00-04:00",
            "version": 2,
            "before": {
                "status": "booked",
                "start": "2026-04-06T10:00:00-04:00",
                "end": "2026-04-06T12:00:00-04:00",
            },
        },
    }


def test_a_series_that_ends_says_from_which_state():
    said = payload(change("series_cancelled", before={"status": "active"}, after={"status": "cancelled"}))

    assert said["type"] == "series.status_changed"
    assert said["data"] == {**IDS, "status": "cancelled", "before": {"status": "active"}}


@pytest.mark.parametrize("verb", sorted(TOLD))
def test_what_else_the_journal_knows_is_not_told(verb):
    told = str(
        payload(
            change(
                verb,
                session="v" if verb.startswith("session") else None,
                before={**PLACE, "phase": "induction", "clearance": "x"},
                after={
                    **PLACE,
                    "phase": "induction",
                    "protocol": "ketamine",
                    "escort": True,
                    "reason": "ill",
                },
            )
        )
    )

    assert [
        word for word in ("induction", "ketamine", "clearance", "escort", "ill", "chair") if word in told
    ] == []
