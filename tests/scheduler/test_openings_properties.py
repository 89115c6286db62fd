"""On random clinics: openings against the rules, and the rules against the contract read minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.bits import positions
from scheduler.case import Case, Place
from scheduler.diary import Claim
from scheduler.hours import dates, local
from scheduler.openings import choose_chair, explain, free_chairs, lone_starts, openings
from scheduler.protocol import NurseNeed
from scheduler.rules import check
from scheduler.supply import NursingMode
from scheduler.violations import Rule
from tests.scheduler.random_clinics import cases

Question = tuple[Case, date, date]


def grid(case: Case, day: date) -> list[int]:
    window = case.supply.window(day, case.protocol.chair_minutes)
    return [window.start + at for at in positions(window.grid)]


@given(cases())
@settings(max_examples=60, deadline=None)
def test_openings_are_the_starts_on_the_grid_at_which_the_rules_find_nothing(question: Question) -> None:
    case, first, last = question
    found = openings(case, first=first, last=last)
    assert list(found) == list(dates(first, last))
    change = first + (last - first) / 2
    for day in (
        [change] if case.supply.grid_minutes < 15 else found
    ):  # a fine grid has too many starts for five days
        of_the_day = found[day]
        by_the_rules = [start for start in grid(case, day) if not check(case, [Place(1, start)])]
        assert [opening.start for opening in of_the_day] == by_the_rules
        assert [opening.chairs for opening in of_the_day] == [
            len(free_chairs(case, start)) for start in by_the_rules
        ]


@given(cases())
@settings(max_examples=60, deadline=None)
def test_the_lone_starts_are_those_of_the_openings_on_the_dates_that_have_any(question: Question) -> None:
    case, first, last = question
    found = openings(case, first=first, last=last)
    assert lone_starts(case, first=first, last=last) == {
        day: [opening.start for opening in there] for day, there in found.items() if there
    }


@given(cases(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_claim_more_never_creates_an_opening(question: Question, data: st.DataObject) -> None:
    case, first, last = question
    before = openings(case, first=first, last=last)
    start = data.draw(st.sampled_from(grid(case, first) + grid(case, last)))
    claim = Claim("one more", case.supply.chairs[0].id, start, case.protocol.timed_steps)
    after = openings(replace(case, diary=case.diary.with_claims([claim])), first=first, last=last)
    for day in dates(first, last):
        assert {opening.start for opening in after[day]} <= {opening.start for opening in before[day]}


@given(cases())
@settings(max_examples=60, deadline=None)
def test_the_same_question_has_the_same_answer(question: Question) -> None:
    case, first, last = question
    answer = openings(case, first=first, last=last)
    assert openings(case, first=first, last=last) == answer
    fresh_supply = replace(case.supply)
    fresh = replace(case, supply=fresh_supply, diary=case.diary.without([]))
    assert openings(fresh, first=first, last=last) == answer
    turned = replace(
        case, diary=replace(case.diary, claims=case.diary.claims[::-1]), booked=case.booked[::-1]
    )
    assert openings(turned, first=first, last=last) == answer


@given(cases())
@settings(max_examples=25, deadline=None)
def test_every_start_in_the_weekly_hours_is_an_opening_or_explained(question: Question) -> None:
    case, first, last = question
    found = [
        opening.start
        for of_the_day in openings(case, first=first, last=last).values()
        for opening in of_the_day
    ]
    refusals = explain(case, first=first, last=last)
    asked = [
        start
        for day in dates(first, last)
        for start in grid(case, day)
        if case.supply.window(day, 1).hours >> (start - case.supply.window(day, 1).start) & 1
    ]
    assert sorted(found + [refusal.start for refusal in refusals]) == asked
    assert all(refusal.violations == check(case, [Place(1, refusal.start)]) for refusal in refusals)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_the_chair_chosen_is_free_and_keeps_every_rule(question: Question) -> None:
    case, first, last = question
    for of_the_day in openings(case, first=first, last=last).values():
        for opening in of_the_day[:3]:
            chair = choose_chair(case, opening.start)
            assert chair in free_chairs(case, opening.start)
            assert check(case, [Place(1, opening.start, chair)]) == ()


@given(cases())
@settings(max_examples=60, deadline=None)
def test_the_place_rules_agree_with_the_contract_read_minute_by_minute(question: Question) -> None:
    case, first, last = question
    for day in (first, last):
        for start in grid(case, day)[::7]:
            broken = {violation.rule for violation in check(case, [Place(1, start)])}
            assert (Rule.NURSING in broken) == nursing_fails(case, start)
            assert (Rule.CHAIR in broken) == (
                not any(chair_is_free(case, chair.id, start) for chair in case.supply.chairs)
            )
            assert (Rule.CLOSED in broken) == (
                not all(is_open(case, start + m) for m in range(case.protocol.visit_minutes))
            )
            assert (Rule.START_STAGGER in broken) == stagger_fails(case, start)


def is_open(case: Case, minute: int) -> bool:
    zone = case.supply.time_zone
    day = local(minute, zone).date()
    if any(
        closure.chair is None and closure.start <= minute < closure.end for closure in case.supply.closures
    ):
        return False
    return any(
        row.weekday == day.isoweekday() and minute in open_minutes(day, row.opens, row.closes, zone)
        for row in case.supply.hours
    )


@cache
def open_minutes(day: date, opens: time, closes: time, zone: ZoneInfo) -> range:
    """From the first minute at which the date's clock has reached `opens` to the last before `closes`."""
    noon = int(datetime.combine(day, time(12), zone).timestamp()) // 60
    shown = [(at, local(at, zone)) for at in range(noon - 1000, noon + 1000)]
    of_the_day = [(at, clock.time()) for at, clock in shown if clock.date() == day]
    opened = next((at for at, clock in of_the_day if clock >= opens), noon + 1000)
    closed = max((at + 1 for at, clock in of_the_day if clock < closes or closes == time(0)), default=0)
    return range(opened, closed)


