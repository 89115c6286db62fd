"""Web and worker processes are killed, and connections cut, while they book and tell: whatever was under way
is there whole or not at all, and is told once.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from bookings.actors import Actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series
from bookings.commands.holds import hold_places
from bookings.commands.move import move_session
from bookings.errors import Refused
from bookings.models import Claim, Clinic, JournalEntry, Patient, Protocol, Series, SeriesStatus, Session
from bookings.proof import Excuse, prove
from notifications import queries
from notifications.channels import email
from notifications.commands import react, send
from notifications.models import Attempt, Message
from tests.cast import KET6, NOW, make_patient, make_protocol, new_york
from tests.races.arena import FIRST, SECONDS, make_arena

pytestmark = [
    pytest.mark.fault,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(120 + 3 * SECONDS),
]
PROCESSES = 4
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Clerk:
    """One process: books, changes its mind, and tells, until it is killed."""

    clinic: Clinic
    actor: Actor
    patients: list[Patient]
    six: Protocol
    log: Path  # what it did, and what should never happen

    def has_done_something(self) -> bool:
        return self.log.exists() and "done\n" in self.log.read_text()

    def work(self, seed: int) -> None:
        DatabaseWrapper._connection_pools.clear()  # those of the parent, whose threads are not here
        dice = random.Random(seed)
        verbs = [self.book] * 4 + [self.hold_and_book] * 3 + [self.move, self.cancel] + [self.tell] * 3
        while True:
            verb = dice.choice(verbs)
            try:
                said = "done" if verb(dice) else "nothing to do"
            except Refused as refusal:
                said = refusal.code
            except (OperationalError, InterfaceError):
                said = "cut off"
            except Exception as fault:
                said = f"fault in {verb.__name__}: {fault!r}"
            connection.close()
            with self.log.open("a") as log:
                log.write(f"{said}\n")

    def starts(self, dice: random.Random) -> list[datetime]:
        first = new_york(f"{FIRST + dice.randrange(2, 9) * DAY} {dice.randrange(8, 15):02}:00")
        return [first + step * DAY for step in (0, 2, 4, 7, 9, 11)]

    def book(self, dice: random.Random) -> Series:
        return book_series(
            dice.choice(self.patients),
            clinic=self.clinic,
            protocol=self.six,
            starts=self.starts(dice),
            actor=self.actor,
            now=NOW,
        )

    def hold_and_book(self, dice: random.Random) -> Series:
        patient = dice.choice(self.patients)
        hold = hold_places(
            self.clinic,
            protocol=self.six,
            starts=self.starts(dice),
            patient=patient,
            actor=self.actor,
            now=NOW,
        )
        return book_series(
            patient, clinic=self.clinic, protocol=self.six, hold=hold, actor=self.actor, now=NOW
        )

    def move(self, _dice: random.Random) -> Session | None:
        session = Session.objects.filter(status="booked").order_by("?").first()
        if session is None:
            return None
        return move_session(session, start=session.start + timedelta(hours=1), actor=self.actor, now=NOW)

    def cancel(self, _dice: random.Random) -> Series | None:
        series = Series.objects.filter(status=SeriesStatus.ACTIVE).order_by("?").first()
        return series and cancel_series(series, actor=self.actor, now=NOW)

    def tell(self, _dice: random.Random) -> int:
        return react.react(now=NOW) + send_what_is_due(NOW)


def send_what_is_due(now: datetime) -> int:
    """As the worker does."""
    taken = [
        one for one in (send.take(message, now=now) for message in queries.due(now=now, limit=20)) if one
    ]
    for one in taken:
        send.settle(one, email.send(one.letter), now=now)
    return len(taken)


@pytest.fixture
def clerk(tmp_path):
    clinic, desk = make_arena(chairs=6, nurses=3)
    patients = [make_patient(f"P{number}", "Example", number=number) for number in range(60)]
    six = make_protocol(KET6, clinic, signed_by=desk)
    return Clerk(clinic, staff_actor(desk), patients, six, tmp_path / "log")


def test_whatever_is_killed_leaves_nothing_half_done_and_tells_nothing_twice(clerk, mailbox, capsys):
    killed, cut = storm_with_losses(clerk)
    said = Counter(clerk.log.read_text().splitlines())

    after = NOW + send.LOST_AFTER  # what a dead worker had in hand counts as lost from here on
    lost = queries.lost(now=after, after=send.LOST_AFTER)
    for message in lost:
        send.recover(message, now=after)
    while react.react(now=after) + send_what_is_due(after + timedelta(hours=1)):
        pass

    with capsys.disabled():
        print(
            f"\n{killed} processes killed, {cut} connections cut in {SECONDS:.0f} s; "
            f"{Series.objects.count()} series, {len(mailbox.mails)} mails, {len(lost)} sent once more; "
            + ", ".join(f"{count} {what}" for what, count in said.most_common())
        )
    assert [what for what in said if what.startswith("fault")] == []
    assert killed > 0
    assert cut > 0
    assert said["done"] > 0
    assert [one for one in prove(now=NOW) if one.excuse is Excuse.NONE] == []
    assert_nothing_is_half_booked()
    assert_nothing_is_told_twice(mailbox)


def assert_nothing_is_half_booked():
    assert {series.sessions.count() for series in Series.objects.all()} == {6}
    booked = JournalEntry.objects.filter(verb="series_booked").values_list("series", flat=True)
    assert sorted(booked) == sorted(Series.objects.values_list("id", flat=True))
    live = Session.objects.exclude(status="cancelled").values_list("id", flat=True)
    claims = Claim.objects.filter(hold=None).values_list("session", flat=True)
    assert sorted(claims) == sorted(live)


def assert_nothing_is_told_twice(mailbox):
    """One confirmation for each series that stands. A mail is repeated only where its worker died between
    sending and writing that down, and then by the same Message-ID, so that a mailbox can tell.
    """
    standing = Series.objects.filter(status=SeriesStatus.ACTIVE).values_list("id", flat=True)
    told = Counter(Message.objects.filter(kind="confirmation").values_list("series", flat=True))
    assert set(told) >= set(standing)
    assert set(told.values()) == {1}
    assert not Message.objects.filter(status="sending").exists()
    mails = Counter(mail["Message-ID"] for mail in mailbox.mails)
    sent = {one.provider_id: one.id for one in Message.objects.filter(status="sent")}
    assert set(mails) >= set(sent)
    for message_id, count in mails.items():
        message = message_id.strip("<>").partition("@")[0]
        assert count <= 1 + Attempt.objects.filter(message=message, outcome="lost").count()


def storm_with_losses(clerk: Clerk) -> tuple[int, int]:
    """How many processes were killed, and how many connections cut, while the clerks worked: for SECONDS, and
    on a slow machine until there was one of each and something had been done.
    """
    dice, killed, cut, patience = random.Random(1), 0, 0, 0.4
    clerks = [begin(clerk, seed) for seed in range(PROCESSES)]
    until = time.monotonic() + SECONDS
    while time.monotonic() < until or not (killed and cut and clerk.has_done_something()):
        if not clerk.has_done_something():
            patience *= 1.1  # or nobody here would ever live to the end of anything
        time.sleep(dice.uniform(0.1, patience))
        if dice.random() < 0.5:
            cut += cut_a_connection()
        else:
            victim = clerks.pop(dice.randrange(PROCESSES))
            end(victim)
            killed += 1
            clerks.append(begin(clerk, PROCESSES + killed))
    for one in clerks:
        end(one)
    wait_until_nobody_is_connected()
    return killed, cut


def begin(clerk: Clerk, seed: int) -> BaseProcess:
    connection.close()
    connection.close_pool()
    process = multiprocessing.get_context("fork").Process(target=clerk.work, args=(seed,), daemon=True)
    process.start()
    return process


def end(process: BaseProcess) -> None:
    assert process.pid is not None
    assert process.is_alive(), "a clerk ended by itself"
    os.kill(process.pid, signal.SIGKILL)
    process.join()


OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def cut_a_connection() -> int:
    """Cut somebody off in the middle of a transaction; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_terminate_backend(pid) {OTHERS} AND state <> 'idle' ORDER BY random() LIMIT 1"
        )
        return len(cursor.fetchall())


def wait_until_nobody_is_connected() -> None:
    """PostgreSQL notices that a client is dead when it has finished the client's last statement."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {OTHERS} AND backend_type = 'client backend'")
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)
    raise AssertionError("somebody is still connected")
