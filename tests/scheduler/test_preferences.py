"""The soft rules, each alone, and the weights as they are written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduler.candidates import from_starts
from scheduler.diary import Claim, Diary
from scheduler.load import Load, load_at
from scheduler.preferences import cost, notice_cost, reasons, rhythm, several_a_day, usual_days
from scheduler.protocol import Spacing
from scheduler.rules import Case, Place
from scheduler.start_template import Opened, StartTemplate
from tests.scheduler.worlds import KET6, ask, at, protocol, session

MONDAY = date(2026, 4, 6)


def points(case: Case, *texts: str) -> dict[str, int]:
    places = [Place(number, at(text)) for number, text in enumerate(texts, start=1)]
    return {reason.preference: reason.cost for reason in reasons(case, places, earliest=MONDAY)}


def test_each_day_until_the_last_session_costs_sixty_points() -> None:
    assert points(ask(), "2026-04-06 10:00")["finish"] == 0
    assert points(ask(), "2026-04-06 10:00", "2026-04-09 10:00")["finish"] == 3 * 60


def test_each_day_off_the_target_gap_costs_twice_as_much_either_way() -> None:
    case = ask()
    assert points(case, "2026-04-06 10:00", "2026-04-09 10:00")["target_gap"] == 0
    assert points(case, "2026-04-06 10:00", "2026-04-08 10:00")["target_gap"] == 120
    assert points(case, "2026-04-06 10:00", "2026-04-11 10:00")["target_gap"] == 240


def test_the_gaps_to_booked_sessions_of_the_series_count_and_those_of_another_series_do_not() -> None:
    own = ask(booked=(session(1, "2026-04-06 10:00"), session(3, "2026-04-13 10:00")), series="own")
    assert points(own, "2026-04-08 10:00")["target_gap"] == (1 + 2) * 120
    other = ask(booked=(session(1, "2026-04-06 10:00", series="other"),), series="own")
    assert points(other, "2026-04-08 10:00")["target_gap"] == 0


def test_the_usual_hour_is_the_one_that_leaves_the_fewest_minutes_off_it() -> None:
    texts = "2026-04-06 10:00", "2026-04-09 10:15", "2026-04-13 15:00"
    assert points(ask(), *texts)["usual_hour"] == 15 + 285
    assert rhythm(ask(), [Place(k, at(text)) for k, text in enumerate(texts)]).hour == 10 * 60 + 15


def test_the_hours_already_booked_of_the_series_count_towards_the_usual_one() -> None:
    case = ask(booked=(session(1, "2026-04-02 14:00"), session(2, "2026-04-06 14:00")), series="own")
    assert points(case, "2026-04-09 10:00")["usual_hour"] == 240


def test_wall_clock_hours_count_on_both_sides_of_a_change_of_clock() -> None:
    assert points(ask("2026-03-01 09:00"), "2026-03-06 10:00", "2026-03-09 10:00")["usual_hour"] == 0


def test_sessions_on_more_weekdays_than_the_target_has_room_for_cost_an_hour_or_two() -> None:
    assert points(ask(), "2026-04-06 10:00", "2026-04-09 10:00", "2026-04-13 10:00")["usual_weekdays"] == 0
    assert points(ask(), "2026-04-06 10:00", "2026-04-08 10:00", "2026-04-10 10:00")["usual_weekdays"] == 120


@pytest.mark.parametrize(
    ("target", "days"), [(None, 7), (1, 7), (2, 4), (3, 2), (4, 2), (5, 1), (7, 1), (28, 1)]
)
def test_a_week_holds_as_many_usual_weekdays_as_target_gaps(target: int | None, days: int) -> None:
    assert usual_days(Spacing(target_gap_days=target)) == days


def test_other_visits_near_the_start_and_chairs_in_use_cost_a_little() -> None:
    steps = protocol().timed_steps
    claims = [
        Claim(text, chair, at(f"2026-04-06 {text}"), steps)
        for text, chair in (("08:00", "N1"), ("09:30", "N2"), ("10:30", "N3"), ("10:31", "N4"))
    ]
    diary = Diary(tuple(claims))
    # 09:30 and 10:30 start within half an hour of 10:00; 08:00 (to 10:30) and 09:30 hold a chair at 10:00.
    assert load_at(diary, at("2026-04-06 10:00")) == 2 * 6 + 2 * 2
    assert Load(diary).at(at("2026-04-06 10:00")) == 2 * 6 + 2 * 2
    assert points(ask(diary=diary), "2026-04-06 10:00")["level_load"] == 16
    assert load_at(diary, at("2026-04-06 12:00")) == Load(diary).at(at("2026-04-06 12:00")) == 2 * 2


def levelled(*opened: tuple[int, int, int], short: int = 0) -> Case:
    """NORTH with two visits booked at 10:00 and 10:15 and one of another length at 10:00, under a template
    that opens so many starts of 150 minutes by weekday and clock, and `short` of the other there.
    """
    other = replace(protocol(), steps=protocol().steps[:2]).timed_steps
    steps = protocol().timed_steps
    claims = (
        Claim("one", "N1", at("2026-04-06 10:00"), steps),
        Claim("two", "N2", at("2026-04-06 10:15"), steps),
        Claim("short", "N3", at("2026-04-06 10:00"), other),
    )
    asked = ask(diary=Diary(claims))
    of_length = (Opened(day, clock, 150, starts) for day, clock, starts in opened)
    template = StartTemplate((*of_length, Opened(1, 600, 30, short)))
    return replace(asked, supply=replace(asked.supply, template=template))


def test_a_start_costs_twenty_points_for_each_visit_of_its_length_beyond_the_template() -> None:
    def cost_at(text: str, opened: int) -> int:
        return points(levelled((1, 600, opened), (1, 615, 9), short=9), text)["template"]

    assert cost_at("2026-04-06 10:00", 2) == 0
    assert cost_at("2026-04-06 10:00", 1) == 20
    assert cost_at("2026-04-06 10:14", 1) == 20
    assert cost_at("2026-04-06 10:15", 1) == 0
    assert cost_at("2026-04-06 10:00", 0) == 40


def test_and_twenty_for_each_visit_of_any_length_beyond_all_that_the_quarter_opens() -> None:
    assert points(levelled((1, 600, 2), short=1), "2026-04-06 10:00")["template"] == 0
    assert points(levelled((1, 600, 2), short=0), "2026-04-06 10:00")["template"] == 20
    assert points(levelled((1, 600, 1), short=0), "2026-04-06 10:00")["template"] == 20 + 40
    assert points(levelled((1, 600, 9)), "2026-04-06 10:30")["template"] == 20 + 20


def test_another_week_is_another_day_and_another_weekday_opens_what_it_opens() -> None:
    assert points(levelled((1, 600, 1)), "2026-04-13 10:00")["template"] == 0
    assert points(levelled((1, 600, 1)), "2026-04-07 10:00")["template"] == 20 + 20
    assert points(levelled((1, 600, 1), (2, 600, 1)), "2026-04-07 10:00")["template"] == 0


def test_without_a_template_or_for_a_length_that_it_does_not_know_every_quarter_is_as_good() -> None:
    assert points(ask(), "2026-04-06 10:00")["template"] == 0
    assert points(levelled(short=1), "2026-04-06 10:00")["template"] == 0


def test_the_reason_says_how_many_visits_begin_in_full_quarters_and_beside_how_many() -> None:
    def said(case: Case) -> str:
        places = [Place(1, at("2026-04-06 10:00")), Place(2, at("2026-04-09 10:00"))]
        return {one.preference: one.detail for one in reasons(case, places, earliest=MONDAY)}["template"]

    assert said(ask()) == "No template of starts is kept to"
    assert said(levelled((1, 600, 2), (4, 600, 1), short=1)) == "Begins in quiet quarter hours"
    assert (
        said(levelled((1, 600, 2), (4, 600, 1)))
        == "1 of 2 in quarter hours that are full, beside up to 2 others"
    )
    assert said(levelled((1, 600, 2), short=1)) == "1 of 2 in quarter hours that are full"


def test_a_template_counts_beside_how_busy_the_clinic_is() -> None:
    kept, unknown = levelled((1, 600, 2), short=1), levelled(short=1)
    assert points(kept, "2026-04-06 10:00")["level_load"] == 3 * 6 + 2 * 2
    assert points(unknown, "2026-04-06 10:00")["level_load"] == 3 * 6 + 2 * 2


def test_a_whole_field_is_priced_like_its_starts() -> None:
    for case in (levelled((1, 600, 1), short=1), levelled((1, 600, 1)), levelled(short=1), ask()):
        texts = [f"2026-04-06 {hour:02}:{minute:02}" for hour in range(8, 15) for minute in (0, 15, 30)]
        found = from_starts(case, {MONDAY: [at(text) for text in texts]})
        alone = [points(case, text) for text in texts]
        assert [spot.load for spot in found.spots] == [one["level_load"] + one["template"] for one in alone]


def test_each_hour_short_of_two_days_notice_costs_twenty_points() -> None:
    case = ask("2026-04-04 10:00")
    assert notice_cost(case, at("2026-04-06 10:00")) == 0
    assert notice_cost(case, at("2026-04-06 09:59")) == 20
    assert notice_cost(case, at("2026-04-05 10:00")) == 24 * 20


def test_where_several_sessions_a_day_are_meant_only_the_end_and_the_notice_count() -> None:
    spacing = Spacing(min_gap_minutes=50)
    assert several_a_day(spacing)
    assert not several_a_day(replace(spacing, min_gap_days=1))
    assert not several_a_day(replace(spacing, min_gap_minutes=24 * 60))
    assert not several_a_day(replace(spacing, target_gap_days=28))
    found = points(
        ask(treatment=protocol(spacing)), "2026-04-06 10:00", "2026-04-06 13:00", "2026-04-08 09:00"
    )
    assert {name: cost for name, cost in found.items() if cost} == {"finish": 120}


def test_the_cost_is_the_sum_of_the_reasons_whatever_the_order_of_the_places() -> None:
    places = [Place(2, at("2026-04-09 10:15")), Place(1, at("2026-04-06 10:00"))]
    case = ask(treatment=protocol(KET6))
    assert cost(case, places, earliest=MONDAY) == 3 * 60 + 15
    assert cost(case, places[::-1], earliest=MONDAY) == 3 * 60 + 15
    assert cost(case, [], earliest=MONDAY) == 0


def test_the_reasons_tell_a_patient_the_rhythm_and_the_end() -> None:
    places = [Place(k, at(text)) for k, text in enumerate(("2026-04-07 10:00", "2026-04-10 10:00"))]
    said = {one.preference: one.detail for one in reasons(ask(), places, earliest=MONDAY)}
    assert said["usual_weekdays"] == "Tuesdays and Fridays at 10:00"
    assert said["finish"] == "Done by Friday 10 April"
    assert said["target_gap"] == "3 days apart, 3 aimed at"
