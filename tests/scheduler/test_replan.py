"""What is left of a series, planned again."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.protocol import Spacing
from scheduler.rules import check
from scheduler.series import Move, Remaining, Unplannable, replan
from scheduler.spans import Span
from scheduler.supply import Closure
from tests.scheduler.worlds import ask, at, north, protocol, session

MON_THU = ["2026-04-06", "2026-04-09", "2026-04-13", "2026-04-16", "2026-04-20", "2026-04-23"]


def left(*numbers: int, missed: tuple[int, ...] = ()) -> list[Remaining]:
    """Sessions of the Monday and Thursday series, at 10:00; missed ones have no place."""
    return [
        Remaining(number, None if number in missed else at(f"{MON_THU[number - 1]} 10:00"))
        for number in numbers
    ]


def had(*numbers: int) -> tuple:  # type: ignore[type-arg]
    return tuple(session(number, f"{MON_THU[number - 1]} 10:00") for number in numbers)


def test_a_missed_session_is_made_up_after_the_others_which_stay() -> None:
    case = ask("2026-04-13 10:15", booked=had(1, 2), series="own")
    answer = replan(
        case, remaining=left(3, 4, 5, 6, missed=(3,)), earliest=date(2026, 4, 13), latest=date(2026, 5, 8)
    )
    assert not isinstance(answer, Unplannable)
    assert answer[0].moves == (Move(3, None, at("2026-04-27 10:00")),)
    assert answer[0].plan.finishes == date(2026, 4, 27)


def test_the_day_after_the_miss_is_possible_but_too_short_notice_to_be_proposed_first() -> None:
    case = ask("2026-04-13 10:15", booked=had(1, 2), series="own")
    answer = replan(
        case,
        remaining=left(3, 4, 5, 6, missed=(3,)),
        earliest=date(2026, 4, 13),
        latest=date(2026, 4, 24),
        limit=1,
    )
    assert not isinstance(answer, Unplannable)
    assert [move.after for move in answer[0].moves] == [at("2026-04-14 10:15")]
    notice = {reason.preference: reason.cost for reason in answer[0].plan.reasons}["short_notice"]
    assert notice == 24 * 20  # a day of notice leaves 24 hours to two days


def test_a_series_that_keeps_every_rule_stays_as_it_is() -> None:
    case = ask(series="own")
    (answer,) = replan(  # type: ignore[misc]
        case, remaining=left(1, 2, 3, 4, 5, 6), earliest=date(2026, 4, 6), latest=date(2026, 5, 8)
    )
    assert answer.moves == ()
    assert [place.start for place in answer.plan.places] == [at(f"{day} 10:00") for day in MON_THU]


def test_a_closure_moves_only_the_session_it_hits_and_as_little_as_the_rules_allow() -> None:
    closed = Closure(Span(at("2026-04-13 00:00"), at("2026-04-13 13:00")))
    supply = north()
    supply = type(supply)(
        supply.time_zone, supply.hours, supply.chairs, shifts=supply.shifts, closures=(closed,)
    )
    answer = replan(
        ask(series="own", supply=supply),
        remaining=left(1, 2, 3, 4, 5, 6),
        earliest=date(2026, 4, 6),
        latest=date(2026, 5, 8),
    )
    assert not isinstance(answer, Unplannable)
    assert answer[0].moves == (Move(3, at("2026-04-13 10:00"), at("2026-04-13 13:00")),)
    assert [len(one.moves) for one in answer] == [1, 1, 1]
    assert check(ask(series="own", supply=supply), answer[0].plan.places) == ()


def test_a_wider_least_gap_moves_the_fewest_sessions() -> None:
    wider = protocol(Spacing(44 * 60, 4, 4, 7, 14, None, 40))
    answer = replan(
        ask(series="own", treatment=wider),
        remaining=left(1, 2, 3, 4, 5, 6),
        earliest=date(2026, 4, 6),
        latest=date(2026, 5, 15),
        limit=1,
    )
    assert not isinstance(answer, Unplannable)
    # Every second gap is three days: of six sessions three may stay, at the most.
    assert len(answer[0].moves) == 3


def test_where_nothing_fits_the_first_number_and_the_rules_are_named() -> None:
    case = ask("2026-04-13 10:15", booked=had(1, 2), series="own")
    answer = replan(
        case, remaining=left(3, 4, 5, 6, missed=(3,)), earliest=date(2026, 4, 20), latest=date(2026, 4, 24)
    )
    assert isinstance(answer, Unplannable)
    assert answer.session == 6  # Monday, Wednesday and Friday hold three of the four
    assert [violation.rule for violation in answer.violations] == ["min_gap"]


def test_two_sessions_cannot_have_had_one_place() -> None:
    with pytest.raises(ValueError, match="of its own"):
        replan(
            ask(),
            remaining=[Remaining(1, 10), Remaining(2, 10)],
            earliest=date(2026, 4, 6),
            latest=date(2026, 4, 7),
        )