def chair_is_free(case: Case, chair: str, start: int) -> bool:
    features = next(one.features for one in case.supply.chairs if one.id == chair)
    end = start + case.protocol.chair_minutes
    return (
        case.protocol.chair_features <= features
        and not any(c.chair == chair and c.start < end and start < c.end for c in case.diary.claims)
        and not any(c.chair == chair and c.start < end and start < c.end for c in case.supply.closures)
    )


def nursing_fails(case: Case, start: int) -> bool:
    taking = [(claim.start, claim.steps) for claim in case.diary.claims] + [
        (start, case.protocol.timed_steps)
    ]
    per_nurse = case.supply.patients_per_nurse
    for timed in case.protocol.timed_steps:
        if timed.step.nurse is NurseNeed.NONE:
            continue
        for minute in range(start + timed.starts, start + timed.ends):
            under_way = [
                step.step.nurse
                for begun, steps in taking
                for step in steps
                if begun + step.starts <= minute < begun + step.ends
            ]
            n = sum(shift.start <= minute < shift.end for shift in case.supply.shifts)
            e, s = under_way.count(NurseNeed.EXCLUSIVE), under_way.count(NurseNeed.SHARED)
            if case.supply.nursing_mode is NursingMode.STRICT:
                fine = n >= e + (s + per_nurse - 1) // per_nurse
            else:
                fine = n >= e and n * per_nurse >= e + s
            if not fine:
                return True
    return False


def stagger_fails(case: Case, start: int) -> bool:
    stagger = case.supply.start_stagger
    if stagger is None:
        return False
    starts = [claim.start for claim in case.diary.claims] + [start]
    return any(
        sum(window <= begun < window + stagger.minutes for begun in starts) > stagger.starts
        for window in range(start - stagger.minutes + 1, start + 1)
    )
