"""After a missed session a prescriber decides."""

import pytest

from bookings.actors import patient_actor
from bookings.commands.deciding import decide_on_missed
from bookings.commands.proposals import propose_moves
from bookings.commands.rearrange import rearrange_series
from bookings.commands.replan import propose_replan
from bookings.commands.watching import watch_after
from bookings.errors import Invalid, NotAllowed, WrongState
from bookings.models import JournalEntry, Verdict
from tests.bookings.missing import miss_third, proposal_of, series_that, statuses
from tests.bookings.watch_scenes import at, book, miss, open_tasks, session, watch_all
from tests.cast import KET6, NOW, make_protocol

pytestmark = pytest.mark.django_db(transaction=True)

MAINTENANCE = {
    "name": "maintenance",
    "sessions": None,
    "spacing": {"min_gap_minutes": 44 * 60, "min_gap_days": 2},
}
MISSED = "5 of 6 sessions are done or planned: session 3 was missed."
NOW_THEN = at(13, 10, 20)


# A prescriber decides


def test_where_a_prescriber_decides_there_is_a_task_and_no_proposal(cast, transactional_db):
    series = series_that(cast, "clinician")

    miss_third(cast, series)

    assert open_tasks(series) == [("decide", None, f"{MISSED} A prescriber decides how it goes on.")]
    assert proposal_of(series) is None


def test_until_then_nobody_makes_it_up(cast, transactional_db):
    series = series_that(cast, "clinician")
    miss_third(cast, series)

    for actor in (patient_actor(cast.ada), cast.as_desk):
        with pytest.raises(WrongState):
            rearrange_series(series, starts={7: at(27)}, actor=actor, now=NOW_THEN)
        moves = propose_replan(series, actor=actor, now=NOW_THEN).found[0].moves
        assert moves == ()
    with pytest.raises(WrongState):
        propose_moves(series, actor=cast.as_desk, now=NOW_THEN)


@pytest.mark.parametrize(
    ("verdict", "moves", "cancels"),
    [
        (Verdict.APPEND, [7], None),
        (Verdict.RESTART, [1, 2, 3, 4, 5, 6], [4, 5, 6]),
        (Verdict.MAINTENANCE, [], [5, 6]),
    ],
)
def test_what_was_decided_is_then_proposed(cast, transactional_db, verdict, moves, cancels):
    series = series_that(cast, "clinician")
    miss_third(cast, series)

    decide_on_missed(series, verdict=verdict, actor=cast.as_prescriber, now=at(13, 11))
    watch_after(JournalEntry.objects.values_list("id", flat=True), now=at(13, 11))

    assert [kind for kind, *_ in open_tasks(series)] == ["incomplete"]
    proposal = proposal_of(series)
    assert [move["number"] for move in proposal["moves"]] == moves
    assert ([one["number"] for one in proposal["cancels"]] if "cancels" in proposal else None) == cancels


def test_a_decision_to_stop_cancels_the_rest(cast, transactional_db):
    series = series_that(cast, "clinician")
    miss_third(cast, series)

    decide_on_missed(series, verdict=Verdict.STOP, actor=cast.as_prescriber, now=at(13, 11))
    watch_all(now=at(13, 11))

    series.refresh_from_db()
    assert (series.status, statuses(series)[3:]) == ("cancelled", ["cancelled"] * 3)
    assert open_tasks(series) == []


def test_a_decision_holds_for_what_was_missed_until_then(cast, transactional_db):
    series = series_that(cast, "clinician")
    miss_third(cast, series)
    decide_on_missed(series, verdict=Verdict.APPEND, actor=cast.as_prescriber, now=at(13, 11))

    miss(cast, session(series, 4))
    watch_all(now=at(16, 10, 20))

    assert [kind for kind, *_ in open_tasks(series)] == ["soft_gap", "decide"]


def test_a_prescriber_may_decide_against_what_the_phase_says(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)

    decide_on_missed(series, verdict=Verdict.APPEND, actor=cast.as_prescriber, now=at(13, 11))
    watch_all(now=at(13, 11))

    assert [move["number"] for move in proposal_of(series)["moves"]] == [7]


def test_it_is_decided_once_and_by_a_prescriber(cast, transactional_db):
    series = series_that(cast, "clinician")
    miss_third(cast, series)
    with pytest.raises(NotAllowed):
        decide_on_missed(series, verdict=Verdict.APPEND, actor=cast.as_desk, now=at(13, 11))
    decide_on_missed(series, verdict=Verdict.APPEND, actor=cast.as_prescriber, now=at(13, 11))

    with pytest.raises(WrongState):
        decide_on_missed(series, verdict=Verdict.RESTART, actor=cast.as_prescriber, now=at(13, 12))


def test_nothing_is_decided_where_nothing_was_missed(cast, transactional_db):
    series = series_that(cast, "clinician")

    with pytest.raises(WrongState):
        decide_on_missed(series, verdict=Verdict.APPEND, actor=cast.as_prescriber, now=NOW)


def test_one_more_session_is_no_answer_where_no_phase_follows(cast, transactional_db):
    phase = {**KET6["phases"][0], "on_missed": {"then": "clinician"}}
    last = make_protocol({**KET6, "slug": "last", "phases": [phase]}, cast.north, signed_by=cast.prescriber)
    series = book(cast, protocol=last)
    miss_third(cast, series)

    with pytest.raises(Invalid):
        decide_on_missed(series, verdict=Verdict.MAINTENANCE, actor=cast.as_prescriber, now=at(13, 11))
