"""First places where a prescriber must clear the course, and where there is no time to ask by a message."""

from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.offer_answers import accept_offer
from bookings.commands.todo import resolve_task
from bookings.models import Task
from tests.bookings.offer_scenes import (
    FREED,
    MINUTE,
    booked_up,
    offer,
    wait_for_course,
)
from tests.cast import NOW, make_version, new_york
from tests.treatments import KET6


@pytest.fixture
def adas(cast):
    """Ada's first of six; without it nothing could begin before the 14th."""
    return booked_up(cast)


def give_up(cast, session, *, now=NOW):
    cancel_session(session, actor=cast.as_desk, now=now)


def accept(one, *, starts=None, now=NOW):
    return accept_offer(one, starts=starts, actor=patient_actor(one.entry.patient), now=now)


def test_a_course_that_needs_a_clearance_is_requested_as_with_any_booking(cast, adas):
    make_version(cast.ket6, {**KET6, "needs_clearance": True}, signed_by=cast.prescriber)
    wait_for_course(cast, cast.bea)
    give_up(cast, adas)

    series = accept(offer()[0]).series

    assert (series.status, {one.status for one in series.sessions.all()}) == ("requested", {"requested"})


@pytest.mark.parametrize(("sessions", "allowed"), [(6, True), (5, False)])
def test_a_clearance_must_cover_the_whole_course(cast, adas, sessions, allowed):
    make_version(cast.ket6, {**KET6, "needs_clearance": True}, signed_by=cast.prescriber)
    grant_clearance(
        cast.bea,
        protocol=cast.ket6,
        sessions=sessions,
        expires=FREED.date() + timedelta(days=60),
        actor=cast.as_prescriber,
        now=NOW,
    )
    wait_for_course(cast, cast.bea)
    give_up(cast, adas)

    assert bool(offer()) is allowed


@pytest.mark.parametrize(("now", "asked"), [("2026-04-12 09:50", True), ("2026-04-12 09:51", False)])
def test_with_less_than_a_day_to_find_a_driver_somebody_rings(cast, adas, now, asked):
    wait_for_course(cast, cast.bea, notice_hours=0)
    at = new_york(now)
    give_up(cast, adas, now=at)

    assert bool(offer(now=at)) is asked
    tasks = list(Task.objects.filter(kind="place_free"))
    assert [one.patient for one in tasks] == ([] if asked else [cast.bea])
    if not asked:
        assert tasks[0].detail == (
            "Mon 13 April, 10:00 is free, too soon to ask by a message: ring them, number 1 in turn. "
            "Nothing is booked yet; 6 sessions from Mon 13 April, 10:00 to Thu 30 April keep every rule. "
            "Waiting since Wed 1 April."
        )
        assert [tasks[0].proposal["starts"][0], len(tasks[0].proposal["starts"])] == [
            "2026-04-13T14:00:00+00:00",
            6,
        ]


def test_a_call_closes_by_itself_when_its_time_is_over_and_is_not_asked_for_twice(cast, adas):
    wait_for_course(cast, cast.bea, notice_hours=0)
    at = new_york("2026-04-12 12:00")
    give_up(cast, adas, now=at)
    offer(now=at)
    resolve_task(Task.objects.get(kind="place_free"), resolution="Away.", actor=cast.as_desk, now=at)
    offer(now=at + MINUTE)
    assert Task.objects.filter(kind="place_free", resolved_at__isnull=True).count() == 0

    Task.objects.filter(kind="place_free").delete()
    offer(now=at + 2 * MINUTE)
    offer(now=FREED)
    assert Task.objects.get(kind="place_free").resolved_at == FREED
