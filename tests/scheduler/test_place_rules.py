"""Each rule about one place, just inside and just outside its bound."""

from dataclasses import replace
from datetime import time

import pytest

from scheduler.case import Place
from scheduler.openings import openings
from scheduler.protocol import NurseNeed, Step
from scheduler.rules import check
from scheduler.spans import Span
from scheduler.supply import Chair, Closure, NursingMode, OpeningHours, Shift, StartStagger
from scheduler.violations import Rule, Violation
from tests.scheduler.harbor import KET6, NORTH, at, broken, case, claim, rules_broken

ALL_DAY = tuple(Shift(f"n{k}", Span(at("2026-03-01 00:00"), at("2026-11-30 00:00"))) for k in range(12))
WELL_STAFFED = replace(NORTH, shifts=ALL_DAY)


class TestClosed:
    def test_a_visit_may_begin_when_the_clinic_opens_and_end_when_it_closes(self):
        question = case(supply=replace(NORTH, hours=(OpeningHours(2, time(8), time(10, 10)),)))
        assert rules_broken(question, "2026-04-14 08:00") == []

    def test_a_visit_does_not_begin_before_opening(self):
        assert rules_broken(case(supply=WELL_STAFFED), "2026-04-14 07:45") == [Rule.CLOSED]

    def test_a_visit_does_not_outlast_opening_hours(self):
        assert broken(case(supply=WELL_STAFFED), "2026-04-14 15:00") == [
            Violation(
                Rule.CLOSED,
                (1,),
                "08:00 to 14:45",
                "15:00",
                "The clinic is not open for the whole visit of 2 h 10 min: on Tue 14 April the earliest "
                "start is 08:00, the latest 14:45.",
            )
        ]

    def test_turnover_may_run_past_closing(self):
        fits = replace(NORTH, hours=(OpeningHours(2, time(8), time(16, 55)),), grid_minutes=5)
        assert rules_broken(case(supply=fits), "2026-04-14 14:45") == []

    def test_esketamine_of_145_minutes_starts_at_1430_at_the_latest_where_1700_is_closing(self):
        steps = (
            Step("in", 15),
            Step("dosing", 10, NurseNeed.EXCLUSIVE),
            Step("watch", 120, NurseNeed.SHARED),
        )
        esketamine = case(protocol=replace(KET6, steps=steps), supply=WELL_STAFFED)
        assert rules_broken(esketamine, "2026-04-10 14:30") == []
        [violation] = broken(esketamine, "2026-04-10 15:00")
        assert violation.rule is Rule.CLOSED
        assert violation.detail.endswith("on Fri 10 April the earliest start is 08:00, the latest 14:30.")
        friday = at("2026-04-10 12:00")
        days = openings(esketamine, first=NORTH.date_of(friday), last=NORTH.date_of(friday))
        assert [opening.start for opening in days[NORTH.date_of(friday)]][-1] == at("2026-04-10 14:30")

    def test_a_closure_of_the_clinic_bars_every_visit_that_it_touches(self):
        shut = Closure(Span(at("2026-04-14 12:00"), at("2026-04-14 13:00")))
        question = case(supply=replace(WELL_STAFFED, closures=(shut,)))
        assert rules_broken(question, "2026-04-14 09:45") == []
        assert rules_broken(question, "2026-04-14 10:00") == [Rule.CLOSED]
        assert rules_broken(question, "2026-04-14 12:45") == [Rule.CLOSED]
        assert rules_broken(question, "2026-04-14 13:00") == []

    def test_a_closure_over_midnight_bars_the_evening_and_the_morning(self):
        hours = tuple(OpeningHours(day, time(0), time(0)) for day in range(1, 8))
        shut = Closure(Span(at("2026-04-14 22:00"), at("2026-04-15 06:00")))
        question = case(supply=replace(WELL_STAFFED, hours=hours, closures=(shut,)))
        assert rules_broken(question, "2026-04-14 19:45") == []
        assert rules_broken(question, "2026-04-14 20:00") == [Rule.CLOSED]
        assert rules_broken(question, "2026-04-15 05:45") == [Rule.CLOSED]
        assert rules_broken(question, "2026-04-15 06:00") == []

    def test_a_clinic_open_over_midnight_takes_visits_over_midnight(self):
        rows = [OpeningHours(2, time(18), time(0)), OpeningHours(3, time(0), time(2))]
        question = case(supply=replace(WELL_STAFFED, hours=tuple(rows)))
        assert rules_broken(question, "2026-04-14 23:45") == []
        assert rules_broken(question, "2026-04-15 00:00") == [Rule.CLOSED]

    def test_a_date_without_hours_is_named(self):
        question = case(supply=replace(WELL_STAFFED, hours=NORTH.hours[:5]))
        [violation] = broken(question, "2026-03-08 10:00")
        assert violation.detail == "The clinic is closed on Sun 8 March."

    def test_a_start_off_the_grid_is_refused_with_the_nearest_on_it(self):
        [violation] = broken(case(supply=WELL_STAFFED), "2026-04-14 10:07")
        assert (violation.rule, violation.required) == (Rule.CLOSED, "10:00 or 10:15")
        assert violation.detail == "Sessions start every 15 min: nearest 10:00 or 10:15."

    def test_a_half_hour_is_off_an_hourly_grid(self):
        hourly = replace(WELL_STAFFED, grid_minutes=60)
        assert rules_broken(case(supply=hourly), "2026-04-14 10:30") == [Rule.CLOSED]


