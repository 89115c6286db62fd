"""A course that begins at a given place: whole and by every rule, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.beginning import begins_otherwise, course_again, course_from, last_date
from scheduler.case import Clearance, Place, Wish
from scheduler.diary import Claim, Diary
from scheduler.openings import openings
from scheduler.rules import check
from scheduler.series import earliest_plan
from scheduler.spans import Span
from tests.scheduler.random_clinics import cases
from tests.scheduler.worlds import ask, at, protocol, session

NOW = "2026-04-01 09:00"
FREED = at("2026-04-13 10:00")  # a Monday
ROOM = Span(FREED, FREED + 150)


def everything_taken(first: str, last: str, *, chairs: tuple[str, ...] = ("N1", "N2", "N3")) -> list[Claim]:
    """Claims from eight until five in those chairs on those dates and all between."""
    day, taken = date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        for chair in chairs:
            for clock in ("08:00", "10:30", "13:00", "14:30"):
                start = at(f"{day} {clock}")
                taken.append(Claim(f"{chair}{start}", chair, start, protocol().timed_steps))
        day += timedelta(days=1)
    return taken


def test_the_course_begins_where_it_is_told_and_keeps_every_rule():
    case = ask(NOW)

    course = course_from(case, FREED, sessions=6)

    assert (len(course), course[0]) == (6, FREED)
    assert check(case, [Place(number, start) for number, start in enumerate(course, start=1)]) == ()


def test_what_follows_keeps_the_wish_too():
    case = ask(NOW, wish=Wish(weekdays=frozenset({1, 4})))

    course = course_from(case, FREED, sessions=6)

    assert {case.supply.date_of(start).isoweekday() for start in course} == {1, 4}


@pytest.mark.parametrize(("weekdays", "possible"), [({1, 4}, True), ({1}, False)])
def test_all_of_it_or_nothing(weekdays, possible):
    """Six Mondays take thirty-five days, of which the phase may have twenty-one."""
    case = ask(NOW, wish=Wish(weekdays=frozenset(weekdays)))

    assert bool(course_from(case, FREED, sessions=6)) is possible


@pytest.mark.parametrize(("sessions", "possible"), [(6, True), (5, False)])
def test_the_clearance_covers_all_of_it(sessions, possible):
    case = ask(NOW, clearance=Clearance(sessions, date(2026, 6, 1)))

    assert bool(course_from(case, FREED, sessions=6)) is possible


@pytest.mark.parametrize(("other", "possible"), [("2026-04-15 10:00", True), ("2026-04-14 10:00", False)])
def test_what_the_patient_has_besides_is_kept_clear_of(other, possible):
    """The course may go around a visit of the same spacing group; it cannot where that is on the morrow."""
    case = ask(NOW, booked=(session(1, other, series="another"),))

    course = course_from(case, FREED, sessions=6)

    places = [Place(number, start) for number, start in enumerate(course, start=1)]
    assert bool(course and not check(case, places)) is possible


def test_made_again_only_what_has_gone_changes():
    case = ask(NOW)
    course = course_from(case, FREED, sessions=6)
    gone = [Claim(f"x{chair}", chair, course[3], protocol().timed_steps) for chair in ("N1", "N2", "N3")]

    again = course_again(replace(case, diary=Diary(tuple(gone))), FREED, following=course[1:])

    assert [was == now for was, now in zip(course, again, strict=True)] == [*[True] * 3, False, True, True]


@pytest.mark.parametrize(
    ("taken_until", "otherwise"),
    [
        ("2026-04-10", True),  # all chairs are free on the date itself
        ("2026-04-13", False),
        ("2026-04-09", True),  # the Friday before is free
    ],
)
def test_whether_it_could_begin_as_soon_without_the_room(taken_until, otherwise):
    taken = everything_taken("2026-04-01", taken_until)
    if taken_until == "2026-04-13":
        taken = [
            one for one in taken if not (one.chair == "N1" and one.start in range(FREED - 119, FREED + 150))
        ]
    case = ask(NOW, diary=Diary(tuple(taken)))

    assert begins_otherwise(case, FREED, room=ROOM, sessions=6) is otherwise


def test_nobody_is_thought_to_begin_before_they_can_come():
    taken = [
        one
        for one in everything_taken("2026-04-13", "2026-04-13")
        if not (one.chair == "N1" and one.start in range(FREED - 119, FREED + 150))
    ]
    case = ask(NOW, diary=Diary(tuple(taken)))

    assert begins_otherwise(case, FREED, room=ROOM, sessions=6)
    assert not begins_otherwise(case, FREED, room=ROOM, sessions=6, earliest=date(2026, 4, 13))


@given(cases(), st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_a_course_keeps_every_rule_and_there_is_one_from_where_the_earliest_plan_begins(given_case, sessions):
    case, first, last = given_case
    case = replace(case, series=None)
    for day in openings(case, first=first, last=last).values():
        for one in day[:2]:
            course = course_from(case, one.start, sessions=sessions)
            if course:
                assert (course[0], len(course)) == (one.start, sessions)
                places = [Place(number, at) for number, at in enumerate(course, start=1)]
                assert check(replace(case, wish=replace(case.wish, same_time=False)), places) == ()
    plan = earliest_plan(case, numbers=range(1, sessions + 1), earliest=first, latest=last)
    if plan is not None and not case.wish.same_time:
        begin = plan.places[0].start
        if case.supply.date_of(plan.places[-1].start) <= last_date(case, begin):
            assert course_from(case, begin, sessions=sessions)
