"""Who may be offered a freed place, against an oracle: every start of the grid by the rules themselves, and
turns by comparing two at a time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.bits import positions
from scheduler.case import Place, Wish
from scheduler.hours import dates
from scheduler.matching import fitting, in_turn, kept_until, next_batch
from scheduler.rules import check, soft_gaps
from scheduler.spans import Span
from scheduler.waiters import Waiter
from tests.scheduler.random_clinics import cases
from tests.scheduler.test_matching import DAY, names


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[Waiter], Span, date, date]:
    case, first, last = draw(cases())
    waiters = [
        Waiter(
            id=f"w{k}",
            person=f"w{k}",
            case=replace(case, wish=draw(st.sampled_from([case.wish, Wish()]))),
            number=draw(st.integers(1, 4)),
            present=case.now + draw(st.integers(0, 6 * DAY)),
            since=case.now - draw(st.integers(0, 3)) * 7 * DAY,
            notice=draw(st.sampled_from([0, 60, DAY])),
            passed=draw(st.integers(0, 2)),
            first=draw(st.none() | st.dates(first, last)),
            last=draw(st.none() | st.dates(first, last)),
        )
        for k in range(draw(st.integers(1, 5)))
    ]
    start = case.supply.window(draw(st.sampled_from(list(dates(first, last)))), 0).start
    return waiters, Span(start, start + draw(st.sampled_from([5, 12])) * 60), first, last


def allowed_by_the_rules(one: Waiter, span: Span) -> list[int]:
    case, found = one.case, []
    for day in dates(case.supply.date_of(span.start), case.supply.date_of(span.end - 1)):
        window = case.supply.window(day, case.protocol.chair_minutes)
        for start in (window.start + offset for offset in positions(window.grid)):
            inside = span.start <= start and start + case.protocol.chair_minutes <= span.end
            wanted = (one.first or day) <= day <= (one.last or day)
            if inside and wanted and not check(case, [Place(one.number, start)]) and better(one, start):
                found.append(start)
    return found


def better(one: Waiter, start: int) -> bool:
    own = [other for other in one.case.booked if other.series == one.case.series and one.case.series]
    if start >= one.present or any(other.start > start for other in own if other.number < one.number):
        return False
    return too_long(one, start) <= too_long(one, one.present)


def too_long(one: Waiter, start: int) -> frozenset[tuple[tuple[int, ...], int]]:
    """Each gap next to the session that is too long, with every number of days that it may not be: a gap that
    has grown has more of them.
    """
    bound = one.case.phase.spacing.soft_max_gap_days
    if bound is None:
        return frozenset()
    found = soft_gaps(one.case, [Place(one.number, start)])
    return frozenset((gap.sessions, days) for gap in found for days in range(bound + 1, gap.days + 1))


def goes_before(one: Waiter, other: Waiter) -> bool:
    if one.deadline != other.deadline:
        return other.deadline is None or (one.deadline is not None and one.deadline < other.deadline)
    mine, theirs = (each.since + each.passed * 7 * DAY for each in (one, other))
    return (mine, one.id) < (theirs, other.id)


@given(lists())
@settings(max_examples=80, deadline=None)
def test_what_may_be_offered_is_what_the_rules_and_the_improvement_allow(given_list):
    waiters, span, *_ = given_list
    for one in waiters:
        assert list(fitting(one, span=span)) == allowed_by_the_rules(one, span)


@given(lists(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_batch_is_those_whose_turn_it_is_whatever_order_they_come_in(given_list, chance):
    waiters, span, *_ = given_list
    now = waiters[0].case.now
    shuffled = list(waiters)
    chance.shuffle(shuffled)

    batch = next_batch(in_turn(shuffled), span=span, now=now)

    could = {
        one.id: [start for start in allowed_by_the_rules(one, span) if kept_until(one, start, now=now)]
        for one in waiters
    }
    able = [one for one in waiters if could[one.id]]
    assert (batch is None) == (not able)
    if batch is None:
        return
    (foremost,) = [one for one in able if all(goes_before(one, other) for other in able if other is not one)]
    assert (batch.matches[0].waiter, batch.start) == (foremost, could[foremost.id][0])
    together = [one for one in able if batch.start in could[one.id]]
    expected = sorted(together, key=lambda one: sum(goes_before(other, one) for other in together))[:3]
    assert names(batch) == [one.id for one in expected]
    for match in batch.matches:
        assert batch.until <= batch.start - match.waiter.notice
        assert batch.until >= now + 10


@given(lists())
@settings(max_examples=50, deadline=None)
def test_to_wait_longer_never_puts_anybody_back_and_an_offer_never_forward(given_list):
    waiters, *_ = given_list
    order = [one.id for one in in_turn(waiters)]
    for one in waiters:
        others = [other for other in waiters if other is not one]
        longer = in_turn([*others, replace(one, since=one.since - DAY)])
        after = in_turn([*others, replace(one, passed=one.passed + 1)])
        at_first = order.index(one.id)
        assert [each.id for each in longer].index(one.id) <= at_first
        assert [each.id for each in after].index(one.id) >= at_first
