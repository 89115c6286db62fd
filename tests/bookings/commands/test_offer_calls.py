"""Where there is no time to ask those who wait by a message: whom staff are told to ring."""

import pytest

from bookings.commands.move import move_session
from bookings.commands.roster import close
from bookings.commands.todo import resolve_task
from bookings.models import FreedPlace, Offer, Task
from tests.bookings.offer_scenes import FREED, HOUR, MINUTE, free, held, many_wait, offer, wait
from tests.cast import NOW, new_york


@pytest.mark.parametrize(("now", "asked"), [("2026-04-12 09:50", True), ("2026-04-12 09:51", False)])
def test_nobody_is_asked_with_less_than_a_day_to_find_a_driver(cast, now, asked):
    wait(cast, cast.bea, notice_hours=0)
    at = new_york(now)
    free(cast, now=at)

    assert bool(offer(now=at)) is asked
    assert Task.objects.filter(kind="place_free").exists() is not asked


def too_late(cast):
    """Sunday noon, for Monday at ten."""
    at = new_york("2026-04-12 12:00")
    free(cast, now=at)
    offer(now=at)
    return at


def test_where_there_is_no_time_to_ask_staff_are_told_whom_to_ring(cast):
    entries = many_wait(cast, 4)
    too_late(cast)

    tasks = list(Task.objects.filter(kind="place_free").order_by("detail"))
    assert [one.session for one in tasks] == [one.session for one in entries[:3]]
    assert tasks[0].detail == (
        "Mon 13 April, 10:00 is free, too soon to ask by a message: ring them, number 1 in turn. "
        "Session 1 would be Mon 13 April, 10:00, not Mon 20 April, 08:00. Waiting since Thu 12 March."
    )
    assert tasks[0].proposal["moves"] == [
        {
            "number": 1,
            "session": str(entries[0].session.id),
            "from": "2026-04-20T12:00:00+00:00",
            "to": "2026-04-13T14:00:00+00:00",
            "chair": None,
        }
    ]
    assert (Offer.objects.count(), held()) == (0, [])


def test_the_calls_close_by_themselves_when_one_of_them_has_the_place(cast):
    for chair in (cast.n2, cast.n3):
        close(cast.north, chair=chair, starts=FREED, ends=FREED + 5 * HOUR, actor=cast.as_manager, now=NOW)
    entries = many_wait(cast, 2)
    at = too_late(cast)
    assert Task.objects.filter(kind="place_free", resolved_at__isnull=True).count() == 2

    move_session(entries[1].session, start=FREED, actor=cast.as_desk, now=at)
    offer(now=at)

    assert Task.objects.filter(kind="place_free", resolved_at__isnull=True).count() == 0
    assert FreedPlace.objects.filter(closed_at__isnull=True, starts=FREED).count() == 0


def test_and_when_the_time_is_over(cast):
    many_wait(cast, 1)
    too_late(cast)
    offer(now=FREED)

    assert Task.objects.get(kind="place_free").resolved_at == FREED


def test_a_call_that_was_made_is_not_asked_for_again(cast):
    many_wait(cast, 1)
    at = too_late(cast)
    resolve_task(Task.objects.get(kind="place_free"), resolution="No driver.", actor=cast.as_desk, now=at)
    offer(now=at + MINUTE)

    assert Task.objects.filter(kind="place_free").count() == 1