class TestChair:
    def test_the_last_free_chair_is_enough_and_none_is_not(self):
        taken = [claim("2026-04-14 13:00", "n1"), claim("2026-04-14 13:00", "n2")]
        assert rules_broken(case(*taken, supply=WELL_STAFFED), "2026-04-14 13:00") == []
        full = case(*taken, claim("2026-04-14 12:00", "n3"), supply=WELL_STAFFED)
        assert broken(full, "2026-04-14 13:00") == [
            Violation(
                Rule.CHAIR, (1,), "free", "taken", "No chair is free from 13:00 to 15:30 on Tue 14 April."
            )
        ]

    def test_a_chair_is_free_again_when_turnover_ends(self):
        question = case(claim("2026-04-14 08:00"), supply=WELL_STAFFED)
        assert rules_broken(question, "2026-04-14 10:30", chair="n1") == []
        [violation] = broken(question, "2026-04-14 10:15", chair="n1")
        assert violation.detail == "Chair N1 is taken from 10:15 to 12:45 on Tue 14 April."

    def test_the_visit_before_needs_its_own_turnover(self):
        question = case(claim("2026-04-14 12:30"), supply=WELL_STAFFED)
        assert rules_broken(question, "2026-04-14 10:00", chair="n1") == []
        assert rules_broken(question, "2026-04-14 10:15", chair="n1") == [Rule.CHAIR]

    def test_a_chair_out_of_service_is_barred_for_the_whole_hold(self):
        out = Closure(Span(at("2026-04-14 12:30"), at("2026-04-14 14:00")), chair="n2")
        question = case(supply=replace(WELL_STAFFED, closures=(out,)))
        assert rules_broken(question, "2026-04-14 10:00", chair="n2") == []
        [violation] = broken(question, "2026-04-14 10:15", chair="n2")
        assert violation.detail == "Chair N2 is out of service from 10:15 to 12:45 on Tue 14 April."
        assert rules_broken(question, "2026-04-14 10:15", chair="n1") == []

    def test_only_a_chair_with_every_feature_will_do(self):
        question = case(protocol=replace(KET6, chair_features=frozenset({"monitor"})), supply=WELL_STAFFED)
        assert rules_broken(question, "2026-04-14 10:00", chair="n3") == []
        [violation] = broken(question, "2026-04-14 10:00", chair="n1")
        assert (violation.actual, violation.detail) == ("unfit", "Chair N1 has no monitor.")
        assert rules_broken(
            replace(question, supply=replace(WELL_STAFFED, chairs=(Chair("n1", "N1"),))), "2026-04-14 10:00"
        ) == [Rule.CHAIR]

    def test_a_chair_that_the_clinic_has_not_is_no_chair(self):
        [violation] = broken(case(supply=WELL_STAFFED), "2026-04-14 10:00", chair="n9")
        assert (violation.rule, violation.actual) == (Rule.CHAIR, "unknown")

    def test_two_places_of_one_question_do_not_share_a_chair(self):
        short = replace(KET6, steps=(Step("drip", 15), Step("turnover", 30, patient=False)))
        question = case(protocol=short, supply=WELL_STAFFED)
        assert rules_broken(question, "2026-04-14 10:00", "2026-04-14 10:15", chair="n1") == [Rule.CHAIR]
        assert rules_broken(question, "2026-04-14 10:00", "2026-04-14 10:45", chair="n1") == []
        assert rules_broken(question, "2026-04-14 10:00", "2026-04-14 10:15") == []


