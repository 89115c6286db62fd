"""Joint plans asked for, drawn up and carried out by several at the same moment."""

from __future__ import annotations

import pytest

from bookings.commands.carry_out_repair import carry_out_repair
from bookings.commands.move import move_session
from bookings.commands.repairs import draw_up_next, draw_up_repair
from bookings.errors import NotOffered, NotTogether, Stale, Taken
from bookings.models import JournalEntry, Repair
from bookings.proof import Excuse, prove
from tests.bookings.repair_scenes import april, close_monday, plan_of, three_series
from tests.bookings.scenes import book_one
from tests.cast import NOW, Cast
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def ask(cast: Cast) -> Repair:
    return draw_up_repair(cast.north, actor=cast.as_desk, now=NOW)


def test_four_who_ask_at_the_same_moment_get_one_plan(cast: Cast):
    three_series(cast)
    close_monday(cast)

    plans = at_once([lambda: ask(cast)] * 4)

    assert len({one.id for one in plans}) == 1
    assert JournalEntry.objects.filter(verb="repair_asked").count() == 1


def test_two_workers_at_the_same_moment_draw_it_up_once(cast: Cast):
    three_series(cast)
    close_monday(cast)
    plan = ask(cast)

    assert sorted(at_once([lambda: draw_up_next(now=NOW)] * 2)) == [False, True]

    plan.refresh_from_db()
    assert (plan.attempts, plan.parts.count()) == (1, 3)


def test_of_two_who_carry_it_out_at_the_same_moment_one_does(cast: Cast):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})

    def press() -> str:
        try:
            return carry_out_repair(
                plan, move=[ada.id, bea.id], if_version=1, actor=cast.as_desk, now=NOW
            ).status
        except (Stale, NotTogether) as refusal:
            return refusal.code

    assert sorted(at_once([press] * 3)) == ["done", "stale", "stale"]
    assert JournalEntry.objects.filter(verb="session_moved").count() == 2


@pytest.mark.parametrize("round_", range(4))
def test_whoever_comes_first_has_the_place_and_the_diary_is_whole(cast: Cast, round_: int):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n2)}, bea: {3: ("14 11:00", cast.n2)}})
    other = book_one(cast, april("14 13:45"), patient=cast.carl, protocol=cast.infliximab)

    def carry() -> str:
        try:
            return carry_out_repair(plan, move=[ada.id, bea.id], actor=cast.as_desk, now=NOW).status
        except NotTogether as refusal:
            return refusal.code

    def take() -> str:
        try:
            move_session(other, start=april("14 09:00"), chair=cast.n2, actor=cast.as_desk, now=NOW)
        except (Taken, NotOffered) as refusal:
            return refusal.code
        return "moved"

    assert tuple(at_once([carry, take])) in {
        ("done", "taken"),
        ("done", "not-offered"),
        ("not-together", "moved"),
    }
    assert [one for one in prove(cast.north, now=NOW) if one.excuse is Excuse.NONE] == []
