from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.errors import NotFound, NotOffered, Stale, WrongState
from bookings.models import Claim, JournalEntry, Series, Session
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, make_protocol, new_york

SIX = MONDAYS_AND_THURSDAYS


def test_a_cancelled_session_gives_its_place_back_and_stays_in_the_books(cast):
    series = book_ket6(cast)

    cancelled = cancel_session(session(series, 3), reason="a cold", actor=cast.as_ada, now=NOW)

    assert (cancelled.status, cancelled.status_before) == ("cancelled", "booked")
    assert not Claim.objects.filter(session=cancelled).exists()
    assert Claim.objects.filter(session__series=series).count() == 5
    assert Series.objects.get(id=series.id).status == "active"
    entry = JournalEntry.objects.get(verb="session_cancelled")
    assert (entry.session_id, entry.reason, entry.after["status"]) == (cancelled.id, "a cold", "cancelled")
    assert prove(now=NOW) == []


def test_a_cancelled_session_does_not_count_for_spacing(cast):
    series = book_ket6(cast)
    cancel_session(session(series, 2), actor=cast.as_ada, now=NOW)

    assert book_one(cast, new_york("2026-04-08 10:00")).status == "booked"


@pytest.mark.parametrize(("hours", "cancels"), [(24, True), (23.99, False)])
def test_a_patient_cancels_until_the_cut_off(cast, hours, cancels):
    series = book_ket6(cast)
    now = SIX[1] - timedelta(hours=hours)

    if cancels:
        assert cancel_session(session(series, 2), actor=cast.as_ada, now=now).status == "cancelled"
    else:
        with pytest.raises(NotOffered):
            cancel_session(session(series, 2), actor=cast.as_ada, now=now)
        assert cancel_session(session(series, 2), actor=cast.as_desk, now=now).status == "cancelled"


@pytest.mark.parametrize(("status", "cancels"), [
    ("requested", True), ("booked", True), ("confirmed", True), ("arrived", True),
    ("infusing", False), ("recovering", False), ("completed", False), ("no_show", False),
    ("cancelled", False),
])  # fmt: skip
def test_what_is_under_way_or_over_is_not_cancelled(cast, status, cancels):
    series = book_ket6(cast)
    Session.objects.filter(series=series, number=2).update(status=status)

    if cancels:
        assert cancel_session(session(series, 2), actor=cast.as_desk, now=NOW).status_before == status
    else:
        with pytest.raises(WrongState):
            cancel_session(session(series, 2), actor=cast.as_desk, now=NOW)


def test_nobody_cancels_for_somebody_else(cast):
    with pytest.raises(NotFound):
        cancel_session(session(book_ket6(cast), 2), actor=patient_actor(cast.bea), now=NOW)


def test_whoever_read_an_older_version_is_told(cast):
    series = book_ket6(cast)

    with pytest.raises(Stale):
        cancel_session(session(series, 2), if_version=2, actor=cast.as_desk, now=NOW)
    with pytest.raises(Stale):
        cancel_series(series, if_version=2, actor=cast.as_desk, now=NOW)


def two_weeks_apart(cast, *, max_gap_days):
    """Three sessions with seven days between them."""
    spacing = {"min_gap_days": 2, "max_gap_days": max_gap_days}
    phases = [{"name": "induction", "sessions": 3, "spacing": spacing}]
    rules = {**KET6, "slug": f"weekly-{max_gap_days}", "phases": phases}
    protocol = make_protocol(rules, cast.north, signed_by=cast.prescriber)
    starts = [new_york(f"2026-04-{day} 10:00") for day in ("06", "13", "20")]
    return book_ket6(cast, protocol=protocol, starts=starts)


@pytest.mark.parametrize(("max_gap_days", "status"), [(14, "active"), (13, "lapsed")])
def test_a_gap_past_the_hard_maximum_makes_the_series_lapse(cast, max_gap_days, status):
    series = two_weeks_apart(cast, max_gap_days=max_gap_days)

    cancel_session(session(series, 2), actor=cast.as_desk, now=NOW)

    assert Series.objects.get(id=series.id).status == status
    assert JournalEntry.objects.filter(verb="series_lapsed").exists() is (status == "lapsed")
    assert prove(now=NOW) == []


def test_the_last_session_that_is_given_up_ends_the_series(cast):
    one = book_one(cast, SIX[0])

    cancel_session(one, actor=cast.as_ada, now=NOW)

    assert Series.objects.get(id=one.series_id).status == "cancelled"
    assert [entry.verb for entry in JournalEntry.objects.order_by("id")] == [
        "series_booked",
        "session_cancelled",
        "series_cancelled",
    ]


def test_a_series_is_cancelled_whole(cast):
    series = book_ket6(cast)

    cancelled = cancel_series(series, reason="moves away", actor=cast.as_ada, now=NOW)

    assert (cancelled.status, cancelled.version) == ("cancelled", 2)
    assert {one.status for one in series.sessions.all()} == {"cancelled"}
    assert not Claim.objects.exists()
    assert [entry.verb for entry in JournalEntry.objects.order_by("id")] == [
        "series_booked",
        "series_cancelled",
        *["session_cancelled"] * 6,
    ]
    assert prove(now=NOW) == []


def test_what_was_delivered_stays_delivered(cast):
    series = book_ket6(cast)
    Session.objects.filter(series=series, number__lte=2).update(status="completed")

    cancel_series(series, actor=cast.as_desk, now=NOW)

    assert [one.status for one in series.sessions.order_by("number")] == ["completed"] * 2 + ["cancelled"] * 4
    assert Claim.objects.filter(session__series=series).count() == 2


def test_a_patient_cancels_the_series_before_the_cut_off_of_its_next_session(cast):
    series = book_ket6(cast)

    with pytest.raises(NotOffered):
        cancel_series(series, actor=cast.as_ada, now=SIX[0] - timedelta(hours=23))
    assert {one.status for one in series.sessions.all()} == {"booked"}


def test_a_series_that_has_ended_is_not_cancelled_again(cast):
    series = book_ket6(cast)
    cancel_series(series, actor=cast.as_desk, now=NOW)

    with pytest.raises(WrongState):
        cancel_series(series, actor=cast.as_desk, now=NOW)


def test_the_number_of_statements_does_not_depend_on_the_number_of_sessions(cast, django_assert_num_queries):
    six, one, desk = book_ket6(cast), book_one(cast, SIX[0], patient=cast.bea).series, cast.as_desk

    for series in (six, one):
        with django_assert_num_queries(12):
            cancel_series(series, actor=desk, now=NOW)
