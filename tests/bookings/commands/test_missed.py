"""How a series goes on after a missed session, as its phase says."""

from datetime import datetime, timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.attend import miss_session
from bookings.commands.cancel import cancel_session
from bookings.commands.proposals import accept_proposal, decline_proposal, propose_moves
from bookings.commands.rearrange import rearrange_series
from bookings.commands.replan import apply_replan
from bookings.commands.watching import watch_after
from bookings.errors import Invalid, NotAllowed, WrongState
from bookings.models import Claim, JournalEntry, Proposal, Series
from tests.bookings.missing import broken, miss_third, proposal_of, series_that, statuses
from tests.bookings.watch_scenes import at, attend, miss, open_tasks, session, watch_all

pytestmark = pytest.mark.django_db(transaction=True)

MAINTENANCE = {
    "name": "maintenance",
    "sessions": None,
    "spacing": {"min_gap_minutes": 44 * 60, "min_gap_days": 2},
}
MISSED = "5 of 6 sessions are done or planned: session 3 was missed."
NOW_THEN = at(13, 10, 20)


# Made up for at the end


@pytest.mark.parametrize("then", [None, "append"])
def test_where_nothing_else_is_said_it_is_made_up_for_at_the_end(cast, transactional_db, then):
    series = series_that(cast, then)

    miss_third(cast, series)

    assert open_tasks(series) == [("incomplete", None, MISSED)]
    assert proposal_of(series) == {"moves": [{"number": 7, "from": None, "to": "2026-04-27T14:00:00+00:00"}]}


@pytest.mark.parametrize(
    ("gap", "manner"), [(7, None), (6, "restart")], ids=["seven days are allowed", "and are more than six"]
)
def test_the_rule_counts_from_a_longer_gap_on(cast, transactional_db, gap, manner):
    """From Thursday 9 April to Thursday 16 April."""
    series = series_that(cast, "restart", gap=gap)

    miss_third(cast, series)

    assert proposal_of(series).get("manner") == manner


def test_what_was_missed_before_the_first_session_interrupts_nothing(cast, transactional_db):
    series = series_that(cast, "restart")
    miss(cast, session(series, 1))

    watch_all(now=at(6, 10, 20))

    ((kind, _, detail),) = open_tasks(series)
    assert (kind, detail) == (
        "incomplete",
        "5 of 6 sessions are done or planned: session 1 was missed.",
    )


def test_what_is_cancelled_ahead_is_made_up_for_until_its_time_has_come(cast, transactional_db):
    series = series_that(cast, "restart")
    attend(cast, session(series, 1))
    cancel_session(session(series, 3), actor=cast.as_desk, now=at(8))

    watch_all(now=at(8))
    assert "manner" not in proposal_of(series)

    attend(cast, session(series, 2))
    watch_all(now=at(13, 10, 0))
    assert proposal_of(series)["manner"] == "restart"


# The phase begins anew


def test_a_phase_that_begins_anew_is_proposed_whole_from_the_next_possible_day(cast, transactional_db):
    series = series_that(cast, "restart")

    miss_third(cast, series)

    assert open_tasks(series) == [("incomplete", None, f"{MISSED} The phase is to begin anew.")]
    proposal = proposal_of(series)
    assert [move["number"] for move in proposal["moves"]] == [1, 2, 3, 4, 5, 6]
    assert {move["from"] for move in proposal["moves"]} == {None}
    assert proposal["moves"][0]["to"] >= "2026-04-13T14:20"
    assert [one["number"] for one in proposal["cancels"]] == [4, 5, 6]


def test_the_clinic_carries_it_out_in_one_step(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)
    proposed = [move["to"] for move in proposal_of(series)["moves"]]

    anew = apply_replan(series, actor=cast.as_desk, now=NOW_THEN)
    watch_after(JournalEntry.objects.values_list("id", flat=True), now=NOW_THEN)

    assert anew.id != series.id
    assert (anew.status, anew.phase) == ("active", "induction")
    starts = anew.sessions.order_by("number").values_list("start", flat=True)
    assert [one.isoformat() for one in starts] == proposed
    series.refresh_from_db()
    assert (series.status, statuses(series)) == (
        "cancelled",
        ["completed", "completed", "no_show", "cancelled", "cancelled", "cancelled"],
    )
    assert (open_tasks(series), open_tasks(anew)) == ([], [])
    assert broken() == []


def test_what_is_proposed_stands_beside_what_is_booked_until_the_patient_says_yes(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)

    proposal = propose_moves(series, actor=cast.as_desk, now=NOW_THEN)

    assert (proposal.manner, [one["number"] for one in proposal.cancels]) == ("restart", [4, 5, 6])
    assert statuses(series)[3:] == ["booked"] * 3
    anew = accept_proposal(proposal, actor=patient_actor(cast.ada), now=at(14, 9))

    assert statuses(anew) == ["booked"] * 6
    assert statuses(series)[3:] == ["cancelled"] * 3
    assert not Claim.objects.filter(hold__isnull=False).exists()
    assert JournalEntry.objects.get(verb="series_booked", series=anew).actor_id == cast.ada.id
    assert broken() == []


def test_when_the_patient_says_no_everything_stays(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)
    proposal = propose_moves(series, actor=cast.as_desk, now=NOW_THEN)

    decline_proposal(proposal, actor=patient_actor(cast.ada), now=at(14, 9))

    assert Series.objects.count() == 1
    assert statuses(series)[3:] == ["booked"] * 3


