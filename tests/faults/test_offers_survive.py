"""Workers are killed while they make offers, and between making them and their end: nothing is lost, and
nobody is asked twice at once.
"""

from __future__ import annotations

import itertools
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
from tests.races.test_many_accept import Crowd

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
TWO_HOURS = NOW + timedelta(hours=2)  # until then the places are kept
#: How many workers die, and before which of their statements the last of them: the work has more.
KILLS, STATEMENTS = 15, 60


def begin(work: Callable[[], object], told: Event, *, at: int = 0, waits: bool = True) -> BaseProcess:
    """A worker that does this, tells, and then hangs. With `at` it tells before its statement of that number
    already, and hangs there or, unless it waits, goes on.
    """
    before = itertools.count(1)

    def look(execute, sql, params, many, context):
        if next(before) == at:
            told.set()
            if waits:
                time.sleep(3600)
        return execute(sql, params, many, context)

    def run() -> None:
        DatabaseWrapper._connection_pools.clear()  # those of the parent, whose threads are not here
        with connection.execute_wrapper(look):
            work()
        told.set()
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


def test_a_worker_killed_at_any_moment_leaves_offers_whole_or_not_at_all():
    """At its first statement, and then at those that chance names: before it, or while it is under way."""
    Crowd(10)
    dice, made = random.Random(1), []
    for number in range(KILLS):
        told = multiprocessing.get_context("fork").Event()
        at = dice.randrange(1, STATEMENTS) if number else 1
        worker = begin(lambda: offer_freed_places(now=NOW), told, at=at, waits=number % 2 == 0)
        assert told.wait(240)
        kill(worker)
        whole_or_not_at_all()
        made.append(Offer.objects.count())

    offer_freed_places(now=NOW)

    assert (made[0], made == sorted(made)) == (0, True)
    assert set(made) - {0, 30}  # some died between one place and the next
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
