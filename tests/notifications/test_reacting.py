"""From the journal to messages: each change is told once, whatever happens to those who tell it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import journal
from bookings.actors import SYSTEM
from bookings.commands.attend import miss_session, undo_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.patients import change_patient
from bookings.models import JournalEntry, Session
from notifications import planning
from notifications.commands.react import SETTLES, react
from notifications.kinds import Kind, Status
from notifications.models import Message, Reaction, Watermark
from notifications.policy import NO_ADDRESS
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)


def count(**which) -> int:
    return Message.objects.filter(**which).count()


def notices() -> list[tuple[str, str]]:
    return list(Message.objects.exclude(kind=Kind.REMINDER).order_by("id").values_list("kind", "status"))


def reminders_of(session) -> list[tuple[int, str, datetime]]:
    rows = Message.objects.filter(kind=Kind.REMINDER, session=session).order_by("due_at", "id")
    return list(rows.values_list("days_before", "status", "due_at"))


def book_six(cast, patient, *, hours_later: int):
    return book_series(
        patient,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=[start + timedelta(hours=hours_later) for start in MONDAYS_AND_THURSDAYS],
        actor=cast.as_desk,
        now=NOW,
    )


def session(series, number: int) -> Session:
    return series.sessions.get(number=number)


def test_a_series_of_six_is_one_confirmation_and_twelve_reminders(series):
    assert react(now=NOW) == 1

    assert notices() == [(Kind.CONFIRMATION, Status.PLANNED)]
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 12
    assert reminders_of(session(series, 2)) == [
        (3, Status.PLANNED, new_york("2026-04-06 10:00").astimezone(UTC)),
        (1, Status.PLANNED, new_york("2026-04-08 10:00").astimezone(UTC)),
    ]


def test_reacting_again_writes_nothing(series):
    react(now=NOW)

    assert react(now=NOW) == 0
    Reaction.objects.all().delete()  # as if it had never been remembered
    assert react(now=NOW) == 1
    assert count() == 13


def test_a_reaction_that_is_cut_short_leaves_nothing_and_is_made_good(series, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(planning.Message.objects, "bulk_create", die)
        with pytest.raises(Killed):
            react(now=NOW)
    assert (count(), Reaction.objects.count()) == (0, 0)

    react(now=NOW)

    assert count() == 13


def test_many_workers_at_once_write_each_message_once(series):
    start = threading.Barrier(6)
    counts = []

    def worker():
        start.wait()
        try:
            counts.append(react(now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == [0, 0, 0, 0, 0, 1]
    assert count() == 13


def test_a_patient_without_an_address_has_rows_that_say_so_and_holds_up_nobody(cast, series):
    cast.bea.email = ""
    cast.bea.save()
    book_six(cast, cast.bea, hours_later=1)
    book_six(cast, cast.carl, hours_later=3)

    react(now=NOW)

    assert count(patient=cast.bea, status=Status.SUPPRESSED, reason=NO_ADDRESS) == 13
    assert count(patient=cast.ada, status=Status.PLANNED) == 13
    assert count(patient=cast.carl, status=Status.PLANNED) == 13


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


def test_the_rows_of_one_change_are_told_together_even_where_a_batch_ends_between_them(cast, series):
    react(now=NOW)
    cancel_series(series, actor=cast.as_desk, now=LATER)

    react(now=LATER, batch=2)

    assert notices()[1:] == [(Kind.SERIES_CANCELLATION, Status.PLANNED)]


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


def test_changes_from_a_time_when_nobody_reacted_are_no_news_but_reminders_are_planned(series):
    react(now=NOW + timedelta(hours=48))  # Friday: the first reminder was due two hours later

    assert notices() == [(Kind.CONFIRMATION, Status.LAPSED)]
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 12


def test_one_row_that_cannot_be_told_of_holds_up_no_other(cast, series):
    journal.record(
        "session_moved",
        actor=SYSTEM,
        now=NOW + timedelta(minutes=1),
        session=session(series, 1),
        after={"start": "not a time"},
    )
    cancel_session(session(series, 6), actor=cast.as_desk, now=LATER)

    react(now=LATER)

    assert notices() == [(Kind.CONFIRMATION, Status.PLANNED), (Kind.CANCELLATION, Status.PLANNED)]
    assert JournalEntry.objects.count() == Reaction.objects.count() + 1


def test_the_watermark_stays_behind_rows_that_may_still_appear(series):
    react(now=NOW)
    react(now=NOW + SETTLES - timedelta(seconds=1))
    assert Watermark.objects.get().entry == 0

    react(now=NOW + SETTLES)

    assert Watermark.objects.get().entry == JournalEntry.objects.get().id


def test_a_row_that_appears_behind_others_is_found(cast, transactional_db):
    with connection.cursor() as cursor:  # a transaction that takes its number first and commits last
        cursor.execute("SELECT nextval(pg_get_serial_sequence('bookings_journalentry', 'id'))")
        (number,) = cursor.fetchone()
    book_six(cast, cast.ada, hours_later=0)
    react(now=NOW)
    late = JournalEntry(id=number, at=NOW, verb="session_confirmed", actor_kind="system")
    late.save(force_insert=True)

    assert react(now=LATER) == 1


@pytest.mark.parametrize("patients", [1, 3])
def test_reacting_costs_the_same_number_of_queries_for_one_series_and_for_three(
    cast, transactional_db, patients
):
    for number, patient in enumerate((cast.ada, cast.bea, cast.carl)[:patients]):
        book_six(cast, patient, hours_later=number)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        react(now=NOW)

    assert count() == 13 * patients
    asked = [query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(asked) == QUERIES_OF_A_BATCH + QUERIES_OF_AN_EMPTY_ONE


QUERIES_OF_A_BATCH = 9
QUERIES_OF_AN_EMPTY_ONE = 4
