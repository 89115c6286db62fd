"""The journal's seals: everything that was written comes under one, and whatever is done to it shows."""

import threading
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, connections, transaction
from django.db.models import Max

from bookings import journal
from bookings.actors import SYSTEM
from bookings.commands.seal import seal_journal
from bookings.models import JournalEntry, JournalSeal
from bookings.sealing import broken_seals
from tests.cast import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def write(clinic, *, rows: int = 3) -> list[int]:
    return [
        journal.record("clinic_changed", actor=SYSTEM, now=NOW, clinic=clinic, after={"n": n}).id
        for n in range(rows)
    ]


def seal() -> int:
    """Bring all under seal that is written by now; how many rows that were.

    A transaction of another database on the same server holds it up as well, so it may take some rounds.
    """
    newest = JournalEntry.objects.aggregate(newest=Max("id"))["newest"] or 0
    last_chance, rows = time.monotonic() + 240, 0
    while time.monotonic() < last_chance:
        rows += seal_journal(now=NOW)
        if JournalSeal.objects.filter(sealed_at__isnull=False, last_id__gte=newest).exists() or not newest:
            break
        time.sleep(0.01)
    return rows


def tamper(sql: str, *values) -> None:
    """As somebody may who keeps the database, and switches its triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        assert cursor.rowcount == 1


def verify(**options) -> tuple[int, list[str]]:
    out = StringIO()
    try:
        call_command("verify_journal", stdout=out, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


@pytest.fixture
def sealed(cast) -> list[int]:
    """Nine rows under three seals."""
    ids: list[int] = []
    for _seal in range(3):
        ids += write(cast.north)
        assert seal() == 3
    return ids


@pytest.mark.parametrize(
    "deed", ["UPDATE bookings_journalentry SET reason = 'x'", "DELETE FROM bookings_journalentry"]
)
def test_the_database_refuses_to_change_or_forget_a_row(cast, deed):
    write(cast.north, rows=1)

    with pytest.raises(ProgrammingError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(deed)

    assert JournalEntry.objects.count() == 1


def test_rows_that_nobody_touched_are_whole(sealed):
    code, said = verify()

    last = JournalSeal.objects.filter(sealed_at__isnull=False).latest("id")
    assert (code, said) == (
        0,
        [
            "0 of 3 seals broken; 0 rows are not yet under seal.",
            f"Keep this where the database's keeper cannot: {bytes(last.digest).hex()}",
        ],
    )


def test_an_empty_journal_is_whole(transactional_db):
    assert seal() == 0
    assert verify() == (0, ["0 of 0 seals broken; 0 rows are not yet under seal."])


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE bookings_journalentry SET reason = 'never' WHERE id = %s", "not what it was"),
        (
            "UPDATE bookings_journalentry SET at = at + interval '1 microsecond' WHERE id = %s",
            "not what it was",
        ),
        ("UPDATE bookings_journalentry SET after = '{\"n\": 9}' WHERE id = %s", "not what it was"),
        ("UPDATE bookings_journalentry SET clinic_id = NULL WHERE id = %s", "not what it was"),
        ("DELETE FROM bookings_journalentry WHERE id = %s", "3 rows were sealed, and there are 2"),
    ],
)
def test_a_row_that_was_changed_or_removed_breaks_its_seal_and_no_other(sealed, sql, broken):
    tamper(sql, sealed[4])

    (found,) = broken_seals()

    assert (found.seal.after_id, found.seal.last_id) == (sealed[2], sealed[5])
    assert broken in found.detail
    assert verify()[0] == 1


def test_a_row_that_is_slipped_in_breaks_the_seal(sealed):
    tamper("UPDATE bookings_journalentry SET id = id + 1000 WHERE id = %s", sealed[8])
    tamper("DELETE FROM bookings_journalentry WHERE id = %s", sealed[0])
    tamper("UPDATE bookings_journalentry SET id = %s WHERE id = %s", sealed[0], sealed[8] + 1000)

    assert [one.seal.last_id for one in broken_seals()] == [sealed[2], sealed[8]]


def test_a_seal_made_anew_over_a_changed_row_breaks_the_next(sealed):
    tamper("UPDATE bookings_journalentry SET reason = 'never' WHERE id = %s", sealed[0])
    tamper("UPDATE bookings_journalseal SET digest = decode(repeat('00', 32), 'hex') WHERE after_id = 0")

    assert [one.seal.after_id for one in broken_seals()] == [0, sealed[2]]


def test_a_seal_that_is_missing_is_noticed(sealed):
    tamper("DELETE FROM bookings_journalseal WHERE after_id = %s", sealed[2])

    assert [one.seal.after_id for one in broken_seals()] == [sealed[5]]


def test_a_chain_made_wholly_anew_is_known_by_a_digest_kept_elsewhere(sealed):
    kept = bytes(JournalSeal.objects.filter(sealed_at__isnull=False).latest("id").digest).hex()
    tamper("UPDATE bookings_journalentry SET reason = 'never' WHERE id = %s", sealed[0])
    JournalSeal.objects.all().delete()
    assert seal() == 9

    assert verify()[0] == 0
    code, said = verify(expect=kept)

    assert (code, said[0]) == (1, f"BROKEN: no seal has the digest {kept}: the chain was made anew or cut.")


def test_a_transaction_that_is_late_holds_the_seal_up_and_comes_under_it(cast):
    """Its row has a lower number than one that is committed and announced already."""
    drawn, go_on = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            write(cast.north, rows=1)
            drawn.set()
            assert go_on.wait(30)
        connections.close_all()

    writer = threading.Thread(target=late)
    writer.start()
    assert drawn.wait(30)
    write(cast.north, rows=1)
    assert [seal_journal(now=NOW) for _round in range(5)] == [0] * 5
    go_on.set()
    writer.join()

    assert seal() == 2
    assert list(broken_seals()) == []


def test_many_who_seal_at_once_make_one_chain(cast):
    write(cast.north, rows=5)
    start = threading.Barrier(6)
    sealed = []

    def sealer() -> None:
        start.wait()
        sealed.extend(seal_journal(now=NOW) for _round in range(10))
        connections.close_all()

    threads = [threading.Thread(target=sealer) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(sealed) + seal() == 5
    assert list(broken_seals()) == []
