"""What a task shows as the way to mend it can be done: whoever takes a place of it makes it show another."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.holds import hold_places
from bookings.commands.proposals import propose_moves
from bookings.commands.rearrange import rearrange_series
from bookings.commands.watching import PROPOSALS_A_ROUND, watch_after, watch_series
from bookings.models import JournalEntry, Series, Task
from tests.bookings.scenes import book_ket6, book_one, starts_of
from tests.bookings.watch_scenes import at, book, miss_the_third, watch_all
from tests.cast import Cast, make_patient

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(13, 10, 20)


@pytest.fixture
def series(cast: Cast) -> Series:
    """Ada's, of which the third session was missed: its task shows a make-up on 27 April at 10:00."""
    series = book(cast)
    miss_the_third(cast, series)
    watch_all(now=NOW)
    assert shown(series) == [at(27)]
    return series


def shown(series: Series) -> list[datetime]:
    """The starts that its open task shows."""
    (task,) = series.tasks.filter(resolved_at=None)
    return [datetime.fromisoformat(move["to"]) for move in (task.proposal or {"moves": []})["moves"]]


def fill(cast: Cast, start: datetime, *, patients: int = 3) -> None:
    """Every chair of the clinic is taken then."""
    for n in range(patients):
        patient = make_patient(f"Filler{n}", "Example", number=60 + n)
        book_one(cast, start, patient=patient, protocol=cast.infliximab, now=NOW)


def since(row: int) -> list[int]:
    return list(JournalEntry.objects.filter(id__gt=row).values_list("id", flat=True))


def last_row() -> int:
    return JournalEntry.objects.latest("id").id


def test_a_place_that_somebody_else_took_is_shown_no_more_and_one_press_does(cast: Cast, series: Series):
    row = last_row()
    fill(cast, at(27, 9))

    watch_after(since(row), now=NOW)

    (start,) = shown(series)
    assert start != at(27)
    series.refresh_from_db()
    rearrange_series(series, starts={7: start}, if_version=series.version, actor=cast.as_desk, now=NOW)
    assert starts_of(series)[6] == start


def test_a_place_that_is_kept_for_somebodys_answer_is_shown_no_more(cast: Cast, series: Series):
    fill(cast, at(27, 9), patients=2)
    carl = book_ket6(
        cast, patient=cast.carl, starts=[at(day, 14) for day in (15, 17, 20, 22, 24, 28)], now=NOW
    )
    watch_all(now=NOW)
    row, before = last_row(), shown(series)
    propose_moves(carl, moves={6: before[0]}, actor=cast.as_desk, now=NOW)

    watch_after(since(row), now=NOW)

    assert shown(series) not in ([], before)


def test_what_somebody_took_far_from_it_changes_nothing_and_asks_nothing(cast: Cast, series: Series):
    (task,) = series.tasks.filter(resolved_at=None)
    row = last_row()
    book_one(cast, at(28), patient=cast.bea, now=NOW)

    watch_after(since(row), now=NOW + timedelta(minutes=1))

    assert Task.objects.get(id=task.id).updated_at == task.updated_at


def test_a_place_that_is_taken_in_one_chair_of_three_is_shown_still(cast: Cast, series: Series):
    row = last_row()
    fill(cast, at(27, 9), patients=1)

    watch_after(since(row), now=NOW)

    assert shown(series) == [at(27)]


def test_a_way_of_which_a_visit_would_be_over_is_shown_no_more(cast: Cast, series: Series):
    watch_series([series.id], now=at(27, 10, 1))

    ways = [task.proposal or {"moves": []} for task in series.tasks.filter(resolved_at=None)]
    starts = [datetime.fromisoformat(move["to"]) for way in ways for move in way["moves"]]
    assert [start for start in starts if start <= at(27)] == []


def test_where_too_many_lost_theirs_at_once_none_is_shown_until_a_later_round(
    cast: Cast, series: Series, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bookings.commands.watching.PROPOSALS_A_ROUND", 0)
    assert PROPOSALS_A_ROUND > 0
    fill(cast, at(27, 9))

    watch_series([series.id], now=NOW)

    assert shown(series) == []


def test_looking_whether_they_stand_is_one_query_for_one_task_and_for_three(cast: Cast):
    every = []
    for n, patient in enumerate((cast.ada, cast.bea, cast.carl)):
        starts = [at(day, 8 + 3 * n) for day in (6, 9, 13, 16, 20, 23)]
        every.append(book(cast, patient=patient, starts=starts))
    for one in every:
        miss_the_third(cast, one)
    watch_all(now=at(13, 16))
    counts = []
    for some in (every[:1], every):
        watch_series([one.id for one in some], now=at(13, 16))
        with CaptureQueriesContext(connection) as queries:
            watch_series([one.id for one in some], now=at(13, 16))
        counts.append(sum(query["sql"].startswith("SELECT") for query in queries))

    assert counts[0] == counts[1]


def test_what_somebody_has_on_hold_who_fills_in_a_form_is_shown_no_more(cast: Cast, series: Series):
    fill(cast, at(27, 9), patients=2)
    watch_series([series.id], now=NOW)
    (before,) = shown(series)
    hold_places(cast.north, protocol=cast.booster, starts=[before], actor=cast.as_desk, now=NOW)

    watch_series([series.id], now=NOW)

    assert shown(series) not in ([], [before])
