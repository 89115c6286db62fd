"""Visits beside each other get the first chairs that the judge of all bookings has nothing against."""

from __future__ import annotations

import os
from itertools import product

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from scheduler.case import Case, Place
from scheduler.rules import check
from scheduler.seating import seat
from scheduler.violations import Rule
from tests.scheduler.oracle import judge
from tests.scheduler.small_cases import Question, questions

JUDGED = frozenset({Rule.CHAIR, Rule.NURSING, Rule.START_STAGGER})


def first_seats(case: Case, starts: list[int]) -> tuple[str, ...] | None:
    """Every way to seat them in the clinic's order of chairs, tried one after another."""
    for chairs in product([chair.id for chair in case.supply.chairs], repeat=len(starts)):
        places = [Place(k, start, chair) for k, (start, chair) in enumerate(zip(starts, chairs, strict=True))]
        if not check(case, places, skip=frozenset(Rule) - JUDGED):
            return chairs
    return None


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "60")),
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(questions(), st.data())
def test_visits_get_the_first_chairs_that_break_no_rule(question: Question, data: st.DataObject) -> None:
    grid = judge.grid_starts(question.case, question.first, question.last)
    at = data.draw(st.integers(0, len(grid) - 1))
    starts = sorted(data.draw(st.lists(st.sampled_from(grid[at : at + 12]), min_size=1, max_size=4)))
    expected = first_seats(question.case, starts)
    event("seated" if expected else "no room")
    assert seat(question.case, starts) == expected
