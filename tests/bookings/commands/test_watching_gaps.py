"""The watch over gaps: the soft bound, the hard one, and a series that lapses."""

from datetime import timedelta

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.models import JournalEntry, Series, SeriesStatus
from tests.bookings.watch_scenes import at, attend, book, open_tasks, session, watch_all
from tests.cast import NOW, Cast, new_york

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def series(transactional_db, cast: Cast) -> Series:
    """Ada's six sessions, 6 to 23 April."""
    return book(cast)


@pytest.mark.parametrize(
    ("day", "tasks"),
    [
        (16, []),  # 9 to 16 April: seven days are allowed
        (17, [("soft_gap", 3, "Sessions 2 and 3 are 8 days apart, which a clinician should see.")]),
    ],
)
def test_a_gap_longer_than_its_soft_bound_is_a_task(cast, transactional_db, day, tasks):
    starts = [at(6), at(9), at(day), at(20), at(22), at(24)]
    series = book(cast, starts=starts)

    watch_all(now=NOW)

    assert open_tasks(series) == tasks


def test_a_gap_that_is_closed_closes_its_task(cast, transactional_db):
    series = book(cast, starts=[at(6), at(9), at(17), at(20), at(22), at(24)])
    watch_all(now=NOW)

    move_session(session(series, 3), start=at(16), actor=cast.as_desk, now=NOW)
    watch_all(now=NOW)

    assert open_tasks(series) == []


def test_a_reason_that_changes_is_kept_up_to_date_in_the_same_task(cast, transactional_db):
    series = book(cast, starts=[at(6), at(8), at(16), at(20), at(22), at(24)])
    watch_all(now=NOW)
    (before,) = series.tasks.all()

    move_session(session(series, 3), start=at(17), actor=cast.as_desk, now=NOW)
    watch_all(now=NOW + timedelta(minutes=5))

    (after,) = series.tasks.all()
    assert (after.id, after.created_at, after.updated_at) == (before.id, NOW, NOW + timedelta(minutes=5))
    assert after.detail == "Sessions 2 and 3 are 9 days apart, which a clinician should see."


def test_a_cancellation_that_leaves_a_gap_past_the_hard_bound_is_a_task_of_a_lapsed_series(cast, series):
    for number in (3, 4, 5):
        cancel_session(session(series, number), actor=cast.as_desk, now=NOW)  # 9 and 23 April: 14 days
    watch_all(now=NOW)
    series.refresh_from_db()
    assert series.status == SeriesStatus.ACTIVE

    cancel_session(session(series, 2), actor=cast.as_desk, now=NOW)  # 6 and 23 April: 17 days
    watch_all(now=NOW)

    series.refresh_from_db()
    assert series.status == SeriesStatus.LAPSED
    assert [task[:2] for task in open_tasks(series)] == [("hard_gap", 6), ("incomplete", None)]


FOUR_LEFT = "2 of 6 sessions are done or planned: session 3 was cancelled, session 4 was cancelled, "


FOUR_LEFT += "session 5 was cancelled, session 6 was cancelled."
#: Four more, two days apart, from 22 April on end after the 27th, the last of 21 days.
TOO_LATE = f"{FOUR_LEFT} They cannot all be within 21 days any more."


@pytest.mark.parametrize(
    ("day", "status", "gap"),
    [
        (15, "active", []),
        (
            16,
            "active",
            [("soft_gap", "Nothing is booked after Thu 9 April; 7 days are over on Thu 16 April.")],
        ),
        (
            22,
            "active",
            [("soft_gap", "Nothing is booked after Thu 9 April; 7 days are over on Thu 16 April.")],
        ),
        (
            23,
            "active",
            [("hard_gap", "Nothing is booked after Thu 9 April; 14 days are over on Thu 23 April.")],
        ),
        (
            24,
            "lapsed",
            [("hard_gap", "Nothing is booked after Thu 9 April; 14 days are over on Thu 23 April.")],
        ),
    ],
)
def test_a_gap_with_nothing_booked_at_its_end_grows_to_its_bounds_and_then_lapses(
    cast, series, day, status, gap
):
    for number in (1, 2):
        attend(cast, session(series, number))
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))

    watch_all(now=at(day))

    series.refresh_from_db()
    assert series.status == status
    found = [(kind, detail) for kind, _, detail in open_tasks(series)]
    left = FOUR_LEFT if day < 22 else TOO_LATE
    assert found == [*[one for one in gap if one[0] == "hard_gap"], ("incomplete", left)] + [
        one for one in gap if one[0] == "soft_gap"
    ]


def test_a_series_lapses_once(cast, series):
    for number in (1, 2):
        attend(cast, session(series, number))
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))

    watch_all(now=at(24))
    watch_all(now=at(25))

    lapses = JournalEntry.objects.filter(verb="series_lapsed")
    assert [(row.before, row.after) for row in lapses] == [({"status": "active"}, {"status": "lapsed"})]


def test_from_a_clearance_on_the_gap_is_counted_anew(cast, series):
    for number in (1, 2):
        attend(cast, session(series, number))
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))
    watch_all(now=at(24))
    grant_clearance(
        cast.ada,
        protocol=cast.ket6,
        sessions=4,
        expires=at(30).date(),
        actor=cast.as_prescriber,
        now=at(24, 12),
    )

    watch_all(now=at(24, 13))

    series.refresh_from_db()
    assert series.status == SeriesStatus.ACTIVE
    assert open_tasks(series) == [("incomplete", None, TOO_LATE)]
    watch_all(now=new_york("2026-05-08 10:00"))  # 14 days later
    series.refresh_from_db()
    assert series.status == SeriesStatus.ACTIVE
    watch_all(now=new_york("2026-05-09 10:00"))  # 15
    series.refresh_from_db()
    assert series.status == SeriesStatus.LAPSED
