"""The phase that follows, put to the patient: held, and taken or declined with one tap."""

from __future__ import annotations

from datetime import date

import pytest

from bookings.actors import patient_actor
from bookings.commands.next_phase import begin_next_phase
from bookings.commands.proposals import accept_proposal, decline_proposal, propose_moves, tidy_proposals
from bookings.errors import Invalid, WrongState
from bookings.models import Claim, Proposal, Series
from tests.bookings.commands.test_next_phase import OVER, cleared, had, two_phases
from tests.bookings.watch_scenes import at, open_tasks, watch_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def series(transactional_db, cast: Cast) -> Series:
    return had(cast, two_phases(cast))


@pytest.fixture
def proposal(cast: Cast, series: Series) -> Proposal:
    return propose_moves(series, actor=cast.as_desk, now=OVER)


def following() -> list[Series]:
    return list(Series.objects.filter(phase="maintenance"))


def test_the_place_is_held_and_nothing_is_booked_yet(proposal):
    assert [(move["number"], move["from"], move["to"]) for move in proposal.moves] == [
        (1, None, "2026-04-16T14:00:00+00:00")
    ]
    assert (proposal.manner, proposal.cancels) == ("next_phase", [])
    assert [claim.start for claim in Claim.objects.filter(hold=proposal.hold)] == [at(16)]
    assert following() == []


def test_one_tap_books_the_next_phase_and_the_task_is_done(cast, series, proposal):
    watch_all(now=OVER)

    goes_on = accept_proposal(proposal, actor=patient_actor(cast.ada), now=at(10))
    watch_all(now=at(10))

    assert following() == [goes_on]
    assert [(one.start, one.status) for one in goes_on.sessions.all()] == [(at(16), "booked")]
    assert open_tasks(series) == []
    series.refresh_from_db()
    assert series.status == "completed"


def test_the_patients_clearance_goes_on_with_it(cast, transactional_db):
    series = cleared(cast, sessions=5, expires=date(2026, 5, 1), phase=3)
    proposal = propose_moves(series, actor=cast.as_desk, now=OVER)

    goes_on = accept_proposal(proposal, actor=patient_actor(cast.ada), now=at(10))

    assert (goes_on.clearance_id, goes_on.status) == (series.clearance_id, "active")
    assert [one.start for one in goes_on.sessions.order_by("number")] == [at(16), at(23), at(30)]


def test_whoever_is_not_cleared_is_not_asked(cast, transactional_db):
    series = cleared(cast, sessions=2, expires=date(2026, 5, 1))

    with pytest.raises(WrongState):
        propose_moves(series, actor=cast.as_desk, now=OVER)


def test_who_declines_has_nothing_booked_and_the_place_is_free(cast, proposal):
    decline_proposal(proposal, actor=patient_actor(cast.ada), now=at(10))

    assert following() == []
    assert not Claim.objects.filter(session=None).exists()


def test_what_was_booked_meanwhile_has_overtaken_it(cast, series, proposal):
    begin_next_phase(series, starts=[at(17)], actor=cast.as_desk, now=at(10))

    with pytest.raises(WrongState):
        accept_proposal(proposal, actor=patient_actor(cast.ada), now=at(10))

    proposal.refresh_from_db()
    assert proposal.status == "superseded"
    assert len(following()) == 1


def test_it_is_tidied_away_once_the_phase_is_booked(cast, series, proposal):
    assert tidy_proposals(now=at(10)) == 0

    begin_next_phase(series, starts=[at(17)], actor=cast.as_desk, now=at(10))

    assert tidy_proposals(now=at(10)) == 1


def test_it_is_the_whole_phase_or_nothing(cast, transactional_db):
    series = had(cast, two_phases(cast, sessions=3))

    with pytest.raises(Invalid):
        propose_moves(series, moves={1: at(16)}, actor=cast.as_desk, now=OVER)

    moves = {1: at(16), 2: at(23), 3: at(30)}
    assert len(propose_moves(series, moves=moves, actor=cast.as_desk, now=OVER).moves) == 3
