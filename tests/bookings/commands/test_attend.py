from datetime import timedelta

import pytest

from bookings.commands.attend import (
    check_in_session,
    complete_session,
    confirm_session,
    miss_session,
    recover_session,
    start_session,
    undo_session,
)
from bookings.commands.cancel import cancel_session
from bookings.errors import Invalid, NotAllowed, NotFound, Stale, Taken, WrongState
from bookings.models import Claim, JournalEntry, Series, Session
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW

SIX = MONDAYS_AND_THURSDAYS
FIRST = SIX[0]


def complete(cast, done, **more):
    return complete_session(done, escort=True, actor=cast.as_nurse, now=FIRST, **more)


def test_a_visit_runs_through_its_states(cast):
    series, nurse = book_ket6(cast), cast.as_nurse

    seen = [confirm_session(session(series, 1), actor=cast.as_ada, now=NOW).status]
    verbs = (check_in_session, start_session, recover_session)
    seen += [verb(session(series, 1), actor=nurse, now=FIRST).status for verb in verbs]
    seen += [complete(cast, session(series, 1)).status]

    assert seen == ["confirmed", "arrived", "infusing", "recovering", "completed"]
    assert [entry.verb for entry in JournalEntry.objects.order_by("id")][1:] == [
        f"session_{one}" for one in seen
    ]
    assert session(series, 1).version == 6
    assert Claim.objects.filter(session=session(series, 1)).exists()
    assert prove(now=NOW) == []


def test_a_visit_does_not_skip_a_state(cast):
    with pytest.raises(WrongState) as refusal:
        start_session(session(book_ket6(cast), 1), actor=cast.as_nurse, now=FIRST)

    assert refusal.value.facts == {
        "status": "booked",
        "allowed": ["confirm", "move", "cancel", "check-in", "no-show"],
    }


@pytest.mark.parametrize(
    "verb", [check_in_session, start_session, recover_session, complete_session, miss_session, undo_session]
)
def test_a_patient_only_confirms(cast, verb):
    with pytest.raises(NotAllowed):
        verb(session(book_ket6(cast), 1), actor=cast.as_ada, now=FIRST)


def test_nobody_confirms_for_somebody_else(cast):
    series = book_ket6(cast, patient=cast.bea)

    with pytest.raises(NotFound):
        confirm_session(session(series, 1), actor=cast.as_ada, now=NOW)


def test_whoever_read_an_older_version_is_told(cast):
    with pytest.raises(Stale):
        confirm_session(session(book_ket6(cast), 1), if_version=2, actor=cast.as_ada, now=NOW)


# Going home


def recovering(cast, number=1):
    series = book_ket6(cast)
    Session.objects.filter(series=series, number=number).update(status="recovering")
    return session(series, number)


def test_nobody_goes_home_without_an_escort(cast):
    with pytest.raises(Invalid) as refusal:
        complete_session(recovering(cast), actor=cast.as_nurse, now=FIRST)

    assert refusal.value.facts["errors"][0]["field"] == "escort"


def test_a_prescriber_lets_a_patient_go_home_alone_and_says_why(cast):
    done = complete_session(
        recovering(cast), override_reason="lives next door", actor=cast.as_prescriber, now=FIRST
    )

    assert [(one["rule"], one["reason"]) for one in done.overrides] == [("escort", "lives next door")]


def test_a_nurse_does_not(cast):
    with pytest.raises(NotAllowed):
        complete_session(recovering(cast), override_reason="lives next door", actor=cast.as_nurse, now=FIRST)


def test_where_no_escort_is_asked_for_none_is_needed(cast):
    one = book_one(cast, FIRST, protocol=cast.infliximab)
    Session.objects.update(status="recovering")

    assert complete_session(one, actor=cast.as_nurse, now=FIRST).status == "completed"


def test_the_series_is_complete_with_its_last_live_session(cast):
    series = book_ket6(cast)
    Session.objects.filter(series=series).update(status="completed")
    Session.objects.filter(series=series, number__gte=5).update(status="recovering")

    complete(cast, session(series, 5))
    assert Series.objects.get(id=series.id).status == "active"
    complete(cast, session(series, 6))
    assert Series.objects.get(id=series.id).status == "completed"
    assert JournalEntry.objects.order_by("-id").first().verb == "series_completed"


