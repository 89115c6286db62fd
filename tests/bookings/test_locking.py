from datetime import date
from uuid import UUID

import pytest
from django.db import OperationalError, connection

from bookings.errors import Busy
from bookings.locking import diary_lock, roster_lock
from tests.cast import NOW, make_clinic
from tests.races.arena import at_once

CLINIC, OTHER = UUID(int=1), UUID(int=2)
ADA, BEA = UUID(int=3), UUID(int=4)
MONDAY, TUESDAY = date(2026, 4, 6), date(2026, 4, 7)


def held():
    """The keys that this transaction holds, and whether it shares them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (classid::bigint << 32) | objid::bigint, mode FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted"
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_patient_and_days_are_locked_alone_and_the_roster_is_shared():
    with diary_lock([(CLINIC, MONDAY), (CLINIC, TUESDAY)], [ADA], now=NOW):
        modes = sorted(held().values())

    assert modes == ["ExclusiveLock", "ExclusiveLock", "ExclusiveLock", "ShareLock"]
    assert held() == {}


@pytest.mark.django_db(transaction=True)
def test_whoever_changes_the_roster_has_it_alone():
    with roster_lock(CLINIC):
        assert list(held().values()) == ["ExclusiveLock"]


@pytest.fixture
def impatient(monkeypatch):
    """Connections that wait a tenth of a second."""
    options = connection.settings_dict["OPTIONS"]["options"]
    monkeypatch.setitem(
        connection.settings_dict["OPTIONS"],
        "options",
        options.replace("lock_timeout=3s", "lock_timeout=100ms"),
    )
    connection.close()
    connection.close_pool()
    yield
    connection.close()
    connection.close_pool()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("days", "patients", "waits"), [
    ([(CLINIC, MONDAY)], [BEA], True),  # the same clinic-day
    ([(CLINIC, TUESDAY)], [ADA], True),  # the same patient
    ([(CLINIC, TUESDAY)], [BEA], False),
    ([(OTHER, MONDAY)], [BEA], False),
])  # fmt: skip
def test_who_waits_for_whom(impatient, days, patients, waits):
    def other():
        with diary_lock(days, patients, now=NOW):
            return "in"

    with diary_lock([(CLINIC, MONDAY)], [ADA], now=NOW):
        (answer,) = at_once(other)

    assert type(answer) is (Busy if waits else str)


@pytest.mark.django_db(transaction=True)
def test_nobody_books_while_the_roster_changes(impatient):
    def other():
        with diary_lock([(CLINIC, MONDAY)], [ADA], now=NOW):
            return "in"

    with roster_lock(CLINIC):
        (answer,) = at_once(other)

    assert type(answer) is Busy
    assert answer.facts == {"retry_after": 1}


@pytest.mark.django_db(transaction=True)
def test_an_error_of_ours_is_not_called_busy():
    def take_too_long():
        with diary_lock([], [ADA], now=NOW), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10ms'")
            cursor.execute("SELECT pg_sleep(1)")

    with pytest.raises(OperationalError):
        take_too_long()


@pytest.mark.django_db(transaction=True)
def test_what_was_written_is_gone_when_the_block_fails():
    clinic = make_clinic("north", time_zone="America/New_York")

    def fail():
        with diary_lock([], [ADA], now=NOW):
            clinic.name = "Renamed"
            clinic.save()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    clinic.refresh_from_db()
    assert clinic.name == "North"
