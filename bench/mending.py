"""Many series that lost places at once: all together, beside one after another."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.closed import Shut, closed_day, closed_week
from bench.timing import Line
from scheduler.joint import JointPlan, repair
from scheduler.joint.greedy import mend_in_turn
from scheduler.joint.opening import put_in_order
from scheduler.series import Effort
from scheduler.supply import NursingMode

ENOUGH, SHORT, TARGET = 150, 20, 20  # seconds on the clock, twice, and of the processor


def lines() -> Iterator[Line]:
    """The part of the report about joint repair."""
    for mode in NursingMode:
        shut = closed_day(seed=1, mode=mode)
        plan, seconds = _together(shut, allowed=ENOUGH)
        minutes, alone = _one_after_another(shut)
        what = f"{_size(shut)} of a day shut, {mode.value.replace('_', ' ')}"
        share = f"{plan.cost.minutes / minutes:.0%} of the minutes of one after another"
        yield Line(
            "repair",
            f"{what}: one plan for all, {'proven best' if plan.proven else 'not proven'}, on the processor",
            f"{seconds:.1f} s, {share}",
            f"≤ {TARGET} s, ≤ 100%",
            seconds <= TARGET and plan.cost.minutes <= minutes,
        )
        yield Line("repair", f"{what}: one series after another, on the processor", f"{alone:.1f} s")
    shut = closed_week(seed=2, mode=NursingMode.LINE_OF_SIGHT)
    plan, seconds = _together(shut, allowed=SHORT)
    yield Line(
        "repair",
        f"{_size(shut)} of a week shut: one plan for all, {SHORT} s allowed, on the processor",
        f"{seconds:.1f} s: {plan.cost.placed} placed, at most {plan.bound.placed} can be",
    )


def _size(shut: Shut) -> str:
    return f"{shut.lost} sessions in {len(shut.stricken)} series"


def _together(shut: Shut, *, allowed: float) -> tuple[JointPlan, float]:
    before = time.process_time()
    plan = repair(
        shut.stricken,
        supply=shut.supply,
        diary=shut.diary,
        now=shut.now,
        horizon=shut.horizon,
        seconds=allowed,
    )
    return plan, time.process_time() - before


def _one_after_another(shut: Shut) -> tuple[int, float]:
    """The minutes that sessions are moved in all, and the seconds of processor."""
    before = time.process_time()
    question = put_in_order(
        shut.stricken, supply=shut.supply, diary=shut.diary, now=shut.now, horizon=shut.horizon
    )
    places = mend_in_turn(question, range(len(question.courses)), effort=Effort())
    return question.cost(places).minutes, time.process_time() - before
