"""Workers are killed while they make offers, and between making them and their end: nothing is lost, and
nobody is asked twice at once.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models import Count, Q

from bookings.commands.offers import offer_freed_places
from bookings.models import Claim, FreedPlace, JournalEntry, Offer, OfferStatus, WaitingEntry
from bookings.proof import Excuse, prove
from tests.cast import NOW
from tests.faults.test_killed import wait_until_nobody_is_connected
from tests.races.arena import SECONDS
from tests.races.test_many_accept import Crowd

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
TWO_HOURS = NOW + timedelta(hours=2)  # until then the places are kept


def begin(work: Callable[[], object], done: Event) -> BaseProcess:
    """A worker that does this, says so, and then hangs."""

    def run() -> None:
        DatabaseWrapper._connection_pools.clear()  # those of the parent, whose threads are not here
        work()
        done.set()
        time.sleep(3600)

    connection.close()
    connection.close_pool()
    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    wait_until_nobody_is_connected()


def statuses() -> dict[str, int]:
    return dict(Offer.objects.values_list("status").annotate(Count("id")))


def one_after_another(*, now) -> None:
    """One worker makes offers, and is killed as soon as it has."""
    done = multiprocessing.get_context("fork").Event()
    worker = begin(lambda: offer_freed_places(now=now), done)
    assert done.wait(60)
    kill(worker)


def test_what_a_dead_worker_has_offered_ends_by_the_clock_and_the_next_one_asks_those_next_in_turn():
    Crowd(2)  # six who wait, two places
    one_after_another(now=NOW)
    assert statuses() == {"open": 6}
    assert set(Offer.objects.values_list("expires_at", flat=True)) == {TWO_HOURS}
    assert Claim.objects.filter(hold__isnull=False).count() == 2  # kept, whether a worker lives or not

    one_after_another(now=TWO_HOURS)

    # Those who did not answer about one place are asked about the other, and nobody about one of them twice.
    assert statuses() == {"expired": 6, "open": 6}
    asked = Offer.objects.values_list("entry", "place")
    assert len(set(asked)) == 12
    assert WaitingEntry.objects.filter(closed_at__isnull=True).count() == 6
    assert JournalEntry.objects.filter(verb="offer_expired").count() == 6
    assert [one for one in prove(now=TWO_HOURS) if one.excuse is Excuse.NONE] == []


def test_a_worker_killed_at_any_moment_leaves_offers_whole_or_not_at_all(capsys):
    Crowd(10)
    dice, killed = random.Random(1), 0
    until = time.monotonic() + min(SECONDS, 20)
    while time.monotonic() < until and Offer.objects.count() < 30:
        worker = begin(lambda: offer_freed_places(now=NOW), multiprocessing.get_context("fork").Event())
        time.sleep(dice.uniform(0.02, 0.4))
        kill(worker)
        killed += 1
        whole_or_not_at_all()

    offer_freed_places(now=NOW)

    with capsys.disabled():
        print(f"\n{killed} workers killed while they made offers")
    assert killed > 3
    assert statuses() == {"open": 30}
    assert JournalEntry.objects.filter(verb="offer_made").count() == 30
    whole_or_not_at_all()
    assert [one for one in prove(now=NOW) if one.excuse is Excuse.NONE] == []


def whole_or_not_at_all() -> None:
    """Each batch is three open offers with one hold that keeps one place; nobody has two."""
    for place in FreedPlace.objects.annotate(made=Count("offers", filter=Q(offers__status=OfferStatus.OPEN))):
        assert place.made in (0, 3)
    holds = set(Offer.objects.values_list("hold", flat=True))
    assert Claim.objects.filter(hold__in=holds).count() == len(holds)
    assert Claim.objects.filter(hold__isnull=False).count() == len(holds)
    asked = Offer.objects.filter(status=OfferStatus.OPEN).values_list("entry__patient", flat=True)
    assert len(set(asked)) == len(asked)
