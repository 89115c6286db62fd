"""From the journal to messages: each change is told once, whatever happens to those who tell it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import journal
from bookings.actors import SYSTEM
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.models import JournalEntry
from notifications import planning
from notifications.commands.react import SETTLES, react
from notifications.kinds import Kind, Status
from notifications.models import Reaction, Watermark
from notifications.ways import NO_ADDRESS
from tests.cast import NOW
from tests.notifications.telling_scenes import LATER, book_six, count, notices, session

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_the_rows_of_one_change_are_told_together_even_where_a_batch_ends_between_them(cast, series):
    react(now=NOW)
    cancel_series(series, actor=cast.as_desk, now=LATER)

    react(now=LATER, batch=2)

    assert notices()[1:] == [(Kind.SERIES_CANCELLATION, Status.PLANNED)]


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
    with CaptureQueriesContext(connection) as queries:
        react(now=NOW)

    assert count() == 13 * patients
    asked = [query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(asked) == 11  # two of them for the very first reaction
