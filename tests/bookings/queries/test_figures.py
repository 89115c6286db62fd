"""Starts, no-shows by lead time, and gaps of series, over a period of clinic-local dates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.attend import check_in_session, miss_session
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.models import Clinic, Series, Session
from bookings.queries.reports.gaps import gaps
from bookings.queries.reports.no_shows import no_shows
from bookings.queries.reports.period import Period
from bookings.queries.reports.starts import Quarter, starts
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_patient, make_version, new_york
from tests.treatments import KET6

pytestmark = pytest.mark.django_db(transaction=True)

APRIL = (date(2026, 4, 1), date(2026, 4, 30))


def april(cast) -> Period:
    return Period(cast.north, *APRIL)


# --- starts -----------------------------------------------------------------------------------------------


def test_starts_are_counted_by_the_quarter_with_the_empty_ones_between(cast):
    book_one(cast, new_york("2026-04-06 10:00"))
    book_one(
        cast, new_york("2026-04-06 10:40"), patient=cast.bea, actor=cast.as_desk, override_reason="off grid"
    )
    book_one(
        cast, new_york("2026-04-07 10:44"), patient=cast.carl, actor=cast.as_desk, override_reason="off grid"
    )

    found = starts(april(cast))

    assert found.quarters == (
        Quarter(time(10, 0), 1, 1),
        Quarter(time(10, 15), 0, 0),
        Quarter(time(10, 30), 2, 1),
    )
    assert (found.days, found.visits) == (2, 3)


def test_who_is_cancelled_or_missed_did_not_begin(cast):
    cancel_session(book_one(cast, new_york("2026-04-06 10:00")), actor=cast.as_desk, now=NOW)
    missed = book_one(cast, new_york("2026-04-06 11:00"), patient=cast.bea)
    miss_session(missed, actor=cast.as_desk, now=new_york("2026-04-06 12:00"))

    assert (starts(april(cast)).quarters, starts(april(cast)).busiest) == ((), None)


def test_a_period_begins_and_ends_at_the_clinics_midnight(cast):
    row = book_one(cast, new_york("2026-04-06 10:00"))
    counts = []
    for at in ("2026-03-31 23:59", "2026-04-01 00:00", "2026-04-30 23:59", "2026-05-01 00:00"):
        start = new_york(at)
        Session.objects.filter(id=row.id).update(
            start=start, end=start + timedelta(hours=1), chair_until=start + timedelta(hours=1)
        )
        counts.append(starts(april(cast)).visits)

    assert counts == [0, 1, 1, 0]


def test_the_hour_that_occurs_twice_is_one_row_with_the_visits_of_both(cast):
    first = book_one(cast, new_york("2026-04-06 10:00"))
    second = book_one(cast, new_york("2026-04-06 10:15"), patient=cast.bea)
    for row, at in ((first, "2026-11-01T01:30:00-04:00"), (second, "2026-11-01T01:30:00-05:00")):
        start = datetime.fromisoformat(at)
        Session.objects.filter(id=row.id).update(
            start=start, end=start + timedelta(hours=1), chair_until=start + timedelta(hours=1)
        )

    found = starts(Period(cast.north, date(2026, 11, 1), date(2026, 11, 1)))

    assert found.quarters == (Quarter(time(1, 30), 2, 2),)


# --- no-shows ----------------------------------------------------------------------------------------------


def came(cast, start, *, booked, patient=None, missed=False):
    row = book_one(cast, start, patient=patient, now=booked)
    if missed:
        miss_session(row, actor=cast.as_desk, now=start + timedelta(hours=1))
    else:
        check_in_session(row, actor=cast.as_desk, now=start)


def test_lead_time_is_counted_in_dates_of_the_clinic(cast):
    monday = new_york("2026-04-06 10:00")
    came(cast, monday, booked=new_york("2026-04-06 00:00"))
    came(
        cast, monday + timedelta(hours=1), booked=new_york("2026-04-05 23:59"), patient=cast.bea, missed=True
    )
    came(cast, monday + timedelta(hours=2), booked=new_york("2026-04-03 23:59"), patient=cast.carl)

    found = {(one.from_days, one.to_days): (one.came, one.missed) for one in no_shows(april(cast)).leads}

    assert found == {
        (0, 0): (1, 0),
        (1, 1): (0, 1),
        (2, 3): (1, 0),
        (4, 7): (0, 0),
        (8, 14): (0, 0),
        (15, 28): (0, 0),
        (29, None): (0, 0),
    }


def test_a_visit_that_was_moved_was_settled_when_it_was_moved(cast):
    row = book_one(cast, new_york("2026-04-20 10:00"), now=NOW)
    row = move_session(
        row, start=new_york("2026-04-21 10:00"), actor=cast.as_desk, now=new_york("2026-04-20 09:00")
    )
    miss_session(row, actor=cast.as_desk, now=new_york("2026-04-21 11:00"))

    found = no_shows(april(cast))

    assert [(one.from_days, one.missed) for one in found.leads if one.missed] == [(1, 1)]
    assert found.total.share == 1


def test_the_change_of_clock_takes_no_day_away(cast):
    came(cast, new_york("2026-03-09 10:00"), booked=new_york("2026-03-08 23:30"))

    found = no_shows(Period(cast.north, date(2026, 3, 9), date(2026, 3, 9)))

    assert [(one.from_days, one.came) for one in found.leads if one.came] == [(1, 1)]


def test_who_is_still_to_come_and_who_cancelled_is_neither(cast):
    book_one(cast, new_york("2026-04-06 10:00"))
    cancel_session(
        book_one(cast, new_york("2026-04-06 11:00"), patient=cast.bea), actor=cast.as_desk, now=NOW
    )

    assert (no_shows(april(cast)).total.came, no_shows(april(cast)).total.share) == (0, None)


# --- gaps --------------------------------------------------------------------------------------------------


def test_gaps_are_between_the_visits_of_a_series_against_its_bounds(cast):
    book_ket6(cast)

    [found] = gaps(april(cast))

    assert (found.protocol, found.phase, found.target, found.soft, found.hard) == (
        "ket6",
        "induction",
        3,
        7,
        14,
    )
    assert found.by_days == ((3, 3), (4, 2))
    assert (found.count, found.on_target, found.mean) == (5, 3, 3.4)
    assert [found.percentile(share) for share in (0.5, 0.6, 0.61, 1)] == [3, 3, 4, 4]
    assert (found.past_soft, found.past_hard) == (0, 0)


def test_what_was_cancelled_leaves_a_longer_gap_just_at_and_past_the_soft_bound(cast):
    series = book_ket6(cast)
    cancel_session(session(series, 2), actor=cast.as_desk, now=NOW)
    at_the_bound = gaps(april(cast))[0]
    cancel_session(session(series, 3), actor=cast.as_desk, now=NOW)
    past_it = gaps(april(cast))[0]

    assert (at_the_bound.by_days, at_the_bound.past_soft) == (((3, 2), (4, 1), (7, 1)), 0)
    assert (past_it.by_days, past_it.past_soft, past_it.past_hard) == (((3, 1), (4, 1), (10, 1)), 1, 0)


def test_a_gap_belongs_to_the_period_of_its_later_visit(cast):
    book_ket6(cast)

    ninth = gaps(Period(cast.north, date(2026, 4, 9), date(2026, 4, 9)))
    sixth = gaps(Period(cast.north, date(2026, 4, 6), date(2026, 4, 6)))

    assert ([one.by_days for one in ninth], sixth) == ([((3, 1),)], ())


def test_each_series_is_held_to_its_own_version_and_the_newest_is_named(cast):
    book_ket6(cast)
    phase = {**KET6["phases"][0]}
    phase["spacing"] = {**phase["spacing"], "soft_max_gap_days": 3}
    make_version(cast.ket6, {**KET6, "phases": [phase]}, signed_by=cast.prescriber)
    book_ket6(cast, patient=cast.bea)

    [found] = gaps(april(cast))

    assert (found.by_days, found.soft, found.past_soft) == (((3, 6), (4, 4)), 3, 2)


def test_days_are_those_of_the_wall_across_the_change_of_clock(cast):
    starts_ = [new_york(f"2026-03-{day} 10:00") for day in ("05", "07", "09", "11", "13", "16")]
    book_ket6(
        cast,
        starts=starts_,
        now=new_york("2026-03-01 10:00"),
        actor=cast.as_desk,
        override_reason="a Saturday",
    )

    [found] = gaps(Period(cast.north, date(2026, 3, 1), date(2026, 3, 31)))

    assert found.by_days == ((2, 4), (3, 1))


# --- all of them --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("report", "queries"), [(starts, 1), (no_shows, 1), (gaps, 2)])
def test_a_report_takes_as_many_queries_for_three_series_as_for_one(cast, report, queries):
    book_ket6(cast)
    counts = []
    for name, number in (("Dora", 11), ("Eli", 12)):
        later = [start + timedelta(hours=number - 10) for start in MONDAYS_AND_THURSDAYS]
        with CaptureQueriesContext(connection) as captured:
            report(april(cast))
        counts.append(len(captured))
        book_ket6(cast, patient=make_patient(name, "Vale", number=number), starts=later)

    assert (counts, Series.objects.count()) == ([queries, queries], 3)


@pytest.mark.parametrize("report", [starts, no_shows, gaps])
def test_other_clinics_do_not_count(cast, report):
    empty = report(april(cast))
    book_ket6(cast, clinic=cast.west, starts=[start + timedelta(hours=3) for start in MONDAYS_AND_THURSDAYS])

    assert report(april(cast)) == empty
    assert Clinic.objects.count() == 2
