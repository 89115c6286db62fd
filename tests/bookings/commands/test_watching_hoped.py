"""A task that says that there is no way is looked at again when room may have appeared, and only then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands import roster
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.commands.proposals import decline_proposal, propose_moves
from bookings.commands.watching import LOOK_BACK, watch_after, watch_new_days, watch_recent
from bookings.hoped import LATE
from bookings.models import JournalEntry, Role, Series, Session, Task
from tests.bookings.causes import treatment
from tests.bookings.scenes import book_one
from tests.bookings.watch_scenes import at, attend, book, miss, session, watch_all
from tests.cast import KET6, Cast, make_patient, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(8, 10, 20)
LATER = NOW + timedelta(minutes=20)
#: Two visits, two days apart or more; the second is seven days after the first at the latest.
SPACING = {**KET6["phases"][0]["spacing"], "complete_within_days": 7}
TWO = {"sessions": 2, "spacing": SPACING}


def shut(cast: Cast, starts: datetime, ends: datetime) -> Any:
    told: dict[str, Any] = {"starts": starts, "ends": ends, "actor": cast.as_manager, "now": at(6, 7)}
    return roster.close(cast.north, **told)[0]


def course(cast: Cast, *, patient: Any = None, hour: int = 10) -> Series:
    """Its second visit, on the 8th, was missed: it can be made up until the 13th."""
    protocol = cast.north.protocols.filter(slug="two").first() or treatment(cast, "two", phase=TWO)
    series = book(cast, protocol=protocol, patient=patient, starts=[at(6, hour), at(8, hour)])
    attend(cast, session(series, 1))
    return series


@pytest.fixture
def series(cast: Cast) -> Series:
    """Ada's, when all is shut but an hour on the 13th, for which two others are booked."""
    series = course(cast)
    miss(cast, session(series, 2))
    for starts, ends in ((at(8, 12, 10), at(13, 10)), (at(13, 12, 10), at(14, 9)), (at(14, 12), at(15, 0))):
        shut(cast, starts, ends)
    for n in range(2):
        taken_at(cast, at(13), n)
    watch_all(now=NOW)
    assert way(series) == []
    return series


def missed_too(cast: Cast) -> Series:
    """Bea's, for which there is no way either."""
    series = course(cast, patient=cast.bea)
    miss(cast, session(series, 2))
    watch_all(now=NOW)
    return series


def taken_at(cast: Cast, start: datetime, n: int) -> Session:
    patient = make_patient(f"Filler{n}", "Example", number=60 + n)
    return book_one(cast, start, patient=patient, now=at(6, 7))


def task_of(series: Series) -> Task:
    return series.tasks.get(resolved_at=None)


def way(series: Series) -> list[datetime] | None:
    """The starts that its open task shows; None where none was searched for yet."""
    shown = task_of(series).proposal
    return shown and [datetime.fromisoformat(move["to"]) for move in shown["moves"]]


def told_of(deed: Callable[[], Any], *, now: datetime = LATER) -> None:
    """It is done, and the workers are told so."""
    last = JournalEntry.objects.latest("id").id
    deed()
    watch_after(list(JournalEntry.objects.filter(id__gt=last).values_list("id", flat=True)), now=now)


def filler(start: datetime) -> Session:
    return Session.objects.filter(start=start).order_by("patient__first_name")[0]


def test_a_visit_cancelled_on_the_last_date_that_would_do_gives_it_a_way(cast: Cast, series: Series):
    told_of(lambda: cancel_session(filler(at(13)), actor=cast.as_desk, now=LATER))

    assert way(series) == [at(13)]


def test_one_moved_away_from_there_does(cast: Cast, series: Series):
    told_of(lambda: move_session(filler(at(13)), start=at(14, 9), actor=cast.as_desk, now=LATER))

    assert way(series) == [at(13)]


def test_one_cancelled_a_day_later_asks_nothing(cast: Cast, series: Series):
    beyond = taken_at(cast, at(14, 9), 3)

    told_of(lambda: cancel_session(beyond, actor=cast.as_desk, now=LATER))

    assert (way(series), task_of(series).searched_at) == ([], NOW)


def test_one_cancelled_at_another_clinic_asks_nothing(cast: Cast, series: Series):
    patient = make_patient("Far", "Example", number=70)
    cast.booster.clinics.add(cast.west)
    far = book_one(cast, at(13, 12), patient=patient, clinic=cast.west, now=at(6, 7))

    told_of(lambda: cancel_session(far, actor=cast.as_desk, now=LATER))

    assert task_of(series).searched_at == NOW


def test_a_place_that_was_kept_for_somebodys_answer_and_is_declined_gives_it_a_way(
    cast: Cast, series: Series
):
    one = filler(at(13))
    moved = move_session(one, start=at(14, 9), actor=cast.as_desk, now=NOW)
    proposal = propose_moves(moved.series, moves={1: at(13)}, actor=cast.as_desk, now=NOW)
    watch_all(now=NOW + 2 * LATE)
    assert way(series) == []

    told_of(lambda: decline_proposal(proposal, actor=cast.as_desk, now=LATER))

    assert way(series) == [at(13)]