# Nobody came


@pytest.mark.parametrize(("minutes", "missed"), [(14, False), (15, True)])
def test_a_visit_is_missed_a_quarter_of_an_hour_after_its_start(cast, minutes, missed):
    series, now = book_ket6(cast), FIRST + timedelta(minutes=minutes)

    if missed:
        assert miss_session(session(series, 1), actor=cast.as_desk, now=now).status == "no_show"
        assert not Claim.objects.filter(session=session(series, 1)).exists()
        assert prove(now=now) == []
    else:
        with pytest.raises(WrongState):
            miss_session(session(series, 1), actor=cast.as_desk, now=now)


def test_whoever_has_arrived_is_not_missed(cast):
    series = book_ket6(cast)
    check_in_session(session(series, 1), actor=cast.as_desk, now=FIRST)

    with pytest.raises(WrongState):
        miss_session(session(series, 1), actor=cast.as_desk, now=FIRST + timedelta(hours=1))


# Undo


def test_undo_goes_back_one_step_and_no_further(cast):
    series, nurse = book_ket6(cast), cast.as_nurse
    confirm_session(session(series, 1), actor=cast.as_ada, now=NOW)
    check_in_session(session(series, 1), actor=nurse, now=FIRST)

    assert undo_session(session(series, 1), actor=nurse, now=FIRST).status == "confirmed"
    with pytest.raises(WrongState):
        undo_session(session(series, 1), actor=nurse, now=FIRST)


def test_a_cancelled_session_comes_back_to_its_place(cast):
    series = book_ket6(cast)
    cancelled = cancel_session(session(series, 3), actor=cast.as_ada, now=NOW)

    back = undo_session(cancelled, actor=cast.as_desk, now=NOW)

    assert (back.status, back.start) == ("booked", SIX[2])
    assert Claim.objects.get(session=back).start == SIX[2]
    assert prove(now=NOW) == []


def test_it_does_not_come_back_to_a_place_that_is_taken(cast):
    series = book_ket6(cast)
    cancelled = cancel_session(session(series, 3), actor=cast.as_ada, now=NOW)
    for patient in (cast.bea, cast.carl):
        book_one(cast, SIX[2], patient=patient)

    with pytest.raises(Taken):
        undo_session(cancelled, actor=cast.as_desk, now=NOW)
    assert session(series, 3).status == "cancelled"


def test_a_missed_session_comes_back_though_its_time_has_come(cast):
    series, now = book_ket6(cast), FIRST + timedelta(minutes=20)
    missed = miss_session(session(series, 1), actor=cast.as_desk, now=now)

    assert undo_session(missed, actor=cast.as_desk, now=now).status == "booked"
    assert prove(now=now) == []


def test_a_session_that_comes_back_reopens_its_series(cast):
    one = book_one(cast, FIRST)
    cancel_session(one, actor=cast.as_desk, now=NOW)

    undo_session(one, actor=cast.as_desk, now=NOW)

    assert Series.objects.get(id=one.series_id).status == "active"
    assert JournalEntry.objects.order_by("-id").first().verb == "series_reopened"


def test_undoing_the_last_completion_reopens_the_series(cast):
    one = book_one(cast, FIRST)
    Session.objects.update(status="recovering")
    complete(cast, one)

    undo_session(one, actor=cast.as_nurse, now=FIRST)

    assert Series.objects.get(id=one.series_id).status == "active"


def test_the_escort_that_was_forgiven_is_forgotten_when_undone(cast):
    done = complete_session(recovering(cast), override_reason="near", actor=cast.as_prescriber, now=FIRST)

    assert undo_session(done, actor=cast.as_nurse, now=FIRST).overrides == []


def test_the_number_of_statements_is_fixed(cast, django_assert_num_queries):
    one, nurse = session(book_ket6(cast), 1), cast.as_nurse

    for verb in (check_in_session, start_session, recover_session):
        with django_assert_num_queries(8):
            verb(one, actor=nurse, now=FIRST)
