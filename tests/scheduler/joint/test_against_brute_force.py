"""Joint plans of small questions against every way to place everybody, judged by the rules alone.

`EXAMPLES=2000 pytest tests/scheduler/joint/test_against_brute_force.py` is the long proof.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from math import prod
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from scheduler.case import Case, Clearance, Place
from scheduler.diary import Claim, Diary
from scheduler.hours import day_start
from scheduler.joint import Horizon, JointPlan, Stage, Stricken, repair
from scheduler.plans import Remaining
from scheduler.rules import PLACE_RULES, check
from scheduler.spans import Minute
from tests.scheduler.joint import oracle
from tests.scheduler.joint.oracle import Asked
from tests.scheduler.small_cases import ZONES, _in_hours, protocols, sessions, supplies

EXAMPLES = int(os.environ.get("EXAMPLES", "6"))
DAY = 24 * 60
MOST_WAYS = 6_000 if "EXAMPLES" in os.environ else 2_000


@st.composite
def questions(draw: st.DrawFn, counts: tuple[tuple[int, ...], ...], patient: str) -> Asked:
    """A clinic around a change of clock, and two or three sessions of which some have lost their place: those
    that break a rule beside the ones before them. All series are of that patient, or each of another one.
    """
    name = draw(st.sampled_from(list(ZONES)))
    zone, change = ZoneInfo(name), draw(st.sampled_from(ZONES[name]))
    first = change - timedelta(days=draw(st.integers(0, 3)))
    last = first + timedelta(days=draw(st.integers(2, 5)))
    supply = draw(supplies(zone, first, last, several=False))
    features = st.frozensets(st.just("monitor"))
    supply = replace(supply, chairs=tuple(replace(one, features=draw(features)) for one in supply.chairs))
    now = day_start(first, zone) + draw(st.sampled_from([-DAY, -DAY, 9 * 60]))
    starts = _in_hours(supply, first, last)
    assume(len(starts) >= 3)
    standing: list[Claim] = []
    for k in range(draw(st.integers(0, 4))):
        steps = draw(protocols(several=False)).timed_steps
        standing.append(
            Claim(f"claim {k}", draw(st.sampled_from(supply.chairs)).id, draw(st.sampled_from(starts)), steps)
        )
    diary, stricken, keeping = Diary(tuple(standing)), [], []
    groups = st.sampled_from(["ketamine", "iron"] if patient else ["ketamine"])
    for index, count in enumerate(draw(st.sampled_from(counts))):
        protocol = replace(
            draw(protocols(several=draw(st.integers(0, 3)) == 0)),
            chair_features=draw(features),
            spacing_group=draw(groups),
        )
        before = st.integers(0, 6).map(lambda back: day_start(first, zone) - back * DAY)
        booked = [
            replace(draw(sessions(before, before, zone, k)), series=f"series {index}")
            for k in range(draw(st.integers(0, 1)))
        ]
        if patient:
            booked += [one for other in stricken for one in other.case.booked]
            stricken = [replace(other, case=replace(other.case, booked=tuple(booked))) for other in stricken]
        clearance = draw(
            st.none() | st.none() | st.builds(Clearance, st.integers(1, 4), st.dates(first, last))
        )
        case = Case(
            supply,
            diary,
            protocol,
            draw(st.sampled_from(protocol.phases)),
            now,
            by_patient=False,
            booked=tuple(booked),
            series=f"series {index}",
            clearance=clearance,
        )
        first_number = 1 + sum(one.series == f"series {index}" for one in booked)
        olds = draw(st.lists(st.sampled_from(starts), unique=True, min_size=count, max_size=count))
        remaining, lost, kept = [], set(), []
        for number, old in enumerate(olds, start=first_number):
            chair = draw(st.sampled_from(supply.chairs)).id
            remaining.append(Remaining(number, old, chair))
            place = Place(number, old, chair)
            beside = [(one.case, places) for one, places in zip(stricken, keeping, strict=True) if patient]
            own = replace(case, diary=Diary(tuple(standing))), [*kept, place]
            if draw(st.integers(0, 2)) == 0 or not _keep_their_rules(own, beside):
                lost.add(number)
            else:
                kept.append(place)
        standing += [
            Claim(f"{index} {one.number}", str(one.chair), one.start, protocol.timed_steps) for one in kept
        ]
        stricken.append(Stricken(f"series {index}", case, tuple(remaining), frozenset(lost), patient))
        keeping.append(kept)
    return Asked(tuple(stricken), supply, diary, now, Horizon(first, last))


def _keep_their_rules(own: tuple[Case, list[Place]], siblings: list[tuple[Case, list[Place]]]) -> bool:
    """Whether those places break no rule, nor make others of the patient break one between sessions."""
    every = [own, *siblings]
    for at, (case, places) in enumerate(every):
        beside = [
            oracle.visit(other, place)
            for index, (other, theirs) in enumerate(every)
            for place in theirs
            if index != at
        ]
        judged = replace(case, booked=(*case.booked, *beside))
        if places and check(judged, places, skip=frozenset(PLACE_RULES if at else ())):
            return False
    return True


def answer(asked: Asked) -> JointPlan:
    return repair(
        asked.stricken,
        supply=asked.supply,
        diary=asked.diary,
        now=asked.now,
        horizon=asked.horizon,
        seconds=60,
    )


def way(asked: Asked, plan: JointPlan) -> list[Minute | None]:
    """Where every open session is after the plan, in the order of the question."""
    moved = {(one.series, move.number): move.after for one in plan.changes for move in one.moves}
    left = {(one.series, number) for one in plan.left for number in one.sessions}
    keys = [(asked.stricken[at].series, number, old) for at, number, old, _ in asked.sessions()]
    return [
        None if (series, number) in left else moved.get((series, number), old) for series, number, old in keys
    ]


@pytest.mark.timeout(0)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(questions(((1,), (2,), (3,), (1, 1), (2, 1), (1, 1, 1)), ""))
def test_no_plan_places_more_or_moves_fewer_or_moves_them_less(asked: Asked) -> None:
    _see_that_none_is_better(asked)


@pytest.mark.timeout(0)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(questions(((1, 1), (2, 1), (1, 2), (1, 1, 1)), "one"))
def test_nor_does_any_where_all_series_are_of_one_patient(asked: Asked) -> None:
    _see_that_none_is_better(asked)


def _see_that_none_is_better(asked: Asked) -> None:
    assume(any(one.lost for one in asked.stricken))
    assume(prod(map(len, oracle.options(asked))) <= MOST_WAYS)
    least = oracle.cheapest(asked)
    plan = answer(asked)
    found = way(asked, plan)
    event(plan.stage)
    assert oracle.keeps(asked, found)
    assert plan.proven
    cost = oracle.key_of(asked.sessions(), found)
    assert cost[1:] == (plan.cost.moved, plan.cost.minutes)
    assert cost[0] == least[0]
    if not least[0]:
        assert cost == least
    assert (plan.stage is Stage.LEFT) == bool(cost[0]) == bool(plan.left)
    assert answer(asked).changes == plan.changes
