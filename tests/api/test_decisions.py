"""What a prescriber decides about a course, over the API, from the refusal to the next session."""

import pytest

from bookings.models import Series
from tests.api.conftest import Clock, caller_for
from tests.bookings.watch_scenes import at, attend, book, miss, session
from tests.cast import KET6, Cast, make_protocol

pytestmark = pytest.mark.django_db(transaction=True)
LATER = {"name": "later", "sessions": None, "spacing": {"min_gap_minutes": 44 * 60, "min_gap_days": 2}}


def a_course(cast: Cast, **asks) -> Series:
    phases = [{**KET6["phases"][0], **asks}, LATER]
    rules = {**KET6, "slug": "asking", "phases": phases}
    return book(cast, protocol=make_protocol(rules, cast.north, signed_by=cast.prescriber))


@pytest.fixture
def doctor(cast, clock: Clock):
    return caller_for(cast.prescriber)


@pytest.fixture
def nurse(cast, clock: Clock):
    return caller_for(cast.ana)


def test_the_next_session_begins_after_the_assessment(cast, doctor, nurse, clock: Clock):
    series = a_course(cast, assess_after=[2])
    for number in (1, 2):
        attend(cast, session(series, number))
    clock.now = at(13, 10, 30)
    third = f"sessions/{session(series, 3).id}"
    nurse.post(f"{third}/check-in/")

    refused = nurse.post(f"{third}/start/")
    assert (refused.status_code, refused.json()["code"]) == (409, "assessment-needed")
    assert (refused.json()["after"], refused.json()["allowed"]) == (2, ["cancel", "undo"])
    assert refused.json()["override"] == {"needs": "prescriber", "rules": ["assessment"]}

    body = {"about": "assessment", "verdict": "go_on", "reason": "responds"}
    decided = doctor.post(f"series/{series.id}/decisions/", body)
    assert (decided.status_code, decided.json()["number"]) == (201, 2)
    assert nurse.post(f"{third}/start/").json()["status"] == "infusing"
    (listed,) = nurse.get(f"series/{series.id}/decisions/").json()["results"]
    assert listed == decided.json()


def test_a_prescriber_starts_it_all_the_same(cast, doctor, nurse, clock: Clock):
    series = a_course(cast, assess_after=[1])
    attend(cast, session(series, 1))
    clock.now = at(9, 10, 30)
    second = f"sessions/{session(series, 2).id}"
    nurse.post(f"{second}/check-in/")
    override = {"override": {"reason": "seen on the ward"}}

    assert nurse.post(f"{second}/start/", override).status_code == 409
    assert doctor.post(f"{second}/start/", override).json()["status"] == "infusing"


def test_what_was_decided_after_a_missed_session_is_carried_out_by_a_replan(cast, doctor, clock: Clock):
    series = a_course(cast, on_missed={"then": "clinician"})
    for number in (1, 2):
        attend(cast, session(series, number))
    miss(cast, session(series, 3))
    clock.now = at(13, 11)
    decisions = f"series/{series.id}/decisions/"
    assert doctor.post(decisions, {"about": "missed", "verdict": "go_on"}).status_code == 400

    doctor.post(decisions, {"about": "missed", "verdict": "restart"})
    answer = doctor.post(f"series/{series.id}/replan/", {"apply": True}).json()

    assert answer["series"]["id"] != str(series.id)
    assert [one["status"] for one in answer["series"]["sessions"]] == ["booked"] * 6
    old = doctor.get(f"series/{series.id}/").json()
    assert old["status"] == "cancelled"
    assert doctor.post(decisions, {"about": "missed", "verdict": "append"}).status_code == 409
