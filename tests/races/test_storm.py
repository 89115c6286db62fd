"""Sixty-four people at once, through every way of writing into one clinic's diary, for RACES_SECONDS."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.queues import SimpleQueue

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from bookings.actors import Actor, staff_actor
from bookings.commands.attend import confirm_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.holds import hold_places, release_hold, tidy_holds
from bookings.commands.move import move_session
from bookings.commands.replan import apply_replan
from bookings.commands.roster import close, reopen
from bookings.errors import Refused
from bookings.locking import waited_too_long
from bookings.models import Claim, Clinic, Closure, Hold, Patient, Protocol, Series, SeriesStatus, Session
from bookings.proof import Excuse, prove
from tests.cast import BOOSTER, KET6, NOW, make_patient, make_protocol, new_york
from tests.races.arena import FIRST, SECONDS, make_arena

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(120 + 3 * SECONDS),
]
#: They share the connections of four server processes, as many as settings give each.
WRITERS, PROCESSES, POOL = 64, 4, 4
#: The storm's own clock runs faster, so that holds expire in it.
MINUTES_A_SECOND = 2


@dataclass
class Storm:
    """One clinic, many people, and what became of what they asked."""

    clinic: Clinic
    actor: Actor
    patients: list[Patient]
    six: Protocol
    single: Protocol
    began: float = field(default_factory=time.monotonic)
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0

    def now(self) -> datetime:
        return NOW + timedelta(minutes=int((time.monotonic() - self.began) * MINUTES_A_SECOND))

    def process(self, seed: int, results: SimpleQueue) -> None:
        """Some of the writers, in a process of their own."""
        DatabaseWrapper._connection_pools.clear()  # those of the parent, whose threads are not here
        connection.settings_dict["OPTIONS"]["pool"] = {"min_size": 0, "max_size": POOL, "timeout": 5}
        with ThreadPoolExecutor(WRITERS // PROCESSES) as pool:
            seeds = range(seed, WRITERS, PROCESSES)
            list(pool.map(self.writer, seeds))
        connection.close_pool()
        results.put((self.answers, self.faults, self.slowest))

    def writer(self, seed: int) -> None:
        dice = random.Random(seed)
        verbs = [self.book_six] * 4 + [self.book_one] * 5 + [self.hold_and_book] * 3 + [self.hold_and_leave]
        verbs += [self.move] * 5 + [self.cancel_one] * 4 + [self.cancel_all] * 3 + [self.confirm] * 2
        verbs += [self.closure] if seed % 8 == 0 else [self.replan] if seed % 8 == 1 else []
        while time.monotonic() < self.began + SECONDS:
            verb, began = dice.choice(verbs), time.monotonic()
            answer = self.answer(verb, dice)
            self.answers[answer] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            connection.close()  # as at the end of a request: back into the pool

    def answer(self, verb, dice: random.Random) -> str:
        try:
            return "done" if verb(dice) else "nothing to do"
        except Refused as refusal:
            return refusal.code
        except Exception as fault:
            if isinstance(fault, OperationalError) and waited_too_long(fault):
                return "busy"  # no connection was free in time
            self.faults.append(f"{verb.__name__}: {fault!r}")
            return "fault"

    # The ways of writing

    def starts(self, dice: random.Random) -> list[datetime]:
        """Six starts every two to four days, at one hour."""
        at = new_york(f"{FIRST + timedelta(days=dice.randrange(2, 8))} {dice.randrange(8, 16):02}:00")
        starts = [at + timedelta(minutes=15 * dice.randrange(4))]
        while len(starts) < 6:
            starts.append(starts[-1] + timedelta(days=dice.choice([2, 3, 4])))
        return starts

    def patient(self, dice: random.Random) -> Patient:
        return dice.choice(self.patients)

    def book_six(self, dice: random.Random) -> Series:
        return book_series(
            self.patient(dice),
            clinic=self.clinic,
            protocol=self.six,
            starts=self.starts(dice),
            actor=self.actor,
            now=self.now(),
        )

    def book_one(self, dice: random.Random) -> Series:
        return book_series(
            self.patient(dice),
            clinic=self.clinic,
            protocol=self.single,
            starts=self.starts(dice)[:1],
            actor=self.actor,
            now=self.now(),
        )

    def hold_and_book(self, dice: random.Random) -> Series:
        hold = self.hold_and_leave(dice)
        return book_series(
            self.patient(dice),
            clinic=self.clinic,
            protocol=self.six,
            hold=hold,
            actor=self.actor,
            now=self.now(),
        )

    def hold_and_leave(self, dice: random.Random) -> Hold:
        hold = hold_places(
            self.clinic,
            protocol=self.six,
            starts=self.starts(dice),
            actor=self.actor,
            now=self.now(),
            patient=self.patient(dice) if dice.random() < 0.3 else None,
        )
        if dice.random() < 0.1:
            release_hold(hold, actor=self.actor, now=self.now())
        if dice.random() < 0.1:
            tidy_holds(now=self.now())
        return hold

    def session(self, dice: random.Random) -> Session | None:
        sessions = Session.objects.filter(clinic=self.clinic, status__in=["booked", "confirmed"])
        return sessions.order_by("?").first() if dice.random() < 0.2 else sessions.order_by("-id").first()

    def series(self) -> Series | None:
        return Series.objects.filter(clinic=self.clinic, status=SeriesStatus.ACTIVE).order_by("?").first()

    def move(self, dice: random.Random) -> Session | None:
        session = self.session(dice)
        if session is None:
            return None
        start = session.start + timedelta(
            minutes=15 * dice.randrange(-16, 17), days=dice.choice([0, 0, 1, -1])
        )
        return move_session(session, start=start, actor=self.actor, now=self.now())

    def cancel_one(self, dice: random.Random) -> Session | None:
        session = self.session(dice)
        return session and cancel_session(session, actor=self.actor, now=self.now())

    def cancel_all(self, _dice: random.Random) -> Series | None:
        series = self.series()
        return series and cancel_series(series, actor=self.actor, now=self.now())

    def confirm(self, dice: random.Random) -> Session | None:
        session = self.session(dice)
        return session and confirm_session(session, actor=self.actor, now=self.now())

    def replan(self, _dice: random.Random) -> Series | None:
        series = self.series()
        return series and apply_replan(series, actor=self.actor, now=self.now())

    def closure(self, dice: random.Random) -> bool:
        """A chair, now and then the whole clinic, is out for some hours; sooner or later it is back."""
        known = Closure.objects.filter(clinic=self.clinic).order_by("?").first()
        if known and dice.random() < 0.6:
            reopen(known, actor=self.actor, now=self.now())
            return True
        starts = self.starts(dice)[0]
        chair = None if dice.random() < 0.2 else self.clinic.chairs.order_by("?").first()
        clinic = Clinic.objects.get(id=self.clinic.id)  # the roster's verbs bring their clinic up to date
        close(
            clinic,
            starts=starts,
            ends=starts + timedelta(hours=2),
            chair=chair,
            actor=self.actor,
            now=self.now(),
        )
        return True


@pytest.fixture
def storm():
    clinic, desk = make_arena(chairs=6, nurses=3)
    patients = [make_patient(f"P{number}", "Example", number=number % 100) for number in range(160)]
    return Storm(
        clinic,
        staff_actor(desk),
        patients,
        make_protocol(KET6, clinic, signed_by=desk),
        make_protocol(BOOSTER, clinic, signed_by=desk),
    )


def test_a_storm_leaves_a_clean_diary(storm, capsys):
    blow(storm)

    decisions = storm.answers.total() - storm.answers["nothing to do"]
    busy = storm.answers["busy"]
    with capsys.disabled():
        print(
            f"\n{WRITERS} writers, {SECONDS:.0f} s: {decisions / SECONDS:.0f} decisions/s, "
            f"{100 * busy / decisions:.2f} % busy, slowest {storm.slowest:.1f} s, "
            f"{Claim.objects.count()} claims; "
            + ", ".join(f"{count} {answer}" for answer, count in storm.answers.most_common())
        )
    assert storm.faults == []
    found = prove(now=storm.now())
    assert [one for one in found if one.excuse is Excuse.NONE] == []
    # A closure takes a place away from under a session; nothing else may have.
    assert {one.rule for one in found} <= {"closed", "chair"}
    assert_every_series_is_whole()
    assert storm.answers["done"] > 0


def blow(storm):
    """Let all the writers loose, and gather what became of what they asked."""
    connection.close()
    connection.close_pool()
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    storm.began = time.monotonic()
    children = [context.Process(target=storm.process, args=(seed, results)) for seed in range(PROCESSES)]
    for child in children:
        child.start()
    for _ in children:
        answers, faults, slowest = results.get()
        storm.answers += answers
        storm.faults += faults
        storm.slowest = max(storm.slowest, slowest)
    for child in children:
        child.join()


def assert_every_series_is_whole():
    for series in Series.objects.prefetch_related("sessions"):
        booked = 6 if series.protocol_version.protocol.slug == "ket6" else 1
        assert len(series.sessions.all()) >= booked
