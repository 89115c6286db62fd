"""Luck that does not depend on what the service does."""

from __future__ import annotations

from datetime import timedelta
from statistics import fmean

import pytest

from bookings.simulation.chance import Chance
from bookings.simulation.world import World

CHANCE = Chance(World(seed=3))


def test_the_same_people_ask_in_the_same_order():
    people = CHANCE.people()
    assert people == Chance(World(seed=3)).people()
    assert people != Chance(World(seed=4)).people()
    assert [one.number for one in people] == list(range(len(people)))
    assert len(people) == pytest.approx(52 * World(seed=3).new_patients, rel=0.2)


def test_a_visit_has_its_fate_whatever_is_asked_before():
    alone = CHANCE.visit(5, course=0, number=3)
    for number in range(1, 9):
        CHANCE.visit(5, course=0, number=number)
    assert CHANCE.visit(5, course=0, number=3) == alone


def test_as_many_visits_are_missed_cancelled_and_moved_as_the_world_says():
    world = World(seed=3)
    fates = [CHANCE.visit(person, course=0, number=1) for person in range(8000)]
    assert fmean(not one.comes for one in fates) == pytest.approx(world.missed, abs=0.01)
    assert fmean(one.cancels is not None for one in fates) == pytest.approx(world.cancelled, abs=0.01)
    assert fmean(one.moves is not None for one in fates) == pytest.approx(world.moved, abs=0.01)
    assert not [one for one in fates if (not one.comes) + bool(one.cancels) + bool(one.moves) > 1]


def test_whoever_rings_unasked_would_agree_when_asked():
    losses = [CHANCE.loss(person, 0, 1) for person in range(4000)]
    assert fmean(one.rings_after is not None for one in losses) == pytest.approx(0.62, abs=0.03)
    assert [one for one in losses if one.rings_after is not None and not one.willing] == []


def test_offers_are_accepted_as_seldom_as_the_world_says():
    answers = [CHANCE.answer(person, "place") for person in range(4000)]
    assert fmean(one.accepts for one in answers) == pytest.approx(0.11, abs=0.02)
    assert all(one.after is not None and one.after > timedelta() for one in answers if one.accepts)
