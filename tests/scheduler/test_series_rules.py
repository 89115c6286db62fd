"""Each rule between sessions, just inside and just outside its bound, on both changes of clock."""

from dataclasses import replace

import pytest

from scheduler.case import Place
from scheduler.protocol import Phase, Protocol, RollingLimit, Spacing, Washout
from scheduler.rules import check, soft_gaps
from scheduler.violations import Rule, Violation
from tests.scheduler.harbor import KET6, MAINTENANCE, at, broken, case, claim, places, rules_broken, session

HOURS = 60


class TestPatientOverlap:
    def test_a_visit_may_begin_when_another_ends_in_whatever_clinic(self):
        elsewhere = session(
            "2026-04-06 11:00", series="other", spacing_group="biologic", end=at("2026-04-06 13:30")
        )
        question = case(booked=(elsewhere,))
        assert rules_broken(question, "2026-04-06 13:30") == []
        assert broken(question, "2026-04-06 13:15") == [
            Violation(
                Rule.PATIENT_OVERLAP,
                (1,),
                "free",
                "taken",
                "The patient has another visit from Mon 6 April, 11:00 to 13:30.",
            )
        ]

    def test_turnover_after_the_patient_has_left_does_not_count(self):
        question = case(booked=(session("2026-04-06 12:15", series="other", spacing_group="biologic"),))
        assert rules_broken(question, "2026-04-06 10:00") == []
        assert rules_broken(question, "2026-04-06 10:15") == [Rule.PATIENT_OVERLAP]

    def test_two_places_of_one_question_may_not_overlap(self):
        assert Rule.PATIENT_OVERLAP in rules_broken(case(), "2026-04-06 10:00", "2026-04-06 12:00")


class TestMinGap:
    def test_friday_and_sunday_are_47_hours_apart_when_the_clocks_go_forward(self):
        weekend = ("2026-03-06 10:00", "2026-03-08 10:00")
        assert rules_broken(case(spacing=Spacing(min_gap_minutes=44 * HOURS, min_gap_days=2)), *weekend) == []
        assert broken(case(spacing=Spacing(min_gap_minutes=48 * HOURS, min_gap_days=2)), *weekend) == [
            Violation(
                Rule.MIN_GAP,
                (1, 2),
                48 * HOURS,
                47 * HOURS,
                "Sessions 1 and 2 are 47 h apart, less than the 48 h required: earliest Sun 8 March, 11:00.",
            )
        ]

    def test_a_session_of_a_phase_with_a_longer_gap_keeps_it_from_others(self):
        strict = replace(KET6, phases=(Phase("induction", 6, Spacing(min_gap_minutes=72 * HOURS)),))
        question = case(
            spacing=Spacing(min_gap_minutes=44 * HOURS),
            booked=(session("2026-04-06 10:00", series="other", protocol=strict),),
        )
        assert rules_broken(question, "2026-04-09 09:45") == [Rule.MIN_GAP]
        assert rules_broken(question, "2026-04-09 10:00") == []
        assert rules_broken(question, "2026-04-03 10:15") == [Rule.MIN_GAP]
        assert rules_broken(question, "2026-04-03 10:00") == []

    def test_friday_and_sunday_are_49_hours_apart_when_the_clocks_go_back(self):
        spacing = Spacing(min_gap_minutes=48 * HOURS)
        assert rules_broken(case(spacing=spacing), "2026-10-30 10:00", "2026-11-01 09:00") == []
        assert rules_broken(case(spacing=spacing), "2026-10-30 10:00", "2026-11-01 08:45") == [Rule.MIN_GAP]

    @pytest.mark.parametrize(
        "week", [("2026-03-07", "2026-03-08", "2026-03-09"), ("2026-10-31", "2026-11-01", "2026-11-02")]
    )
    def test_days_are_dates_on_the_calendar_on_both_changes_of_clock(self, week):
        question = case(spacing=Spacing(min_gap_days=2))
        first, next_day, day_after = week
        assert rules_broken(question, f"{first} 14:45", f"{day_after} 08:00") == []
        assert rules_broken(question, f"{first} 08:00", f"{next_day} 14:45") == [Rule.MIN_GAP]

    def test_a_move_too_close_to_the_session_before_names_the_earliest_date(self):
        spacing = Spacing(min_gap_minutes=44 * HOURS, min_gap_days=2)
        question = case(spacing=spacing, booked=(session("2026-04-06 10:00", 1),))
        [violation] = check(question, [Place(2, at("2026-04-07 10:00"))])
        assert (violation.required, violation.actual) == (2, 1)
        assert violation.detail == (
            "Sessions 1 and 2 are 1 day apart, less than the 2 days required: earliest Wed 8 April."
        )

    def test_a_place_too_close_before_a_booked_session_names_the_latest(self):
        question = case(spacing=Spacing(min_gap_days=2), booked=(session("2026-04-09 10:00", 2),))
        assert rules_broken(question, "2026-04-07 10:00") == []
        [violation] = broken(question, "2026-04-08 10:00")
        assert violation.sessions == (1, 2)
        assert violation.detail.endswith("latest Tue 7 April.")

    def test_sessions_of_the_same_group_count_from_whatever_series(self):
        other = session("2026-04-06 10:00", 4, series="last year")
        question = case(spacing=Spacing(min_gap_minutes=44 * HOURS), booked=(other,))
        assert rules_broken(question, "2026-04-08 08:00") == []
        [violation] = broken(question, "2026-04-07 10:00")
        assert violation.sessions == (1,)
        assert violation.detail.startswith(
            "The session of Mon 6 April and session 1 are 24 h apart, less than the 44 h required"
        )

    def test_sessions_of_another_group_do_not_count(self):
        question = case(
            spacing=Spacing(min_gap_days=2), booked=(session("2026-04-06 10:00", spacing_group="iron"),)
        )
        assert rules_broken(question, "2026-04-07 10:00") == []

    def test_each_pair_is_reported_once(self):
        found = broken(
            case(spacing=Spacing(min_gap_days=3)), "2026-04-06 10:00", "2026-04-07 10:00", "2026-04-08 10:00"
        )
        assert [violation.sessions for violation in found] == [(1, 2), (1, 3), (2, 3)]

    def test_what_was_booked_too_close_before_is_not_reported_again(self):
        booked = (session("2026-04-06 10:00", 1), session("2026-04-07 10:00", 2))
        assert rules_broken(case(spacing=Spacing(min_gap_days=2), booked=booked), "2026-04-10 10:00") == []