EXCLUSIVE = (Step("set-up", 30, NurseNeed.EXCLUSIVE),)
SHARED = (Step("watch", 30, NurseNeed.SHARED),)
ROOMY = tuple(Chair(f"c{k}", f"C{k}") for k in range(12))


def nursing_allows(mode, *, on_duty, exclusive, shared, per_nurse, more):
    """Whether one more step of `more` would be fine beside so many exclusive and shared ones."""
    supply = replace(
        NORTH, chairs=ROOMY, shifts=ALL_DAY[:on_duty], nursing_mode=mode, patients_per_nurse=per_nurse
    )
    under_way = [EXCLUSIVE] * exclusive + [SHARED] * shared
    claims = [claim("2026-04-14 10:00", f"c{k}", steps) for k, steps in enumerate(under_way)]
    question = case(*claims, supply=supply, protocol=replace(KET6, steps=more))
    return rules_broken(question, "2026-04-14 10:00") == []


class TestNursing:
    @pytest.mark.parametrize(
        ("on_duty", "exclusive", "shared", "more", "allowed"),
        [
            (1, 0, 2, SHARED, True),  # 1 >= ceil(3 / 3)
            (1, 0, 3, SHARED, False),  # 1 < ceil(4 / 3)
            (2, 0, 3, EXCLUSIVE, True),  # 2 >= 1 + ceil(3 / 3)
            (2, 0, 4, EXCLUSIVE, False),  # 2 < 1 + ceil(4 / 3)
            (2, 1, 0, EXCLUSIVE, True),
            (2, 2, 0, EXCLUSIVE, False),
            (2, 1, 2, SHARED, True),
            (2, 2, 0, SHARED, False),  # 2 < 2 + ceil(1 / 3)
            (0, 0, 0, SHARED, False),
        ],
    )
    def test_strict_keeps_a_nurse_for_each_exclusive_step_and_one_for_each_group(
        self, on_duty, exclusive, shared, more, allowed
    ):
        beside = {"on_duty": on_duty, "exclusive": exclusive, "shared": shared, "per_nurse": 3, "more": more}
        assert nursing_allows(NursingMode.STRICT, **beside) is allowed

    @pytest.mark.parametrize(
        ("on_duty", "exclusive", "shared", "more", "allowed"),
        [
            (1, 0, 2, SHARED, True),
            (1, 0, 3, SHARED, False),  # 3 < 4
            (1, 0, 2, EXCLUSIVE, True),  # 1 >= 1 and 3 >= 3: a nurse sets up in sight of two others
            (1, 0, 3, EXCLUSIVE, False),
            (1, 1, 0, EXCLUSIVE, False),  # 1 < 2
            (2, 2, 3, SHARED, True),  # 2 >= 2 and 6 >= 6
            (2, 2, 4, SHARED, False),
            (1, 2, 0, SHARED, False),  # too many exclusive steps already: 1 < 2
        ],
    )
    def test_line_of_sight_lets_a_nurse_watch_others_meanwhile(
        self, on_duty, exclusive, shared, more, allowed
    ):
        beside = {"on_duty": on_duty, "exclusive": exclusive, "shared": shared, "per_nurse": 3, "more": more}
        assert nursing_allows(NursingMode.LINE_OF_SIGHT, **beside) is allowed

    def test_the_reason_names_the_first_minutes_in_which_nurses_are_short(self):
        question = case(
            claim("2026-04-14 10:00", "n1"),
            claim("2026-04-14 10:00", "n2"),
            supply=replace(NORTH, chairs=ROOMY),
        )
        assert broken(question, "2026-04-14 10:00") == [
            Violation(Rule.NURSING, (1,), 3, 2, "No nurse is free from 10:15 to 10:30: 2 on duty, 3 needed.")
        ]

    def test_minutes_in_which_the_visit_takes_no_nurse_do_not_count(self):
        # All nurses are busy from 10:15 to 10:30, exactly while this visit checks in.
        question = case(claim("2026-04-14 10:00", "n1"), claim("2026-04-14 10:00", "n2"))
        assert rules_broken(question, "2026-04-14 10:15") == []

    def test_a_nurse_is_there_to_the_end_of_the_shift_and_not_a_minute_longer(self):
        ends = [
            replace(NORTH, shifts=(Shift("Ana", Span(at("2026-04-14 08:00"), at(end))),))
            for end in ("2026-04-14 12:10", "2026-04-14 12:09")
        ]
        assert rules_broken(case(supply=ends[0]), "2026-04-14 10:00") == []
        [violation] = broken(case(supply=ends[1]), "2026-04-14 10:00")
        assert violation.detail == "No nurse is free from 12:09 to 12:10: 0 on duty, 1 needed."