@pytest.mark.parametrize(("day", "found"), [(13, True), (14, False)])
def test_a_day_that_is_opened_again_is_looked_at_where_it_would_do(
    cast: Cast, series: Series, day: int, found: bool
):
    told: dict[str, Any] = {"actor": cast.as_manager, "now": LATER}
    closure = cast.north.closures.get(starts=at(13, 12, 10) if found else at(14, 12))

    told_of(lambda: roster.reopen(closure, **told))

    assert bool(way(series)) is found
    assert (task_of(series).searched_at == LATER) is found


@pytest.mark.parametrize(("day", "searched"), [(13, LATER), (14, NOW)])
def test_a_further_shift_asks_on_the_same_dates(cast: Cast, series: Series, day: int, searched: datetime):
    told: dict[str, Any] = {"starts": at(day, 8), "ends": at(day, 17), "actor": cast.as_manager, "now": LATER}

    nurse = make_staff("eve@north.example", "Eve", "Stone", Role.NURSE, cast.north)

    told_of(lambda: roster.add_shift(cast.north, nurse=nurse, **told))

    assert task_of(series).searched_at == searched


def test_whatever_else_the_patient_gives_up_asks_as_well(cast: Cast, series: Series):
    other = book_one(cast, at(20), protocol=cast.infliximab, now=NOW)

    told_of(lambda: cancel_session(other, actor=cast.as_desk, now=LATER))

    assert task_of(series).searched_at == LATER


def test_without_a_nudge_the_beat_finds_it_for_a_quarter_of_an_hour(cast: Cast, series: Series):
    cancel_session(filler(at(13)), actor=cast.as_desk, now=LATER)

    watch_recent(now=LATER + LOOK_BACK + timedelta(seconds=1))
    assert way(series) == []
    watch_recent(now=LATER + LOOK_BACK)
    assert way(series) == [at(13)]


def test_what_came_to_nothing_is_not_tried_again_for_the_same_change(cast: Cast, series: Series):
    cancel_session(filler(at(13)), actor=cast.as_desk, now=LATER)
    taken_at(cast, at(13), 5)
    row = JournalEntry.objects.filter(verb="session_cancelled").latest("id").id
    watch_after([row], now=LATER + LATE)
    assert task_of(series).searched_at == LATER + LATE

    watch_after([row], now=LATER + 2 * LATE)

    assert task_of(series).searched_at == LATER + LATE


def test_a_new_day_is_reason_enough(cast: Cast, series: Series):
    watch_new_days(now=at(8, 23, 59))
    assert task_of(series).searched_at == NOW

    watch_new_days(now=at(9, 0))

    assert task_of(series).searched_at == at(9, 0)


def test_who_has_no_turn_in_one_round_has_it_in_the_next(
    cast: Cast, series: Series, monkeypatch: pytest.MonkeyPatch
):
    every = [series, missed_too(cast)]
    assert [way(one) for one in every] == [[], []]
    monkeypatch.setattr("bookings.commands.watching.PROPOSALS_A_ROUND", 1)

    told_of(lambda: cancel_session(filler(at(13)), actor=cast.as_desk, now=LATER))
    assert sorted(map(way, every), key=bool) == [None, [at(13)]]

    watch_recent(now=LATER + timedelta(hours=2))
    assert [way(one) for one in every] == [[at(13)], [at(13)]]


def test_who_was_searched_for_and_found_nothing_keeps_nobody_from_a_turn(
    cast: Cast, series: Series, monkeypatch: pytest.MonkeyPatch
):
    every = [series, missed_too(cast)]
    Task.objects.update(proposal=None, searched_at=None)
    monkeypatch.setattr("bookings.commands.watching.PROPOSALS_A_ROUND", 1)
    monkeypatch.setattr("bookings.watchlist.UNANSWERED_A_ROUND", 1)
    monkeypatch.setattr("bookings.commands.watching.propose", lambda course: None)

    rounds = [LATER + timedelta(hours=hour) for hour in (1, 2, 3)]
    seen = []
    for now in rounds:
        watch_recent(now=now)
        seen.append({one.id for one in every if task_of(one).searched_at == now})

    assert [len(some) for some in seen] == [1, 1, 1]
    assert seen[0] != seen[1]


@pytest.mark.parametrize("number", [1, 2])
def test_what_has_changed_is_asked_once_for_one_task_and_for_two(cast: Cast, series: Series, number: int):
    if number == 2:
        missed_too(cast)
    with CaptureQueriesContext(connection) as queries:
        watch_all(now=NOW + LATE)
    assert sum("bookings_journalentry" in one["sql"] for one in queries) == 1
