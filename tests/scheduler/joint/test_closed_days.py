"""A day of 40 sessions in 25 series is shut, or a whole week: everybody finds a place, and none is broken."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from bench.closed import Shut, closed_day, closed_week
from scheduler.case import Case, Place
from scheduler.diary import Claim
from scheduler.joint import Cost, JointPlan, Progress, Stage, repair
from scheduler.joint.greedy import mend_in_turn
from scheduler.joint.opening import put_in_order
from scheduler.rules import check
from scheduler.series import Effort
from scheduler.supply import NursingMode
from scheduler.violations import Rule

#: Two hundred, each some seconds, where there is time.
ORDERS = 200 if float(os.environ.get("RACES_SECONDS", "60")) >= 30 else 40
#: One of them is enough for each run of all tests: it costs seconds.
MODES = [NursingMode.LINE_OF_SIGHT, pytest.param(NursingMode.STRICT, marks=pytest.mark.race)]
GENEROUS = 100  # seconds, on a machine that does much else; what it costs is asserted of the processor


@cache
def mended(mode: NursingMode) -> tuple[Shut, JointPlan, list[Progress], float]:
    """A closed day, its plan, what was told meanwhile, and the seconds of processor it took."""
    shut, told, before = closed_day(seed=1, mode=mode), list[Progress](), time.process_time()
    plan = repair(
        shut.stricken,
        supply=shut.supply,
        diary=shut.diary,
        now=shut.now,
        horizon=shut.horizon,
        seconds=GENEROUS,
        on_progress=told.append,
    )
    return shut, plan, told, time.process_time() - before


def broken(shut: Shut, plan: JointPlan) -> Iterator[str]:
    """Every rule that a session breaks beside all the others, of series of which none is left."""
    moved = {(one.series, move.number): move for one in plan.changes for move in one.moves}
    gone = {(one.series, number) for one in plan.left for number in one.sessions}
    places: dict[str, list[Place]] = {}
    for one in shut.stricken:
        for session in one.remaining:
            key = one.series, session.number
            assert session.start is not None
            start, chair = (
                (moved[key].after, moved[key].chair) if key in moved else (session.start, session.chair)
            )
            if key not in gone:
                places.setdefault(one.series, []).append(Place(session.number, start, chair))
    for one in shut.stricken:
        others = [
            Claim(
                f"{other.series} {place.number}",
                str(place.chair),
                place.start,
                other.case.protocol.timed_steps,
            )
            for other in shut.stricken
            for place in places.get(other.series, ())
            if other is not one
        ]
        case: Case = replace(one.case, diary=shut.diary.with_claims(others), by_patient=False)
        if one.series in {left.series for left in plan.left}:
            continue
        yield from (violation.detail for violation in check(case, places[one.series]))


@pytest.mark.parametrize("mode", MODES)
def test_forty_sessions_of_a_closed_day_find_the_best_places_there_are(mode: NursingMode) -> None:
    shut, plan, _, seconds = mended(mode)
    assert (shut.lost, len(shut.stricken)) == (40, 25)
    assert (plan.stage, plan.left, plan.proven) == (Stage.LOST, (), True)
    assert (plan.cost.placed, plan.cost.moved) == (40, 40)
    assert list(broken(shut, plan)) == []
    assert seconds < 20


@pytest.mark.parametrize("mode", MODES)
def test_nobody_gets_another_day_but_who_lost_their_own(mode: NursingMode) -> None:
    shut, plan, _, _ = mended(mode)
    lost = {(one.series, number) for one in shut.stricken for number in one.lost}
    moves = [(one.series, move) for one in plan.changes for move in one.moves]
    assert {(series, move.number) for series, move in moves if move.after != move.before} == lost
    assert sum(abs(move.after - move.before) for _, move in moves) == plan.cost.minutes


@pytest.mark.parametrize("mode", MODES)
def test_better_answers_and_bounds_are_told_until_they_meet(mode: NursingMode) -> None:
    _, plan, told, _ = mended(mode)
    keys = [one.cost.key for one in told]
    assert keys == sorted(keys, reverse=True)
    assert (told[-1].cost, told[-1].bound) == (plan.cost, plan.bound)
    assert told[0].cost.key > told[-1].cost.key


@pytest.mark.race
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", NursingMode)
def test_no_order_of_mending_one_after_another_is_as_good(mode: NursingMode) -> None:
    shut, plan, _, _ = mended(mode)
    assert plan.cost.key < min(cost.key for cost in one_after_another(shut, times=ORDERS))


@pytest.mark.race
def test_the_same_question_has_the_same_answer_in_whatever_order_it_is_put() -> None:
    shut, plan, _, _ = mended(NursingMode.STRICT)
    turned = replace(shut, stricken=shut.stricken[::-1])
    again = repair(
        turned.stricken,
        supply=turned.supply,
        diary=turned.diary,
        now=turned.now,
        horizon=turned.horizon,
        seconds=GENEROUS,
    )
    assert (again.changes, again.left, again.cost, again.bound) == (
        plan.changes,
        plan.left,
        plan.cost,
        plan.bound,
    )


@pytest.mark.race
def test_of_a_closed_week_all_are_placed_but_those_who_can_nowhere_be_and_that_is_proven() -> None:
    """One course goes on at most four days after Friday's sessions, and the clinic opens ten days after."""
    shut = closed_week(seed=2, mode=NursingMode.LINE_OF_SIGHT)
    assert (shut.lost, len(shut.stricken)) == (218, 90)
    plan = repair(
        shut.stricken, supply=shut.supply, diary=shut.diary, now=shut.now, horizon=shut.horizon, seconds=60
    )
    assert (plan.cost.placed, plan.cost.moved) == (212, 212)
    assert plan.bound.key[:3] == plan.cost.key[:3]
    (left,) = plan.left
    assert (left.series, left.sessions) == ("twice 007", (5, 6, 7, 8, 9, 10))
    assert Rule.MAX_GAP in {violation.rule for violation in left.violations}
    assert list(broken(shut, plan)) == []


def one_after_another(shut: Shut, *, times: int) -> list[Cost]:
    """What it costs to mend each series by its own least change, in random orders."""
    question = put_in_order(
        shut.stricken, supply=shut.supply, diary=shut.diary, now=shut.now, horizon=shut.horizon
    )
    dice, order, found = random.Random(1), list(range(len(question.courses))), []
    for _ in range(times):
        dice.shuffle(order)
        found.append(question.cost(mend_in_turn(question, order, effort=Effort())))
    return found
