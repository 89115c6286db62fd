from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.commands.waiting import leave_waiting_list
from bookings.errors import NotFound, SpacingBroken, WrongState
from bookings.models import FreedPlace, JournalEntry, Offer
from bookings.proof import Excuse, prove
from tests.bookings.offer_scenes import (
    FREED,
    LATER,
    MINUTE,
    TWO_HOURS,
    free,
    held,
    many_wait,
    offer,
    people,
    statuses,
    wait,
)
from tests.bookings.proposal_scenes import newest_row, refused, verbs_since
from tests.bookings.scenes import book_one
from tests.cast import NOW


@pytest.fixture
def three(cast):
    """Three who wait, and what each was offered."""
    many_wait(cast, 3)
    free(cast)
    return offer()


def accept(one, *, now=NOW, actor=None):
    return accept_offer(one, actor=actor or patient_actor(one.entry.patient), now=now)


def start_of(one):
    one.session.refresh_from_db()
    return one.session.start


def test_whoever_accepts_has_the_place_and_everybody_else_keeps_what_they_had(cast, three):
    first, second, third = three
    before = [start_of(one) for one in three]

    session = accept(second)

    assert (session.start, session.status, session.chair_id) == (FREED, "booked", second.chair_id)
    assert [start_of(one) for one in (first, third)] == [before[0], before[2]]
    assert (statuses(), held()) == (["lost", "accepted", "lost"], [])
    assert [one for one in prove(now=NOW) if one.excuse is Excuse.NONE] == []


def test_whoever_accepts_waits_no_longer_and_the_others_do(three):
    accept(three[1])

    for one in three:
        one.entry.refresh_from_db()
    assert [one.entry.closed_why for one in three] == ["", "accepted", ""]
    assert three[1].entry.closed_at == NOW


def test_the_journal_tells_it_in_order(three):
    row = newest_row()
    accept(three[0])

    assert verbs_since(row) == ["offer_accepted", "offer_lost", "offer_lost", "session_moved"]
    kinds = JournalEntry.objects.filter(id__gt=row).order_by("id").values_list("actor_kind", flat=True)
    assert list(kinds) == ["patient", "system", "system", "patient"]


def test_who_comes_second_is_told_that_somebody_was_first(three):
    accept(three[0])

    with pytest.raises(WrongState) as refusal:
        accept(three[1])
    assert refusal.value.facts["status"] == "lost"
    assert str(refusal.value) == ("Somebody else was first, and has this time now. The visit stays as it is.")


def test_accepting_twice_is_accepted_once(three):
    accept(three[0])

    assert refused(lambda: accept(three[0])) == "accepted"


@pytest.mark.parametrize(("late", "allowed"), [(MINUTE, True), (timedelta(), False)])
def test_until_the_last_moment_and_not_a_moment_longer(three, late, allowed):
    if allowed:
        assert accept(three[0], now=TWO_HOURS - late).start == FREED
    else:
        assert refused(lambda: accept(three[0], now=TWO_HOURS)) == "expired"
        assert start_of(three[0]) != FREED


def test_staff_accept_for_a_patient_on_the_telephone(cast, three):
    assert accept(three[0], actor=cast.as_desk).start == FREED


def test_to_others_there_is_no_such_offer(cast, three):
    for actor in (cast.as_ada, patient_actor(three[1].entry.patient)):
        with pytest.raises(NotFound):
            accept_offer(three[0], actor=actor, now=NOW)
        with pytest.raises(NotFound):
            decline_offer(three[0], actor=actor, now=NOW)


def test_after_a_confirmation_the_new_time_is_not_confirmed(cast, three):
    session = three[0].session
    type(session).objects.filter(id=session.id).update(status="confirmed")

    assert accept(three[0]).status == "booked"


@pytest.mark.parametrize("how", ["leaves", "moves", "cancels"])
def test_a_visit_that_has_changed_meanwhile_withdraws_the_offer(cast, three, how):
    session = three[0].session
    if how == "leaves":
        leave_waiting_list(three[0].entry, actor=cast.as_desk, now=NOW)
    elif how == "moves":
        move_session(session, start=LATER + timedelta(days=7), actor=cast.as_desk, now=NOW)
    else:
        cancel_session(session, actor=cast.as_desk, now=NOW)

    assert refused(lambda: accept(three[0])) == "withdrawn"
    assert (statuses(), held()) == (["withdrawn", "open", "open"], [FREED])


def test_rules_that_have_come_to_stand_against_it_are_kept(cast, three):
    book_one(cast, FREED + timedelta(days=1), patient=three[0].entry.patient)

    with pytest.raises(SpacingBroken):
        accept(three[0])
    assert (statuses(), held()) == (["open"] * 3, [FREED])


def test_declining_leaves_the_place_to_the_others_and_oneself_on_the_list(three):
    decline_offer(three[0], reason="I work then.", actor=patient_actor(three[0].entry.patient), now=NOW)

    assert (statuses(), held()) == (["declined", "open", "open"], [FREED])
    three[0].entry.refresh_from_db()
    assert three[0].entry.closed_at is None
    assert JournalEntry.objects.get(verb="offer_declined").reason == "I work then."
    assert refused(lambda: accept(three[0])) == "declined"


def test_when_all_have_declined_the_place_is_free_at_once_and_the_next_are_asked(cast):
    entries = many_wait(cast, 4)
    free(cast)
    for one in offer():
        decline_offer(one, actor=cast.as_desk, now=NOW)

    assert held() == []
    assert [one.entry for one in offer()] == entries[3:]


def test_the_place_of_whoever_moved_up_is_offered_on_three_deep_and_no_deeper(cast):
    """Each moves up by a day, and only the next in time can use what they leave."""
    days = [LATER + timedelta(days=day) for day in range(4)]
    entries = [
        wait(cast, patient, start, earliest=(start - timedelta(days=3 if start == LATER else 1)).date())
        for patient, start in zip((cast.bea, cast.carl, *people(2)), days, strict=True)
    ]
    free(cast, LATER - timedelta(days=3))  # a Friday

    depths = []
    for entry in entries[:3]:
        (made,) = offer()
        assert made.entry == entry
        depths.append(made.place.depth)
        accept(made)

    assert depths == [1, 2, 3]
    assert offer() == []
    assert [one.depth for one in FreedPlace.objects.order_by("depth")] == [1, 2, 3]


def test_nobody_is_offered_their_own_old_place_or_goes_in_a_ring(cast):
    """Two who wait, and each could use what the other leaves, but only once: every move is to an earlier
    time.
    """
    wait(cast, cast.bea)
    wait(cast, cast.carl, LATER + timedelta(days=1))
    free(cast)
    accept(offer()[0])

    assert [one.entry.patient for one in offer()] == [cast.carl]
    accept(Offer.objects.get(status="open"))
    assert offer() == []
