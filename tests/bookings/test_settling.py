"""Where the engine leaves a question open, it is asked for fewer dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bookings.errors import Invalid
from bookings.settling import settled
from scheduler.series import Unplannable, Unsettled

FIRST, LAST = date(2026, 4, 6), date(2026, 4, 26)
NO_PLAN = Unplannable(session=1, violations=(), relaxations=())


def asked_for(*, proven: int, plannable: int = 0):
    """Asks a question that is settled for at most so many days, and has a plan in at least so many."""
    asked = []

    def ask(last: date):
        asked.append((last - FIRST).days)
        if asked[-1] > proven:
            raise Unsettled
        return "a plan" if asked[-1] >= plannable else NO_PLAN

    try:
        return settled(ask, earliest=FIRST, latest=LAST), asked
    except Invalid as refusal:
        return refusal.facts["errors"][0]["field"], asked


@pytest.mark.parametrize(
    ("proven", "days"), [(20, [20]), (19, [20, 10]), (9, [20, 10, 5]), (0, [20, 10, 5, 2, 1, 0])]
)
def test_half_of_the_dates_are_asked_for_until_one_question_is_settled(proven: int, days: list[int]):
    assert asked_for(proven=proven) == ("a plan", days)


def test_a_question_that_is_never_settled_is_refused():
    assert asked_for(proven=-1) == ("latest", [20, 10, 5, 2, 1, 0])


def test_that_there_is_no_plan_is_believed_of_all_the_dates_alone():
    assert asked_for(proven=20, plannable=21) == (NO_PLAN, [20])
    assert asked_for(proven=10, plannable=11) == ("latest", [20, 10])


def test_another_answer_is_given_only_where_no_question_is_settled():
    def never(last: date) -> str:
        raise Unsettled

    def asked(ask, otherwise):
        return settled(ask, earliest=FIRST, latest=LAST, otherwise=otherwise)

    assert asked(never, lambda: "the earliest plan") == "the earliest plan"
    assert asked(lambda last: "a plan", lambda: "the earliest plan") == "a plan"
    with pytest.raises(Invalid):
        asked(never, lambda: never(LAST))


def test_dates_that_do_not_begin_have_no_answer():
    with pytest.raises(Invalid):
        settled(lambda last: "a plan", earliest=FIRST, latest=FIRST - timedelta(days=1))
