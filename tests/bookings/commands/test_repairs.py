"""Joint plans asked for and drawn up: what is in them, by whom, and what becomes of them with time."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from bookings.actors import SYSTEM
from bookings.commands import repairs, roster
from bookings.commands.attend import check_in_session, start_session
from bookings.commands.carry_out_repair import carry_out_repair
from bookings.commands.proposals import propose_moves
from bookings.commands.repairs import PATIENCE, draw_up_next, draw_up_repair, tidy_repairs
from bookings.commands.watching import watch_series
from bookings.errors import NotAllowed, WrongState
from bookings.models import Claim, JournalEntry, Repair, RepairPart, RepairStatus, Series, SeriesStatus
from bookings.queries.repairs import rows_of
from bookings.repaired import status_at
from tests.bookings.proposal_scenes import newest_row, verbs_since
from tests.bookings.repair_scenes import april, claimed, close_monday, drawn_up, plan_of, three_series
from tests.bookings.scenes import book_one, session
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def ask(cast: Cast, **more) -> Repair:
    return draw_up_repair(cast.north, actor=more.pop("actor", cast.as_desk), now=more.pop("now", NOW), **more)


def rows(plan: Repair, cast: Cast, *, now=NOW) -> list:
    return rows_of(plan, actor=cast.as_desk, now=now)


def test_a_closed_day_is_one_plan_with_a_place_for_every_session_of_it(cast: Cast):
    made = three_series(cast)
    close_monday(cast)

    plan = drawn_up(cast)

    assert (plan.status, plan.figures["stage"], plan.figures["proven"]) == (RepairStatus.READY, "lost", True)
    assert [(one.series, [move.number for move in one.moving], one.stranded) for one in rows(plan, cast)] == [
        (series, [3], ()) for series in made
    ]
    assert {move.after.date() for one in rows(plan, cast) for move in one.moving} == {date(2026, 4, 14)}


def test_two_courses_of_one_patient_are_planned_a_day_apart_and_carried_out_together(cast: Cast):
    """Either could come on Wednesday morning; of one patient only one of them does."""
    ketamine = book_one(cast, april("13 10:00"))
    iron = book_one(cast, april("14 10:00"), protocol=cast.infliximab)
    told = {"starts": april("13 00:00"), "ends": april("15 00:00"), "actor": cast.as_manager, "now": NOW}
    roster.close(cast.north, **told)
    cast.north.refresh_from_db()

    plan = drawn_up(cast)
    assert [(len(one.moving), one.stranded) for one in rows(plan, cast)] == [(1, ()), (1, ())]
    assert plan.figures["proven"]
    carry_out_repair(plan, move=[ketamine.series_id, iron.series_id], actor=cast.as_desk, now=NOW)

    days = [session(one.series, 1).start.astimezone(cast.north.zone).date() for one in (ketamine, iron)]
    assert days[0] != days[1] == date(2026, 4, 15)


def test_a_plan_moves_nobody_and_holds_nothing(cast: Cast):
    three_series(cast)
    close_monday(cast)
    before, row = claimed(), newest_row()

    drawn_up(cast)

    assert (claimed(), Claim.objects.filter(hold__isnull=False).count()) == (before, 0)
    assert verbs_since(row) == ["repair_asked"]


def test_asked_twice_at_once_it_is_one_plan(cast: Cast):
    three_series(cast)
    close_monday(cast)

    first, second = ask(cast), ask(cast, actor=cast.as_nurse)

    assert first.id == second.id
    assert JournalEntry.objects.filter(verb="repair_asked").count() == 1
    assert [draw_up_next(now=NOW), draw_up_next(now=NOW)] == [True, False]


def test_a_plan_can_be_for_some_dates_or_some_sessions_alone(cast: Cast):
    ada, bea, _carl = three_series(cast)
    close_monday(cast)
    third = str(session(ada, 3).id)

    by_name = ask(cast, sessions=[session(ada, 3).id, session(bea, 2).id, uuid4()])

    assert by_name.sessions == [third]
    assert len(ask(cast, first=date(2026, 4, 13), last=date(2026, 4, 13)).sessions) == 3
    for outside in ({"first": date(2026, 4, 14)}, {"last": date(2026, 4, 12)}):
        with pytest.raises(WrongState):
            ask(cast, **outside)


def test_where_everything_fits_there_is_nothing_to_draw_up(cast: Cast):
    three_series(cast)

    with pytest.raises(WrongState):
        ask(cast)

    assert not Repair.objects.exists()


def test_only_staff_ask(cast: Cast):
    three_series(cast)
    close_monday(cast)

    with pytest.raises(NotAllowed):
        ask(cast, actor=SYSTEM)


def test_a_visit_that_runs_or_has_arrived_is_never_in_a_plan(cast: Cast):
    ada, bea, carl = three_series(cast)
    at = april("06 11:05")
    for verb in (check_in_session, start_session):
        verb(session(ada, 1), actor=cast.as_nurse, now=april("06 08:00"))
    check_in_session(session(bea, 1), actor=cast.as_desk, now=at)
    cast.north.refresh_from_db()
    roster.close(
        cast.north, starts=at, ends=april("07 00:00"), reason="Power cut", actor=cast.as_manager, now=at
    )
    cast.north.refresh_from_db()

    plan = drawn_up(cast, now=at)

    assert plan.sessions == [str(session(carl, 1).id)]
    moved = {move["session"] for part in plan.parts.all() for move in part.moves}
    assert moved & {str(session(one, 1).id) for one in (ada, bea)} == set()


def test_a_series_that_waits_for_a_prescriber_is_left_over_with_that_reason(cast: Cast):
    ada, bea, _carl = three_series(cast)
    close_monday(cast)
    Series.objects.filter(id=ada.id).update(status=SeriesStatus.LAPSED)

    plan = drawn_up(cast)

    (left,) = [one for one in rows(plan, cast) if one.series == ada]
    assert (left.moving, [(one.number, one.why) for one in left.stranded]) == (
        (),
        [(3, "The series waits for a prescriber to look at the patient.")],
    )
    assert [move.number for one in rows(plan, cast) if one.series == bea for move in one.moving] == [3]


def test_who_has_been_asked_already_is_not_in_the_plan(cast: Cast):
    ada, bea, carl = three_series(cast)
    close_monday(cast)
    propose_moves(ada, moves={3: april("14 08:00")}, actor=cast.as_desk, now=NOW)

    assert ask(cast).sessions == sorted(str(session(one, 3).id) for one in (bea, carl))
    assert len(ask(cast, now=NOW + timedelta(hours=72)).sessions) == 3  # the offer is over


def test_when_a_worker_dies_another_takes_its_place_after_a_while(cast: Cast, monkeypatch):
    three_series(cast)
    close_monday(cast)
    plan = ask(cast)
    engine = repairs.repair
    monkeypatch.setattr(repairs, "repair", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        draw_up_next(now=NOW)
    monkeypatch.setattr(repairs, "repair", engine)

    assert not draw_up_next(now=NOW + PATIENCE - timedelta(seconds=1))
    assert draw_up_next(now=NOW + PATIENCE)

    plan.refresh_from_db()
    assert (plan.status, plan.attempts, plan.parts.count()) == (RepairStatus.READY, 2, 3)


def test_a_plan_at_which_three_workers_died_says_so_and_what_to_do(cast: Cast, monkeypatch):
    three_series(cast)
    close_monday(cast)
    plan = ask(cast)
    monkeypatch.setattr(repairs, "repair", lambda *_, **__: 1 / 0)
    for attempt in range(3):
        with pytest.raises(ZeroDivisionError):
            draw_up_next(now=NOW + attempt * PATIENCE)

    assert not draw_up_next(now=NOW + 3 * PATIENCE)

    plan.refresh_from_db()
    assert (plan.status, plan.error) == (RepairStatus.FAILED, repairs.GIVEN_UP)


def test_a_worker_that_was_given_up_writes_nothing(cast: Cast, monkeypatch):
    three_series(cast)
    close_monday(cast)
    plan = ask(cast)
    engine = repairs.repair

    def slow(*asked, **more):
        monkeypatch.setattr(repairs, "repair", engine)
        assert draw_up_next(now=NOW + PATIENCE)  # another worker, and it is done first
        return engine(*asked, **more)

    monkeypatch.setattr(repairs, "repair", slow)
    draw_up_next(now=NOW)

    plan.refresh_from_db()
    assert (plan.drawn_up_at, plan.version, plan.parts.count()) == (NOW + PATIENCE, 2, 3)


def test_a_plan_for_what_was_mended_meanwhile_is_done_with_nothing_in_it(cast: Cast):
    three_series(cast)
    closure, _displaced = close_monday(cast)
    plan = ask(cast)
    roster.reopen(closure, actor=cast.as_manager, now=NOW)

    draw_up_next(now=NOW)

    plan.refresh_from_db()
    assert (plan.status, plan.parts.count()) == (RepairStatus.DONE, 0)


@pytest.mark.parametrize(
    ("new", "ends"),
    [("14 08:00", NOW + timedelta(hours=24)), ("02 07:59", april("02 07:59"))],
)
def test_a_plan_is_outdated_after_a_day_or_when_its_first_new_place_begins(cast: Cast, new: str, ends):
    ada, *_ = three_series(cast)
    plan = plan_of(cast, {ada: {1: (new, cast.n1)}})
    parts = list(RepairPart.objects.filter(repair=plan))
    Repair.objects.filter(id=plan.id).update(expires_at=repairs.expiry_of(parts, now=NOW))
    plan.refresh_from_db()
    second = timedelta(seconds=1)

    assert [status_at(plan, at) for at in (ends - second, ends)] == ["ready", "outdated"]
    assert [tidy_repairs(now=at) for at in (ends - second, ends, ends)] == [0, 1, 0]


def test_tasks_close_by_themselves_when_the_plan_is_carried_out(cast: Cast):
    made = three_series(cast)
    close_monday(cast)
    ids = [one.id for one in made]
    watch_series(ids, now=NOW)
    open_tasks = JournalEntry.objects.filter(verb="task_opened").count()

    carry_out_repair(drawn_up(cast), move=ids, actor=cast.as_desk, now=NOW)
    watch_series(ids, now=NOW)

    closed = list(JournalEntry.objects.filter(verb="task_resolved").values_list("reason", flat=True))
    assert (open_tasks, closed) == (3, ["mended"] * 3)