class TestOnePerDay:
    def test_two_on_one_date_are_reported_besides_the_gap(self):
        question = case(spacing=Spacing(min_gap_days=1))
        assert rules_broken(question, "2026-04-06 08:00", "2026-04-06 14:45") == [
            Rule.MIN_GAP,
            Rule.ONE_PER_DAY,
        ]
        assert rules_broken(question, "2026-04-06 14:45", "2026-04-07 08:00") == []

    def test_a_phase_without_a_gap_in_days_allows_two(self):
        assert rules_broken(case(spacing=Spacing()), "2026-04-06 08:00", "2026-04-06 14:45") == []


class TestMaxGap:
    SPACING = Spacing(max_gap_days=14)

    @pytest.mark.parametrize(
        ("before", "last", "beyond"),
        [
            ("2026-04-06 08:00", "2026-04-20 14:45", "2026-04-21 08:00"),
            ("2026-03-01 14:45", "2026-03-15 08:00", "2026-03-16 08:00"),
            ("2026-10-20 08:00", "2026-11-03 14:45", "2026-11-04 08:00"),
        ],
    )
    def test_the_gap_counts_dates_on_the_calendar(self, before, last, beyond):
        question = case(spacing=self.SPACING, booked=(session(before, 1),))
        assert rules_broken(question, last) == []
        assert rules_broken(question, beyond) == [Rule.MAX_GAP]

    def test_the_latest_date_is_named(self):
        question = case(spacing=self.SPACING)
        [violation] = broken(question, "2026-04-06 10:00", "2026-04-21 10:00")
        assert (violation.sessions, violation.required, violation.actual) == ((1, 2), 14, 15)
        assert (
            violation.detail
            == "Sessions 1 and 2 are 15 days apart, at most 14 are allowed: latest Mon 20 April."
        )

    def test_the_first_session_of_a_course_is_a_new_beginning(self):
        last_year = session("2026-03-01 10:00", series="last course")
        assert rules_broken(case(spacing=self.SPACING, booked=(last_year,)), "2026-05-01 10:00") == []

    def test_the_first_session_of_a_later_phase_is_not(self):
        induction = session("2026-03-01 10:00", series="induction")
        question = case(spacing=self.SPACING, booked=(induction,), phase=MAINTENANCE)
        assert rules_broken(question, "2026-03-15 10:00") == []
        assert rules_broken(question, "2026-03-16 10:00") == [Rule.MAX_GAP]

    def test_the_next_booked_session_after_a_place_is_judged_too(self):
        booked = (session("2026-04-01 10:00", 1), session("2026-04-20 10:00", 3))
        question = case(spacing=self.SPACING, booked=booked)
        assert rules_broken(question, "2026-04-06 10:00") == []
        [violation] = broken(question, "2026-04-05 10:00")
        assert violation.detail.startswith("Sessions 1 and 3 are 15 days apart")

    def test_a_clearance_within_the_gap_begins_it_anew(self):
        booked = (session("2026-03-01 10:00", 1, cleared=at("2026-04-10 23:00")),)
        question = case(spacing=self.SPACING, booked=booked)
        assert rules_broken(question, "2026-04-24 10:00", "2026-05-08 10:00") == []
        [violation] = broken(question, "2026-04-25 10:00", "2026-05-08 10:00")
        assert (violation.rule, violation.required, violation.actual) == (Rule.MAX_GAP, 14, 55)
        assert violation.detail.endswith("latest Fri 24 April.")
        assert rules_broken(question, "2026-04-24 10:00", "2026-05-09 10:00") == [Rule.MAX_GAP]

    def test_a_clearance_before_the_gap_or_of_another_series_does_not(self):
        before = session("2026-03-01 10:00", 1, cleared=at("2026-02-27 10:00"))
        other = session("2026-02-01 10:00", 1, series="other", cleared=at("2026-03-10 10:00"))
        question = case(spacing=self.SPACING, booked=(other, before))
        assert rules_broken(question, "2026-03-15 10:00") == []
        assert rules_broken(question, "2026-03-16 10:00") == [Rule.MAX_GAP]

    def test_a_longer_gap_than_the_soft_bound_is_listed_and_allowed(self):
        question = case(spacing=Spacing(soft_max_gap_days=7, max_gap_days=14))
        asked = ("2026-04-06 10:00", "2026-04-13 10:00", "2026-04-21 10:00")
        assert rules_broken(question, *asked) == []
        [gap] = soft_gaps(question, places(*asked))
        assert (gap.sessions, gap.days, gap.allowed) == ((2, 3), 8, 7)
        assert soft_gaps(case(), places(*asked)) == ()


