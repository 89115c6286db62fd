"""What a joint plan does with a few series, by the clinic of the scenarios."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from scheduler.case import Case, Clearance
from scheduler.diary import Diary
from scheduler.hours import day_start
from scheduler.joint import (
    Change,
    Cost,
    Horizon,
    JointPlan,
    Moved,
    OnProgress,
    Progress,
    Stage,
    Stricken,
    repair,
)
from scheduler.plans import Remaining
from scheduler.protocol import Spacing, Washout
from scheduler.spans import Span
from scheduler.supply import Chair, Closure, NursingMode, OpeningHours, Supply
from scheduler.violations import Rule
from tests.scheduler.worlds import NEW_YORK, ask, at, north, protocol, session

MONDAY = "2026-04-13"
TUESDAY_ALONE = Horizon(date(2026, 4, 13), date(2026, 4, 14))


def shut(supply: Supply, day: str) -> Supply:
    """The clinic with that date closed."""
    first = date.fromisoformat(day)
    span = Span(day_start(first, NEW_YORK), day_start(date.fromordinal(first.toordinal() + 1), NEW_YORK))
    return replace(supply, closures=(Closure(span),))


def lost(name: str, text: str, chair: str, **parts: object) -> Stricken:
    """A series of which one session is left to come, and has lost its place."""
    case = replace(ask(series=name), **parts)  # type: ignore[arg-type]
    return Stricken(name, case, (Remaining(1, at(text), chair),), frozenset({1}))


def mend(
    *stricken: Stricken,
    supply: Supply,
    horizon: Horizon = TUESDAY_ALONE,
    on_progress: OnProgress | None = None,
) -> JointPlan:
    now = day_start(horizon.first, NEW_YORK)
    return repair(
        stricken,
        supply=supply,
        diary=Diary(),
        now=now,
        horizon=horizon,
        seconds=60,
        on_progress=on_progress,
    )


def starts(plan: JointPlan) -> list[int]:
    return sorted(move.after for one in plan.changes for move in one.moves)


def two(**parts: object) -> tuple[Stricken, Stricken]:
    return lost("a", f"{MONDAY} 10:00", "N1", **parts), lost("b", f"{MONDAY} 10:00", "N2", **parts)


def nursed(mode: NursingMode) -> Supply:
    """The clinic with Monday shut and one nurse."""
    supply = shut(north(), MONDAY)
    return replace(
        supply, nursing_mode=mode, shifts=tuple(one for one in supply.shifts if one.nurse == "Ben")
    )


def test_with_two_nurses_two_patients_are_set_up_together() -> None:
    plan = mend(*two(), supply=shut(north(), MONDAY))
    assert starts(plan) == [at("2026-04-14 08:00")] * 2
    assert (plan.stage, plan.cost, plan.proven) == (Stage.LOST, Cost(2, 0, 2, 2 * 1320), True)


def test_one_nurse_may_watch_one_while_setting_up_the_next_in_line_of_sight() -> None:
    plan = mend(*two(), supply=nursed(NursingMode.LINE_OF_SIGHT))
    assert starts(plan) == [at("2026-04-14 08:00"), at("2026-04-14 08:15")]


def test_and_counted_strictly_begins_the_second_when_the_first_has_recovered() -> None:
    plan = mend(*two(), supply=nursed(NursingMode.STRICT))
    assert starts(plan) == [at("2026-04-14 08:00"), at("2026-04-14 10:00")]
    assert plan.proven


def test_who_needs_a_monitor_waits_for_the_chair_that_has_one() -> None:
    supply = shut(north(), MONDAY)
    monitor = frozenset({"monitor"})
    supply = replace(supply, chairs=(Chair("N1", "N1"), Chair("N2", "N2"), Chair("N3", "N3", monitor)))
    plan = mend(*two(protocol=replace(protocol(), chair_features=monitor)), supply=supply)
    assert starts(plan) == [at("2026-04-14 08:00"), at("2026-04-14 10:30")]
    assert {move.chair for one in plan.changes for move in one.moves} == {"N3"}


@pytest.mark.parametrize(
    ("saturday", "sunday", "hours"), [("2026-03-07", "2026-03-08", 21), ("2026-10-31", "2026-11-01", 23)]
)
def test_minutes_are_elapsed_over_a_change_of_clock(saturday: str, sunday: str, hours: int) -> None:
    first = date.fromisoformat(saturday)
    supply = shut(north(first, weekdays=(1, 2, 3, 4, 5, 6, 7)), saturday)
    horizon = Horizon(first, date.fromisoformat(sunday))
    plan = mend(lost("a", f"{saturday} 10:00", "N1"), supply=supply, horizon=horizon)
    assert starts(plan) == [at(f"{sunday} 08:00")]
    assert plan.cost.minutes == hours * 60


def test_a_broken_chair_moves_nobody_while_another_is_free() -> None:
    broken = Closure(Span(at(f"{MONDAY} 00:00"), at(f"{MONDAY} 23:00")), chair="N1")
    plan = mend(lost("a", f"{MONDAY} 10:00", "N1"), supply=replace(north(), closures=(broken,)))
    ((series, (move,)),) = [(one.series, one.moves) for one in plan.changes]
    assert (series, move.before, move.after) == ("a", at(f"{MONDAY} 10:00"), at(f"{MONDAY} 10:00"))
    assert move.chair in {"N2", "N3"}
    assert plan.cost == Cost(1, 0, 0, 0)


def test_a_later_session_gives_way_where_the_lost_one_has_no_other_place() -> None:
    case: Case = replace(ask(series="a"))
    remaining = Remaining(1, at(f"{MONDAY} 10:00"), "N1"), Remaining(2, at("2026-04-15 10:00"), "N1")
    asked = Stricken("a", case, remaining, frozenset({1}))
    supply = shut(north(), MONDAY)
    plan = mend(asked, supply=supply, horizon=Horizon(date(2026, 4, 13), date(2026, 4, 16)))
    assert (plan.stage, plan.cost.placed, plan.cost.moved, plan.proven) == (Stage.SERIES, 1, 2, True)
    assert starts(plan) == [at("2026-04-14 08:00"), at("2026-04-16 08:00")]


def test_who_finds_no_place_is_named_with_the_reason() -> None:
    only_monday = Horizon(date(2026, 4, 13), date(2026, 4, 13))
    plan = mend(lost("a", f"{MONDAY} 10:00", "N1"), supply=shut(north(), MONDAY), horizon=only_monday)
    (left,) = plan.left
    assert (left.series, left.sessions) == ("a", (1,))
    assert [one.rule for one in left.violations] == [Rule.CLOSED]
    assert (plan.stage, plan.cost.placed, plan.changes, plan.proven) == (Stage.LEFT, 0, (), True)


def test_who_could_nowhere_be_even_alone_is_known_from_the_first_bound_on() -> None:
    told: list[Progress] = []
    phase = replace(protocol().phases[0], spacing=Spacing(max_gap_days=2))
    before = session(0, "2026-04-10 10:00", series="a")
    stuck = lost("a", f"{MONDAY} 10:00", "N1", phase=phase, booked=(before,))
    plan = mend(stuck, supply=shut(north(), MONDAY), on_progress=told.append)
    assert (plan.cost.placed, plan.stage, plan.proven) == (0, Stage.LEFT, True)
    assert plan.bound.placed == told[1].bound.placed == 0 < told[0].bound.placed


def test_of_two_for_one_place_the_one_with_the_nearer_deadline_gets_it() -> None:
    supply = shut(north(), MONDAY)
    hours = tuple(OpeningHours(weekday, time(8), time(10, 15)) for weekday in range(1, 6))
    supply = replace(supply, hours=hours, chairs=supply.chairs[:1])
    anytime = lost("a", f"{MONDAY} 08:00", "N1")
    soon = lost("b", f"{MONDAY} 08:00", "N1", clearance=Clearance(1, date(2026, 4, 14)))
    plan = mend(anytime, soon, supply=supply)
    assert plan.changes == (Change("b", (Moved(1, at(f"{MONDAY} 08:00"), at("2026-04-14 08:00"), "N1"),)),)
    assert [(one.series, one.sessions) for one in plan.left] == [("a", (1,))]
    assert plan.proven


@pytest.mark.parametrize(("patient", "other_day"), [("", "2026-04-14"), ("Ada", "2026-04-15")])
def test_two_treatments_of_one_patient_are_kept_apart(patient: str, other_day: str) -> None:
    """A day lies between them; two patients would both come on Tuesday."""
    apart = replace(protocol(), spacing_group="iron", washouts=(Washout("*", 1),))
    ketamine = replace(lost("a", f"{MONDAY} 10:00", "N1"), patient=patient)
    iron = replace(lost("b", f"{MONDAY} 13:00", "N1", protocol=apart), patient=patient)
    horizon = Horizon(date(2026, 4, 13), date(2026, 4, 17))
    plan = mend(ketamine, iron, supply=shut(north(), MONDAY), horizon=horizon)
    assert starts(plan) == [at("2026-04-14 08:00"), at(f"{other_day} 08:00")]
    assert (plan.cost.placed, plan.proven) == (2, True)


@pytest.mark.parametrize(("hours", "day"), [(48, "2026-04-16"), (49, "2026-04-17")])
def test_two_series_of_one_treatment_keep_its_least_gap(hours: int, day: str) -> None:
    """Just inside, and just outside: the clinic has one hour at which a visit can begin."""
    spacing = Spacing(min_gap_minutes=hours * 60)
    phase = replace(protocol().phases[0], spacing=spacing)
    supply = shut(north(), MONDAY)
    hours_open = tuple(OpeningHours(weekday, time(8), time(10, 15)) for weekday in range(1, 6))
    two_series = [
        replace(lost(name, f"{MONDAY} 08:00", "N1", phase=phase), patient="Ada") for name in ("a", "b")
    ]
    horizon = Horizon(date(2026, 4, 13), date(2026, 4, 17))
    plan = mend(*two_series, supply=replace(supply, hours=hours_open), horizon=horizon)
    assert starts(plan) == [at("2026-04-14 08:00"), at(f"{day} 08:00")]
    assert plan.proven


def test_what_somebody_let_stand_between_two_series_of_one_patient_is_not_moved() -> None:
    """Both come on Friday, which their treatments forbid and somebody allowed; Monday's is lost."""
    apart = replace(protocol(), spacing_group="iron", washouts=(Washout("*", 1),))
    remaining = Remaining(1, at(f"{MONDAY} 10:00"), "N1"), Remaining(2, at("2026-04-17 08:00"), "N1")
    ketamine = Stricken("a", ask(series="a"), remaining, frozenset({1}), "Ada")
    friday = Remaining(1, at("2026-04-17 13:00"), "N1"), Remaining(2, at("2026-04-21 13:00"), "N1")
    iron = Stricken("b", replace(ask(series="b"), protocol=apart), friday, frozenset({2}), "Ada")
    horizon = Horizon(date(2026, 4, 13), date(2026, 4, 24))
    plan = mend(ketamine, iron, supply=shut(north(), MONDAY), horizon=horizon)
    assert {(one.series, move.number) for one in plan.changes for move in one.moves} <= {("a", 1), ("b", 2)}
    assert plan.cost.placed == 2


