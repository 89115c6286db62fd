"""How chairs and nurses were used, against what was open and who was on duty."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands import roster
from bookings.commands.attend import miss_session
from bookings.commands.cancel import cancel_session
from bookings.errors import Invalid
from bookings.models import OpeningHours
from bookings.queries.reports.period import Period
from bookings.queries.reports.utilisation import Used, utilisation
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_chairs, make_clinic, make_shifts, new_york

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = date(2026, 4, 6)
#: Three chairs for nine hours; Ana for 8 1/2 hours and Ben for 9.
EMPTY = Used(chairs_open=3 * 540, nurses_on_duty=510 + 540)


def of(clinic, first=MONDAY, last=None):
    return utilisation(Period(clinic, first, last or first))


def test_a_day_without_visits_has_what_was_open(cast):
    assert of(cast.north).days == ((MONDAY, EMPTY),)


def test_a_visit_takes_its_chair_to_the_turnover_and_nurses_by_its_steps(cast):
    book_one(cast, new_york("2026-04-06 10:00"))

    # 150 minutes of a chair; 15 of one nurse alone, 100 of one among up to three.
    assert of(cast.north).total == EMPTY + Used(chairs_used=150, nurses_needed=115)
    assert of(cast.north).total.chairs_share == 150 / 1620


def test_three_who_are_watched_together_take_one_nurse(cast):
    for minute, patient in (("00", cast.ada), ("15", cast.bea), ("30", cast.carl)):
        book_one(cast, new_york(f"2026-04-06 10:{minute}"), patient=patient)

    # Set-ups from 10:15 to 11:00, one after another; someone is watched from 10:30 to 12:40.
    assert of(cast.north).total.nurses_needed == 45 + 130


@pytest.mark.parametrize("gone", [cancel_session, miss_session])
def test_who_does_not_come_takes_nothing(cast, gone):
    session = book_one(cast, new_york("2026-04-06 10:00"))
    gone(session, actor=cast.as_desk, now=new_york("2026-04-06 10:30"))

    assert of(cast.north).total == EMPTY


def test_closures_take_from_what_was_open_and_a_visit_in_them_is_beyond(cast):
    session = book_one(cast, new_york("2026-04-06 10:00"))
    noon = {"starts": new_york("2026-04-06 12:00"), "ends": new_york("2026-04-06 13:00")}
    roster.close(cast.north, **noon, actor=cast.as_desk, now=NOW)
    roster.close(cast.north, chair=session.chair, **noon, actor=cast.as_desk, now=NOW)

    found = of_fresh(cast.north).total
    assert (found.chairs_open, found.chairs_used, found.chairs_beyond) == (3 * 480, 120, 30)


def test_a_closed_chair_takes_its_own_minutes_alone(cast):
    times = {"starts": new_york("2026-04-06 12:00"), "ends": new_york("2026-04-06 13:00")}
    roster.close(cast.north, chair=cast.n1, **times, actor=cast.as_desk, now=NOW)

    assert of_fresh(cast.north).total.chairs_open == 3 * 540 - 60


def test_a_date_keeps_the_hours_that_it_had(cast):
    shorter = {weekday: [(time(9), time(12))] for weekday in range(1, 6)}
    roster.change_hours(cast.north, hours=shorter, actor=cast.as_manager, now=new_york("2026-04-06 23:59"))

    days = of_fresh(cast.north, date(2026, 4, 3), date(2026, 4, 7)).days

    assert [used.chairs_open for _, used in days] == [3 * 540, 0, 0, 3 * 180, 3 * 180]


def test_a_chair_counts_from_its_first_day_to_its_last(cast):
    at = new_york("2026-04-06 12:00")
    roster.add_chair(cast.north, name="N4", actor=cast.as_manager, now=at)
    roster.change_chair(cast.n1, retired=True, actor=cast.as_manager, now=at + timedelta(hours=2))

    days = of_fresh(cast.north, date(2026, 4, 3), date(2026, 4, 7)).days

    assert [used.chairs_open for _, used in days] == [3 * 540, 0, 0, 2 * 540 + 6 * 60 + 5 * 60, 3 * 540]


def test_a_shortage_counts_its_minutes(cast):
    book_one(cast, new_york("2026-04-06 15:30"), override_reason="late", actor=cast.as_prescriber)
    cast.north.shifts.filter(starts__date="2026-04-06").delete()
    cast.north.roster_version += 1
    cast.north.save()

    found = of(cast.north).total
    assert (found.nurses_on_duty, found.nurses_needed, found.short) == (0, 115, 115)
    assert found.nurses_share is None


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_the_days_on_which_the_clocks_change_are_as_long_as_they_are(cast, day, hours):
    night = make_clinic("night", time_zone="America/New_York", weekdays=(7,), opens=time(0), closes=time(0))
    make_chairs(night, "X")
    on = date.fromisoformat(day)
    make_shifts(night, cast.ana, time(0), time(23), first=on, last=on, weekdays=(7,))

    [(_, used)] = of(night, on).days

    assert (used.chairs_open, used.nurses_on_duty) == (hours * 60, (hours - 1) * 60)


def test_a_visit_over_midnight_is_on_both_dates(cast):
    late = make_clinic(
        "late", time_zone="America/New_York", weekdays=range(1, 8), opens=time(0), closes=time(0)
    )
    make_chairs(late, "L")
    cast.desk.clinics.add(late)
    cast.booster.clinics.add(late)
    make_shifts(late, cast.ben, time(0), time(0), weekdays=())
    late.shifts.create(nurse=cast.ben, starts=new_york("2026-04-10 18:00"), ends=new_york("2026-04-11 06:00"))
    book_one(cast, new_york("2026-04-10 23:00"), clinic=late)

    both = of(late, date(2026, 4, 10), date(2026, 4, 11)).days
    second = of(late, date(2026, 4, 11)).days

    assert [used.chairs_used for _, used in both] == [60, 90]
    assert second == both[1:]


def test_as_many_queries_for_many_days_and_visits_as_for_one(cast):
    book_one(cast, new_york("2026-04-06 10:00"))
    of(cast.north)  # the roster and the protocols are kept from here on
    counts = []
    for last in (MONDAY, date(2026, 5, 29)):
        with CaptureQueriesContext(connection) as captured:
            of(cast.north, last=last)
        counts.append(len(captured))
        if last == MONDAY:
            book_one(cast, new_york("2026-04-07 10:00"), patient=cast.carl)
            book_ket6(
                cast, patient=cast.bea, starts=[start + timedelta(hours=2) for start in MONDAYS_AND_THURSDAYS]
            )

    assert counts == [3, 3]


def test_a_period_is_a_year_at_most_and_not_the_wrong_way_round(cast):
    assert len(Period(cast.north, date(2026, 1, 1), date(2027, 1, 1)).days) == 366
    with pytest.raises(Invalid, match="366"):
        Period(cast.north, date(2026, 1, 1), date(2027, 1, 2))
    with pytest.raises(Invalid, match="first date or later"):
        Period(cast.north, date(2026, 1, 2), date(2026, 1, 1))


def of_fresh(clinic, *dates):
    clinic.refresh_from_db()
    return of(clinic, *dates)


def test_hours_in_the_middle_of_the_night_are_those_of_their_date(cast):
    OpeningHours.objects.create(clinic=cast.north, weekday=7, opens=time(1), closes=time(4))
    cast.north.roster_version += 1
    cast.north.save()

    opens = [
        of(cast.north, date.fromisoformat(day)).total.chairs_open for day in ("2026-03-08", "2026-11-01")
    ]

    assert opens == [3 * 120, 3 * 240]
