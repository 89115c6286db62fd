from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.move import move_session
from bookings.errors import Invalid, NotFound, NotOffered, SpacingBroken, Stale, Taken, WrongState
from bookings.models import Claim, JournalEntry, Series, Session
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

SIX = MONDAYS_AND_THURSDAYS
WEDNESDAY = new_york("2026-04-08 10:00")
TUESDAY = new_york("2026-04-07 10:00")


def move(cast, moved, start, *, actor=None, now=NOW, **more):
    return move_session(moved, start=start, actor=actor or cast.as_ada, now=now, **more)


def test_a_session_moves_and_the_others_stay(cast):
    series = book_ket6(cast)

    moved = move(cast, session(series, 2), WEDNESDAY)

    assert moved.start == WEDNESDAY
    assert starts_of(series) == [SIX[0], WEDNESDAY, *SIX[2:]]
    assert Claim.objects.get(session=moved).start == WEDNESDAY
    assert prove(now=NOW) == []


def test_the_journal_tells_from_where_to_where(cast):
    series = book_ket6(cast)
    before = session(series, 2)

    moved = move(cast, before, WEDNESDAY)

    entry = JournalEntry.objects.get(verb="session_moved")
    assert (entry.session_id, entry.series_id, entry.patient_id) == (moved.id, series.id, cast.ada.id)
    assert (entry.before["start"], entry.after["start"]) == (
        "2026-04-09T14:00:00+00:00",
        "2026-04-08T14:00:00+00:00",
    )
    assert (entry.before["version"], entry.after["version"]) == (1, 2)


def test_session_and_series_get_their_next_version(cast):
    series = book_ket6(cast)

    move(cast, session(series, 2), WEDNESDAY)

    assert session(series, 2).version == 2
    assert Series.objects.get(id=series.id).version == 2


def test_a_time_that_was_confirmed_is_not_the_new_time(cast):
    series = book_ket6(cast)
    Session.objects.filter(series=series, number=2).update(status="confirmed", status_before="booked")

    assert move(cast, session(series, 2), WEDNESDAY).status == "booked"


def test_the_place_that_it_left_is_free(cast):
    series = book_ket6(cast)
    move(cast, session(series, 2), WEDNESDAY)

    for patient in (cast.bea, cast.carl):
        assert book_one(cast, SIX[1], patient=patient).start == SIX[1]


def test_it_may_overlap_the_place_that_it_leaves(cast):
    series = book_ket6(cast)

    assert move(cast, session(series, 2), SIX[1] + timedelta(minutes=15)).start == SIX[1] + timedelta(
        minutes=15
    )


def test_it_moves_to_the_chair_that_is_named(cast):
    moved = move(cast, session(book_ket6(cast), 2), SIX[1], chair=cast.n3, actor=cast.as_desk)

    assert moved.chair == cast.n3


def test_a_chair_that_is_taken_is_refused_by_nearest_openings(cast):
    other = book_one(cast, SIX[1], patient=cast.bea)

    with pytest.raises(Taken) as refusal:
        move(cast, session(book_ket6(cast), 2), SIX[1], chair=other.chair, actor=cast.as_desk)

    assert len(refusal.value.facts["alternatives"]) == 3


def test_a_chair_of_another_clinic_is_refused(cast):
    with pytest.raises(Invalid):
        move(cast, session(book_ket6(cast), 2), SIX[1], chair=cast.w1, actor=cast.as_desk)


def test_the_refusal_names_the_earliest_day(cast):
    with pytest.raises(SpacingBroken) as refusal:
        move(cast, session(book_ket6(cast), 2), TUESDAY)

    assert "earliest Wed 8 April" in refusal.value.detail


def test_spacing_is_kept_to_the_session_after_as_well(cast):
    with pytest.raises(SpacingBroken) as refusal:
        move(
            cast,
            session(book_ket6(cast), 2),
            new_york("2026-04-12 10:00"),
            actor=cast.as_desk,
            override_reason="?",
        )

    assert {one["rule"] for one in refusal.value.facts["violations"]} == {"min_gap"}


def test_an_override_shortens_the_guard_of_the_session_before(cast):
    series = book_ket6(cast)

    moved = move(cast, session(series, 2), TUESDAY, actor=cast.as_prescriber, override_reason="travels")

    assert [one["rule"] for one in moved.overrides] == ["min_gap"]
    guard = Claim.objects.get(session=session(series, 1)).guard
    assert (guard.lower, guard.upper) == (SIX[0], TUESDAY)
    assert [(one.number, one.excuse) for one in prove(now=NOW)] == [(2, "overridden")]


def test_a_move_to_a_good_place_forgets_the_override_of_the_old_one(cast):
    series = book_ket6(cast)
    move(cast, session(series, 2), TUESDAY, actor=cast.as_prescriber, override_reason="travels")

    assert move(cast, session(series, 2), WEDNESDAY).overrides == []


@pytest.mark.parametrize(("hours", "moves"), [(24, True), (23.99, False)])
def test_a_patient_moves_until_the_cut_off(cast, hours, moves):
    series = book_ket6(cast)
    now = SIX[1] - timedelta(hours=hours)
    target = new_york("2026-04-10 10:00")

    if moves:
        assert move(cast, session(series, 2), target, now=now).start == target
    else:
        with pytest.raises(NotOffered) as refusal:
            move(cast, session(series, 2), target, now=now)
        assert [one["rule"] for one in refusal.value.facts["violations"]] == ["lead_time"]
        assert move(cast, session(series, 2), target, now=now, actor=cast.as_desk).start == target


@pytest.mark.parametrize("status", ["arrived", "infusing", "recovering", "completed", "no_show", "cancelled"])
def test_what_has_begun_or_ended_does_not_move(cast, status):
    series = book_ket6(cast)
    Session.objects.filter(series=series, number=2).update(status=status)

    with pytest.raises(WrongState) as refusal:
        move(cast, session(series, 2), WEDNESDAY)

    assert refusal.value.facts["status"] == status


def test_whoever_read_an_older_version_is_told(cast):
    series = book_ket6(cast)
    move(cast, session(series, 2), WEDNESDAY)

    with pytest.raises(Stale):
        move(cast, session(series, 2), SIX[1], if_version=1)
    assert move(cast, session(series, 2), SIX[1], if_version=2).version == 3


def test_it_is_read_again_under_the_lock(cast):
    series = book_ket6(cast)
    known_before = session(series, 2)
    Session.objects.filter(id=known_before.id).update(status="cancelled")

    with pytest.raises(WrongState):
        move(cast, known_before, WEDNESDAY)


def test_a_patient_moves_nobody_elses(cast):
    with pytest.raises(NotFound):
        move(cast, session(book_ket6(cast), 2), WEDNESDAY, actor=patient_actor(cast.bea))


def test_a_patient_whose_course_lapsed_does_not_move(cast):
    series = book_ket6(cast)
    Series.objects.filter(id=series.id).update(status="lapsed")

    with pytest.raises(SpacingBroken):
        move(cast, session(series, 2), WEDNESDAY)
    assert move(cast, session(series, 2), WEDNESDAY, actor=cast.as_desk).start == WEDNESDAY


def test_the_number_of_statements_is_fixed(cast, django_assert_num_queries):
    series = book_ket6(cast)
    second, third, ada = session(series, 2), session(series, 3), cast.as_ada

    with django_assert_num_queries(17):
        move(cast, second, WEDNESDAY, actor=ada)
    with django_assert_num_queries(17):
        move(cast, third, new_york("2026-04-13 14:00"), actor=ada)
