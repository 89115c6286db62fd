"""Several sessions of a series moved together, and where one could go."""

from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.attend import confirm_session
from bookings.commands.cancel import cancel_session
from bookings.commands.rearrange import rearrange_series
from bookings.errors import Invalid, NotFound, NotOffered, SpacingBroken, Stale, Taken, WrongState
from bookings.models import JournalEntry
from bookings.proof import prove
from bookings.reading import reread
from bookings.rearranging import rearranging
from scheduler.spans import instant, minute
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

SIX = MONDAYS_AND_THURSDAYS


def april(day, clock="10:00"):
    return new_york(f"2026-04-{day:02} {clock}")


def looking(series, number, *, actor, now=NOW):
    return rearranging(reread(session(series, number).id), actor=actor, now=now)


def test_all_of_them_move_in_one_step(cast):
    series = book_ket6(cast)
    confirm_session(session(series, 5), actor=cast.as_ada, now=NOW)

    after = rearrange_series(
        series, starts={5: april(21), 6: april(24)}, if_version=2, actor=cast.as_ada, now=NOW
    )

    assert starts_of(series) == [*SIX[:4], april(21), april(24)]
    assert [one.status for one in series.sessions.order_by("number")] == ["booked"] * 6
    assert after.version == 3
    rows = JournalEntry.objects.order_by("id")
    assert [(one.verb, one.session.number) for one in rows if one.session] == [
        ("session_confirmed", 5),
        ("session_moved", 5),
        ("session_moved", 6),
    ]
    assert prove(now=NOW) == []


def test_one_may_take_the_place_that_another_leaves(cast):
    series = book_ket6(cast)

    rearrange_series(series, starts={5: SIX[5], 6: april(27)}, actor=cast.as_ada, now=NOW)

    assert starts_of(series) == [*SIX[:4], SIX[5], april(27)]


def test_none_of_them_moves_where_one_breaks_a_rule(cast):
    series = book_ket6(cast)

    with pytest.raises(SpacingBroken):
        rearrange_series(series, starts={5: april(21), 6: april(22)}, actor=cast.as_ada, now=NOW)
    assert starts_of(series) == SIX


def test_a_place_that_others_have_taken_is_refused_and_nothing_moves(cast):
    series = book_ket6(cast)
    for patient in (cast.bea, cast.carl):
        book_one(cast, april(24), patient=patient)

    with pytest.raises(Taken):
        rearrange_series(series, starts={5: april(21), 6: april(24)}, actor=cast.as_ada, now=NOW)
    assert starts_of(series) == SIX


def test_who_read_an_older_series_is_refused(cast):
    series = book_ket6(cast)
    confirm_session(session(series, 1), actor=cast.as_ada, now=NOW)

    with pytest.raises(Stale):
        rearrange_series(series, starts={6: april(24)}, if_version=1, actor=cast.as_ada, now=NOW)


def test_somebody_elses_series_is_not_there(cast):
    series = book_ket6(cast)

    with pytest.raises(NotFound):
        rearrange_series(series, starts={6: april(24)}, actor=patient_actor(cast.bea), now=NOW)


def test_the_cut_off_of_one_stands_in_the_way_of_all(cast):
    series = book_ket6(cast)
    just_before, too_late = SIX[4] - timedelta(hours=24), SIX[4] - timedelta(hours=24, seconds=-1)
    starts = {5: april(21), 6: april(24)}

    with pytest.raises(WrongState):
        rearrange_series(series, starts=starts, actor=cast.as_ada, now=too_late)
    rearrange_series(series, starts=starts, actor=cast.as_ada, now=just_before)

    assert starts_of(series)[4:] == [april(21), april(24)]


def test_what_was_cancelled_can_be_made_up_under_the_next_number(cast):
    series = book_ket6(cast)
    cancel_session(session(series, 6), actor=cast.as_ada, now=NOW)

    rearrange_series(series, starts={7: april(24)}, actor=cast.as_ada, now=NOW)

    assert [(one.number, one.status) for one in series.sessions.order_by("number")][5:] == [
        (6, "cancelled"),
        (7, "booked"),
    ]


@pytest.mark.parametrize("number", [0, 7, 6])
def test_a_number_that_is_not_left_is_refused(cast, number):
    series = book_ket6(cast)
    if number == 6:
        cancel_session(session(series, 6), actor=cast.as_ada, now=NOW)

    with pytest.raises(WrongState):
        rearrange_series(series, starts={number: april(24)}, actor=cast.as_ada, now=NOW)


def test_nothing_to_move_is_no_question(cast):
    with pytest.raises(Invalid):
        rearrange_series(book_ket6(cast), starts={}, actor=cast.as_ada, now=NOW)


def test_alone_a_session_goes_only_where_the_others_can_stay(cast):
    found = looking(book_ket6(cast), 3, actor=cast.as_ada).openings()

    days = [day.day for day, ones in sorted(found.items()) if ones and day.month == 4]
    assert days == [2, 3, 13, 14, 27]
    thirteenth = [instant(one.start) for day, ones in found.items() if day.day == 13 for one in ones]
    assert SIX[2] not in thirteenth  # where it is
    assert april(13, "10:15") in thirteenth


def test_further_dates_come_with_what_else_must_move(cast):
    series = book_ket6(cast)

    ways = looking(series, 5, actor=cast.as_ada).with_the_later(limit=2)

    assert [{move.number: instant(move.after) for move in way} for way in ways] == [
        {5: april(22), 6: april(24)},
        {5: april(23), 6: april(27)},
    ]


def test_every_way_that_is_offered_can_be_taken(cast):
    series = book_ket6(cast)
    ways = looking(series, 3, actor=cast.as_ada).with_the_later(limit=4)
    assert len(ways) == 4

    for way in ways:
        starts = {move.number: instant(move.after) for move in way}
        rearrange_series(series, starts=starts, actor=cast.as_ada, now=NOW)
        assert starts_of(series)[2] == starts[3]
        assert prove(now=NOW) == []
        rearrange_series(
            series, starts={number: SIX[number - 1] for number in starts}, actor=cast.as_ada, now=NOW
        )


def test_earlier_sessions_never_give_way(cast):
    looked = looking(book_ket6(cast), 3, actor=cast.as_ada)

    assert looked.around(minute(april(10))) is None  # one day after session 2
    assert [move.number for move in looked.around(minute(april(14)))] == [3]


def test_a_session_past_its_cut_off_is_not_looked_at(cast):
    series = book_ket6(cast)

    with pytest.raises(NotOffered):
        looking(series, 1, actor=cast.as_ada, now=SIX[0] - timedelta(hours=23))


def test_looking_asks_a_fixed_number_of_questions(cast, django_assert_num_queries):
    one, three = book_one(cast, april(8), patient=cast.bea), book_ket6(cast)
    for session_id, actor in ((one.id, patient_actor(cast.bea)), (session(three, 2).id, cast.as_ada)):
        found = reread(session_id)
        rearranging(found, actor=actor, now=NOW)
        with django_assert_num_queries(4):
            rearranging(found, actor=actor, now=NOW).with_the_later(limit=3)
