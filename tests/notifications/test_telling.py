"""What each change leads to: the notices, and the reminders brought in line."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.commands.attend import miss_session, undo_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.patients import change_patient
from notifications.commands.react import react
from notifications.kinds import Kind, Status
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york
from tests.notifications.telling_scenes import LATER, count, notices, reminders_of, session

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_series_of_six_is_one_confirmation_and_twelve_reminders(series):
    assert react(now=NOW) == 1

    assert notices() == [(Kind.CONFIRMATION, Status.PLANNED)]
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 12
    assert reminders_of(session(series, 2)) == [
        (3, Status.PLANNED, new_york("2026-04-06 10:00").astimezone(UTC)),
        (1, Status.PLANNED, new_york("2026-04-08 10:00").astimezone(UTC)),
    ]


def test_an_address_that_comes_later_brings_the_reminders_to_life(cast, series):
    cast.ada.email = ""
    cast.ada.save()
    react(now=NOW)

    change_patient(cast.ada, changes={"email": "ada@elsewhere.example"}, actor=cast.as_desk, now=LATER)
    react(now=LATER)

    assert count(kind=Kind.REMINDER, status=Status.PLANNED, recipient="ada@elsewhere.example") == 12


def test_a_patient_who_moves_west_is_reminded_by_their_own_wall(cast, series):
    react(now=NOW)

    change_patient(cast.ada, changes={"time_zone": "America/Los_Angeles"}, actor=cast.as_desk, now=LATER)
    react(now=LATER)

    assert reminders_of(session(series, 2)) == [
        (3, Status.PLANNED, datetime(2026, 4, 6, 15, tzinfo=UTC)),  # 08:00 in Los Angeles
        (1, Status.PLANNED, datetime(2026, 4, 8, 15, tzinfo=UTC)),
    ]


def test_a_move_is_told_and_takes_its_reminders_along(cast, series):
    react(now=NOW)
    moved = move_session(
        session(series, 2), start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=LATER
    )

    react(now=LATER)

    assert notices() == [(Kind.CONFIRMATION, Status.PLANNED), (Kind.CHANGE, Status.PLANNED)]
    assert reminders_of(moved) == [
        (3, Status.WITHDRAWN, datetime(2026, 4, 6, 14, tzinfo=UTC)),
        (3, Status.PLANNED, datetime(2026, 4, 7, 13, tzinfo=UTC)),
        (1, Status.WITHDRAWN, datetime(2026, 4, 8, 14, tzinfo=UTC)),
        (1, Status.PLANNED, datetime(2026, 4, 9, 13, tzinfo=UTC)),
    ]


def test_moved_away_and_back_again_a_session_has_its_reminders_once(cast, series):
    react(now=NOW)
    second = session(series, 2)
    move_session(second, start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=LATER)
    react(now=LATER)
    move_session(second, start=MONDAYS_AND_THURSDAYS[1], actor=cast.as_desk, now=LATER + timedelta(minutes=1))

    react(now=LATER + timedelta(minutes=1))

    planned = [(days, due) for days, status, due in reminders_of(second) if status == Status.PLANNED]
    assert planned == [
        (3, datetime(2026, 4, 6, 14, tzinfo=UTC)),
        (1, datetime(2026, 4, 8, 14, tzinfo=UTC)),
    ]


def test_a_cancelled_session_is_told_and_not_reminded_of(cast, series):
    react(now=NOW)
    cancelled = cancel_session(session(series, 6), actor=cast.as_desk, now=LATER)

    react(now=LATER)

    assert notices() == [(Kind.CONFIRMATION, Status.PLANNED), (Kind.CANCELLATION, Status.PLANNED)]
    assert [status for _, status, _ in reminders_of(cancelled)] == [Status.WITHDRAWN, Status.WITHDRAWN]
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 10


def test_a_cancellation_that_is_taken_back_is_told_and_reminded_of_again(cast, series):
    react(now=NOW)
    sixth = cancel_session(session(series, 6), actor=cast.as_desk, now=LATER)
    react(now=LATER)
    undo_session(sixth, actor=cast.as_desk, now=LATER + timedelta(minutes=1))

    react(now=LATER + timedelta(minutes=1))

    assert notices()[-1] == (Kind.RESTORED, Status.PLANNED)
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 12


def test_a_cancelled_series_is_one_message(cast, series):
    react(now=NOW)
    cancel_series(series, actor=cast.as_desk, now=LATER)

    react(now=LATER)

    assert notices() == [(Kind.CONFIRMATION, Status.PLANNED), (Kind.SERIES_CANCELLATION, Status.PLANNED)]
    assert count(kind=Kind.REMINDER, status=Status.WITHDRAWN) == 12


def test_a_missed_session_is_not_reminded_of(cast, series):
    first = session(series, 1)
    miss_session(first, actor=cast.as_desk, now=first.start + timedelta(minutes=15))

    react(now=first.start + timedelta(minutes=15))

    assert reminders_of(first) == []
    assert count(kind=Kind.REMINDER) == 10


def test_a_request_is_acknowledged_and_reminded_of_once_it_is_cleared(cast, transactional_db):
    starts = [new_york(f"2026-04-{day} 10:00") for day in ("06", "09", "13", "16", "20", "23", "27", "30")]
    asked = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.esketamine,
        phase="induction",
        starts=starts,
        actor=cast.as_desk,
        now=NOW,
    )
    react(now=NOW)
    assert notices() == [(Kind.RECEIPT, Status.PLANNED)]
    assert count(kind=Kind.REMINDER) == 0

    grant_clearance(
        cast.ada,
        protocol=cast.esketamine,
        sessions=8,
        expires=starts[-1].date(),
        actor=cast.as_prescriber,
        now=LATER,
    )
    react(now=LATER)

    assert notices() == [(Kind.RECEIPT, Status.PLANNED), (Kind.CONFIRMATION, Status.PLANNED)]
    assert count(kind=Kind.REMINDER, status=Status.PLANNED, series=asked) == 16


def test_a_reminder_whose_hour_was_over_at_the_booking_lapses(cast, transactional_db):
    booked = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.booster,
        starts=[new_york("2026-04-03 10:00")],
        actor=cast.as_desk,
        now=NOW,  # two days ahead
    )

    react(now=NOW)

    assert reminders_of(session(booked, 1)) == [
        (3, Status.LAPSED, datetime(2026, 3, 31, 14, tzinfo=UTC)),
        (1, Status.PLANNED, datetime(2026, 4, 2, 14, tzinfo=UTC)),
    ]
