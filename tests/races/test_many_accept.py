"""Five hundred presses for fifty places, over the connection pools of four server processes: each place has
one winner, everybody else keeps what they had and is told so.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from unittest import mock
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from bookings import offered
from bookings.actors import patient_actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.offer_answers import accept_offer
from bookings.commands.offers import offer_freed_places
from bookings.commands.waiting import join_waiting_list
from bookings.errors import Busy, WrongState
from bookings.locking import waited_too_long
from bookings.models import Claim, Offer, OfferStatus, Patient, Session, WaitingEntry
from bookings.proof import Excuse, prove
from notifications.commands.react import react
from notifications.kinds import Channel, Kind
from notifications.models import Message
from tests.cast import BOOSTER, NOW, make_protocol, new_york
from tests.races.arena import at_once, judges, make_arena

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]
PLACES, PRESSES = 50, 500
PROCESSES, POOL, THREADS = 4, 4, 16
CHAIRS = 5
#: Places that three press for at once with no lock: more than one has is likely each time, never certain.
CHANCES = 20
LATER = NOW + timedelta(minutes=1)


class Crowd:
    """A clinic of five chairs, where visits in April are given up; three people for each of them have a visit
    in May, and wait for an earlier one.
    """

    def __init__(self, places: int) -> None:
        self.clinic, desk = make_arena(chairs=CHAIRS, nurses=CHAIRS)
        self.desk = staff_actor(desk)
        self.protocol = make_protocol(BOOSTER, self.clinic, signed_by=desk)
        self.people = people = Patient.objects.bulk_create(
            Patient(
                first_name=f"P{k}",
                last_name="Example",
                birth_date=date(1980, 1, 1),
                email=f"p{k}@mail.example",
                time_zone="America/New_York",
            )
            for k in range(4 * places)
        )
        for k, patient in enumerate(people[places:]):
            days, hours = k // (3 * CHAIRS), 3 * (k // CHAIRS % 3)
            session = self.book(patient, new_york("2026-05-01 08:00") + timedelta(days=days, hours=hours))
            join_waiting_list(
                patient,
                clinic=self.clinic,
                protocol=self.protocol,
                session=session,
                actor=self.desk,
                now=NOW,
            )
        first = new_york("2026-04-13 10:00")
        leaving = [
            self.book(one, first + timedelta(days=k // CHAIRS)) for k, one in enumerate(people[:places])
        ]
        for session in leaving:
            cancel_session(session, actor=self.desk, now=NOW)

    def book(self, patient: Patient, start: datetime, *, now: datetime = NOW) -> Session:
        series = book_series(
            patient,
            clinic=self.clinic,
            protocol=self.protocol,
            starts=[start],
            actor=self.desk,
            now=now,
        )
        return series.sessions.get()

    def offers(self) -> list[Offer]:
        offer_freed_places(now=NOW)
        return list(Offer.objects.filter(status=OfferStatus.OPEN).select_related("entry__patient"))


def press(one: Offer) -> str:
    """Accept it as a patient does who presses again when told that the clinic is busy."""
    while True:
        try:
            accept_offer(one, actor=patient_actor(one.entry.patient), now=LATER)
        except WrongState as refusal:
            return str(refusal.facts["status"])
        except Busy:
            time.sleep(0.05)
        except OperationalError as fault:
            if not waited_too_long(fault):  # for a connection
                return repr(fault)
        except Exception as fault:
            return repr(fault)
        else:
            return "won"
        finally:
            connection.close()


def server(presses: list[Offer], begin: Barrier, said: SimpleQueue) -> None:
    """A server process: its own pool, more threads than connections."""
    DatabaseWrapper._connection_pools.clear()  # those of the parent, whose threads are not here
    connection.settings_dict["OPTIONS"]["pool"] = {"min_size": 0, "max_size": POOL, "timeout": 30}
    begin.wait(120)
    with ThreadPoolExecutor(THREADS) as pool:
        said.put(list(pool.map(press, presses)))
    connection.close_pool()


def all_at_once(presses: list[Offer]) -> Counter[str]:
    connection.close()
    connection.close_pool()
    fork = multiprocessing.get_context("fork")
    said, begin = fork.SimpleQueue(), fork.Barrier(PROCESSES)
    servers = [
        fork.Process(target=server, args=(presses[at::PROCESSES], begin, said)) for at in range(PROCESSES)
    ]
    for one in servers:
        one.start()
    answers = [answer for _ in servers for answer in said.get()]
    for one in servers:
        one.join()
    return Counter(answers)


def test_five_hundred_presses_for_fifty_places(capsys):
    crowd = Crowd(PLACES)
    offers = crowd.offers()
    assert Counter(Counter(one.batch for one in offers).values()) == {3: PLACES}
    react(now=NOW)
    before: dict[UUID, datetime] = {one.id: one.session.start for one in offers}

    began = time.monotonic()
    answers = all_at_once([offers[at % len(offers)] for at in range(PRESSES)])

    with capsys.disabled():
        print(f"\n{PRESSES} presses for {PLACES} places in {time.monotonic() - began:.1f} s: {dict(answers)}")
    assert answers["won"] == PLACES
    assert answers["won"] + answers["lost"] + answers["accepted"] == PRESSES
    after = list(Offer.objects.select_related("entry__session"))
    assert Counter(one.status for one in after) == {"accepted": PLACES, "lost": 2 * PLACES}
    winners = [one for one in after if one.status == "accepted"]
    assert len({one.batch for one in winners}) == PLACES
    assert {(one.start, one.chair_id) for one in winners} == {
        (one.session.start, one.session.chair_id) for one in winners
    }
    assert len({(one.start, one.chair_id) for one in winners}) == PLACES
    losers = [one for one in after if one.status == "lost"]
    assert [one.session.start for one in losers] == [before[one.id] for one in losers]
    assert WaitingEntry.objects.filter(closed_at__isnull=True).count() == 2 * PLACES
    assert Claim.objects.filter(hold__isnull=False).count() == 0
    assert [one for one in prove(now=NOW) if one.excuse is Excuse.NONE] == []

    react(now=LATER)
    told = Message.objects.filter(kind=Kind.OFFER_LOST, channel=Channel.EMAIL)
    assert sorted(told.values_list("patient", flat=True)) == sorted(one.entry.patient_id for one in losers)


@contextmanager
def nobody_waits() -> Iterator[None]:
    """Accepting without any lock, in a database that lets two have one place."""

    def unlocked(batch: UUID, *, skip_locked: bool = False) -> object:
        rows = Offer.objects.filter(batch=batch, status=OfferStatus.OPEN)
        return rows.select_related("entry__session__series", "entry__clinic", "entry__patient")

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'offer_taken_by_one'")
        (index,) = cursor.fetchone()
        cursor.execute("DROP INDEX offer_taken_by_one")
    try:
        with judges(lock=False, constraints=False), mock.patch.object(offered, "open_of", unlocked):
            yield
    finally:
        Offer.objects.filter(status=OfferStatus.ACCEPTED).update(status=OfferStatus.LOST)
        with connection.cursor() as cursor:
            cursor.execute(index)


def winners_of_each(offers: list[Offer]) -> Iterator[int]:
    """For each place, how many have it when its three press at the same moment."""
    batches: dict[UUID, list[Offer]] = {}
    for one in offers:
        batches.setdefault(one.batch, []).append(one)
    for three in batches.values():
        yield at_once(*[lambda one=one: press(one) for one in three]).count("won")


def test_without_any_lock_two_have_one_place():
    with nobody_waits():
        assert any(winners > 1 for winners in winners_of_each(Crowd(CHANCES).offers()))


def test_with_the_lock_one_has_each():
    assert list(winners_of_each(Crowd(CHAIRS).offers())) == [1] * CHAIRS
