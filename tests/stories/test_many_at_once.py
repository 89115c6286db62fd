"""A chair breaks, a day is closed, a nurse falls ill: one plan for everybody concerned, read before anybody
is moved, and told to each of them once.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from bookings.actors import staff_actor
from bookings.commands.attend import check_in_session, start_session
from bookings.commands.book import book_series
from bookings.commands.carry_out_repair import carry_out_repair
from bookings.commands.move import move_session
from bookings.commands.proposals import accept_proposal
from bookings.commands.repairs import draw_up_next, draw_up_repair
from bookings.commands.roster import close, remove_shift, reopen
from bookings.models import Clinic, Repair, Role, Series, Session
from bookings.proof import Excuse, prove
from bookings.queries.repairs import rows_of
from bookings.stricken import out_of_place
from notifications.commands.react import react
from notifications.models import Message
from tests.bookings.repair_scenes import april, drawn_up, places_of
from tests.bookings.scenes import book_one
from tests.bookings.watch_scenes import watch_all
from tests.cast import (
    KET6,
    NOW,
    Cast,
    make_chairs,
    make_clinic,
    make_patient,
    make_protocol,
    make_shifts,
    make_staff,
    new_york,
)

pytestmark = pytest.mark.django_db(transaction=True)


def unexcused(clinic: Clinic, *, now: datetime) -> list[Any]:
    return [one for one in prove(clinic, now=now) if one.excuse is Excuse.NONE]


# A chair breaks at noon


def test_of_a_broken_chair_the_running_visit_stays_and_the_next_gets_another_chair_at_its_time(cast: Cast):
    noon, ends = april("15 12:00"), april("17 17:00")
    running = book_one(cast, april("15 10:30"), patient=cast.carl)
    running = move_session(running, start=running.start, chair=cast.n2, actor=cast.as_desk, now=NOW)
    later = book_one(cast, april("15 13:30"), patient=cast.bea)
    later = move_session(later, start=later.start, chair=cast.n2, actor=cast.as_desk, now=NOW)
    for verb in (check_in_session, start_session):
        verb(running, actor=cast.as_nurse, now=april("15 10:45"))

    closure, _displaced = close(
        cast.north, starts=noon, ends=ends, chair=cast.n2, reason="Broken", actor=cast.as_desk, now=noon
    )
    cast.north.refresh_from_db()
    plan = drawn_up(cast, now=noon)
    (row,) = rows_of(plan, actor=cast.as_desk, now=noon)
    carry_out_repair(plan, move=[later.series_id], actor=cast.as_desk, now=noon)

    (move,) = row.moving
    assert (move.before, move.minutes, plan.figures["cost"]["moved"]) == (april("15 13:30"), 0, 0)
    later.refresh_from_db()
    running.refresh_from_db()
    assert (running.chair, running.start) == (cast.n2, april("15 10:30"))
    assert (later.start, later.chair != cast.n2) == (april("15 13:30"), True)

    reopen(closure, actor=cast.as_desk, now=noon + timedelta(hours=1))
    later.refresh_from_db()
    assert later.chair != cast.n2  # whom the plan moved is not moved back
    again = move_session(
        later, start=later.start, chair=cast.n2, actor=cast.as_desk, now=noon + timedelta(hours=1)
    )
    assert again.chair == cast.n2  # and the chair can be had again
    assert unexcused(cast.north, now=noon + timedelta(hours=1)) == []


def test_where_no_chair_is_free_at_its_time_the_visit_moves_in_time(cast: Cast):
    noon = april("15 12:00")
    others = [cast.ada, cast.carl, make_patient("Dan", "Moss", number=4)]
    visits = [book_one(cast, april("15 13:30"), patient=one) for one in others[:2]]
    third = book_one(cast, april("15 13:45"), patient=cast.bea)

    close(
        cast.north,
        starts=noon,
        ends=april("16 00:00"),
        chair=third.chair,
        reason="Broken",
        actor=cast.as_desk,
        now=noon,
    )
    cast.north.refresh_from_db()
    plan = drawn_up(cast, now=noon)
    carry_out_repair(plan, move=[third.series_id], actor=cast.as_desk, now=noon)

    third.refresh_from_db()
    assert third.start != april("15 13:45")
    assert [Session.objects.get(id=one.id).start for one in visits] == [april("15 13:30")] * 2
    assert unexcused(cast.north, now=noon) == []


# A nurse is ill in the morning


def test_without_one_of_two_nurses_only_as_many_move_as_must(cast: Cast):
    seven = april("15 07:00")
    made = [
        book_one(cast, april(f"15 {at}"), patient=who)
        for at, who in (("09:00", cast.ada), ("09:15", cast.bea), ("13:00", cast.carl))
    ]
    shift = cast.north.shifts.get(nurse=cast.ben, starts=april("15 08:00"))

    displaced = remove_shift(shift, actor=cast.as_desk, now=seven)
    cast.north.refresh_from_db()
    plan = drawn_up(cast, now=seven)
    move = [part.series_id for part in plan.parts.all() if part.moves]
    carry_out_repair(plan, move=move, actor=cast.as_desk, now=seven)

    starts = [Session.objects.get(id=one.id).start for one in made]
    moved = sum(start != one.start for start, one in zip(starts, made, strict=True))
    assert moved == plan.figures["cost"]["moved"]
    assert moved < len(displaced) or len(displaced) == 1
    assert out_of_place(cast.north, now=seven) == []
    assert unexcused(cast.north, now=seven) == []


# The clinic is shut for a day

DAY = "2026-04-14"
ENOUGH = 90.0  # seconds, also for a machine with much else to do: the search ends when its plan is proven
#: Twice on one day, at least three hours apart: a block of many short visits.
BLOCK = {
    **KET6,
    "slug": "block",
    "name": "Two a day",
    "phases": [{"name": "block", "sessions": None, "spacing": {"min_gap_minutes": 180}}],
    "washouts": [],
    "steps": [
        {"name": "set-up", "minutes": 15, "nurse": "exclusive", "patient": True},
        {"name": "infusion", "minutes": 45, "nurse": "shared", "patient": True},
        {"name": "turnover", "minutes": 15, "nurse": "none", "patient": False},
    ],
}


@pytest.fixture
def harbor(cast: Cast) -> Clinic:
    """A clinic of sixteen chairs and eight nurses, with 40 visits of 25 courses on Tuesday 14 April."""
    clinic = make_clinic("harbor", time_zone="America/New_York", patients_per_nurse=4)
    make_chairs(clinic, *(f"H{number}" for number in range(1, 17)))
    cast.desk.clinics.add(clinic)
    for number in range(8):
        nurse = make_staff(f"nurse{number}@harbor.example", "Nora", f"Vale{number}", Role.NURSE, clinic)
        make_shifts(clinic, nurse, time(8), time(17))
    block = make_protocol(BLOCK, clinic, signed_by=cast.prescriber)
    cast.ket6.clinics.add(clinic)
    actor = staff_actor(cast.desk)
    for number in range(25):
        patient = make_patient(f"Pat{number}", "Moss", number=10 + number)
        minutes = timedelta(minutes=15 * (number % 5) + 75 * (number // 5))
        if number < 15:
            first = new_york(f"{DAY} 08:00") + timedelta(minutes=15 * number % 180)
            starts, protocol = [first, first + timedelta(hours=4)], block
        else:
            tuesday = new_york(f"{DAY} 08:00") + minutes % timedelta(hours=6)
            starts = [tuesday + timedelta(days=days) for days in (-7, -5, 0, 2, 7, 9)]
            protocol = cast.ket6
        book_series(patient, clinic=clinic, protocol=protocol, starts=starts, actor=actor, now=NOW)
    return clinic


@pytest.mark.race
def test_a_closed_day_of_40_visits_in_25_courses_is_one_plan_that_keeps_every_rule(
    cast: Cast, harbor: Clinic
):
    actor = staff_actor(cast.desk)
    react(now=NOW)
    told_before = Message.objects.filter(kind="change").count()
    _closure, displaced = close(
        harbor,
        starts=new_york(f"{DAY} 00:00"),
        ends=new_york("2026-04-15 00:00"),
        reason="Water damage",
        actor=actor,
        now=NOW,
    )
    watch_all(now=NOW)
    harbor.refresh_from_db()
    assert (len(displaced), len({one.session.series_id for one in displaced})) == (40, 25)
    tasks = harbor.tasks.filter(kind="no_longer_fits")
    assert tasks.filter(resolved_at=None).count() == 40

    plan = draw_up_repair(harbor, first=displaced[0].session.start.date(), actor=actor, now=NOW)
    draw_up_next(now=NOW, seconds=ENOUGH)
    plan = Repair.objects.get(id=plan.id)
    react(now=NOW)

    assert (plan.status, plan.figures["cost"]["placed"]) == ("ready", 40)
    assert Message.objects.filter(kind__in=["change", "proposal"]).count() == told_before == 0

    series = list(plan.parts.values_list("series", flat=True))
    carry_out_repair(plan, move=series, actor=actor, now=NOW)
    react(now=NOW)
    watch_all(now=NOW)

    assert out_of_place(harbor, now=NOW) == []
    assert unexcused(harbor, now=NOW) == []
    told = Counter(Message.objects.filter(kind="change", channel="email").values_list("patient", flat=True))
    assert (len(told), set(told.values())) == (25, {1})
    assert tasks.filter(resolved_at=None).count() == 0
    both = Series.objects.filter(protocol_version__protocol__slug="block").first()
    assert both is not None
    facts = Message.objects.get(kind="change", channel="email", patient=both.patient).facts
    assert len(facts["sessions"]) == 2


def test_what_one_is_asked_and_another_is_moved_is_told_apart(cast: Cast, harbor: Clinic):
    actor = staff_actor(cast.desk)
    react(now=NOW)
    close(
        harbor,
        starts=new_york(f"{DAY} 00:00"),
        ends=new_york("2026-04-15 00:00"),
        reason="Water damage",
        actor=actor,
        now=NOW,
    )
    harbor.refresh_from_db()
    plan = draw_up_repair(harbor, actor=actor, now=NOW)
    draw_up_next(now=NOW, seconds=ENOUGH)
    parts = list(Repair.objects.get(id=plan.id).parts.select_related("series"))
    asked, moved = parts[0].series, [part.series_id for part in parts[1:]]
    before = places_of(asked)

    carry_out_repair(plan, move=moved, offer=[asked.id], actor=actor, now=NOW)
    react(now=NOW)

    kinds = Counter(
        Message.objects.filter(kind__in=["change", "proposal"], channel="email").values_list(
            "kind", flat=True
        )
    )
    assert kinds == {"change": 24, "proposal": 1}
    assert places_of(asked) == before

    accept_proposal(asked.proposals.get(), actor=actor, now=NOW + timedelta(hours=1))

    assert places_of(asked) != before
    assert out_of_place(harbor, now=NOW + timedelta(hours=1)) == []
    assert unexcused(harbor, now=NOW + timedelta(hours=1)) == []
