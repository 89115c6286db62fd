"""A gap past the hard maximum makes a series lapse once; what a prescriber has accepted is never held against
it again, by the verb, by the watch or by the proof.
"""

from datetime import date

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.replan import apply_replan, propose_replan
from bookings.errors import UnplannableSeries
from bookings.models import Series, Session
from bookings.proof import Excuse, prove
from scheduler.spans import instant
from tests.bookings.scenes import book_ket6, session
from tests.bookings.watch_scenes import watch_all
from tests.cast import KET6, NOW, make_protocol, new_york

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = ("04-06", "04-13", "04-20", "04-27", "05-04")


@pytest.fixture
def series(transactional_db, cast):
    """Five Mondays, seven days apart, of which thirteen are allowed."""
    phases = [{"name": "induction", "sessions": 5, "spacing": {"min_gap_days": 2, "max_gap_days": 13}}]
    protocol = make_protocol({**KET6, "slug": "weekly", "phases": phases}, cast.north, signed_by=cast.desk)
    return book_ket6(cast, protocol=protocol, starts=[new_york(f"2026-{day} 10:00") for day in DAYS])


def status(series):
    return Series.objects.get(id=series.id).status


def clear(cast, series, *, now=NOW):
    protocol = series.protocol_version.protocol
    grant_clearance(
        cast.ada,
        protocol=protocol,
        sessions=9,
        expires=NOW.date().replace(month=12),
        actor=cast.as_prescriber,
        now=now,
    )


def cancel(cast, series, number, *, now=NOW):
    cancel_session(session(series, number), actor=cast.as_desk, now=now)


def broken():
    return [one for one in prove(now=NOW) if one.excuse is Excuse.NONE]


# Cleared long before the gap begins, and on a day within it.
@pytest.mark.parametrize("day", [NOW, new_york("2026-04-14 10:00")])
def test_a_series_that_was_cleared_does_not_lapse_again_for_the_same_gap(cast, series, day):
    cancel(cast, series, 2)
    assert status(series) == "lapsed"
    clear(cast, series, now=day)
    assert status(series) == "active"
    assert [one["rule"] for one in session(series, 3).overrides] == ["max_gap"]

    cancel(cast, series, 5, now=day)
    watch_all(now=day)

    assert status(series) == "active"
    assert not series.tasks.filter(resolved_at=None, kind="hard_gap").exists()
    assert broken() == []


def test_a_patient_goes_on_within_the_longest_gap_from_the_day_on_which_they_were_cleared(cast, series):
    """The first session took place and nothing else is booked; thirteen days are allowed."""
    for number in (5, 4, 3, 2):
        cancel(cast, series, number)
    Session.objects.filter(id=session(series, 1).id).update(status="completed")
    later = new_york("2026-05-01 10:00")
    watch_all(now=later)
    assert status(series) == "lapsed"
    clear(cast, series, now=later)

    def first_from(day):
        ways = propose_replan(series, earliest=date(2026, 5, day), actor=cast.as_ada, now=later)
        return instant(min(place.start for place in ways.found[0].plan.places)).date()

    assert first_from(14) == date(2026, 5, 14)
    with pytest.raises(UnplannableSeries):
        first_from(15)

    apply_replan(series, earliest=date(2026, 5, 14), actor=cast.as_ada, now=later)
    watch_all(now=later)
    assert status(series) == "active"
    assert broken() == []


def test_a_series_that_was_cleared_lapses_for_another_gap(cast, series):
    cancel(cast, series, 2)
    clear(cast, series)

    cancel(cast, series, 4)  # 20 April to 4 May

    assert status(series) == "lapsed"
    assert broken() == []


@pytest.mark.parametrize(
    ("number", "day", "given_up"),
    [
        (5, "2026-05-11", 1),  # the gap is before it, from 27 April
        (1, "2026-03-30", 5),  # the gap is behind it, to 13 April
    ],
)
def test_a_gap_that_was_overridden_does_not_make_the_series_lapse(cast, series, number, day, given_up):
    now, start = new_york("2026-03-20 10:00"), new_york(f"{day} 10:00")
    move_session(
        session(series, number), start=start, override_reason="travels", actor=cast.as_prescriber, now=now
    )
    assert [one["rule"] for one in session(series, number).overrides] == ["max_gap"]

    cancel(cast, series, given_up, now=now)
    watch_all(now=now)

    assert status(series) == "active"
    assert not series.tasks.filter(resolved_at=None, kind="hard_gap").exists()
    assert [one.excuse for one in prove(now=now) if one.rule == "max_gap"] == [Excuse.OVERRIDDEN]


def test_the_gap_behind_a_session_is_not_excused_by_what_was_decided_about_the_one_before_it(cast, series):
    now = new_york("2026-03-20 10:00")
    for number, day in ((1, "2026-03-30"), (2, "2026-04-14")):  # 15 days
        move_session(
            session(series, number),
            start=new_york(f"{day} 10:00"),
            override_reason="travels",
            actor=cast.as_prescriber,
            now=now,
        )
    assert status(series) == "active"

    cancel(cast, series, 3, now=now)  # 14 to 27 April: 13 days
    assert status(series) == "active"
    cancel(cast, series, 4, now=now)  # 14 April to 4 May

    assert status(series) == "lapsed"