class TestStartStagger:
    def test_no_more_sessions_begin_within_the_window_than_the_clinic_allows(self):
        supply = replace(WELL_STAFFED, chairs=ROOMY, start_stagger=StartStagger(2, 30))
        question = case(claim("2026-04-14 10:00", "c1"), claim("2026-04-14 10:15", "c2"), supply=supply)
        assert rules_broken(question, "2026-04-14 09:45") == []  # 09:45 and 10:15 are a whole window apart
        assert rules_broken(question, "2026-04-14 10:00") == [Rule.START_STAGGER]
        assert rules_broken(question, "2026-04-14 10:30") == []
        [violation] = broken(question, "2026-04-14 10:15")
        assert (violation.required, violation.actual) == (2, 3)
        assert (
            violation.detail == "3 sessions would start between 10:00 and 10:15, at most 2 may within 30 min."
        )

    def test_sessions_that_overlap_without_starting_together_do_not_count(self):
        supply = replace(WELL_STAFFED, start_stagger=StartStagger(1, 15))
        assert rules_broken(case(claim("2026-04-14 10:00"), supply=supply), "2026-04-14 10:15") == []


class TestLeadTime:
    def test_a_patient_books_the_hours_ahead_to_the_minute(self):
        protocol = replace(KET6, lead_time_hours=24)
        assert rules_broken(case(protocol=protocol, now=at("2026-04-13 10:00")), "2026-04-14 10:00") == []
        [violation] = broken(case(protocol=protocol, now=at("2026-04-13 10:01")), "2026-04-14 10:00")
        assert (violation.rule, violation.required, violation.actual) == (Rule.LEAD_TIME, 24, 23)
        assert (
            violation.detail == "This must be booked at least 24 hours ahead: earliest Tue 14 April, 10:01."
        )

    @pytest.mark.parametrize(
        ("now", "just_in_time"),
        [("2026-03-07 13:00", "2026-03-08 14:00"), ("2026-10-31 13:00", "2026-11-01 12:00")],
    )
    def test_hours_ahead_are_elapsed_hours_on_both_changes_of_clock(self, now, just_in_time):
        protocol = replace(KET6, lead_time_hours=24)
        assert rules_broken(case(protocol=protocol, now=at(now)), just_in_time) == []
        assert rules_broken(case(protocol=protocol, now=at(now) + 1), just_in_time) == [Rule.LEAD_TIME]

    def test_staff_may_book_at_once_but_not_into_the_past(self):
        staff = case(protocol=replace(KET6, lead_time_hours=24), by_patient=False, now=at("2026-04-14 10:00"))
        assert rules_broken(staff, "2026-04-14 10:00") == []
        [violation] = broken(replace(staff, now=at("2026-04-14 10:01")), "2026-04-14 10:00")
        assert violation.detail == "Tue 14 April, 10:00 is in the past."


class TestHorizon:
    @pytest.mark.parametrize(
        ("now", "last", "beyond"),
        [
            ("2026-04-01 23:59", "2026-04-11 14:45", "2026-04-12 08:00"),
            ("2026-03-01 00:00", "2026-03-11 14:45", "2026-03-12 08:00"),  # the clocks go forward between
            ("2026-10-25 00:00", "2026-11-04 14:45", "2026-11-05 08:00"),  # the clocks go back between
        ],
    )
    def test_days_ahead_are_dates_on_the_clinics_calendar(self, now, last, beyond):
        question = case(protocol=replace(KET6, horizon_days=10), now=at(now))
        assert rules_broken(question, last) == []
        assert rules_broken(question, beyond) == [Rule.HORIZON]
        assert rules_broken(replace(question, by_patient=False), beyond) == []

    def test_the_latest_date_is_named(self):
        question = case(protocol=replace(KET6, horizon_days=10), now=at("2026-04-01 12:00"))
        [violation] = broken(question, "2026-04-14 10:00")
        assert (violation.required, violation.actual) == (10, 13)
        assert violation.detail == "This can be booked at most 10 days ahead: latest Sat 11 April."


def test_a_rule_that_is_skipped_is_not_judged():
    question = case(supply=WELL_STAFFED)
    assert check(question, [Place(1, at("2026-04-14 15:00"))], skip=frozenset({Rule.CLOSED})) == ()
