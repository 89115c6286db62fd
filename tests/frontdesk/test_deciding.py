"""A prescriber decides at the desk how a course goes on."""

import pytest

from tests.bookings.watch_scenes import at, attend, book, open_tasks, session, watch_all
from tests.cast import KET6, make_protocol
from tests.frontdesk.conftest import at_the_desk, said, words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owed(cast, clock):
    """Ada has had two of six sessions, and is to be assessed."""
    asking = {**KET6, "slug": "asking", "phases": [{**KET6["phases"][0], "assess_after": [2]}]}
    series = book(cast, protocol=make_protocol(asking, cast.north, signed_by=cast.prescriber))
    for number in (1, 2):
        attend(cast, session(series, number))
    watch_all(now=at(9, 13))
    return series


def test_the_prescriber_presses_a_button_of_the_task(cast, owed):
    prescriber = at_the_desk(cast.prescriber)
    assert "The course goes on" in words(prescriber.get("/desk/north/tasks/"))

    answer = prescriber.post(
        f"/desk/north/series/{owed.id}/decide/", {"about": "assess", "verdict": "go_on", "reason": "well"}
    )

    assert said(answer) == ["The decision is written down."]
    decision = owed.decisions.get()
    assert (decision.verdict, decision.reason) == ("go_on", "well")


def test_others_read_that_it_is_needed_and_have_no_button(cast, owed):
    page = words(at_the_desk(cast.desk).get("/desk/north/tasks/"))

    assert "Assessment needed" in page
    assert "The course goes on" not in page
    assert [kind for kind, *_ in open_tasks(owed)] == ["assess"]
