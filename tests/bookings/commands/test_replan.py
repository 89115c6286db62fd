from datetime import date, timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.attend import miss_session
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.replan import apply_replan, propose_replan
from bookings.errors import NotAllowed, NotFound, SpacingBroken, UnplannableSeries, WrongState
from bookings.models import Claim, Clinic, JournalEntry, Series, Session
from bookings.proof import prove
from scheduler.rules import Wish
from scheduler.spans import instant
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, make_version, new_york

SIX = MONDAYS_AND_THURSDAYS


def moves_of(way):
    return {move.number: instant(move.after) for move in way.moves}


def missed_third(cast):
    series = book_ket6(cast)
    now = SIX[2] + timedelta(minutes=15)
    miss_session(session(series, 3), actor=cast.as_desk, now=now)
    return series, now


def test_nothing_moves_where_nothing_is_wrong(cast):
    series = book_ket6(cast)

    assert propose_replan(series, actor=cast.as_ada, now=NOW).found[0].moves == ()
    assert apply_replan(series, actor=cast.as_ada, now=NOW).version == 1


def test_proposing_writes_nothing(cast):
    series, now = missed_third(cast)
    rows = JournalEntry.objects.count()

    propose_replan(series, actor=cast.as_ada, now=now)

    assert JournalEntry.objects.count() == rows
    assert Session.objects.count() == 6


def test_a_missed_session_is_made_up_after_the_last_at_the_usual_hour(cast):
    series, now = missed_third(cast)

    best = propose_replan(series, actor=cast.as_ada, now=now).found[0]

    assert moves_of(best) == {7: new_york("2026-04-27 10:00")}


def test_the_make_up_is_a_session_of_its_own(cast):
    series, now = missed_third(cast)

    apply_replan(series, actor=cast.as_ada, now=now)

    assert starts_of(series) == [*SIX, new_york("2026-04-27 10:00")]
    assert [one.status for one in series.sessions.order_by("number")] == [
        *["booked"] * 2, "no_show", *["booked"] * 4
    ]  # fmt: skip
    assert JournalEntry.objects.order_by("-id").first().verb == "session_booked"
    assert prove(now=now) == []


def test_what_has_been_made_up_is_not_made_up_again(cast):
    series, now = missed_third(cast)
    apply_replan(series, actor=cast.as_ada, now=now)

    assert propose_replan(series, actor=cast.as_ada, now=now).found[0].moves == ()


def test_a_closed_day_moves_the_one_session_that_is_on_it(cast):
    series = book_ket6(cast)
    cast.north.closures.create(starts=new_york("2026-04-13 00:00"), ends=new_york("2026-04-14 00:00"))
    Clinic.objects.filter(id=cast.north.id).update(roster_version=2)

    apply_replan(Series.objects.get(id=series.id), actor=cast.as_desk, now=NOW)

    stayed = [start for number, start in enumerate(starts_of(series), 1) if number != 3]
    assert stayed == [*SIX[:2], *SIX[3:]]
    assert starts_of(series)[2].date() == date(2026, 4, 14)
    assert [one.verb for one in JournalEntry.objects.order_by("id")] == ["series_booked", "session_moved"]
    assert prove(now=NOW) == []


def test_a_broken_chair_is_left_at_the_same_hour(cast):
    series = book_ket6(cast)
    broken = session(series, 2).chair
    broken.closures.create(clinic=cast.north, starts=SIX[1], ends=SIX[2])
    Clinic.objects.filter(id=cast.north.id).update(roster_version=2)

    apply_replan(Series.objects.get(id=series.id), actor=cast.as_desk, now=NOW)

    assert starts_of(series) == SIX
    assert session(series, 2).chair != broken
    assert prove(now=NOW) == []


def test_sessions_before_the_one_named_stay(cast):
    series = book_ket6(cast)
    wish = Wish(not_before=new_york("2026-04-06 13:00").time())

    apply_replan(series, from_number=4, wish=wish, actor=cast.as_desk, now=NOW)

    starts = starts_of(series)
    assert starts[:3] == SIX[:3]
    assert all(start.astimezone(cast.north.zone).hour >= 13 for start in starts[3:])
    assert prove(now=NOW) == []


def test_what_a_patient_may_no_longer_change_stays(cast):
    series = book_ket6(cast)
    wish = Wish(not_before=new_york("2026-04-06 13:00").time())

    apply_replan(series, wish=wish, actor=cast.as_ada, now=SIX[0] - timedelta(hours=23))

    starts = starts_of(series)
    assert starts[0] == SIX[0]
    assert all(start.astimezone(cast.north.zone).hour >= 13 for start in starts[1:])


def test_there_may_be_no_way(cast):
    series, now = missed_third(cast)
    cast.north.closures.create(starts=new_york("2026-04-24 00:00"), ends=new_york("2026-05-30 00:00"))
    cast.north.closures.create(starts=new_york("2026-04-14 00:00"), ends=new_york("2026-04-16 00:00"))
    Clinic.objects.filter(id=cast.north.id).update(roster_version=2)
    wish = Wish(weekdays=frozenset({5}))

    with pytest.raises(UnplannableSeries):
        propose_replan(Series.objects.get(id=series.id), wish=wish, actor=cast.as_desk, now=now)


def test_only_a_prescriber_changes_the_treatment(cast):
    version = make_version(cast.ket6, KET6, signed_by=cast.prescriber)

    with pytest.raises(NotAllowed):
        propose_replan(book_ket6(cast), onto=version, actor=cast.as_desk, now=NOW)


def test_nobody_plans_for_somebody_else(cast):
    with pytest.raises(NotFound):
        propose_replan(book_ket6(cast), actor=patient_actor(cast.bea), now=NOW)


def test_a_patient_whose_course_lapsed_does_not_plan(cast):
    series = book_ket6(cast)
    cancel_session(session(series, 3), actor=cast.as_desk, now=NOW)
    Series.objects.filter(id=series.id).update(status="lapsed")

    with pytest.raises(SpacingBroken):
        propose_replan(series, actor=cast.as_ada, now=NOW)


def test_a_series_that_has_ended_is_not_planned(cast):
    series = book_ket6(cast)
    cancel_series(series, actor=cast.as_desk, now=NOW)

    with pytest.raises(WrongState):
        propose_replan(series, actor=cast.as_desk, now=NOW)


def test_an_open_ended_series_makes_up_nothing(cast):
    one = book_one(cast, SIX[0])
    miss_session(one, actor=cast.as_desk, now=SIX[0] + timedelta(minutes=15))

    with pytest.raises(WrongState):
        propose_replan(one.series, actor=cast.as_desk, now=SIX[0] + timedelta(minutes=15))
    assert Claim.objects.count() == 0
