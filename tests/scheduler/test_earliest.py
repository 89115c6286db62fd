"""What a refusal names as the earliest: a time at which the clinic is open."""

from dataclasses import replace

import pytest

from scheduler.case import Place
from scheduler.protocol import Spacing
from scheduler.rules import check
from scheduler.spans import Span
from scheduler.supply import Closure
from scheduler.violations import Rule
from tests.scheduler.harbor import NORTH, at, case, session

ALL_BUT_MIN_GAP = frozenset(Rule) - {Rule.MIN_GAP}


def earliest(question, start):
    """What the refusal of a second session at that start ends with."""
    [violation] = check(question, [Place(2, at(start))], skip=ALL_BUT_MIN_GAP)
    return violation.detail.rpartition(": ")[2]


@pytest.mark.parametrize(
    ("open_on", "hours", "said"),
    [
        ({1, 2, 3, 4, 5}, 44, "earliest Mon 28 December."),  # 44 hours after Thursday 09:00 is Saturday 05:00
        ({1, 2, 3, 4, 5, 6}, 44, "earliest Sat 26 December."),
        ({1, 2, 3, 4, 5, 6}, 48, "earliest Sat 26 December, 09:00."),
        ({1, 2, 3, 4, 5, 6}, 53, "earliest Sat 26 December, 14:00."),
        ({1, 2, 3, 4, 5, 6}, 54, "earliest Mon 28 December."),  # Saturday's last start is 14:45
        ({4}, 44, "earliest Thu 31 December."),
        (set(), 44, "earliest Sat 26 December."),
    ],
)
def test_a_day_on_which_the_clinic_is_closed_is_not_the_earliest(open_on, hours, said):
    supply = replace(NORTH, hours=tuple(one for one in NORTH.hours if one.weekday in open_on))
    booked = session("2026-12-24 09:00", 1)
    question = case(spacing=Spacing(min_gap_minutes=hours * 60), supply=supply, booked=(booked,))

    assert earliest(question, "2026-12-25 09:00") == said


# 8 to 21 April are the fourteen days that are looked at.
@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-04-10 08:00", "earliest Fri 10 April."),
        ("2026-04-21 12:00", "earliest Tue 21 April."),
        ("2026-04-21 17:00", "earliest Wed 8 April."),
    ],
)
def test_the_earliest_comes_after_a_closure_of_less_than_two_weeks(until, said):
    away = Closure(Span(at("2026-04-08 00:00"), at(until)))
    supply = replace(NORTH, closures=(away,))
    question = case(spacing=Spacing(min_gap_days=2), supply=supply, booked=(session("2026-04-06 10:00", 1),))

    assert earliest(question, "2026-04-07 10:00") == said
