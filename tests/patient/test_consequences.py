"""What a change does to the others is said in words before anything is pressed."""

from django.utils import translation

from bookings.patient.consequences import of_cancelling, of_moving
from tests.cast import MONDAYS_AND_THURSDAYS, NEW_YORK, new_york

SIX = dict(enumerate(MONDAYS_AND_THURSDAYS, start=1))  # 6, 9, 13, 16, 20 and 23 April at 10:00
USUAL = 7


def moving(number, *, before=SIX, **to):
    """The words for visits that move to those days of April, as in `_2="10 10:00"`."""
    after = {**before, **{int(name[1:]): new_york(f"2026-04-{at}") for name, at in to.items()}}
    return of_moving(number, before, after, zone=NEW_YORK, usual=USUAL)


def cancelling(number, *, before=SIX, ends=False, lapse=None):
    return of_cancelling(number, before, zone=NEW_YORK, ends=ends, lapse=lapse)


def test_a_visit_that_moves_alone():
    assert moving(2, _2="10 14:00") == [
        "Your other visits stay as they are.",
        "It is then 4 days after visit 1 and 3 days before visit 3.",
        "Your last visit is still on Thursday 23 April.",
    ]


def test_the_first_and_the_last_have_one_neighbour():
    assert moving(1, _1="07 10:00")[1] == "It is then 2 days before visit 2."
    assert moving(6, _6="22 10:00")[1:] == [
        "It is then 2 days after visit 5.",
        "Your last visit is then on Wednesday 22 April, 1 day earlier than now.",
    ]


def test_others_that_move_with_it_are_named():
    assert moving(5, _5="21 10:00", _6="24 10:00") == [
        "Visit 6 moves with it.",
        "It is then 5 days after visit 4 and 3 days before visit 6.",
        "Your last visit is then on Friday 24 April, 1 day later than now.",
    ]
    assert moving(3, _3="14 10:00", _4="17 10:00", _5="21 10:00", _6="24 10:00")[0] == (
        "Visits 4, 5 and 6 move with it."
    )


def test_days_are_those_of_the_calendar_and_not_times_24_hours():
    # Monday 09:00 to Thursday 17:00 and to Thursday 07:00 are three days both.
    assert moving(2, _2="09 17:00")[1] == "It is then 3 days after visit 1 and 4 days before visit 3."
    assert moving(2, _2="09 07:00")[1] == "It is then 3 days after visit 1 and 4 days before visit 3."


def test_a_gap_longer_than_usual_is_said_when_it_is_new():
    late = moving(6, _6="28 10:00")
    just_usual = moving(6, _6="27 10:00")

    assert late[2] == (
        "Between visits 5 and 6 there are then 8 days, more than the usual 7: a clinician will look at it."
    )
    assert len(just_usual) == 3
    with_a_gap = {**SIX, 6: new_york("2026-04-28 10:00")}
    assert "a clinician" not in " ".join(moving(2, before=with_a_gap, _2="10 10:00"))


def test_the_only_visit_of_a_series_moves_without_a_word():
    assert moving(1, before={1: SIX[1]}, _1="07 10:00") == []


def test_days_do_not_change_with_the_clocks():
    weekend = {1: new_york("2026-03-06 10:00"), 2: new_york("2026-03-09 10:00")}
    after = {**weekend, 2: new_york("2026-03-08 08:00")}

    said = of_moving(2, weekend, after, zone=NEW_YORK, usual=None)

    assert said[1] == "It is then 2 days after visit 1."  # 45 hours


def test_a_visit_in_the_middle_that_is_cancelled_leaves_a_gap():
    assert cancelling(3) == [
        "Your 5 other visits stay as they are.",
        "Between visits 2 and 4 there are then 7 days.",
        "Your course is then one visit short. You can plan another one in its place.",
    ]


def test_the_first_and_the_last_leave_none():
    assert (
        cancelling(6)
        == cancelling(1)
        == [
            "Your 5 other visits stay as they are.",
            "Your course is then one visit short. You can plan another one in its place.",
        ]
    )


def test_a_gap_that_pauses_the_course_is_said_before():
    assert cancelling(2, before={1: SIX[1], 2: SIX[4], 3: SIX[6]}, lapse=(17, 14)) == [
        "Your 2 other visits stay as they are.",
        "Between visits 1 and 3 there are then 17 days.",
        (
            "17 days between two visits are more than the 14 that are allowed. The course then pauses: "
            "nothing more can be booked online until the clinic has looked at it."
        ),
    ]


def test_the_only_visit_that_is_cancelled_ends_the_series():
    assert cancelling(1, before={1: SIX[1]}, ends=True) == [
        "It is the only visit of this series, so the series ends."
    ]


def test_it_is_said_in_the_readers_language():
    with translation.override("es"):
        assert moving(2, _2="10 14:00") == [
            "Sus otras visitas quedan como están.",
            "Entonces será 4 días después de la visita 1 y 3 días antes de la visita 3.",
            "Su última visita sigue siendo el jueves 23 de abril.",
        ]
