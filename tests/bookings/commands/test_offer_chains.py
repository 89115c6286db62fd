"""Whoever moves up leaves a place to the next: chains of offers end, and nobody is moved to a later time."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.freed import DEEPEST
from bookings.models import FreedPlace, JournalEntry, Offer, WaitingEntry
from bookings.proof import Excuse, prove
from tests.bookings.offer_scenes import FREED, HOUR, LATER, MINUTE, free, offer, people, wait, wait_for_course
from tests.cast import NOW, Cast


@pytest.mark.parametrize("seed", range(4))
def test_however_they_answer_a_chain_ends_and_everybody_comes_earlier_or_stays(cast: Cast, seed: int):
    dice = random.Random(seed)
    entries = [
        wait(
            cast,
            patient,
            LATER + timedelta(days=k // 2) + (3 * HOUR if k % 2 else -2 * HOUR),
            joined=NOW - timedelta(days=dice.randrange(30)),
        )
        for k, patient in enumerate(people(7))
    ]
    wait_for_course(cast, cast.bea, protocol=cast.booster)
    before = {entry.session_id: entry.session.start for entry in entries}
    free(cast, FREED)
    now, steps = NOW, 0
    offer(now=now)
    while open_ones := list(Offer.objects.filter(status="open").order_by("id")):
        one = dice.choice(open_ones)
        actor = patient_actor(one.entry.patient)
        if dice.random() < 0.7:
            accept_offer(one, actor=actor, now=now)
        else:
            decline_offer(one, actor=actor, now=now)
        now, steps = now + MINUTE, steps + 1
        offer(now=now)
        assert steps < 60, "a ring"

    for entry in entries:
        entry.session.refresh_from_db()
        assert entry.session.start <= before[entry.session_id]
    moves = JournalEntry.objects.filter(verb="session_moved").values_list("session", "before", "after")
    for _session, was, became in moves:
        assert datetime.fromisoformat(became["start"]) < datetime.fromisoformat(was["start"])
    assert set(Counter(session for session, *_ in moves).values()) <= {1}
    depths = set(FreedPlace.objects.values_list("depth", flat=True))
    assert depths <= set(range(1, DEEPEST + 1))
    assert not FreedPlace.objects.filter(closed_at__isnull=True, looked_at__isnull=True).exists()
    assert WaitingEntry.objects.filter(closed_why="accepted").count() == len(moves) + (
        Offer.objects.filter(status="accepted", present__isnull=True).count()
    )
    assert [one for one in prove(now=now) if one.excuse is Excuse.NONE] == []
