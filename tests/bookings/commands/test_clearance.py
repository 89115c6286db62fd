"""A prescriber permits a treatment, and what waited for it goes on."""

from datetime import date, timedelta

import pytest

from bookings.commands.book import book_series
from bookings.commands.clearance import grant_clearance
from bookings.errors import Invalid, NotAllowed
from bookings.models import Clearance, JournalEntry, Series
from tests.cast import NOW, new_york

EIGHT = [
    new_york(f"2026-{day} 09:00")
    for day in ("04-06", "04-08", "04-13", "04-15", "04-20", "04-22", "04-27", "04-29")
]
LAST = date(2026, 4, 29)


@pytest.fixture
def requested(cast):
    """Ada has asked for eight sessions, for which nobody has cleared her."""
    series = book_series(
        cast.ada, clinic=cast.north, protocol=cast.esketamine, starts=EIGHT, actor=cast.as_ada, now=NOW
    )
    assert series.status == "requested"
    return series


def grant(cast, *, patient=None, protocol=None, sessions=8, expires=LAST, actor=None, now=NOW):
    return grant_clearance(
        patient or cast.ada,
        protocol=protocol or cast.esketamine,
        sessions=sessions,
        expires=expires,
        actor=actor or cast.as_prescriber,
        now=now,
    )


def statuses(series):
    series.refresh_from_db()
    return series.status, set(series.sessions.values_list("status", flat=True))


def test_a_series_that_waited_is_active_and_booked(cast, requested):
    clearance = grant(cast)

    assert statuses(requested) == ("active", {"booked"})
    assert requested.clearance == clearance
    rows = JournalEntry.objects.filter(verb__in=["clearance_granted", "series_cleared"]).order_by("id")
    assert [(row.verb, row.series_id) for row in rows] == [
        ("clearance_granted", None),
        ("series_cleared", requested.id),
    ]
    assert rows[1].before == {"status": "requested"}


@pytest.mark.parametrize(
    "too_little", [{"sessions": 7}, {"expires": LAST - timedelta(days=1)}, {"sessions": 1}]
)
def test_a_clearance_that_does_not_reach_activates_nothing(cast, requested, too_little):
    grant(cast, **too_little)

    assert statuses(requested) == ("requested", {"requested"})
    assert Clearance.objects.count() == 1


def test_a_clearance_is_for_one_protocol_and_one_patient(cast, requested):
    grant(cast, protocol=cast.ket6)
    grant(cast, patient=cast.bea)

    assert statuses(requested) == ("requested", {"requested"})


def test_a_lapsed_series_goes_on_with_what_is_left_of_it(cast, requested):
    grant(cast)
    later = EIGHT[3] + timedelta(hours=4)
    Series.objects.filter(id=requested.id).update(status="lapsed")

    second = grant(cast, sessions=4, now=later)

    assert statuses(requested)[0] == "active"
    assert requested.clearance == second


def test_a_lapsed_series_with_more_left_than_cleared_stays_lapsed(cast, requested):
    grant(cast)
    Series.objects.filter(id=requested.id).update(status="lapsed")

    grant(cast, sessions=3, now=EIGHT[3] + timedelta(hours=4))

    assert statuses(requested)[0] == "lapsed"


@pytest.mark.parametrize("who", ["as_manager", "as_nurse", "as_desk", "as_ada"])
def test_nobody_but_a_prescriber_grants(cast, requested, who):
    with pytest.raises(NotAllowed):
        grant(cast, actor=getattr(cast, who))

    assert Clearance.objects.count() == 0


def test_a_day_that_is_over_everywhere_is_refused(cast):
    # Noon in UTC: it is still 31 March twelve hours west of Greenwich.
    grant(cast, expires=date(2026, 4, 1))
    with pytest.raises(Invalid):
        grant(cast, expires=date(2026, 3, 31))
    grant(cast, expires=date(2026, 3, 31), now=NOW - timedelta(minutes=1))

    assert Clearance.objects.count() == 2
