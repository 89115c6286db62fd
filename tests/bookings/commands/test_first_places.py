"""Whoever waits for a whole course is offered a first place that came free, with the course that would
follow.
"""

from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.commands.roster import close
from bookings.commands.waiting import join_waiting_list
from bookings.errors import Invalid, NotOffered, Taken
from bookings.models import JournalEntry, Series, WaitingEntry
from bookings.proof import Excuse, prove
from scheduler.rules import Wish
from tests.bookings.offer_scenes import (
    FREED,
    HOUR,
    MINUTE,
    TWO_HOURS,
    booked_up,
    held,
    offer,
    statuses,
    wait_for_course,
)
from tests.bookings.proposal_scenes import newest_row, refused, verbs_since
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import NOW, new_york


@pytest.fixture
def adas(cast):
    """Ada's first of six; without it nothing could begin before the 14th."""
    return booked_up(cast)


def give_up(cast, session, *, now=NOW):
    cancel_session(session, actor=cast.as_desk, now=now)


def accept(one, *, starts=None, now=NOW):
    return accept_offer(one, starts=starts, actor=patient_actor(one.entry.patient), now=now)


def breaks():
    return [one for one in prove(now=NOW) if one.excuse is Excuse.NONE]


@pytest.fixture
def made(cast, adas):
    """Bea is offered Ada's place."""
    wait_for_course(cast, cast.bea)
    give_up(cast, adas)
    (one,) = offer()
    return one


def test_a_first_place_is_offered_with_all_that_would_follow_and_only_the_first_is_kept(cast, made):
    assert (made.entry.patient, made.start, made.present, made.expires_at) == (
        cast.bea,
        FREED,
        None,
        TWO_HOURS,
    )
    assert (len(made.plan), made.starts[0]) == (6, FREED)
    assert (made.protocol_version.protocol, held()) == (cast.ket6, [FREED])
    assert breaks() == []


def test_the_journal_says_to_whom_and_why(cast, made):
    row = JournalEntry.objects.get(verb="offer_made")

    assert (row.clinic, row.patient, row.series, row.session) == (cast.north, cast.bea, None, None)
    assert row.after["plan"] == made.plan
    assert made.why == [
        "Nothing is booked yet; 6 sessions from Mon 13 April, 10:00 to Thu 30 April keep every rule.",
        "Waiting since Wed 1 April.",
    ]


def test_who_accepts_has_the_whole_course_exactly_as_it_was_shown(cast, made):
    session = accept(made)

    series = session.series
    assert (series.patient, series.status, session.number, session.start) == (cast.bea, "active", 1, FREED)
    assert [one.start for one in series.sessions.order_by("number")] == made.starts
    assert session.chair_id == made.chair_id
    assert (statuses(), held(), breaks()) == (["accepted"], [], [])


def test_the_entry_closes_with_why_and_what_came_of_it(made):
    session = accept(made)

    entry = WaitingEntry.objects.get()
    assert (entry.closed_at, entry.closed_why, entry.series) == (NOW, "accepted", session.series)


def test_the_journal_tells_it_in_order(made):
    row = newest_row()
    accept(made)

    assert verbs_since(row) == ["offer_accepted", "series_booked"]


def test_accepting_twice_is_accepted_once(made):
    accept(made)

    assert refused(lambda: accept(made)) == "accepted"
    assert Series.objects.filter(patient=made.entry.patient).count() == 1


def test_nobody_is_booked_otherwise_than_they_saw(cast, made):
    """The place of the fourth visit has gone: nothing is booked, and the course that could be is shown."""
    fourth = made.starts[3]
    close(cast.north, starts=fourth, ends=fourth + HOUR, actor=cast.as_manager, now=NOW)

    with pytest.raises(NotOffered) as refusal:
        accept(made)

    assert (statuses(), held(), Series.objects.filter(patient=cast.bea).count()) == (["open"], [FREED], 0)
    (course,) = refusal.value.facts["alternatives"]
    starts = [one["start"] for one in course["sessions"]]
    assert [was == now for was, now in zip(made.starts, starts, strict=True)] == [
        *[True] * 3,
        False,
        True,
        True,
    ]
    assert [one.start for one in accept(made, starts=starts).series.sessions.order_by("number")] == starts
    assert breaks() == []


def test_a_place_that_somebody_took_meanwhile_is_told_as_taken(cast, made):
    sixth = made.starts[5]
    close(cast.north, chair=cast.n2, starts=sixth, ends=sixth + 3 * HOUR, actor=cast.as_manager, now=NOW)
    book_one(cast, sixth, patient=cast.carl)  # in N3; N1 is Ada's

    with pytest.raises(Taken) as refusal:
        accept(made)

    assert [one["number"] for one in refusal.value.facts["sessions"]] == [6]
    assert len(refusal.value.facts["alternatives"]) == 1


def test_a_course_begins_at_the_place_that_was_offered(made):
    with pytest.raises(Invalid):
        accept(made, starts=[FREED + HOUR, *made.starts[1:]])
    with pytest.raises(Invalid):
        accept(made, starts=made.starts[:5])


def test_when_no_course_can_follow_any_more_there_is_no_other_way_to_show(cast, made):
    close(
        cast.north,
        starts=FREED + timedelta(days=1),
        ends=FREED + timedelta(days=40),
        actor=cast.as_manager,
        now=NOW,
    )

    with pytest.raises(NotOffered) as refusal:
        accept(made)
    assert refusal.value.facts["alternatives"] == []


