"""Fasting counts elapsed hours back from the start of the visit and is shown by the clinic's wall-clock."""

from datetime import UTC, timedelta

from bookings.preparation import Fasting, Preparation, driving_from, fasting, preparation_of
from tests.cast import NEW_YORK, PHOENIX, new_york, phoenix

SIX_AND_TWO = Preparation(solids_hours=6, clear_fluids_hours=2, no_driving_hours=24)


def wall(at):
    return at.strftime("%a %d %b %H:%M %Z")


def test_on_an_ordinary_day_it_is_what_the_clock_says():
    until = fasting(new_york("2026-04-14 10:00"), NEW_YORK, SIX_AND_TWO)

    assert [wall(at) for at in until] == ["Tue 14 Apr 04:00 EDT", "Tue 14 Apr 08:00 EDT"]


def test_the_start_may_come_in_any_zone_and_the_answer_is_the_clinics():
    start = new_york("2026-04-14 10:00").astimezone(UTC)

    assert [wall(at) for at in fasting(start, NEW_YORK, SIX_AND_TWO)] == [
        "Tue 14 Apr 04:00 EDT",
        "Tue 14 Apr 08:00 EDT",
    ]


def test_an_early_visit_fasts_from_the_evening_before():
    until = fasting(new_york("2026-04-14 05:00"), NEW_YORK, SIX_AND_TWO)

    assert wall(until.solids_until) == "Mon 13 Apr 23:00 EDT"


def test_in_the_night_that_loses_an_hour_eating_ends_an_hour_earlier_on_the_wall():
    start = new_york("2026-03-08 08:00")
    until = fasting(start, NEW_YORK, SIX_AND_TWO)

    assert wall(until.solids_until) == "Sun 08 Mar 01:00 EST"  # 02:00 would be five hours, and is skipped
    assert start.astimezone(UTC) - until.solids_until.astimezone(UTC) == timedelta(hours=6)
    assert wall(until.clear_fluids_until) == "Sun 08 Mar 06:00 EDT"


def test_in_the_night_that_gains_an_hour_eating_ends_an_hour_later_on_the_wall():
    start = new_york("2026-11-01 07:00")
    until = fasting(start, NEW_YORK, SIX_AND_TWO)

    assert wall(until.solids_until) == "Sun 01 Nov 01:00 EST"  # the second of the two
    assert start.astimezone(UTC) - until.solids_until.astimezone(UTC) == timedelta(hours=6)


def test_an_hour_later_the_first_of_two_equal_times_is_meant():
    until = fasting(new_york("2026-11-01 06:00"), NEW_YORK, SIX_AND_TWO)

    assert wall(until.solids_until) == "Sun 01 Nov 01:00 EDT"


def test_where_clocks_never_change_nothing_does():
    until = fasting(phoenix("2026-03-08 08:00"), PHOENIX, SIX_AND_TWO)

    assert wall(until.solids_until) == "Sun 08 Mar 02:00 MST"


def test_driving_waits_for_elapsed_hours_after_the_patient_has_left():
    over_a_lost_hour = driving_from(new_york("2026-03-07 12:10"), NEW_YORK, SIX_AND_TWO)
    over_a_gained_one = driving_from(new_york("2026-10-31 12:10"), NEW_YORK, SIX_AND_TWO)

    assert wall(over_a_lost_hour) == "Sun 08 Mar 13:10 EDT"
    assert wall(over_a_gained_one) == "Sun 01 Nov 11:10 EST"


def test_a_treatment_that_asks_for_nothing_has_no_bounds():
    nothing = preparation_of({})

    assert fasting(new_york("2026-04-14 10:00"), NEW_YORK, nothing) == Fasting(None, None)
    assert driving_from(new_york("2026-04-14 12:00"), NEW_YORK, nothing) is None
    assert nothing.text("en") == ""


def test_no_hours_at_all_is_a_bound_and_not_the_absence_of_one():
    none_at_all = preparation_of({"preparation": {"solids_hours": 4, "clear_fluids_hours": 0}})
    start = new_york("2026-04-14 10:00")

    assert fasting(start, NEW_YORK, none_at_all) == Fasting(new_york("2026-04-14 06:00"), start)


def test_the_clinics_own_words_come_in_the_readers_language_where_it_has_them():
    both = preparation_of({"preparation": {"text": {"en": "Wear loose sleeves.", "es": "Mangas anchas."}}})
    one = preparation_of({"preparation": {"text": {"en": "Wear loose sleeves."}}})

    assert (both.text("es"), one.text("es")) == ("Mangas anchas.", "Wear loose sleeves.")
