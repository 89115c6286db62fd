"""Bookings and gaps across both changes of clock, in zones that change by an hour, by half an hour and not
at all.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bookings.errors import NotOffered, SpacingBroken
from bookings.models import Claim, Closure
from bookings.proof import prove
from tests.bookings.clock_scenes import CHANGES, Place
from tests.cast import make_patient

GAP = 48 * 60


@pytest.fixture(params=CHANGES, ids=lambda change: f"{change[0].split('/')[1]} {change[1]:%b}")
def change(request, db):
    zone, day, longer = request.param
    return Place(zone, day), longer


def test_calendar_days_are_counted_on_the_clinics_calendar(change):
    """From the evening before to the morning after are two dates, whatever the clocks did between them."""
    place, _ = change
    two_days = place.protocol(min_gap_days=2)
    place.book(place.local(-1, time(20)), two_days)

    with pytest.raises(SpacingBroken):
        place.book(place.local(0, time(20)), two_days)
    assert place.book(place.local(1, time(6)), two_days).status == "booked"
    assert prove(now=place.now) == []


def test_hours_are_counted_as_they_pass(change):
    """The same wall-clock time two days later is 48 hours away only where no clock was changed between."""
    place, longer = change
    hours = place.protocol(min_gap_minutes=GAP)
    start = place.local(-1, time(10))
    place.book(start, hours)
    same_clock = place.local(1, time(10))
    passed = (same_clock.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 60
    assert passed == GAP + longer

    if longer < 0:
        with pytest.raises(SpacingBroken):
            place.book(same_clock, hours)
        same_clock = (start.astimezone(UTC) + timedelta(minutes=GAP)).astimezone(place.zone)
    assert place.book(same_clock, hours).start == same_clock
    assert prove(now=place.now) == []


def test_the_guard_in_the_database_ends_when_the_rule_ends(change):
    place, _ = change
    place.book(place.local(-1, time(10)), place.protocol(min_gap_days=2))

    assert Claim.objects.get().guard.upper == place.local(1, time(0))


def test_a_visit_over_the_change_takes_the_time_that_passes(change):
    place, _ = change

    session = place.book(place.local(0, time(0, 30)), place.protocol())

    assert session.end - session.start == timedelta(minutes=130)
    assert prove(now=place.now) == []


@pytest.mark.django_db
def test_an_hour_that_occurs_twice_is_two_places():
    place = Place("America/New_York", date(2026, 11, 1))
    any_time = place.protocol(min_gap_minutes=0)
    first, second = place.local(0, time(1, 30)), place.local(0, time(1, 30), fold=1)

    one = place.book(first, any_time)

    assert one.start.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    place.patient = make_patient("Ned", "Later", number=78)
    two = place.book(second, any_time)
    assert two.start.astimezone(UTC) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_a_closure_over_midnight_bars_both_days():
    place = Place("America/New_York", date(2026, 4, 15))
    Closure.objects.create(
        clinic=place.clinic, starts=place.local(0, time(22)), ends=place.local(1, time(2)), reason="power"
    )
    any_time = place.protocol(min_gap_minutes=0)

    for days, clock in ((0, time(20)), (0, time(23)), (1, time(1, 45))):
        with pytest.raises(NotOffered):
            place.book(place.local(days, clock), any_time)
    place.book(place.local(0, time(19, 45)), any_time)  # leaves at 21:55
    place.book(place.local(1, time(2)), any_time)
    assert prove(now=place.now) == []