def test_a_place_from_which_no_whole_course_exists_is_offered_to_nobody(cast, adas):
    wait_for_course(cast, cast.bea, wish=Wish(weekdays=frozenset({1})))  # Mondays alone: six take 35 days
    give_up(cast, adas)

    assert offer() == []


def test_what_could_begin_as_soon_anyway_is_not_offered(cast):
    series = book_ket6(cast, starts=[FREED + timedelta(days=day) for day in (0, 3, 7, 10, 14, 17)])
    wait_for_course(cast, cast.bea)
    give_up(cast, series.sessions.get(number=1))

    assert offer() == []


def test_but_to_who_cannot_come_before(cast):
    """On the very date nothing else is free; earlier dates are, which Bea does not want."""
    series = book_ket6(cast, starts=[FREED + timedelta(days=day) for day in (0, 3, 7, 10, 14, 17)])
    first = series.sessions.get(number=1)
    for chair, starts in (
        (cast.n1, first.chair_until),
        (cast.n2, FREED - 2 * HOUR),
        (cast.n3, FREED - 2 * HOUR),
    ):
        close(cast.north, chair=chair, starts=starts, ends=FREED + 9 * HOUR, actor=cast.as_manager, now=NOW)
    wait_for_course(cast, cast.bea)
    carls = wait_for_course(cast, cast.carl, earliest=FREED.date())
    give_up(cast, first)

    assert [one.entry for one in offer()] == [carls]


@pytest.mark.parametrize(("day", "allowed"), [("2026-04-15", True), ("2026-04-14", False)])
def test_nobody_is_offered_what_is_against_their_own_spacing(cast, adas, day, allowed):
    """Two days before another visit of hers is far enough, one is not."""
    book_one(cast, new_york(f"{day} 10:00"), patient=cast.bea)
    wait_for_course(cast, cast.bea)
    give_up(cast, adas)

    assert bool(offer()) is allowed


def test_who_has_nothing_booked_comes_before_who_would_rather_come_sooner(cast, adas):
    """Carl's first of six is in time on Thursday and would fit on Monday as well."""
    course = [adas.start + timedelta(days=day) for day in (3, 7, 10, 14, 17, 21)]
    carls = book_ket6(cast, patient=cast.carl, starts=[one + 3 * HOUR for one in course])
    join_waiting_list(
        cast.carl,
        clinic=cast.north,
        protocol=cast.ket6,
        session=carls.sessions.get(number=1),
        actor=cast.as_desk,
        now=NOW - timedelta(days=30),
    )
    wait_for_course(cast, cast.bea)
    give_up(cast, adas)

    assert [one.entry.patient for one in offer()] == [cast.bea, cast.carl]


def test_whoever_accepts_first_has_it_and_the_other_still_waits_for_a_course(cast, adas):
    first = wait_for_course(cast, cast.bea, joined=NOW - timedelta(days=1))
    wait_for_course(cast, cast.carl)
    give_up(cast, adas)
    beas, carls = offer()
    assert (beas.entry, beas.batch) == (first, carls.batch)

    accept(carls)

    assert refused(lambda: accept(beas)) == "lost"
    assert (statuses(), Series.objects.filter(patient=cast.bea).count()) == (["lost", "accepted"], 0)
    first.refresh_from_db()
    assert first.closed_at is None


def test_who_won_waits_no_longer_at_the_other_clinic(cast, adas):
    west = wait_for_course(cast, cast.bea, clinic=cast.west)
    other = wait_for_course(cast, cast.bea, protocol=cast.esketamine, phase="induction")
    wait_for_course(cast, cast.bea)
    give_up(cast, adas)
    row = newest_row()

    accept(offer()[0])

    for entry in (west, other):
        entry.refresh_from_db()
    assert (west.closed_at, west.closed_why, other.closed_at) == (NOW, "accepted elsewhere", None)
    left = JournalEntry.objects.get(id__gt=row, verb="waiting_left")
    assert (left.clinic, left.reason) == (cast.west, "accepted elsewhere")


def test_who_books_the_course_without_an_offer_waits_no_longer(cast, made):
    starts = [one + timedelta(days=1) for one in made.starts]
    book_series(
        cast.bea,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=starts,
        actor=cast.as_desk,
        now=NOW + MINUTE,
    )

    assert refused(lambda: accept(made, now=NOW + MINUTE)) == "withdrawn"
    offer(now=NOW + MINUTE)
    assert WaitingEntry.objects.get().closed_why == "booked"
    assert (statuses(), held()) == (["withdrawn"], [])


def test_a_place_accepted_by_nobody_is_free_and_everybody_still_waits(made):
    decline_offer(made, actor=patient_actor(made.entry.patient), now=NOW)

    assert (statuses(), held()) == (["declined"], [])
    assert WaitingEntry.objects.get().closed_at is None


def test_an_open_ended_phase_begins_with_one_visit(cast):
    visit = booked_up(cast, book_one(cast, FREED, patient=cast.carl))
    wait_for_course(cast, cast.bea, protocol=cast.booster)
    give_up(cast, visit)

    (one,) = offer()

    assert one.starts == [FREED]
    assert accept(one).series.sessions.count() == 1
