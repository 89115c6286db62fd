"""What a prescriber has cleared and what the patient asked for: just inside and just outside each bound."""

from datetime import date, time

from scheduler.case import Clearance, Wish
from scheduler.violations import Rule
from tests.scheduler.harbor import broken, case, rules_broken


class TestClearance:
    def test_no_more_sessions_than_are_cleared(self):
        question = case(clearance=Clearance(sessions=2, expires=date(2026, 12, 31)))
        assert rules_broken(question, "2026-04-06 10:00", "2026-04-08 10:00") == []
        [violation] = broken(question, "2026-04-06 10:00", "2026-04-08 10:00", "2026-04-10 10:00")
        assert (violation.rule, violation.sessions, violation.required, violation.actual) == (
            Rule.CLEARANCE,
            (3,),
            2,
            3,
        )
        assert violation.detail == "The clearance covers 2 more sessions, 3 are asked for."

    def test_no_session_after_the_last_date(self):
        question = case(clearance=Clearance(sessions=6, expires=date(2026, 4, 8)))
        assert rules_broken(question, "2026-04-08 14:45") == []
        [violation] = broken(question, "2026-04-09 08:00")
        assert violation.detail == "The clearance ends on Wed 8 April, before session 1."

    def test_where_no_clearance_is_asked_for_none_is_missed(self):
        assert rules_broken(case(clearance=None), "2026-04-06 10:00") == []


class TestWish:
    def test_weekdays(self):
        question = case(wish=Wish(weekdays=frozenset({2, 5})))
        assert rules_broken(question, "2026-04-14 10:00", "2026-04-17 10:00") == []
        [violation] = broken(question, "2026-04-15 10:00")
        assert (violation.rule, violation.required, violation.actual) == (Rule.WISH, "Tue, Fri", "Wed")

    def test_the_first_and_the_last_start_are_included(self):
        question = case(wish=Wish(not_before=time(10), not_after=time(12)))
        assert rules_broken(question, "2026-04-14 10:00") == []
        assert rules_broken(question, "2026-04-14 09:45") == [Rule.WISH]
        assert rules_broken(question, "2026-04-14 12:00") == []
        assert rules_broken(question, "2026-04-14 12:15") == [Rule.WISH]

    def test_one_time_of_day_is_the_clock_on_the_wall_over_a_change_of_clock(self):
        question = case(wish=Wish(same_time=True))
        assert rules_broken(question, "2026-03-06 10:00", "2026-03-09 10:00") == []
        assert rules_broken(question, "2026-03-06 10:00", "2026-03-09 11:00") == [Rule.WISH]
