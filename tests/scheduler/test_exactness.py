"""The search against two oracles that share nothing with it: every set of starts tried, and a constraint
solver.

`EXAMPLES=5000 pytest tests/scheduler/test_exactness.py` is the long proof; the default is for every day.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from scheduler import climb, levels
from scheduler.rules import check
from scheduler.series import Remaining, Unplannable, Unsettled, plan_series, replan
from tests.scheduler.oracle import brute, judge, noticed, solver
from tests.scheduler.small_cases import Question, changes, questions

EXAMPLES = int(os.environ.get("EXAMPLES", "60"))
proof = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
MOST_SETS = 40_000


def few_enough(question: Question) -> bool:
    """Whether every set of starts can be tried in a moment."""
    starts = judge.grid_starts(question.case, question.first, question.last)
    size, sets = sum(judge.alone(question.case, at) for at in starts), 1
    for k in range(question.count):
        sets = sets * max(size - k, 0) // (k + 1)
    return sets <= MOST_SETS


@pytest.mark.timeout(0)
@proof
@given(questions())
def test_a_plan_is_found_exactly_when_there_is_one_and_none_is_cheaper(question: Question) -> None:
    case, first, last = question.case, question.first, question.last
    assume(few_enough(question))
    answer = plan_series(case, numbers=range(1, question.count + 1), earliest=first, latest=last, limit=1)
    least = brute.cheapest(case, question.count, first=first, last=last)
    event("planned" if least is not None else "unplannable")
    if isinstance(answer, Unplannable):
        assert least is None
        return
    (plan,) = answer
    assert plan.cost == least
    assert check(case, plan.places) == ()
    assert judge.keeps(case, sorted(place.start for place in plan.places))
    assert (
        plan_series(case, numbers=range(1, question.count + 1), earliest=first, latest=last, limit=1)
        == answer
    )


@pytest.mark.timeout(0)
@proof
@given(changes())
def test_a_series_is_planned_again_with_the_least_change(
    asked: tuple[Question, tuple[Remaining, ...]],
) -> None:
    question, remaining = asked
    case, first, last = question.case, question.first, question.last
    assume(few_enough(question))
    answer = replan(case, remaining=remaining, earliest=first, latest=last, limit=1)
    least = brute.least_change(case, remaining, first=first, last=last)
    event("planned" if least is not None else "unplannable")
    if isinstance(answer, Unplannable):
        assert least is None
        return
    assert replan(case, remaining=remaining, earliest=first, latest=last, limit=1) == answer
    (found,) = answer
    before = {one.number: one.start for one in remaining}
    moved = [move for move in found.moves if move.before is not None]
    assert (len(moved), sum(abs(move.after - move.before) for move in moved), found.plan.cost) == least
    assert {place.number for place in found.plan.places} == set(before)
    assert check(case, found.plan.places) == ()
    for place in found.plan.places:
        changed = [move for move in found.moves if move.number == place.number]
        assert [(move.before, move.after) for move in changed] == (
            [] if before[place.number] == place.start else [(before[place.number], place.start)]
        )


@pytest.mark.timeout(0)
@proof
@given(questions(most=3))
def test_a_constraint_solver_finds_the_same_least_cost(question: Question) -> None:
    case, count, first, last = question.case, question.count, question.first, question.last
    starts = judge.grid_starts(case, first, last)
    assume(sum(judge.alone(case, at) for at in starts) <= 18)
    answer = plan_series(case, numbers=range(1, count + 1), earliest=first, latest=last, limit=1)
    least = solver.Model(case, count, first=first, last=last).cheapest()
    event("planned" if least is not None else "unplannable")
    assert (None if isinstance(answer, Unplannable) else answer[0].cost) == least


@pytest.mark.timeout(0)
@proof
@given(changes())
def test_a_constraint_solver_finds_the_same_least_change(
    asked: tuple[Question, tuple[Remaining, ...]],
) -> None:
    question, remaining = asked
    case, first, last = question.case, question.first, question.last
    starts = judge.grid_starts(case, first, last)
    assume(len(remaining) <= 3 and sum(judge.alone(case, at) for at in starts) <= 18)
    answer = replan(case, remaining=remaining, earliest=first, latest=last, limit=1)
    least = solver.Model(case, len(remaining), first=first, last=last).least_change(remaining)
    event("planned" if least is not None else "unplannable")
    if isinstance(answer, Unplannable):
        assert least is None
        return
    moved = [move for move in answer[0].moves if move.before is not None]
    displaced = sum(abs(move.after - move.before) for move in moved)
    assert (len(moved), displaced, answer[0].plan.cost) == least


@pytest.mark.timeout(0)
@proof
@given(questions(most=3))
def test_each_further_plan_is_the_cheapest_that_a_patient_would_tell_from_those_before(
    question: Question,
) -> None:
    case, count, first, last = question.case, question.count, question.first, question.last
    assume(few_enough(question))
    answer = plan_series(case, numbers=range(1, count + 1), earliest=first, latest=last, limit=4)
    if isinstance(answer, Unplannable):
        return
    plans = [tuple(sorted(place.start for place in plan.places)) for plan in answer]
    shown: list[tuple[int, ...]] = []
    everything = brute.plans(case, count, first=first, last=last)
    for plan, starts in zip(answer, plans, strict=True):
        assert plan.cost == min(
            points
            for points, some in everything
            if all(noticed.differs(case, some, other) for other in shown)
        )
        assert all(noticed.differs(case, starts, other) for other in shown)
        assert check(case, plan.places) == ()
        shown.append(starts)
    if len(shown) < 4:
        assert not [
            some for _, some in everything if all(noticed.differs(case, some, other) for other in shown)
        ]


@pytest.mark.timeout(0)
@proof
@given(questions(), st.integers(0, 4).map(lambda power: 10**power))
def test_with_little_effort_the_best_plan_is_the_same_or_open(question: Question, steps: int) -> None:
    def ask(effort: int | None) -> object:
        numbers = range(1, question.count + 1)
        found = plan_series(
            question.case,
            numbers=numbers,
            earliest=question.first,
            latest=question.last,
            limit=3,
            effort=effort,
        )
        return found if isinstance(found, Unplannable) else [plan.cost for plan in found]

    all_of_it = ask(None)
    try:
        some = ask(steps)
    except Unsettled:
        event("open")
        return
    event("the same")
    if isinstance(all_of_it, Unplannable):
        assert isinstance(some, Unplannable)
        # Changes of the rules that are not settled are left out.
        assert (some.session, some.violations) == (all_of_it.session, all_of_it.violations)
    else:
        assert isinstance(some, list)
        assert some
        assert some == all_of_it[: len(some)]


@pytest.mark.timeout(0)
@proof
@given(questions())
def test_what_is_found_out_first_for_long_courses_changes_no_plan(question: Question) -> None:
    def answer() -> tuple[int, ...]:
        numbers = range(1, question.count + 1)
        found = plan_series(
            question.case, numbers=numbers, earliest=question.first, latest=question.last, limit=3
        )
        return () if isinstance(found, Unplannable) else tuple(plan.cost for plan in found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(levels, "LONG", 0)
        as_if_long = answer()
    assert as_if_long == answer()


@pytest.mark.timeout(0)
@proof
@given(questions())
def test_what_is_known_start_by_start_changes_no_plan(question: Question) -> None:
    def answer() -> tuple[int, ...]:
        numbers = range(1, question.count + 1)
        found = plan_series(
            question.case, numbers=numbers, earliest=question.first, latest=question.last, limit=3
        )
        return () if isinstance(found, Unplannable) else tuple(plan.cost for plan in found)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"PATIENCE": 2, "AGAIN": 2, "SHARE": 10_000, "BY_FIRST": 4}.items():
            patch.setattr(climb, name, value)
        looked_closely = answer()
    assert looked_closely == answer()
