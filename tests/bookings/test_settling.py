"""Where the engine leaves a question open it is asked for fewer dates, at a bounded cost, and says so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bookings.errors import Invalid
from bookings.settling import REQUEST, one_request, settled
from scheduler.rules import check
from scheduler.series import Effort, Plan, Unplannable, Unsettled, earliest_plan, plan_series
from tests.scheduler import test_bounded_work

FIRST, LAST = date(2026, 4, 6), date(2026, 4, 26)
NO_PLAN = Unplannable(session=1, violations=(), relaxations=())


def asked_for(*, proven: int, plannable: int = 0):
    """Asks a question that is settled for at most so many days, and has a plan in at least so many."""
    asked = []

    def ask(last: date, effort: Effort):
        asked.append((last - FIRST).days)
        if asked[-1] > proven:
            raise Unsettled
        return "a plan" if asked[-1] >= plannable else NO_PLAN

    try:
        return settled(ask, earliest=FIRST, latest=LAST, effort=Effort()), asked
    except Invalid as refusal:
        return refusal.facts["errors"][0]["field"], asked


@pytest.mark.parametrize(
    ("proven", "days"), [(20, [20]), (19, [20, 10]), (9, [20, 10, 5]), (0, [20, 10, 5, 2, 1, 0])]
)
def test_half_of_the_dates_are_asked_for_until_one_question_is_settled(proven: int, days: list[int]):
    assert asked_for(proven=proven) == (("a plan", days == [20]), days)


def test_a_question_that_is_never_settled_is_refused():
    assert asked_for(proven=-1) == ("latest", [20, 10, 5, 2, 1, 0])


def test_that_there_is_no_plan_is_believed_of_all_the_dates_alone():
    assert asked_for(proven=20, plannable=21) == ((NO_PLAN, True), [20])
    assert asked_for(proven=10, plannable=11) == ("latest", [20, 10])


def test_another_answer_is_given_only_where_no_question_is_settled():
    def never(last: date, effort: Effort) -> str:
        raise Unsettled

    def asked(ask, otherwise):
        return settled(ask, earliest=FIRST, latest=LAST, effort=Effort(), otherwise=otherwise)

    assert asked(never, lambda _: "the earliest plan") == ("the earliest plan", False)
    assert asked(lambda *_: "a plan", lambda _: "the earliest plan") == ("a plan", True)
    with pytest.raises(Invalid):
        asked(never, lambda effort: never(LAST, effort))


def test_dates_that_do_not_begin_have_no_answer():
    with pytest.raises(Invalid):
        settled(lambda *_: "a plan", earliest=FIRST, latest=FIRST - timedelta(days=1), effort=Effort())


def test_all_tries_together_cost_no_more_than_is_allowed() -> None:
    effort = Effort(1_000)

    def use_up(left: Effort) -> str:
        while True:
            left.spend(1)

    with pytest.raises(Invalid):
        settled(lambda _, left: use_up(left), earliest=FIRST, latest=LAST, effort=effort, otherwise=use_up)
    assert -10 <= effort.left < 50  # the last step of each of seven tries is one too many


def test_a_course_that_takes_too_long_to_prove_is_answered_within_the_budget() -> None:
    """Daily sessions, five a week: proven with what a request may cost, and not with a hundredth of it."""
    last = test_bounded_work.LAST
    case, numbers = test_bounded_work.tms(), range(1, 37)

    def ask(until: date, effort: Effort) -> tuple[Plan, ...] | Unplannable:
        return plan_series(case, numbers=numbers, earliest=FIRST, latest=until, limit=1, effort=effort)

    def as_early_as_can_be(effort: Effort) -> tuple[Plan, ...] | None:
        plan = earliest_plan(case, numbers=numbers, earliest=FIRST, latest=last, effort=effort)
        return None if plan is None else (plan,)

    def within(effort: Effort) -> tuple[Plan, bool]:
        answer, proven = settled(
            ask, earliest=FIRST, latest=last, effort=effort, otherwise=as_early_as_can_be
        )
        assert not isinstance(answer, Unplannable)
        assert check(case, answer[0].places) == ()
        assert effort.left >= -1_000
        return answer[0], proven

    best, proven = within(one_request())
    some, guessed = within(Effort(REQUEST // 100))
    assert (proven, guessed) == (True, False)
    assert best.cost <= some.cost
    with pytest.raises(Unsettled):
        ask(last, Effort(REQUEST // 100))
