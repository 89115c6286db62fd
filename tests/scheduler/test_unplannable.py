"""What is said when there is no plan: which rules stand in the way, none of which could be left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import HealthCheck, assume, event, given, settings

from scheduler.candidates import Field, field
from scheduler.case import Case, Place
from scheduler.chain import Chain
from scheduler.obstacles import Question as Asked
from scheduler.obstacles import first_unplaced, in_the_way
from scheduler.protocol import RollingLimit, Spacing
from scheduler.rules import check
from scheduler.series import Effort, Remaining, Unplannable, plan_series, replan
from scheduler.violations import Rule
from tests.scheduler.oracle import judge
from tests.scheduler.small_cases import Question, questions
from tests.scheduler.worlds import ask, at, protocol, session

MOST_SETS = 3_000
EVERYTHING = frozenset(Rule)
#: Where sessions on one date are too close by the rule of a date, they are by the least gap as well.
WITH = {Rule.MIN_GAP: {Rule.MIN_GAP}, Rule.ONE_PER_DAY: {Rule.ONE_PER_DAY, Rule.MIN_GAP}}


def ways(case: Case, count: int, first: date, last: date, *, kept: frozenset[Rule]) -> Iterator[bool]:
    """For every set of starts on the grid whether it keeps those rules, by the judge of all bookings."""
    skip = EVERYTHING - kept
    starts = [
        start
        for start in judge.grid_starts(case, first, last)
        if not check(case, [Place(1, start)], skip=skip | {Rule.MAX_GAP})
    ]
    for some in combinations(starts, count):
        yield not check(case, [Place(k, start) for k, start in enumerate(some, start=1)], skip=skip)


@pytest.mark.timeout(0)
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "25")),
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(questions(most=2))
def test_the_rules_named_stand_in_the_way_together_and_none_of_them_could_be_left_out(
    question: Question,
) -> None:
    case, first, last = question.case, question.first, question.last
    assume((last - first).days <= 3)
    answer = plan_series(case, numbers=range(1, question.count + 1), earliest=first, latest=last, limit=1)
    assume(isinstance(answer, Unplannable))
    assert isinstance(answer, Unplannable)
    named = frozenset(violation.rule for violation in answer.violations)
    event(f"{len(named)} rules")
    together = named | {Rule.ONE_PER_DAY} if Rule.MIN_GAP in named else named
    assert not any(ways(case, answer.session, first, last, kept=together))
    for rule in named:
        assert any(ways(case, answer.session, first, last, kept=named - {rule})), rule


class Unshared(Asked):
    """The same question, each search of which works out everything for itself."""

    def _searched(
        self, case: Case, *, latest: date, skip: frozenset[Rule] = frozenset(), blind: bool = False
    ) -> tuple[Field, Chain]:
        chain = Chain(case, earliest=self.earliest, skip=skip)
        return field(case, earliest=self.earliest, latest=latest, blind=False), chain


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "60")),
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(questions())
def test_searches_that_share_what_they_find_answer_as_searches_that_share_nothing(question: Question) -> None:
    remaining = [Remaining(number, None) for number in range(1, question.count + 1)]
    told = [
        kind(question.case, remaining, question.first, question.last, Effort()) for kind in (Asked, Unshared)
    ]
    assume(told[1].find(question.count) is None)
    answers = [in_the_way(asked, first_unplaced(asked)) for asked in told]
    event(f"{len(answers[0])} rules")
    assert answers[0] == answers[1]


def test_each_rule_is_shown_where_it_is_broken_least() -> None:
    spacing = Spacing(44 * 60, 2, 3, complete_within_days=8)
    case = ask(treatment=protocol(spacing))
    answer = plan_series(
        case, numbers=range(1, 7), earliest=date(2026, 4, 6), latest=date(2026, 5, 8), limit=1
    )
    assert isinstance(answer, Unplannable)
    assert [(one.rule, one.required, one.actual) for one in answer.violations] == [
        (Rule.CLOSED, "open", "08:00"),
        (Rule.MIN_GAP, 2, 1),
        (Rule.COMPLETE_WITHIN, 8, 9),
    ]
    assert answer.violations[0].detail == "The clinic is closed on Sun 12 April."


def test_one_more_session_in_the_rolling_days_is_proposed() -> None:
    limited = protocol(Spacing(44 * 60, 2, 3, rolling_limit=RollingLimit(2, 7), complete_within_days=14))
    answer = plan_series(
        ask(treatment=limited), numbers=range(1, 7), earliest=date(2026, 4, 6), latest=date(2026, 5, 8)
    )
    assert isinstance(answer, Unplannable)
    assert ("rolling_limit", "3 sessions may start within 7 days, one more than its rule") in [
        (one.rule, one.change) for one in answer.relaxations
    ]


def test_the_gap_that_another_treatment_asks_for_is_named() -> None:
    wide = protocol(Spacing(7 * 24 * 60, 7))
    near = session(1, "2026-04-08 10:00", series="other")
    kept = type(near)(**{name: getattr(near, name) for name in near.__slots__} | {"protocol": wide})
    case = ask(booked=(kept,), treatment=protocol(Spacing(24 * 60, 1)))
    answer = plan_series(case, numbers=[1], earliest=date(2026, 4, 6), latest=date(2026, 4, 10), limit=1)
    assert isinstance(answer, Unplannable)
    assert [(one.rule, one.required, one.actual) for one in answer.violations] == [(Rule.MIN_GAP, 7, 2)]


def test_a_make_up_without_room_before_the_deadline_is_refused_at_once() -> None:
    days = ["04-06", "04-09", "04-13", "04-16", "04-20", "04-23", "04-27", "04-30"]
    spacing = Spacing(44 * 60, 2, 3, 7, 14, RollingLimit(3, 7), 24)
    case = ask(
        "2026-04-23 12:00",
        treatment=protocol(spacing, sessions=8),
        booked=tuple(session(k, f"2026-{days[k - 1]} 10:00") for k in (1, 2, 4, 5, 6)),
        series="own",
    )
    remaining = [
        Remaining(3, None),
        *(Remaining(k, at(f"2026-{days[k - 1]} 10:00")) for k in (7, 8)),
        Remaining(9, None),
    ]
    answer = replan(case, remaining=remaining, earliest=date(2026, 4, 23), latest=date(2026, 6, 18))
    assert isinstance(answer, Unplannable)
    assert Rule.COMPLETE_WITHIN in {one.rule for one in answer.violations}
    assert [(one.rule, one.change) for one in answer.relaxations] == [
        ("complete_within", "The phase may take 28 days, 4 more than its rule")
    ]


@pytest.mark.parametrize(
    ("recovery", "named"),
    [
        (200, [Rule.CLOSED, Rule.MIN_GAP, Rule.COMPLETE_WITHIN]),  # two visits of 4 h 30 min fill a day
        (215, [Rule.CLOSED, Rule.COMPLETE_WITHIN]),
    ],
)
def test_a_least_gap_is_not_named_where_without_it_a_body_would_be_in_two_chairs(
    recovery: int, named: list[Rule]
) -> None:
    daily = protocol(Spacing(20 * 60, 1, 1, complete_within_days=6))
    steps = [replace(step, minutes=recovery) if step.name == "recovery" else step for step in daily.steps]
    case = ask(treatment=replace(daily, steps=tuple(steps)))
    answer = plan_series(
        case, numbers=range(1, 7), earliest=date(2026, 4, 6), latest=date(2026, 5, 8), limit=1
    )
    assert isinstance(answer, Unplannable)
    assert [violation.rule for violation in answer.violations] == named
