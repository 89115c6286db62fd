from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.holds import hold_places, tidy_holds
from bookings.commands.move import move_session
from bookings.commands.proposals import (
    accept_proposal,
    decline_proposal,
    propose_moves,
    tidy_proposals,
)
from bookings.errors import Invalid, NotAllowed, NotFound, NotOffered, SpacingBroken, Taken, WrongState
from bookings.models import Claim, Hold, JournalEntry, Proposal, Session
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

SIX = MONDAYS_AND_THURSDAYS
TUESDAY = new_york("2026-04-14 10:00")  # instead of the third, Monday the 13th
HOUR = timedelta(hours=1)


def proposed(cast, series=None, *, moves=None, now=NOW, **more):
    series = series or book_ket6(cast)
    return propose_moves(series, moves=moves or {3: TUESDAY}, actor=cast.as_desk, now=now, **more)


def verbs_since(entry_id):
    return list(JournalEntry.objects.filter(id__gt=entry_id).order_by("id").values_list("verb", flat=True))


def newest_row():
    return JournalEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


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
    assert [claim.start for claim in Claim.objects.filter(hold__isnull=False)] == [TUESDAY]
    assert list(prove(now=NOW)) == []


def test_accepting_moves_all_of_it_and_frees_the_old_places(cast):
    proposal = proposed(cast, moves={3: TUESDAY, 6: new_york("2026-04-24 10:00")})
    before = newest_row()

    series = accept_proposal(proposal, actor=cast.as_ada, now=NOW + HOUR)

    assert starts_of(series) == [SIX[0], SIX[1], TUESDAY, SIX[3], SIX[4], new_york("2026-04-24 10:00")]
    assert Claim.objects.filter(hold__isnull=False).count() == 0
    assert Claim.objects.count() == 6
    assert verbs_since(before) == ["proposal_accepted", "session_moved", "session_moved"]
    assert Proposal.objects.get().status == "accepted"
    assert list(prove(now=NOW)) == []
