"""How level the days of a clinic are, against its template."""

from __future__ import annotations

import time as clocks
from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.attend import miss_session
from bookings.commands.cancel import cancel_session
from bookings.models import Session, StartTemplate
from bookings.queries.reports.levelling import LevelDay, LevelQuarter, levelling
from bookings.queries.reports.period import Period
from tests.bookings.scenes import book_one
from tests.cast import NOW, new_york

pytestmark = pytest.mark.django_db(transaction=True)


def report(cast, first="2026-04-06", last="2026-04-07"):
    return levelling(Period(cast.north, date.fromisoformat(first), date.fromisoformat(last)))


def in_force(cast, *opened: tuple[int, str, int]) -> StartTemplate:
    """A template that opens so many starts of 150 minutes on a weekday in a quarter of an hour."""
    return StartTemplate.objects.create(
        clinic=cast.north,
        first=date(2026, 3, 2),
        last=date(2026, 3, 29),
        asked_at=NOW,
        drawn_up_at=NOW,
        in_force_since=NOW,
        opened=[
            {"weekday": weekday, "begins": begins, "minutes": 150, "starts": starts}
            for weekday, begins, starts in opened
        ],
    )


def test_each_day_says_how_many_are_set_up_and_seated_at_one_time(cast):
    book_one(cast, new_york("2026-04-06 10:00"))
    book_one(cast, new_york("2026-04-06 10:00"), patient=cast.bea)
    book_one(cast, new_york("2026-04-06 10:15"), patient=cast.carl)
    book_one(cast, new_york("2026-04-07 09:00"), protocol=cast.infliximab, patient=cast.bea)

    found = report(cast)

    # Set-ups are from 15 to 30 minutes after a start: the third begins as the first two end.
    assert found.days == (LevelDay(date(2026, 4, 6), 3, 2, 3), LevelDay(date(2026, 4, 7), 1, 0, 1))
    assert found.mean_set_ups == 1.0
    assert found.template is None


def test_whoever_was_cancelled_or_did_not_come_takes_nothing(cast):
    cancelled = book_one(cast, new_york("2026-04-06 10:00"))
    missed = book_one(cast, new_york("2026-04-06 10:00"), patient=cast.bea)
    cancel_session(cancelled, actor=cast.as_desk, now=NOW)
    miss_session(missed, actor=cast.as_desk, now=new_york("2026-04-06 11:00"))

    found = report(cast)

    assert (found.days, found.quarters, found.mean_set_ups) == ((), (), None)


def test_chairs_in_use_are_those_of_a_mean_day(cast):
    book_one(cast, new_york("2026-04-06 10:05"), override_reason="off the grid")
    book_one(cast, new_york("2026-04-07 10:00"), patient=cast.bea)

    quarters = report(cast).quarters

    first, second, last = quarters[0], quarters[1], quarters[-1]
    assert first == LevelQuarter(time(10, 0), 2, None, None, pytest.approx((10 + 15) / 30))
    assert second == LevelQuarter(time(10, 15), 0, None, None, 1.0)
    assert (last.begins, last.chairs) == (time(12, 30), pytest.approx(5 / 30))
    assert sum(one.chairs for one in quarters) * 15 == pytest.approx(150)


def test_starts_beyond_the_template_are_counted_by_date(cast):
    template = in_force(cast, (1, "10:00", 1), (1, "09:30", 2), (2, "10:00", 2), (3, "08:00", 5))
    book_one(cast, new_york("2026-04-06 10:00"))
    book_one(cast, new_york("2026-04-06 10:00"), patient=cast.bea)
    book_one(cast, new_york("2026-04-07 10:00"), patient=cast.carl)

    found = report(cast)

    assert found.template == template.id
    shown = [(f"{one.begins:%H:%M}", one.visits, one.opened, one.beyond) for one in found.quarters[:4]]
    assert shown == [("09:30", 0, 2, 0), ("09:45", 0, 0, 0), ("10:00", 3, 3, 1), ("10:15", 0, 0, 0)]


def test_a_length_that_the_template_does_not_know_is_never_beyond_it(cast):
    in_force(cast, (1, "10:00", 1))
    book_one(cast, new_york("2026-04-06 09:00"), protocol=cast.infliximab)

    assert sum(one.beyond for one in report(cast).quarters) == 0


@pytest.mark.parametrize("patients", [1, 3])
def test_it_makes_two_queries_once_the_protocols_are_known_however_much_there_is(cast, patients):
    in_force(cast, (1, "10:00", 1))
    for minute, patient in zip((0, 15, 30), (cast.ada, cast.bea, cast.carl)[:patients], strict=False):
        book_one(cast, new_york(f"2026-04-06 10:{minute:02}"), patient=patient)
    report(cast)  # reads the protocols once and for all

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = report(cast)

    assert (len(queries), found.days[0].visits) == (2, patients)


#: As many further visits as are asked for, at random quarters of the days of 2025, like each that is booked.
MANY = """
    INSERT INTO bookings_session ({columns})
    SELECT {values} FROM bookings_session session, generate_series(1, %s) AS k,
        LATERAL (SELECT timestamptz '2025-01-01 08:00-05' + interval '1 day' * (k %% 365)
                        + interval '15 minutes' * (hashint4(k + session.number) & 31) AS start) AS at
"""


def test_a_year_of_a_hundred_thousand_visits_takes_a_moment(cast):
    for day in ("06", "13", "20", "27"):
        book_one(cast, new_york(f"2026-04-{day} 10:00"))
    values = {field.column: f"session.{field.column}" for field in Session._meta.concrete_fields}
    values |= {"id": "gen_random_uuid()", "number": "k + 1", "start": "at.start", "status": "'completed'"}
    values |= {"end": "at.start + interval '130 minutes'", "chair_until": "at.start + interval '150 minutes'"}
    columns = ", ".join(f'"{column}"' for column in values)
    with connection.cursor() as cursor:
        cursor.execute(MANY.format(columns=columns, values=", ".join(values.values())), [25_000])

    begun = clocks.process_time()
    found = report(cast, "2025-01-01", "2025-12-31")

    assert clocks.process_time() - begun < 1.0
    assert sum(day.visits for day in found.days) == 100_000
