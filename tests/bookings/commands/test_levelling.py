"""A template of starts: asked for, drawn up from what was booked, taken into force, switched off and on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bookings import snapshot
from bookings.commands.cancel import cancel_session
from bookings.commands.clinics import change_clinic
from bookings.commands.levelling import PATIENCE, ask_for_template, draw_up_templates, take_into_force
from bookings.commands.roster import close
from bookings.errors import Invalid, WrongState
from bookings.models import Clinic, JournalEntry, StartTemplate
from scheduler.start_template import Opened
from tests.bookings.scenes import book_one, version
from tests.cast import new_york

pytestmark = pytest.mark.django_db(transaction=True)

#: Monday 27 April; the five weeks before it begin on Monday 23 March.
LATER = new_york("2026-04-27 09:00")
MONDAYS = ("2026-04-06", "2026-04-13", "2026-04-20")


def book_mondays(cast) -> None:
    """Ada and Bea at ten and Carl an hour later on each of three Mondays, and Ada on one Wednesday."""
    for day in MONDAYS:
        book_one(cast, new_york(f"{day} 10:00"), patient=cast.ada)
        book_one(cast, new_york(f"{day} 10:00"), patient=cast.bea)
        book_one(cast, new_york(f"{day} 11:00"), patient=cast.carl)
    book_one(cast, new_york("2026-04-15 10:00"), patient=cast.ada)


def ask(cast, *, weeks: int = 5, now: datetime = LATER) -> StartTemplate:
    return ask_for_template(cast.north, weeks=weeks, actor=cast.as_manager, now=now)


def drawn_up(cast, **about) -> StartTemplate:
    template = ask(cast, **about)
    assert draw_up_templates(now=LATER) == 1
    return StartTemplate.objects.get(id=template.id)


def supply(cast):
    return snapshot.supply_of(Clinic.objects.get(id=cast.north.id))


def test_a_template_is_asked_for_from_the_whole_days_before_today(cast):
    template = ask(cast)

    assert (template.first, template.last) == (date(2026, 3, 23), date(2026, 4, 26))
    assert (template.asked_at, template.asked_by, template.drawn_up_at) == (LATER, cast.manager, None)
    entry = JournalEntry.objects.get(verb="template_asked")
    assert entry.after == {"template": str(template.id), "first": "2026-03-23", "last": "2026-04-26"}
    assert (entry.clinic_id, entry.actor_id) == (cast.north.id, cast.manager.id)


@pytest.mark.parametrize("weeks", [0, 53])
def test_it_is_drawn_up_from_a_week_to_a_year(cast, weeks):
    with pytest.raises(Invalid):
        ask(cast, weeks=weeks)
    assert not StartTemplate.objects.exists()


@pytest.mark.parametrize("weeks", [1, 52])
def test_a_week_and_a_year_will_do(cast, weeks):
    assert ask(cast, weeks=weeks).first == date(2026, 4, 27) - timedelta(weeks=weeks)


def test_whoever_asks_while_one_is_drawn_up_is_told_of_that_one(cast):
    first = ask(cast)

    assert ask(cast, weeks=1) == first
    assert JournalEntry.objects.filter(verb="template_asked").count() == 1


def test_what_four_days_of_five_ask_for_is_spread_so_that_nobody_is_set_up_at_once(cast):
    book_mondays(cast)

    template = drawn_up(cast)

    assert template.drawn_up_at == LATER
    assert template.booked == [
        {"weekday": 1, "begins": "10:00", "minutes": 150, "visits": 6},
        {"weekday": 1, "begins": "11:00", "minutes": 150, "visits": 3},
        {"weekday": 3, "begins": "10:00", "minutes": 150, "visits": 1},
    ]
    assert template.days == [
        {
            "weekday": 1,
            "dates": 5,
            "wanted": [{"minutes": 150, "visits": 3}],
            "unmet": 0,
            "peak": 1,
            "peak_bound": 1,
            "peak_before": 1.2,
            "proven": True,
        }
    ]
    assert [(one["weekday"], one["minutes"], one["starts"]) for one in template.opened] == [(1, 150, 1)] * 3
    assert len({one["begins"] for one in template.opened}) == 3


def test_what_was_cancelled_is_not_asked_for_and_a_closed_day_is_no_day(cast):
    book_mondays(cast)
    for day in MONDAYS[:2]:
        visit = cast.carl.sessions.get(start=new_york(f"{day} 11:00"))
        cancel_session(visit, actor=cast.as_desk, now=new_york("2026-04-03 12:00"))
    close(
        cast.north,
        starts=new_york("2026-04-20 00:00"),
        ends=new_york("2026-04-21 00:00"),
        reason="Patriots' Day",
        actor=cast.as_manager,
        now=LATER,
    )

    (day,) = drawn_up(cast).days

    assert (day["dates"], day["wanted"]) == (4, [{"minutes": 150, "visits": 2}])


def test_a_template_of_nothing_opens_nothing(cast):
    template = drawn_up(cast)

    assert (template.booked, template.opened, template.days) == ([], [], [])


def test_what_a_worker_has_begun_is_left_to_it_until_it_must_be_dead(cast):
    ask(cast)
    StartTemplate.objects.update(begun_at=LATER)

    assert draw_up_templates(now=LATER + PATIENCE) == 0
    assert draw_up_templates(now=LATER + PATIENCE + timedelta(seconds=1)) == 1
    assert draw_up_templates(now=LATER + timedelta(days=1)) == 0


def test_a_template_counts_once_it_is_in_force(cast):
    book_mondays(cast)
    template = drawn_up(cast)
    before = version(cast.north)
    assert supply(cast).template is None

    taken = take_into_force(template, actor=cast.as_manager, now=LATER)

    assert taken.in_force_since == LATER
    assert version(cast.north) == before + 1
    assert supply(cast).template.opened == tuple(
        Opened(1, int(one["begins"][:2]) * 60 + int(one["begins"][3:]), 150, 1) for one in template.opened
    )
    entry = JournalEntry.objects.get(verb="template_in_force")
    assert (entry.before, entry.after) == (
        {"template": None, "levelling": False},
        {"template": str(template.id), "levelling": True},
    )


def test_another_template_takes_its_place(cast):
    first = take_into_force(drawn_up(cast), actor=cast.as_manager, now=LATER)
    second = take_into_force(drawn_up(cast), actor=cast.as_manager, now=LATER)

    first.refresh_from_db()
    assert (first.in_force_since, second.in_force_since) == (None, LATER)


def test_to_take_into_force_what_is_in_force_changes_nothing(cast):
    template = take_into_force(drawn_up(cast), actor=cast.as_manager, now=LATER)
    before = version(cast.north)

    take_into_force(template, actor=cast.as_manager, now=LATER + timedelta(hours=1))

    assert version(cast.north) == before
    assert JournalEntry.objects.filter(verb="template_in_force").count() == 1


def test_what_is_being_drawn_up_cannot_be_taken_into_force(cast):
    with pytest.raises(WrongState):
        take_into_force(ask(cast), actor=cast.as_manager, now=LATER)
    assert not Clinic.objects.get(id=cast.north.id).levelling


def test_the_switch_takes_the_template_out_and_puts_it_back(cast):
    book_mondays(cast)
    take_into_force(drawn_up(cast), actor=cast.as_manager, now=LATER)

    change_clinic(cast.north, changes={"levelling": False}, actor=cast.as_manager, now=LATER)
    assert supply(cast).template is None
    change_clinic(cast.north, changes={"levelling": True}, actor=cast.as_manager, now=LATER)
    assert len(supply(cast).template.opened) == 3