class TestRollingLimit:
    SPACING = Spacing(rolling_limit=RollingLimit(sessions=3, days=7))
    WEEK = ("2026-04-06 10:00", "2026-04-08 10:00", "2026-04-10 10:00")

    def test_exactly_the_days_times_24_hours_apart_is_allowed(self):
        question = case(spacing=self.SPACING)
        assert rules_broken(question, *self.WEEK, "2026-04-13 10:00") == []
        [violation] = broken(question, *self.WEEK, "2026-04-13 09:45")
        assert (violation.rule, violation.sessions) == (Rule.ROLLING_LIMIT, (1, 2, 3, 4))
        assert (violation.required, violation.actual) == (3, 4)
        assert violation.detail == (
            "4 sessions would start within 7 days, at most 3 are allowed: earliest Mon 13 April, 10:00."
        )

    def test_days_are_24_elapsed_hours_when_the_clocks_go_forward(self):
        week = ("2026-03-02 10:00", "2026-03-04 10:00", "2026-03-06 10:00")
        assert rules_broken(case(spacing=self.SPACING), *week, "2026-03-09 11:00") == []
        assert rules_broken(case(spacing=self.SPACING), *week, "2026-03-09 10:45") == [Rule.ROLLING_LIMIT]

    def test_days_are_24_elapsed_hours_when_the_clocks_go_back(self):
        week = ("2026-10-26 10:00", "2026-10-28 10:00", "2026-10-30 10:00")
        assert rules_broken(case(spacing=self.SPACING), *week, "2026-11-02 09:00") == []
        assert rules_broken(case(spacing=self.SPACING), *week, "2026-11-02 08:45") == [Rule.ROLLING_LIMIT]


