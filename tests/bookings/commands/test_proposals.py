from datetime import timedelta

import pytest

from bookings.actors import patient_actor, staff_actor
from bookings.commands.attend import confirm_session, miss_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.holds import hold_places, release_hold, tidy_holds
from bookings.commands.move import move_session
from bookings.commands.proposals import (
    accept_proposal,
    decline_proposal,
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
    WrongState,
)
from bookings.models import Claim, Hold, JournalEntry, Proposal, StaffMember
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york, phoenix

SIX = MONDAYS_AND_THURSDAYS
TUESDAY = new_york("2026-04-14 10:00")  # instead of the third, Monday the 13th
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def proposed(cast, series=None, *, moves=None, now=NOW, **more):
    series = series or book_ket6(cast)
    return propose_moves(series, moves=moves or {3: TUESDAY}, actor=cast.as_desk, now=now, **more)


def newest_row():
    return JournalEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def verbs_since(row):
    return list(JournalEntry.objects.filter(id__gt=row).order_by("id").values_list("verb", flat=True))


def held():
    """Every start that some hold keeps."""
    return list(Claim.objects.filter(hold__isnull=False).order_by("start").values_list("start", flat=True))


def refused(call):
    """The status that a WrongState names."""
    with pytest.raises(WrongState) as refusal:
        call()
    return refusal.value.facts["status"]


# --- proposing ----------------------------------------------------------------------------------------------


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


# --- answering ----------------------------------------------------------------------------------------------


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
