from datetime import timedelta

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.holds import tidy_holds
from bookings.commands.move import move_session
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.commands.offers import offer_freed_places, tidy_offers
from bookings.commands.roster import close, reopen
from bookings.commands.waiting import join_waiting_list, leave_waiting_list
from bookings.errors import Taken
from bookings.models import Claim, FreedPlace, Hold, JournalEntry, Offer
from bookings.proof import Excuse, prove
from scheduler.rules import Wish
from tests.bookings.offer_scenes import (
    FREED,
    HOUR,
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
from tests.bookings.scenes import book_one
from tests.cast import NOW, new_york


def test_a_freed_place_is_kept_once_and_offered_to_the_three_who_waited_longest(cast):
    entries = many_wait(cast, 4)
    free(cast)

    offers = offer()

    assert [one.entry for one in offers] == entries[:3]
    assert {(one.start, one.expires_at, one.status) for one in offers} == {(FREED, TWO_HOURS, "open")}
    assert [one.rank for one in offers] == [1, 2, 3]
    assert held() == [FREED]
    assert Hold.objects.get().expires_at == TWO_HOURS


def test_everybody_keeps_what_they_have_meanwhile(cast):
    entries = many_wait(cast, 3)
    before = [one.session.start for one in entries]
    free(cast)
    offer()

    for entry, start in zip(entries, before, strict=True):
        entry.session.refresh_from_db()
        assert entry.session.start == start
    assert [one for one in prove(now=NOW) if one.excuse is Excuse.NONE] == []


def test_the_journal_says_to_whom_and_why(cast):
    entry = wait(cast, cast.bea)
    free(cast)
    (made,) = offer()

    row = JournalEntry.objects.get(verb="offer_made")
    why = ["Session 1 would be Mon 13 April, 10:00, not Mon 20 April, 10:00.", "Waiting since Wed 1 April."]
    assert (row.patient, row.session, row.actor_kind) == (cast.bea, entry.session, "system")
    assert row.after == {
        "offer": str(made.id),
        "waiting": str(entry.id),
        "start": "2026-04-13T14:00:00+00:00",
        "present": "2026-04-20T14:00:00+00:00",
        "expires_at": "2026-04-01T14:00:00+00:00",
        "rank": 1,
        "why": why,
    }
    assert row.reason == " ".join(why)


def test_looking_twice_offers_nothing_twice(cast):
    many_wait(cast, 4)
    free(cast)
    offer()

    assert offer() == []
    assert FreedPlace.objects.count() == 1


def test_strangers_do_not_get_what_is_kept(cast):
    wait(cast, cast.bea)
    for chair in (cast.n2, cast.n3):
        close(cast.north, chair=chair, starts=FREED, ends=FREED + 5 * HOUR, actor=cast.as_manager, now=NOW)
    free(cast)
    offer()

    with pytest.raises(Taken):
        book_one(cast, FREED, patient=cast.carl)


def test_nobody_is_offered_what_is_against_their_own_spacing(cast):
    book_one(cast, FREED + timedelta(days=1), patient=cast.bea)
    wait(cast, cast.bea)
    free(cast)

    assert offer() == []


def test_nobody_is_offered_a_later_time(cast):
    wait(cast, cast.bea, FREED - timedelta(days=3))
    free(cast)

    assert offer() == []


def test_nobody_is_offered_what_they_did_not_wish_for(cast):
    wait(cast, cast.bea, wish=Wish(weekdays=frozenset({2})))
    wait(cast, cast.carl, LATER + 3 * HOUR, earliest=FREED.date() + timedelta(days=1))
    free(cast)

    assert offer() == []


def test_only_for_the_same_treatment(cast):
    visit = book_one(cast, new_york("2026-04-20 09:00"), patient=cast.bea, protocol=cast.infliximab)
    join_waiting_list(
        cast.bea,
        clinic=cast.north,
        protocol=cast.infliximab,
        session=visit,
        actor=cast.as_desk,
        now=NOW,
    )
    free(cast)

    assert offer() == []


def test_when_nobody_answers_those_next_in_turn_are_asked(cast):
    entries = many_wait(cast, 5)
    free(cast)
    offer()

    assert offer(now=TWO_HOURS - MINUTE) == []
    following = offer(now=TWO_HOURS)

    assert [one.entry for one in following] == entries[3:]
    assert statuses() == ["expired"] * 3 + ["open"] * 2
    assert offer(now=TWO_HOURS + 3 * HOUR) == []
    assert FreedPlace.objects.get().closed_at == TWO_HOURS + 3 * HOUR


def test_whoever_let_offers_pass_stands_a_week_behind_at_the_next(cast):
    first, second = many_wait(cast, 2)  # the first joined a day before the second
    free(cast)
    declined = offer()[0]
    decline_offer(declined, actor=cast.as_desk, now=NOW)
    tidy_offers(now=TWO_HOURS)
    second_offer = Offer.objects.get(entry=second)
    Offer.objects.filter(id=second_offer.id).update(status="lost")  # as if somebody had been quicker
    free(cast, FREED + timedelta(days=1), now=TWO_HOURS, patient=cast.carl)

    assert [one.entry for one in offer(now=TWO_HOURS)] == [second, first]


def test_an_expired_place_is_free_for_everybody_without_any_worker(cast):
    wait(cast, cast.bea)
    for chair in (cast.n2, cast.n3):
        close(cast.north, chair=chair, starts=FREED, ends=FREED + 5 * HOUR, actor=cast.as_manager, now=NOW)
    free(cast)
    offer()

    assert book_one(cast, FREED, patient=cast.carl, now=TWO_HOURS).start == FREED
    assert offer(now=TWO_HOURS) == []
    assert statuses() == ["expired"]


def test_holds_are_tidied_when_their_offers_are_over_and_not_before(cast):
    wait(cast, cast.bea)
    free(cast)
    offer()

    tidy_holds(now=TWO_HOURS)
    assert Hold.objects.count() == 1  # still named by the offer
    tidy_offers(now=TWO_HOURS)
    tidy_holds(now=TWO_HOURS)
    assert (Hold.objects.count(), Claim.objects.filter(hold__isnull=False).count()) == (0, 0)


@pytest.mark.parametrize("how", ["leaves", "moves", "cancels"])
def test_an_offer_is_withdrawn_when_the_visit_has_changed(cast, how):
    entry = wait(cast, cast.bea)
    free(cast)
    offer()
    if how == "leaves":
        leave_waiting_list(entry, actor=cast.as_desk, now=NOW)
    elif how == "moves":
        move_session(entry.session, start=LATER + 3 * HOUR, actor=cast.as_desk, now=NOW)
    else:
        cancel_session(entry.session, actor=cast.as_desk, now=NOW)

    assert tidy_offers(now=NOW) == 1
    assert (statuses(), held()) == (["withdrawn"], [])


def test_one_of_a_batch_withdrawn_leaves_the_place_kept_for_the_others(cast):
    first, _ = many_wait(cast, 2)
    free(cast)
    offer()
    leave_waiting_list(first, actor=cast.as_desk, now=NOW)
    tidy_offers(now=NOW)

    assert (statuses(), held()) == (["withdrawn", "open"], [FREED])


def test_the_hours_of_a_closure_that_is_taken_back_are_offered_date_by_date(cast):
    entries = many_wait(cast, 3)
    closure, _ = close(
        cast.north,
        starts=new_york("2026-04-09 12:00"),
        ends=new_york("2026-04-13 00:00"),
        actor=cast.as_manager,
        now=NOW,
    )
    assert offer() == []
    reopen(closure, actor=cast.as_manager, now=NOW)

    offers = offer()

    spans = [(one.starts, one.ends) for one in FreedPlace.objects.order_by("starts")]
    midnights = [new_york(f"2026-04-{day} 00:00") for day in (10, 11, 12, 13)]
    begins, ends = new_york("2026-04-09 09:45"), new_york("2026-04-13 02:15")
    assert spans == list(zip([begins, *midnights], [*midnights, ends], strict=True))
    # The first visit, of two hours and a half, that would not have been over by noon.
    assert [(one.entry, one.start) for one in offers] == [(entry, begins) for entry in entries]


def test_what_came_free_while_no_worker_ran_is_found_within_a_day(cast):
    wait(cast, cast.bea)
    free(cast)

    assert len(offer(now=NOW + timedelta(hours=23, minutes=59))) == 1


def test_a_nudge_looks_only_at_what_it_names(cast):
    wait(cast, cast.bea)
    free(cast)

    assert offer_freed_places(entries=[], now=NOW) == 0
    row = JournalEntry.objects.get(verb="session_cancelled")
    assert offer_freed_places(entries=[row.id], now=NOW) == 1


def test_a_change_of_chair_frees_no_time(cast):
    wait(cast, cast.bea)
    visit = book_one(cast, FREED)
    move_session(visit, start=FREED, chair=cast.n3, actor=cast.as_desk, now=NOW)

    assert offer() == []


def test_where_nobody_waits_nothing_is_looked_at(cast):
    free(cast)

    assert offer() == []
    assert FreedPlace.objects.count() == 0


def test_a_person_has_one_offer_at_a_time(cast):
    wait(cast, cast.bea)
    free(cast)
    free(cast, FREED + timedelta(days=2), patient=people(1)[0])

    assert [one.start for one in offer()] == [FREED]


def test_the_place_is_kept_beside_the_visit_that_would_move(cast):
    """An hour earlier: the two overlap, and Bea's own chair is not free until she has accepted."""
    entry = wait(cast, cast.bea, FREED + HOUR)
    free(cast)

    (made,) = offer()

    assert (made.entry, made.start) == (entry, FREED)
    assert made.chair_id != entry.session.chair_id
    assert accept_offer(made, actor=cast.as_desk, now=NOW).start == FREED
    assert [one for one in prove(now=NOW) if one.excuse is Excuse.NONE] == []
