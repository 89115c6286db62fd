"""Offers to those who wait, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.roster import close
from bookings.models import Offer, Series
from tests.api.conftest import Caller, Clock, caller_for
from tests.api.counting import statements
from tests.bookings.offer_scenes import HOUR, booked_up, free, many_wait, offer, wait, wait_for_course
from tests.cast import NOW, Cast

FREED = "2026-04-13T10:00:00-04:00"


@pytest.fixture
def made(cast: Cast) -> Offer:
    """Bea waits, and is offered the place that Ada gave up."""
    wait(cast, cast.bea)
    free(cast)
    return offer()[0]


def test_the_patient_sees_what_is_offered_and_staff_see_why(made: Offer, bea: Caller, desk: Caller):
    mine: dict[str, Any] = {
        "id": str(made.id),
        "status": "open",
        "waiting": str(made.entry_id),
        "patient": str(made.entry.patient_id),
        "clinic": str(made.entry.clinic_id),
        "series": str(made.session.series_id),
        "session": str(made.session.id),
        "start": FREED,
        "present": "2026-04-20T10:00:00-04:00",
        "sessions": [],
        "rank": None,
        "why": None,
        "created_at": "2026-04-01T08:00:00-04:00",
        "expires_at": "2026-04-01T10:00:00-04:00",
        "decided_at": None,
    }

    assert bea.get("offers/").json()["results"] == [mine]
    assert desk.get("offers/", clinic="north", patient=mine["patient"]).json()["results"] == [
        {**mine, "rank": 1, "why": made.why}
    ]


def test_accepting_answers_with_the_series_as_it_is_now(made: Offer, bea: Caller):
    answer = bea.post(f"offers/{made.id}/accept/")

    assert answer.status_code == 200
    assert [one["start"] for one in answer.json()["sessions"]] == [FREED]
    assert bea.get("offers/").json()["results"][0]["status"] == "accepted"
    assert bea.get("waitlist/").json()["results"] == []


def test_who_was_not_first_is_told_so(cast: Cast, clock: Clock):
    many_wait(cast, 2)
    free(cast)
    first, second = offer()
    caller_for(first.entry.patient).post(f"offers/{first.id}/accept/")

    refusal = caller_for(second.entry.patient).post(f"offers/{second.id}/accept/")

    assert (refusal.status_code, refusal.json()["code"], refusal.json()["state"]) == (
        409,
        "wrong-state",
        "lost",
    )
    assert "Somebody else was first" in refusal.json()["detail"]


def test_pressing_twice_with_one_key_is_pressing_once(made: Offer, bea: Caller):
    first, second = (bea.post(f"offers/{made.id}/accept/", idempotency_key="one tap") for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert second["Idempotent-Replayed"] == "true"


def test_declining_says_so_and_keeps_the_place_on_the_list(made: Offer, bea: Caller):
    answer = bea.post(f"offers/{made.id}/decline/", {"reason": "I work that day."})

    assert (answer.status_code, answer.json()["status"]) == (200, "declined")
    assert answer.json()["decided_at"] == "2026-04-01T08:00:00-04:00"
    assert len(bea.get("waitlist/").json()["results"]) == 1


def test_by_status_an_open_one_past_its_time_is_expired(made: Offer, bea: Caller, clock: Clock):
    def listed(status: str) -> int:
        return len(bea.get("offers/", status=status).json()["results"])

    assert (listed("open"), listed("expired")) == (1, 0)
    clock.forward(hours=2)
    assert (listed("open"), listed("expired")) == (0, 1)


@pytest.mark.parametrize("path", ["accept/", "decline/"])
def test_to_others_there_is_no_such_offer(made: Offer, ada: Caller, cy: Caller, path: str):
    for other in (ada, cy):
        assert other.get("offers/").json()["results"] == []
        assert other.post(f"offers/{made.id}/{path}").status_code == 404


def test_the_same_number_of_queries_for_three_as_for_one(cast: Cast, desk: Caller):
    many_wait(cast, 3)
    free(cast)
    made = offer()
    Offer.objects.exclude(id=made[0].id).delete()
    one = statements(lambda: desk.get("offers/"))
    offer(now=NOW + timedelta(hours=3))

    assert Offer.objects.count() == 3
    assert statements(lambda: desk.get("offers/")) == one


def test_the_record_of_a_patient_has_their_offers_and_nobody_elses(made: Offer, ada: Caller, bea: Caller):
    assert [one["id"] for one in bea.get("me/record/").json()["offers"]] == [str(made.id)]
    assert ada.get("me/record/").json()["offers"] == []


@pytest.fixture
def course(cast: Cast) -> Offer:
    """Bea waits for a whole course, and is offered the place with which it could begin."""
    given_up = booked_up(cast)
    wait_for_course(cast, cast.bea)
    cancel_session(given_up, actor=cast.as_desk, now=NOW)
    return offer()[0]


def test_of_a_course_all_visits_are_shown_and_booked_as_they_were_shown(course: Offer, bea: Caller):
    shown = bea.get("offers/").json()["results"][0]

    assert (shown["series"], shown["session"], shown["present"]) == (None, None, None)
    assert [one["number"] for one in shown["sessions"]] == [1, 2, 3, 4, 5, 6]
    assert shown["sessions"][0] == {"number": 1, "start": FREED, "end": "2026-04-13T12:10:00-04:00"}

    answer = bea.post(f"offers/{course.id}/accept/", {"sessions": shown["sessions"]})

    assert answer.status_code == 200
    assert [one["start"] for one in answer.json()["sessions"]] == [one["start"] for one in shown["sessions"]]
    assert bea.get("offers/").json()["results"][0]["series"] == answer.json()["id"]
    assert bea.get("waitlist/").json()["results"] == []


def test_of_a_course_that_has_changed_the_answer_is_what_it_could_be_and_nothing_is_booked(
    cast: Cast, course: Offer, bea: Caller
):
    fourth = course.starts[3]
    close(cast.north, starts=fourth, ends=fourth + HOUR, actor=cast.as_manager, now=NOW)

    answer = bea.post(f"offers/{course.id}/accept/")

    assert (answer.status_code, answer.json()["code"]) == (422, "not-offered")
    assert [one["rule"] for one in answer.json()["violations"]] == ["closed"]
    assert (course.entry.patient.series.count(), bea.get("offers/").json()["results"][0]["status"]) == (
        0,
        "open",
    )
    (plan,) = answer.json()["alternatives"]
    again = bea.post(f"offers/{course.id}/accept/", {"sessions": plan["sessions"]})
    assert [one["start"] for one in again.json()["sessions"]] == [one["start"] for one in plan["sessions"]]
    assert Series.objects.filter(patient=cast.bea).count() == 1


def test_a_course_begins_where_it_was_offered(course: Offer, bea: Caller):
    elsewhere = [{"start": (one + HOUR).isoformat()} for one in course.starts]

    answer = bea.post(f"offers/{course.id}/accept/", {"sessions": elsewhere})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
