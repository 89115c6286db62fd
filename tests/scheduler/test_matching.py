"""Who may be offered a freed place: rule by rule just inside and just outside, and against an oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from scheduler.case import Wish
from scheduler.diary import Claim, Diary
from scheduler.matching import Batch, fitting, in_turn, kept_until, next_batch, too_soon
from scheduler.spans import Span
from scheduler.waiters import Waiter
from tests.scheduler.worlds import ask, at, protocol, session

NOW = "2026-04-01 09:00"  # a Wednesday
FREED = at("2026-04-13 10:00")  # a Monday
SPAN = Span(FREED, FREED + 150)
DAY = 24 * 60


def waiter(name: str = "ada", present: str = "2026-04-16 10:00", **more: object) -> Waiter:
    """Somebody whose second session is at `present`, and whose first was on Thursday the 9th."""
    number, booked = more.pop("number", 2), more.pop("booked", (session(1, "2026-04-09 10:00"),))
    case = ask(NOW, booked=booked, series="own", **more.pop("case", {}))  # type: ignore[arg-type]
    given = {"since": at("2026-03-30 09:00"), "notice": DAY, **more}
    return Waiter(id=name, person=name, case=case, number=number, present=at(present), **given)  # type: ignore[arg-type]


def fits(one: Waiter) -> list[int]:
    return list(fitting(one, span=SPAN))


def names(batch: Batch | None) -> list[str]:
    return [match.waiter.id for match in batch.matches] if batch else []


def test_a_place_that_keeps_every_rule_and_comes_sooner_may_be_offered():
    assert fits(waiter()) == [FREED]


@pytest.mark.parametrize(("present", "sooner"), [("2026-04-13 10:00", False), ("2026-04-13 10:15", True)])
def test_only_a_sooner_place_is_an_improvement(present, sooner):
    assert bool(fits(waiter(present=present))) is sooner


@pytest.mark.parametrize(("first", "allowed"), [("2026-04-11 10:00", True), ("2026-04-12 10:00", False)])
def test_nobody_is_offered_a_place_against_their_own_spacing(first, allowed):
    assert bool(fits(waiter(booked=(session(1, first),)))) is allowed


def test_a_session_does_not_overtake_the_one_before_it():
    third = waiter(
        number=3,
        present="2026-04-20 10:00",
        booked=(session(1, "2026-04-09 10:00"), session(2, "2026-04-16 10:00")),
    )

    assert fits(third) == []


@pytest.mark.parametrize(("after", "allowed"), [("2026-04-20 10:00", True), ("2026-04-21 10:00", False)])
def test_no_gap_is_made_too_long_by_coming_sooner(after, allowed):
    """Seven days from the freed Monday to the third session, which a clinician need not see; or eight."""
    booked = (session(1, "2026-04-09 10:00"), session(3, after))

    assert bool(fits(waiter(booked=booked))) is allowed


@pytest.mark.parametrize(
    ("more", "allowed"),
    [
        ({"first": date(2026, 4, 13), "last": date(2026, 4, 13)}, True),
        ({"first": date(2026, 4, 14)}, False),
        ({"last": date(2026, 4, 12)}, False),
        ({"case": {"wish": Wish(weekdays=frozenset({1}), not_before=time(10), not_after=time(10))}}, True),
        ({"case": {"wish": Wish(weekdays=frozenset({2}))}}, False),
        ({"case": {"wish": Wish(not_before=time(10, 1))}}, False),
    ],
)
def test_what_the_patient_wished_for_is_kept(more, allowed):
    assert bool(fits(waiter(**more))) is allowed


def test_what_is_taken_again_is_offered_to_nobody():
    taken = [Claim(f"c{chair}", chair, FREED, protocol().timed_steps) for chair in ("N1", "N2", "N3")]

    assert next_batch([waiter(case={"diary": Diary(tuple(taken))})], span=SPAN, now=at(NOW)) is None


def test_who_has_waited_longest_comes_first_and_three_at_a_time():
    ones = [waiter(name, since=at("2026-03-30 09:00") + k) for k, name in enumerate("dcba")]

    assert names(next_batch(in_turn(ones), span=SPAN, now=at(NOW))) == ["d", "c", "b"]
    assert names(next_batch(in_turn(ones), span=SPAN, now=at(NOW), size=1)) == ["d"]


@pytest.mark.parametrize(("longer", "first"), [(7 * DAY - 1, "rare"), (7 * DAY + 1, "often")])
def test_each_offer_that_was_let_pass_counts_as_a_week(longer, first):
    rare = waiter("rare")
    often = waiter("often", since=rare.since - longer, passed=1)

    assert in_turn([rare, often])[0].id == first


def test_who_is_past_a_clinical_bound_comes_before_everybody_and_the_earliest_bound_first():
    """Eight days after the first session is a day too long; a week is not."""
    in_time = waiter("in time", since=at("2026-01-01 09:00"))
    late = waiter("late", present="2026-04-17 10:00", since=at("2026-03-31 09:00"))
    later = waiter("later", present="2026-04-17 10:00", booked=(session(1, "2026-04-08 10:00"),), passed=9)

    assert (in_time.deadline, late.deadline, later.deadline) == (None, date(2026, 4, 16), date(2026, 4, 15))
    assert [one.id for one in in_turn([in_time, late, later])] == ["later", "late", "in time"]


def test_the_batch_says_why_each_is_asked():
    late = waiter("late", present="2026-04-17 10:00", passed=2)

    (match,) = next_batch([late], span=SPAN, now=at(NOW)).matches

    assert match.rank == 1
    assert match.why == (
        "Session 2 would be Mon 13 April, 10:00, not Fri 17 April, 10:00.",
        "The gap before it should have ended by Thu 16 April.",
        "Waiting since Mon 30 March.",
        "Let 2 offers pass in the last month.",
    )


@pytest.mark.parametrize(
    ("notice", "kept"),
    [
        (0, 70),  # an eighth of nine hours and twenty minutes
        (8 * 60 + 20, 10),  # ten minutes at least
        (9 * 60 + 10, 10),  # they must answer within just these
        (9 * 60 + 11, None),
    ],
)
def test_a_place_is_kept_as_long_as_the_time_to_prepare_allows(notice, kept):
    now = FREED - 9 * 60 - 20 + 8 * 60  # 08:40 on the day itself
    one = waiter(notice=notice)
    at_six = FREED + 8 * 60

    until = kept_until(one, at_six, now=now)

    assert until == (None if kept is None else now + kept)


def test_two_hours_are_the_most():
    assert kept_until(waiter(), FREED, now=at(NOW)) == at(NOW) + 120


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-04-01 07:59", "2026-04-01 10:00"),
        ("2026-04-01 08:00", "2026-04-01 10:00"),
        ("2026-04-01 19:59", "2026-04-01 21:59"),
        ("2026-04-01 20:00", "2026-04-02 10:00"),
    ],
)
def test_the_time_to_answer_begins_when_people_are_awake(now, until):
    assert kept_until(waiter(), FREED, now=at(now)) == at(until)


@pytest.mark.parametrize(
    ("night", "morning"),
    [("2026-03-07 22:00", "2026-03-08 10:00"), ("2026-10-31 22:00", "2026-11-01 10:00")],
)
def test_also_in_the_nights_in_which_the_clocks_change(night, morning):
    assert kept_until(waiter(), at(night) + 20 * DAY, now=at(night)) == at(morning)


@pytest.mark.parametrize(
    ("place", "last_call"),
    [
        ("2026-03-09 10:00", "2026-03-07 08:50"),  # the night between is an hour shorter
        ("2026-11-02 10:00", "2026-10-31 10:50"),  # or an hour longer
    ],
)
def test_notice_counts_elapsed_hours_also_over_a_change_of_clock(place, last_call):
    """Two days before, and ten minutes to answer."""
    one, start, now = waiter(notice=2 * DAY), at(place), at(last_call)

    assert kept_until(one, start, now=now) == now + 10
    assert kept_until(one, start, now=now + 1) is None


def test_where_time_is_too_short_staff_learn_whom_to_ring():
    now = FREED - DAY - 9  # a day's notice and nine minutes
    late, fine = waiter("late", since=0), waiter("fine", notice=0)

    assert names(next_batch(in_turn([late, fine]), span=SPAN, now=now)) == ["fine"]
    assert [match.waiter.id for match in too_soon([late, fine], span=SPAN, now=now)] == ["late"]
    assert too_soon([late], span=SPAN, now=FREED) == ()


def test_who_waits_for_two_things_is_asked_once():
    one = waiter("one", since=0)

    assert names(next_batch([one, replace(one, id="two"), waiter()], span=SPAN, now=at(NOW))) == [
        "one",
        "ada",
    ]


def test_one_place_is_kept_for_visits_of_one_kind():
    shorter = replace(protocol(), steps=protocol().steps[:-1])
    other = waiter("other", since=0, case={"treatment": shorter})

    assert names(next_batch(in_turn([waiter(), other]), span=SPAN, now=at(NOW))) == ["other"]
