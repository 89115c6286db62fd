"""A joint plan as it is read: old and new, by the diary of now."""

from __future__ import annotations

import pytest

from bookings.commands import roster
from bookings.commands.proposals import propose_moves
from bookings.models import Repair
from bookings.queries.repairs import rows_of
from tests.bookings.repair_scenes import april, plan_of, three_series
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def rows(plan: Repair, cast: Cast, *, now=NOW) -> list:
    return rows_of(plan, actor=cast.as_desk, now=now)


def test_a_row_says_that_its_series_changed_or_lost_its_place_and_the_others_stand(cast: Cast):
    ada, bea, carl = three_series(cast)
    plan = plan_of(
        cast,
        {
            ada: {3: ("14 08:00", cast.n1)},
            bea: {3: ("14 11:00", cast.n1)},
            carl: {3: ("14 14:00", cast.n1)},
        },
    )
    propose_moves(carl, moves={2: april("10 14:00")}, actor=cast.as_desk, now=NOW)
    starts, ends = april("14 10:00"), april("14 12:00")
    roster.close(cast.north, starts=starts, ends=ends, actor=cast.as_manager, now=NOW)
    ada.sessions.filter(number=3).update(status="arrived")
    plan.refresh_from_db()

    assert [(one.series, one.state, [str(v.rule) for v in one.violations]) for one in rows(plan, cast)] == [
        (ada, "changed", []),
        (bea, "lost", ["closed"]),
        (carl, "open", []),
    ]


def test_the_difference_says_by_how_much_and_what_it_does_to_the_gaps(cast: Cast):
    ada, *_ = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("15 09:15", cast.n2)}})

    (row,) = rows(plan, cast)

    (move,) = row.moving
    assert (f"{move.before:%d %H:%M}", f"{move.after:%d %H:%M}", move.chair) == ("13 08:00", "15 09:15", "N2")
    assert (move.days, move.minutes, row.planned) == (2, 2 * 1440 + 75, 6)
    assert row.gaps == ([3, 4, 3, 4, 3], [3, 6, 1, 4, 3])


@pytest.mark.parametrize("count", [1, 3])
def test_a_plan_is_read_in_eight_queries_however_many_series(
    cast: Cast, count: int, django_assert_num_queries
):
    made = three_series(cast)
    plan = plan_of(
        cast,
        {
            one: {3: (f"14 {hour}", cast.n1)}
            for one, hour in zip(made[:count], ("08:00", "11:00", "14:00"), strict=False)
        },
    )
    rows(plan, cast)  # the clinic's roster is kept from then on

    with django_assert_num_queries(8):
        assert [one.state for one in rows(plan, cast)] == ["open"] * count