def test_a_proposal_to_begin_anew_is_overtaken_when_what_it_gives_up_has_moved(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)
    proposal = propose_moves(series, actor=cast.as_desk, now=NOW_THEN)
    rearrange_series(series, starts={4: at(17)}, actor=cast.as_desk, now=at(13, 11))

    with pytest.raises(WrongState):
        accept_proposal(proposal, actor=patient_actor(cast.ada), now=at(14, 9))

    assert Proposal.objects.get().status == "superseded"
    assert Series.objects.count() == 1


def test_a_patient_does_not_make_it_up_by_themselves(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)

    with pytest.raises(WrongState):
        rearrange_series(series, starts={7: at(27)}, actor=patient_actor(cast.ada), now=NOW_THEN)


# One more session, then the next phase


def test_one_more_session_is_the_next_that_is_booked_and_the_rest_is_given_up(cast, transactional_db):
    series = series_that(cast, "maintenance")

    miss_third(cast, series)

    assert open_tasks(series) == [("incomplete", None, f"{MISSED} One more session, and the phase is done.")]
    proposal = proposal_of(series)
    assert (proposal["moves"], [one["number"] for one in proposal["cancels"]]) == ([], [5, 6])


def test_after_it_the_phase_is_done_and_the_next_one_is_offered(cast, transactional_db):
    series = series_that(cast, "maintenance")
    miss_third(cast, series)

    assert apply_replan(series, actor=cast.as_desk, now=NOW_THEN).id == series.id
    watch_all(now=NOW_THEN)
    assert statuses(series)[3:] == ["booked", "cancelled", "cancelled"]
    assert open_tasks(series) == []

    attend(cast, session(series, 4))
    watch_all(now=at(24))

    series.refresh_from_db()
    assert series.status == "completed"
    assert [kind for kind, *_ in open_tasks(series)] == ["phase_finished"]


def test_where_nothing_is_booked_any_more_it_is_a_new_session(cast, transactional_db):
    series = series_that(cast, "maintenance")
    for number in range(1, 6):
        attend(cast, session(series, number))
    miss(cast, session(series, 6))
    watch_all(now=at(23, 10, 20))
    (move,) = proposal_of(series)["moves"]
    assert (move["number"], move["from"]) == (7, None)

    apply_replan(series, actor=cast.as_desk, now=at(23, 10, 30))
    watch_all(now=at(23, 10, 30))

    assert open_tasks(series) == []
    assert session(series, 7).status == "booked"


def test_the_patient_takes_one_more_session_with_what_is_given_up_for_it(cast, transactional_db):
    series = series_that(cast, "maintenance")
    miss_third(cast, series)
    proposal = propose_moves(series, actor=cast.as_desk, now=NOW_THEN)

    accept_proposal(proposal, actor=patient_actor(cast.ada), now=at(14, 9))

    assert statuses(series)[3:] == ["booked", "cancelled", "cancelled"]
    by = JournalEntry.objects.filter(verb="session_cancelled").values_list("actor_id", flat=True)
    assert set(by) == {cast.ada.id}


# In time


@pytest.mark.parametrize(("day", "late"), [(27, False), (28, True)])
def test_from_the_day_after_the_last_chance_the_task_says_that_it_is_too_late(
    cast, transactional_db, day, late
):
    """The course began on 6 April and may take 21 days: until 27 April."""
    series = series_that(cast, None)
    for number in (1, 2, 3, 4, 5):
        attend(cast, session(series, number))
    last = session(series, 6)
    miss_session(last, actor=cast.as_desk, now=last.start + timedelta(minutes=15))

    watch_all(now=at(day, 12))

    detail = "5 of 6 sessions are done or planned: session 6 was missed."
    said = f"{detail} They cannot all be within 21 days any more." if late else detail
    assert ("incomplete", None, said) in open_tasks(series)


# Carried out as the task shows it


def shown(series: Series) -> dict[int, datetime]:
    return {move["number"]: datetime.fromisoformat(move["to"]) for move in proposal_of(series)["moves"]}


@pytest.mark.parametrize("ahead", [True, False], ids=["visits are booked ahead", "nothing is booked ahead"])
def test_a_phase_that_begins_anew_is_booked_as_its_task_shows_it(cast, transactional_db, ahead):
    series = series_that(cast, "restart")
    miss_third(cast, series)
    if not ahead:
        for number in (4, 5, 6):
            cancel_session(session(series, number), actor=cast.as_desk, now=NOW_THEN)
        watch_all(now=NOW_THEN)
        assert proposal_of(series)["cancels"] == []
    wanted = shown(series)

    after = rearrange_series(series, starts=wanted, resume=True, actor=cast.as_desk, now=NOW_THEN)

    assert after != series
    assert {one.number: one.start for one in after.sessions.all()} == wanted
    assert statuses(series) == ["completed"] * 2 + ["no_show"] + ["cancelled"] * 3
    assert broken() == []


def test_a_phase_that_begins_anew_is_booked_whole_or_not_at_all(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)
    some = {number: start for number, start in shown(series).items() if number < 6}

    with pytest.raises(Invalid):
        rearrange_series(series, starts=some, resume=True, actor=cast.as_desk, now=NOW_THEN)

    assert statuses(series)[3:] == ["booked"] * 3


def test_a_patient_does_not_resume_by_themselves(cast, transactional_db):
    series = series_that(cast, "restart")
    miss_third(cast, series)

    with pytest.raises(NotAllowed):
        rearrange_series(
            series, starts=shown(series), resume=True, actor=patient_actor(cast.ada), now=NOW_THEN
        )