def test_what_somebody_let_stand_against_a_rule_is_not_moved() -> None:
    remaining = Remaining(1, at(f"{MONDAY} 10:00"), "N1"), Remaining(2, at("2026-04-17 07:00"), "N1")
    asked = Stricken("a", ask(series="a"), remaining, frozenset({1}))
    horizon = Horizon(date(2026, 4, 13), date(2026, 4, 24))
    plan = mend(asked, supply=shut(north(), MONDAY), horizon=horizon)
    assert [move.number for one in plan.changes for move in one.moves] == [1]


def test_a_clearance_for_as_many_as_stay_leaves_the_lost_one_without_a_place() -> None:
    """One session is cleared, and two were booked by somebody's leave: the one that stays keeps it."""
    remaining = Remaining(1, at(f"{MONDAY} 10:00"), "N1"), Remaining(2, at("2026-04-17 08:00"), "N1")
    case = replace(ask(series="a"), clearance=Clearance(1, date(2026, 4, 30)))
    horizon = Horizon(date(2026, 4, 13), date(2026, 4, 24))
    asked = Stricken("a", case, remaining, frozenset({1}))
    plan = mend(asked, supply=shut(north(), MONDAY), horizon=horizon)
    assert (plan.changes, [one.sessions for one in plan.left], plan.proven) == ((), [(1,)], True)


def test_a_series_comes_once() -> None:
    with pytest.raises(ValueError, match="once"):
        mend(*(lost("a", f"{MONDAY} 10:00", "N1"),) * 2, supply=north())


def test_what_a_listener_raises_ends_the_repair() -> None:
    def listen(progress: Progress) -> None:
        raise LookupError("nobody waits any more")

    with pytest.raises(LookupError):
        mend(*two(), supply=shut(north(), MONDAY), on_progress=listen)
