import pytest

from bookings.actors import patient_actor
from bookings.commands.attend import confirm_session
from bookings.commands.cancel import cancel_series
from bookings.commands.holds import hold_places
from bookings.commands.move import move_session
from bookings.commands.proposals import (
    accept_proposal,
    decline_proposal,
)
from bookings.errors import (
    NotFound,
    SpacingBroken,
)
from bookings.models import Claim, JournalEntry, Proposal
from bookings.proof import prove
from tests.bookings.proposal_scenes import (
    HOUR,
    SECOND,
    SIX,
    TUESDAY,
    held,
    newest_row,
    proposed,
    refused,
    verbs_since,
)
from tests.bookings.scenes import session, starts_of
from tests.cast import NOW, new_york


def test_accepting_moves_all_of_it_and_frees_the_old_places(cast):
    friday = new_york("2026-04-24 10:00")
    proposal = proposed(cast, moves={3: TUESDAY, 6: friday})
    before = newest_row()

    series = accept_proposal(proposal, actor=cast.as_ada, now=NOW + HOUR)

    assert starts_of(series) == [SIX[0], SIX[1], TUESDAY, SIX[3], SIX[4], friday]
    assert held() == []
    assert sorted(Claim.objects.values_list("start", flat=True)) == starts_of(series)
    assert verbs_since(before) == ["proposal_accepted", "session_moved", "session_moved"]
    assert Proposal.objects.values_list("status", "decided_at", "hold").get() == (
        "accepted",
        NOW + HOUR,
        None,
    )
    assert prove(now=NOW) == []


def test_a_confirmed_visit_is_to_be_confirmed_anew(cast):
    proposal = proposed(cast)
    confirm_session(session(proposal.series, 3), actor=cast.as_ada, now=NOW)

    accept_proposal(proposal, actor=cast.as_ada, now=NOW)

    assert session(proposal.series, 3).status == "booked"


def test_declining_leaves_everything_and_frees_the_held_place(cast):
    proposal = proposed(cast)
    before = newest_row()

    decline_proposal(proposal, reason="I work that day.", actor=cast.as_ada, now=NOW)

    assert starts_of(proposal.series) == SIX
    assert held() == []
    assert verbs_since(before) == ["proposal_declined"]
    assert JournalEntry.objects.get(verb="proposal_declined").reason == "I work that day."


@pytest.mark.parametrize("answer", [accept_proposal, decline_proposal])
def test_it_is_answered_until_it_expires(cast, answer):
    proposal = proposed(cast)

    assert refused(lambda: answer(proposal, actor=cast.as_ada, now=proposal.expires_at)) == "expired"
    answer(proposal, actor=cast.as_ada, now=proposal.expires_at - SECOND)
    assert Proposal.objects.get().status in ("accepted", "declined")


@pytest.mark.parametrize("answer", [accept_proposal, decline_proposal])
def test_it_is_answered_once(cast, answer):
    proposal = proposed(cast)
    accept_proposal(proposal, actor=cast.as_ada, now=NOW)

    assert refused(lambda: answer(proposal, actor=cast.as_ada, now=NOW)) == "accepted"


@pytest.mark.parametrize("answer", [accept_proposal, decline_proposal])
def test_to_another_patient_there_is_no_such_proposal(cast, answer):
    proposal = proposed(cast)

    with pytest.raises(NotFound):
        answer(proposal, actor=patient_actor(cast.bea), now=NOW)
    assert held() == [TUESDAY]


def test_the_cut_off_does_not_bind_since_it_was_the_clinic_who_asked(cast):
    now = SIX[2] - 2 * HOUR
    proposal = proposed(cast, now=now)

    accept_proposal(proposal, actor=cast.as_ada, now=now)

    assert session(proposal.series, 3).start == TUESDAY


def test_once_the_visit_was_moved_it_is_superseded_and_its_place_free(cast):
    proposal = proposed(cast)
    thirteen = new_york("2026-04-13 13:00")
    move_session(session(proposal.series, 3), start=thirteen, actor=cast.as_ada, now=NOW)

    assert refused(lambda: accept_proposal(proposal, actor=cast.as_ada, now=NOW)) == "superseded"
    assert session(proposal.series, 3).start == thirteen
    assert held() == []
    assert Proposal.objects.get().status == "superseded"


def test_another_visit_that_was_moved_too_near_refuses_it_and_changes_nothing(cast):
    proposal = proposed(cast)
    wednesday = new_york("2026-04-15 13:00")  # from Thursday: a day after the place that is held
    move_session(session(proposal.series, 4), start=wednesday, actor=cast.as_ada, now=NOW)

    with pytest.raises(SpacingBroken):
        accept_proposal(proposal, actor=cast.as_ada, now=NOW)
    assert session(proposal.series, 3).start == SIX[2]
    assert held() == [TUESDAY]


def test_a_cancelled_series_takes_no_other_times(cast):
    proposal = proposed(cast)
    cancel_series(proposal.series, actor=cast.as_ada, now=NOW)

    assert refused(lambda: accept_proposal(proposal, actor=cast.as_ada, now=NOW)) == "cancelled"


def test_a_hold_of_the_patients_own_gives_way(cast):
    proposal = proposed(cast)
    hold_places(
        cast.north,
        protocol=cast.infliximab,
        starts=[new_york("2026-04-15 10:00")],
        patient=cast.ada,
        actor=cast.as_ada,
        now=NOW,
    )

    accept_proposal(proposal, actor=cast.as_ada, now=NOW)

    assert held() == []
