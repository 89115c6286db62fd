from datetime import timedelta

import pytest

from bookings.actors import staff_actor
from bookings.commands.attend import miss_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.holds import release_hold, tidy_holds
from bookings.commands.move import move_session
from bookings.commands.proposals import (
    accept_proposal,
    propose_moves,
    tidy_proposals,
)
from bookings.errors import (
    HoldExpired,
    Invalid,
    NotAllowed,
    NotFound,
    SpacingBroken,
    Taken,
)
from bookings.models import Claim, Hold, JournalEntry, Proposal, StaffMember
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
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import NOW, new_york, phoenix


def test_what_is_booked_stays_and_the_new_place_is_held(cast):
    proposal = proposed(cast, reason="The nurse is away on Monday.")

    third = session(proposal.series, 3)
    assert third.start == SIX[2]
    assert proposal.moves == [
        {
            "number": 3,
            "session": str(third.id),
            "from": "2026-04-13T14:00:00+00:00",
            "to": "2026-04-14T14:00:00+00:00",
            "chair": str(proposal.hold.claims.get().chair_id),
        }
    ]
    assert held() == [TUESDAY]
    assert prove(now=NOW) == []


def test_the_held_place_and_the_booked_one_are_both_taken_for_others(cast):
    proposed(cast)
    chairs = {claim.start: claim.chair for claim in Claim.objects.filter(start__in=[SIX[2], TUESDAY])}
    other = book_one(cast, new_york("2026-04-28 10:00"), patient=cast.bea)

    for start in (SIX[2], TUESDAY):
        with pytest.raises(Taken):
            move_session(other, start=start, chair=chairs[start], actor=cast.as_desk, now=NOW)


def test_the_new_place_must_be_free_beside_the_old_one(cast):
    # WEST has one nurse: who cannot set up at 10:45 while she looks after the visit of 10:00.
    one = book_one(cast, phoenix("2026-04-13 10:00"), clinic=cast.west)
    half_past = phoenix("2026-04-13 10:30")

    with pytest.raises(Taken):
        propose_moves(one.series, moves={1: half_past}, actor=cast.as_desk, now=NOW)
    assert held() == []
    assert move_session(one, start=half_past, actor=cast.as_desk, now=NOW).start == half_past


def test_a_proposal_keeps_the_spacing(cast):
    with pytest.raises(SpacingBroken):
        proposed(cast, moves={3: new_york("2026-04-10 10:00")})  # a day after the second
    assert held() == []


def test_without_moves_it_is_the_best_way_to_place_what_is_left(cast):
    series = book_ket6(cast)
    now = SIX[2] + timedelta(minutes=15)
    miss_session(session(series, 3), actor=cast.as_desk, now=now)

    proposal = propose_moves(series, actor=cast.as_desk, now=now)
    accept_proposal(proposal, actor=cast.as_ada, now=now)

    (move,) = proposal.moves
    assert (move["number"], move["session"], move["from"]) == (7, None, None)
    assert session(series, 7).start == new_york("2026-04-27 10:00")
    assert session(series, 7).status == "booked"
    assert prove(now=now) == []


def test_where_nothing_is_wrong_there_is_nothing_to_propose(cast):
    series = book_ket6(cast)

    assert refused(lambda: propose_moves(series, actor=cast.as_desk, now=NOW)) == "active"
    assert refused(lambda: proposed(cast, series, moves={3: SIX[2]})) == "active"
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize("moves", [{7: TUESDAY}, {3: TUESDAY.replace(tzinfo=None)}])
def test_moves_name_sessions_that_are_left_at_times_with_an_offset(cast, moves):
    with pytest.raises(Invalid) as refusal:
        proposed(cast, moves=moves)
    assert refusal.value.facts["errors"][0]["field"] == "moves"


def test_places_are_held_for_72_hours(cast):
    assert proposed(cast).expires_at == NOW + timedelta(hours=72)


def test_but_never_past_the_first_visit_concerned(cast):
    now = SIX[2] - 5 * HOUR

    assert proposed(cast, now=now).expires_at == SIX[2]


def test_until_may_be_said_up_to_the_first_visit_concerned(cast):
    series = book_ket6(cast)

    for wrong in (NOW, SIX[2] + SECOND):
        with pytest.raises(Invalid):
            proposed(cast, series, expires_at=wrong)
    assert proposed(cast, series, expires_at=SIX[2]).expires_at == SIX[2]


def test_a_second_proposal_supersedes_the_first_and_may_use_its_place(cast):
    first = proposed(cast)
    before = newest_row()

    second = proposed(cast, first.series, moves={3: TUESDAY, 6: new_york("2026-04-24 10:00")})

    assert verbs_since(before) == ["proposal_superseded", "moves_proposed"]
    assert held() == [TUESDAY, new_york("2026-04-24 10:00")]
    assert refused(lambda: accept_proposal(first, actor=cast.as_ada, now=NOW)) == "superseded"
    assert Proposal.objects.get(status="open") == second


def test_only_staff_of_the_clinic_propose(cast):
    series = book_ket6(cast)
    cy = staff_actor(StaffMember.objects.get(email="cy@west.example"))

    with pytest.raises(NotAllowed):
        propose_moves(series, moves={3: TUESDAY}, actor=cast.as_ada, now=NOW)
    with pytest.raises(NotFound):
        propose_moves(series, moves={3: TUESDAY}, actor=cy, now=NOW)


def test_nobody_books_by_the_hold_of_a_proposal_nor_gives_it_back(cast):
    hold = proposed(cast).hold

    with pytest.raises(HoldExpired):
        book_series(cast.bea, clinic=cast.north, protocol=cast.ket6, hold=hold, actor=cast.as_desk, now=NOW)
    with pytest.raises(HoldExpired):
        release_hold(hold, actor=cast.as_desk, now=NOW)
    assert held() == [TUESDAY]


# --- tidying ------------------------------------------------------------------------------------------------


def test_what_can_still_be_accepted_is_left_alone(cast):
    proposal = proposed(cast)

    assert tidy_proposals(now=proposal.expires_at - SECOND) == 0
    assert held() == [TUESDAY]


def test_what_has_expired_is_closed_and_its_hold_goes(cast):
    proposal = proposed(cast)
    late = proposal.expires_at
    tidy_holds(now=late)
    assert Hold.objects.count() == 1  # as long as the proposal names it

    assert tidy_proposals(now=late) == 1
    tidy_holds(now=late)

    assert Proposal.objects.values_list("status", "hold").get() == ("expired", None)
    assert Hold.objects.count() == 0
    assert JournalEntry.objects.order_by("-id")[0].verb == "proposal_expired"


def test_what_the_series_has_left_behind_is_closed_before_its_time(cast):
    proposal = proposed(cast)
    cancel_session(session(proposal.series, 3), actor=cast.as_ada, now=NOW)

    assert tidy_proposals(now=NOW) == 1
    assert held() == []
    assert JournalEntry.objects.order_by("-id")[0].verb == "proposal_superseded"


def test_a_proposal_after_one_that_has_expired_says_so_of_it(cast):
    first = proposed(cast)

    proposed(cast, first.series, now=first.expires_at)

    assert list(Proposal.objects.order_by("id").values_list("status", flat=True)) == ["expired", "open"]