class TestCompleteWithin:
    SPACING = Spacing(complete_within_days=21)

    def test_the_last_date_minus_the_first_is_within_the_days(self):
        question = case(spacing=self.SPACING, booked=(session("2026-04-06 14:45", 1),))
        assert rules_broken(question, "2026-04-27 10:00") == []
        [violation] = broken(question, "2026-04-28 10:00")
        assert (violation.rule, violation.required, violation.actual) == (Rule.COMPLETE_WITHIN, 21, 22)
        assert violation.detail.endswith("the phase may take 21: latest Mon 27 April.")

    @pytest.mark.parametrize(("first", "last"), [("2026-02-20", "2026-03-13"), ("2026-10-20", "2026-11-10")])
    def test_days_are_dates_on_both_changes_of_clock(self, first, last):
        question = case(spacing=self.SPACING, booked=(session(f"{first} 14:45", 1),))
        assert rules_broken(question, f"{last} 14:45") == []
        assert rules_broken(
            replace(question, booked=(session(f"{first} 14:45", 1),)),
            f"{last[:-2]}{int(last[-2:]) + 1} 08:00",
        ) == [Rule.COMPLETE_WITHIN]

    def test_sessions_of_another_series_do_not_count(self):
        question = case(spacing=self.SPACING, booked=(session("2026-03-06 10:00", series="before"),))
        assert rules_broken(question, "2026-04-28 10:00") == []


class TestWashout:
    INFLIXIMAB = {"series": "other", "spacing_group": "biologic"}

    def asked(self, *washouts: Washout):
        return case(
            protocol=replace(KET6, washouts=washouts),
            booked=(session("2026-04-06 08:00", **self.INFLIXIMAB),),
        )

    def test_one_day_keeps_two_treatments_off_the_same_day(self):
        question = self.asked(Washout("*", 1))
        assert rules_broken(question, "2026-04-06 13:00") == [Rule.WASHOUT]
        assert rules_broken(question, "2026-04-07 10:00") == []

    def test_it_holds_before_and_after(self):
        question = self.asked(Washout("biologic", 3))
        assert rules_broken(question, "2026-04-03 10:00") == []
        assert rules_broken(question, "2026-04-04 10:00") == [Rule.WASHOUT]
        [violation] = broken(question, "2026-04-08 10:00")
        assert (violation.required, violation.actual) == (3, 2)
        assert violation.detail.endswith(
            "less than the 3 days required: until Fri 3 April or from Thu 9 April."
        )
        assert rules_broken(question, "2026-04-09 10:00") == []

    @pytest.mark.parametrize(
        ("other", "near", "far"),
        [("2026-03-07", "2026-03-08", "2026-03-09"), ("2026-10-31", "2026-11-01", "2026-11-02")],
    )
    def test_days_are_dates_on_both_changes_of_clock(self, other, near, far):
        question = case(
            protocol=replace(KET6, washouts=(Washout("biologic", 2),)),
            booked=(session(f"{other} 14:45", **self.INFLIXIMAB),),
        )
        assert rules_broken(question, f"{near} 14:45") == [Rule.WASHOUT]
        assert rules_broken(question, f"{far} 08:00") == []

    def test_a_group_that_is_not_named_does_not_count(self):
        assert rules_broken(self.asked(Washout("iron", 30)), "2026-04-06 13:00") == []

    @pytest.mark.parametrize(("named", "days"), [("ketamine", 2), ("*", 2)])
    def test_what_is_booked_keeps_its_own_distance_from_what_comes_later(self, named, days):
        biologic = replace(KET6, spacing_group="biologic", washouts=(Washout(named, days),))
        question = case(booked=(session("2026-04-06 08:00", **self.INFLIXIMAB, protocol=biologic),))
        assert rules_broken(question, "2026-04-07 10:00") == [Rule.WASHOUT]
        assert rules_broken(question, "2026-04-08 10:00") == []


def test_a_whole_course_that_keeps_every_rule_breaks_none():
    spacing = Spacing(44 * HOURS, 2, 3, 7, 14, RollingLimit(3, 7), 21)
    mondays_and_thursdays = ["04-06", "04-09", "04-13", "04-16", "04-20", "04-23"]
    question = case(claim("2026-04-06 10:00", "n1"), spacing=spacing)
    assert broken(question, *(f"2026-{day} 10:30" for day in mondays_and_thursdays)) == []


def test_a_protocol_for_pain_may_ask_for_consecutive_days():
    daily = Phase("pain", 10, Spacing(min_gap_minutes=20 * HOURS, min_gap_days=1, max_gap_days=1))
    pain = Protocol("crps", "CRPS", "ketamine", (daily,), KET6.steps)
    question = case(protocol=pain, phase=daily)
    assert rules_broken(question, "2026-04-06 10:00", "2026-04-07 10:00", "2026-04-08 10:00") == []
    assert rules_broken(question, "2026-04-06 10:00", "2026-04-08 10:00") == [Rule.MAX_GAP]
