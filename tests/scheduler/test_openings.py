"""Where one session fits, by example; test_openings_properties holds openings to the rules."""

from dataclasses import replace
from datetime import date

from scheduler.diary import Diary
from scheduler.openings import Opening, Refusal, choose_chair, explain, free_chairs, nearest, openings
from scheduler.protocol import Spacing
from scheduler.spans import Span
from scheduler.supply import Chair, Closure
from scheduler.violations import Rule
from tests.scheduler.harbor import KET6, NORTH, VISIT, at, broken, case, claim, session

TUESDAY = date(2026, 4, 14)


def starts(found):
    return [opening.start for opening in found]


def test_an_opening_has_its_end_and_its_free_chairs():
    question = case(claim("2026-04-14 08:00", "n1"), claim("2026-04-14 08:00", "n2"))
    found = openings(question, first=TUESDAY, last=TUESDAY)[TUESDAY]
    assert found[0] == Opening(
        at("2026-04-14 08:15"), at("2026-04-14 08:15") + VISIT, 1
    )  # 08:00: nurses set up
    assert Opening(at("2026-04-14 10:30"), at("2026-04-14 12:40"), 3) in found
    assert found[-1].start == at("2026-04-14 14:45")


def test_every_date_asked_for_is_there_also_one_without_openings():
    days = openings(
        case(supply=replace(NORTH, hours=NORTH.hours[:5])), first=date(2026, 4, 17), last=date(2026, 4, 20)
    )
    assert [len(found) for found in days.values()] == [28, 0, 0, 28]
    assert list(days) == [date(2026, 4, day) for day in (17, 18, 19, 20)]


def test_the_patients_own_sessions_bar_what_is_too_close_to_them():
    question = case(
        spacing=Spacing(min_gap_minutes=44 * 60, min_gap_days=2), booked=(session("2026-04-14 14:45"),)
    )
    days = openings(question, first=date(2026, 4, 12), last=date(2026, 4, 16), number=2)
    assert [len(found) for found in days.values()] == [
        28,
        0,
        0,
        0,
        17,
    ]  # from 10:45 on the 16th, 44 hours later
    assert days[date(2026, 4, 16)][0].start == at("2026-04-16 10:45")


def test_a_claim_removed_gives_its_place_back():
    full = case(*(claim("2026-04-14 10:00", chair) for chair in ("n1", "n2", "n3")))
    assert at("2026-04-14 11:00") not in starts(openings(full, first=TUESDAY, last=TUESDAY)[TUESDAY])
    freed = replace(full, diary=full.diary.without(["n2 2026-04-14 10:00"]))
    assert (
        Opening(at("2026-04-14 11:00"), at("2026-04-14 13:10"), 1)
        in openings(freed, first=TUESDAY, last=TUESDAY)[TUESDAY]
    )


def test_another_roster_is_another_supply():
    open_supply = case()
    assert len(openings(open_supply, first=TUESDAY, last=TUESDAY)[TUESDAY]) == 28
    shut = Closure(Span(at("2026-04-14 00:00"), at("2026-04-15 00:00")))
    closed = replace(open_supply, supply=replace(NORTH, closures=(shut,)))
    assert openings(closed, first=TUESDAY, last=TUESDAY)[TUESDAY] == ()


def test_every_other_start_is_explained_with_every_rule_that_it_breaks():
    question = case(
        *(claim("2026-04-14 13:00", chair) for chair in ("n1", "n2", "n3")),
        wish=replace(case().wish, weekdays=frozenset({1})),
    )
    refusals = explain(question, first=TUESDAY, last=TUESDAY)
    assert [refusal.start for refusal in refusals] == list(
        range(at("2026-04-14 08:00"), at("2026-04-14 17:00"), 15)
    )
    assert refusals[20] == Refusal(at("2026-04-14 13:00"), tuple(broken(question, "2026-04-14 13:00")))
    assert [violation.rule for violation in refusals[20].violations] == [Rule.CHAIR, Rule.NURSING, Rule.WISH]
    assert [violation.rule for violation in refusals[0].violations] == [Rule.WISH]


def test_a_closed_date_with_weekly_hours_is_explained():
    shut = Closure(Span(at("2026-04-14 00:00"), at("2026-04-15 00:00")))
    refusals = explain(case(supply=replace(NORTH, closures=(shut,))), first=TUESDAY, last=TUESDAY)
    assert len(refusals) == 36
    assert {refusal.violations[0].detail for refusal in refusals} == {"The clinic is closed on Tue 14 April."}


class TestNearest:
    def test_the_nearest_come_first(self):
        full = case(*(claim("2026-04-14 13:00", chair) for chair in ("n1", "n2", "n3")))
        found = nearest(full, at("2026-04-14 13:00"))
        assert starts(found) == [at("2026-04-14 10:30"), at("2026-04-14 10:15"), at("2026-04-14 10:00")]

    def test_an_opening_itself_is_the_nearest(self):
        assert starts(nearest(case(), at("2026-04-14 13:00"), limit=1)) == [at("2026-04-14 13:00")]

    def test_other_dates_are_looked_at_where_the_date_has_none(self):
        shut = Closure(Span(at("2026-04-14 00:00"), at("2026-04-15 00:00")))
        found = nearest(case(supply=replace(NORTH, closures=(shut,))), at("2026-04-14 13:00"), limit=2)
        assert starts(found) == [at("2026-04-15 08:00"), at("2026-04-15 08:15")]

    def test_nothing_is_nearest_where_nothing_fits(self):
        assert nearest(case(supply=replace(NORTH, chairs=())), at("2026-04-14 13:00")) == ()


class TestChooseChair:
    def test_the_tightest_gap_is_taken_so_that_long_ones_stay_whole(self):
        question = case(claim("2026-04-14 08:00", "n2"), claim("2026-04-14 13:00", "n2"))
        assert free_chairs(question, at("2026-04-14 10:30")) == ("n1", "n2", "n3")
        assert choose_chair(question, at("2026-04-14 10:30")) == "n2"

    def test_a_chair_with_features_is_spared_for_those_who_need_them(self):
        question = case(claim("2026-04-14 08:00", "n3"), claim("2026-04-14 13:00", "n3"))
        assert choose_chair(question, at("2026-04-14 10:30")) == "n1"
        needs_monitor = replace(question, protocol=replace(KET6, chair_features=frozenset({"monitor"})))
        assert choose_chair(needs_monitor, at("2026-04-14 10:30")) == "n3"

    def test_of_equal_chairs_the_first_in_the_clinics_order(self):
        assert choose_chair(case(), at("2026-04-14 10:00")) == "n1"
        turned = replace(NORTH, chairs=(Chair("n2", "N2"), Chair("n1", "N1")))
        assert choose_chair(case(supply=turned), at("2026-04-14 10:00")) == "n2"

    def test_none_where_none_is_free(self):
        full = case(*(claim("2026-04-14 10:00", chair) for chair in ("n1", "n2", "n3")))
        assert choose_chair(full, at("2026-04-14 10:30")) is None
        assert choose_chair(replace(full, diary=Diary()), at("2026-04-14 10:30")) == "n1"
