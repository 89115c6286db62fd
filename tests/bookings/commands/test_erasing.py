"""Nobody knows any more who somebody was; the diary and the journal stay whole."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bookings.commands.cancel import cancel_series
from bookings.commands.erasing import erase_patient
from bookings.commands.escort import name_escort
from bookings.commands.patients import change_patient
from bookings.errors import NotAllowed, WrongState
from bookings.models import JournalEntry, Patient, Session
from bookings.sealing import broken_seals, changed_words
from notifications.commands.forgetting import forget_old_words
from notifications.commands.react import react
from notifications.models import Message
from tests.bookings.commands.test_seal import seal
from tests.bookings.scenes import book_ket6
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=8 * 365)
WHO = ("Quill", "ada@mail.example", "+12025550101", "1980-01-02", "Gus Quill", "ill", "Ada")


@pytest.fixture
def over(cast: Cast) -> Patient:
    """Ada, whose course was booked, told of, and cancelled with a reason."""
    series = book_ket6(cast)
    name_escort(series.sessions.get(number=1), name="Gus Quill", actor=cast.as_desk, now=NOW)
    change_patient(cast.ada, changes={"last_name": "Quill-Sands"}, actor=cast.as_desk, now=NOW)
    react(now=NOW)
    cancel_series(series, reason="Ada Quill is ill", actor=cast.as_desk, now=NOW)
    react(now=NOW)
    seal()
    return cast.ada


def test_nothing_in_any_table_names_her_any_more(over: Patient, cast: Cast):
    erase_patient(over, reason="asked by letter", actor=cast.as_manager, now=LATER)

    left = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            text = " ".join(row for (row,) in cursor.fetchall())
            if found := [word for word in WHO if f'"{word}' in text or f" {word} " in text]:
                left[table] = found

    assert left == {}


def test_the_diary_and_the_journal_are_whole_afterwards(over: Patient, cast: Cast):
    before = list(Session.objects.values_list("id", "start", "status"))
    erase_patient(over, reason="asked by letter", actor=cast.as_manager, now=LATER)
    seal()

    assert list(Session.objects.values_list("id", "start", "status")) == before
    assert (list(broken_seals()), list(changed_words())) == ([], [])
    call_command("check_diary", stdout=StringIO())  # exits where a rule is broken
    row = JournalEntry.objects.get(verb="patient_erased")
    assert (row.reason, row.after) == ("asked by letter", {"despite_retention": False})


def test_not_while_anything_is_booked(cast: Cast):
    book_ket6(cast)

    with pytest.raises(WrongState):
        erase_patient(cast.ada, reason="asked", actor=cast.as_manager, now=LATER)


def test_not_before_the_record_may_go_unless_the_law_says_so(over: Patient, cast: Cast, settings):
    last = Session.objects.filter(patient=over).latest("end").end
    kept = last + timedelta(days=settings.RETENTION["record"])

    with pytest.raises(NotAllowed):
        erase_patient(over, reason="asked", actor=cast.as_manager, now=kept - timedelta(seconds=1))
    erased = erase_patient(
        over, reason="a court says so", despite_retention=True, actor=cast.as_manager, now=NOW
    )

    assert str(erased) == "(erased)"
    assert JournalEntry.objects.get(verb="patient_erased").after == {"despite_retention": True}


def test_only_managers(over: Patient, cast: Cast):
    with pytest.raises(NotAllowed):
        erase_patient(over, reason="asked", actor=cast.as_prescriber, now=LATER)


def test_the_command_refuses_in_the_same_words(cast: Cast):
    book_ket6(cast)

    with pytest.raises(CommandError, match="is still open"):
        call_command("erase_patient", str(cast.ada.id), reason="asked")


def test_words_of_messages_go_with_time_and_the_messages_stay(over: Patient):
    count = Message.objects.count()
    written = Message.objects.filter(status="withdrawn")
    assert count

    assert forget_old_words(before=NOW) == 0
    assert forget_old_words(before=NOW + timedelta(seconds=1)) == written.count()
    assert forget_old_words(before=NOW + timedelta(seconds=1)) == 0
    assert Message.objects.count() == count
    assert {one.recipient for one in written} == {""}
