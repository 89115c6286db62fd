"""What cancelling would do is known before, and is what cancelling then does."""

import pytest

from bookings.commands.cancel import cancel_session
from bookings.lapsing import foreseen
from bookings.models import Series
from bookings.reading import reread
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york


def seen(series, number):
    ends, gap = foreseen(reread(session(series, number).id))
    return ends, gap and (gap.days, gap.allowed)


def april(*days):
    return [new_york(f"2026-04-{day:02} 10:00") for day in days]


def test_a_gap_that_stays_within_the_maximum_is_nothing(cast):
    assert seen(book_ket6(cast), 3) == (False, None)


@pytest.mark.parametrize(
    ("days", "told"), [((6, 8, 10, 13, 20, 27), (False, None)), ((6, 8, 10, 12, 20, 27), (False, (15, 14)))]
)
def test_a_gap_of_fourteen_days_is_allowed_and_one_of_fifteen_lapses(cast, days, told):
    cast.north.opening_hours.create(weekday=7, opens="08:00", closes="17:00")
    type(cast.north).objects.filter(id=cast.north.id).update(roster_version=9)
    starts = april(*days)
    series = book_ket6(cast, starts=starts, actor=cast.as_prescriber, override_reason="Agreed.")

    assert seen(series, 5) == told

    cancel_session(session(series, 5), actor=cast.as_ada, now=NOW)
    assert Series.objects.get(id=series.id).status == ("lapsed" if told[1] else "active")


def test_the_only_session_ends_its_series(cast):
    one = book_one(cast, new_york("2026-04-08 10:00"))

    assert seen(one.series, 1) == (True, None)

    cancel_session(one, actor=cast.as_ada, now=NOW)
    assert Series.objects.get(id=one.series_id).status == "cancelled"


def test_the_last_that_is_left_of_those_cancelled_ends_it_too(cast):
    series = book_ket6(cast)
    for number in (1, 2, 3, 4, 5):
        assert seen(series, number) == (False, None)
        cancel_session(session(series, number), actor=cast.as_ada, now=NOW)

    assert seen(series, 6) == (True, None)
    assert [one.start for one in series.sessions.filter(status="booked")] == MONDAYS_AND_THURSDAYS[5:]
