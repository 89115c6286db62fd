"""The database is lost under load and brought back: what was answered is there, and every rule holds."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.core.management import call_command
from django.db import Error, connection
from django.utils import timezone

from bookings.actors import Actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series
from bookings.commands.seal import seal_journal
from bookings.errors import Refused
from bookings.models import Clinic, JournalEntry, Patient, Protocol, Series, SeriesStatus
from bookings.proof import prove
from tests.cast import KET6, NOW, make_patient, make_protocol, new_york
from tests.faults.keeping import Keeper, kept
from tests.races.arena import FIRST, SECONDS, make_arena

pytestmark = [
    pytest.mark.fault,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(240 + 2 * SECONDS),
]
WRITERS = 3
DAY = timedelta(days=1)


@dataclass
class Desk:
    """Books and cancels, and remembers what it was told that it had done."""

    clinic: Clinic
    actor: Actor
    patients: list[Patient]
    six: Protocol
    ended: threading.Event = field(default_factory=threading.Event)
    booked: dict[UUID, datetime] = field(default_factory=dict)  # when the answer came
    cancelled: dict[UUID, datetime] = field(default_factory=dict)
    begun: list[datetime] = field(default_factory=list)

    def work(self, dice: random.Random, patients: list[Patient]) -> None:
        mine: list[Series] = []
        while not self.ended.is_set():
            with suppress(Refused, Error):  # the place is taken; or the machine is gone
                if len(mine) > 8:
                    self._cancel(mine.pop(0))
                else:
                    mine.append(self._book(dice.choice(patients), dice))
        connection.close()

    def _book(self, patient: Patient, dice: random.Random) -> Series:
        first = new_york(f"{FIRST + dice.randrange(2, 9) * DAY} {dice.randrange(8, 15):02}:00")
        starts = [first + step * DAY for step in (0, 2, 4, 7, 9, 11)]
        series = book_series(
            patient, clinic=self.clinic, protocol=self.six, starts=starts, actor=self.actor, now=NOW
        )
        self.booked[series.id] = timezone.now()
        return series

    def _cancel(self, series: Series) -> None:
        cancel_series(series, actor=self.actor, now=NOW)
        self.cancelled[series.id] = timezone.now()


def lost(desk: Desk, *, until: datetime | None = None) -> tuple[set[UUID], set[UUID]]:
    """What was answered by then and is not there: series, and cancellations."""
    there = dict(Series.objects.values_list("id", "status"))
    booked = {one for one, at in desk.booked.items() if until is None or at <= until}
    cancelled = {one for one, at in desk.cancelled.items() if until is None or at <= until}
    return booked - there.keys(), {one for one in cancelled if there.get(one) != SeriesStatus.CANCELLED}


def is_sound() -> None:
    """The diary keeps every rule, and nobody has touched the journal."""
    assert prove(now=NOW) == []
    seal_journal(now=timezone.now())
    call_command("verify_journal", verbosity=0)


def while_they_write(desk: Desk, work: Callable[[], None]) -> None:
    share = len(desk.patients) // WRITERS
    threads = [
        threading.Thread(
            target=desk.work, args=(random.Random(one), desk.patients[one * share : (one + 1) * share])
        )
        for one in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        desk.ended.set()
        for thread in threads:
            thread.join()


def booked_more(desk: Desk, keeper: Keeper, count: int) -> datetime:
    """Wait for so many further bookings; the database's time then."""
    wanted = len(desk.booked) + count
    with psycopg.connect(keeper.url, autocommit=True) as session:
        while len(desk.booked) < wanted:
            session.execute("SELECT pg_sleep(0.05)")
        (now,) = session.execute("SELECT clock_timestamp()").fetchone()
    return now


def test_a_lost_database_comes_back_with_all_that_was_answered(tmp_path, capsys):
    with kept(tmp_path / "kept") as keeper:
        clinic, staff = make_arena(chairs=6, nurses=6)
        patients = [make_patient(f"P{number}", "Example", number=number) for number in range(60)]
        desk = Desk(clinic, staff_actor(staff), patients, make_protocol(KET6, clinic, signed_by=staff))
        keeper.keep_the_log()
        moments = []

        def work() -> None:
            booked_more(desk, keeper, 10)
            keeper.back_up()
            moments.append(booked_more(desk, keeper, 10))
            seal_journal(now=timezone.now())
            booked_more(desk, keeper, 20)
            keeper.destroy()

        while_they_write(desk, work)
        (moment,) = moments

        keeper.restore()
        everything = JournalEntry.objects.count()
        assert lost(desk) == (set(), set())
        is_sound()
        written = dict(Series.objects.values_list("id", "status"))

        keeper.stop()
        keeper.restore(until=moment.isoformat())
        assert lost(desk, until=moment - timedelta(milliseconds=200)) == (set(), set())
        is_sound()
        assert JournalEntry.objects.count() < everything
        assert Series.objects.count() < len(written)
    with capsys.disabled():
        answered = f"{len(desk.booked)} series and {len(desk.cancelled)} cancellations answered"
        print(f"\n{answered}, {everything} journal rows; nothing lost")
