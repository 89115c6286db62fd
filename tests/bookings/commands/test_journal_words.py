"""What the journal says of a person, and in somebody's own words, stands beside its rows: it is read with
them, can be erased without changing them, and cannot be changed without being found out.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from bookings.commands.cancel import cancel_session
from bookings.commands.patients import change_patient
from bookings.models import JournalEntry, JournalWords
from bookings.sealing import changed_words
from tests.bookings.scenes import book_ket6
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def written(row: JournalEntry) -> str:
    """What the table of the journal itself holds of the row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(j)::text FROM bookings_journalentry j WHERE id = %s", [row.id])
        return str(cursor.fetchone()[0])


@pytest.fixture
def changed(cast: Cast) -> JournalEntry:
    change_patient(cast.ada, changes={"last_name": "Quillfeather"}, actor=cast.as_desk, now=NOW)
    return JournalEntry.objects.get(verb="patient_changed")


def test_details_are_read_with_the_row_and_are_not_in_it(changed: JournalEntry):
    assert (changed.before, changed.after) == ({"last_name": "Quill"}, {"last_name": "Quillfeather"})
    assert "Quill" not in written(changed)


def test_a_reason_is_read_with_the_row_and_is_not_in_it(cast: Cast):
    visit = book_ket6(cast).sessions.get(number=6)
    cancel_session(visit, reason="Her mother is ill", actor=cast.as_desk, now=NOW)
    row = JournalEntry.objects.get(verb="session_cancelled")

    assert row.reason == "Her mother is ill"
    assert (row.after["status"], "kept_apart" in row.after) == ("cancelled", False)
    assert "mother" not in written(row)


def test_what_was_written_is_whole(changed: JournalEntry):
    assert list(changed_words()) == []


@pytest.mark.parametrize(
    "deed",
    [
        lambda words: words.update(said={"before": {}, "after": {"last_name": "Other"}}),
        lambda words: words.delete(),
    ],
    ids=["changed", "removed"],
)
def test_words_that_were_changed_or_removed_are_found_out(changed: JournalEntry, deed: Any):
    deed(JournalWords.objects.filter(entry=changed))

    assert list(changed_words()) == [changed]
