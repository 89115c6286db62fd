"""A phase is over: what follows is planned with its task, and begins with one press."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from bookings.commands.clearance import grant_clearance
from bookings.commands.next_phase import begin_next_phase
from bookings.commands.roster import close
from bookings.errors import Invalid, NotAllowed, SpacingBroken, Stale, Taken, WrongState
from bookings.models import Clearance, JournalEntry, Protocol, Series
from tests.bookings.watch_scenes import at, attend, book, open_tasks, session, watch_all
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, Cast, make_patient, make_protocol, new_york

pytestmark = pytest.mark.django_db(transaction=True)

OVER = at(9, 13)
TWO_WEEKS = {"min_gap_days": 5, "target_gap_days": 7, "max_gap_days": 14}
ENDED = "induction ended on Thu 9 April, and nothing is booked of maintenance."
FIRST = "A clearance is needed first."
LATER = [at(16 + day) for day in (0, 4, 7, 11)] + [new_york("2026-05-01 10:00"), new_york("2026-05-04 10:00")]
DUE = f"{ENDED} Its first session is due by Thu 23 April."


def two_phases(cast: Cast, *, sessions: int | None = None, spacing: Any = None, **rules: Any) -> Protocol:
    """Two sessions of induction, then maintenance."""
    phases = [
        {"name": "induction", "sessions": 2, "spacing": {"min_gap_days": 2, "target_gap_days": 3}},
        {"name": "maintenance", "sessions": sessions, "spacing": spacing or TWO_WEEKS},
    ]
    return make_protocol(
        {**KET6, "slug": "two-phases", "phases": phases, **rules}, cast.north, signed_by=cast.prescriber
    )


def had(cast: Cast, protocol: Protocol) -> Series:
    """Ada's induction, both sessions of which she had, on 6 and 9 April at ten."""
    series = book(cast, protocol=protocol, starts=MONDAYS_AND_THURSDAYS[:2])
    for number in (1, 2):
        attend(cast, session(series, number))
    series.refresh_from_db()
    return series


def clear(cast: Cast, protocol: Protocol, *, sessions: int, now: datetime, expires: date) -> None:
    grant_clearance(
        cast.ada, protocol=protocol, sessions=sessions, expires=expires, actor=cast.as_prescriber, now=now
    )


def shut(cast: Cast, starts: datetime, ends: datetime) -> None:
    close(cast.north, starts=starts, ends=ends, reason="works", actor=cast.as_manager, now=OVER)


def proposed(series: Series) -> list[datetime]:
    """The starts that the task of the series proposes."""
    proposal = series.tasks.get(resolved_at=None).proposal
    assert proposal["phase"] == "maintenance"
    return [datetime.fromisoformat(move["to"]) for move in proposal["moves"]]


@pytest.fixture
def ended(transactional_db, cast: Cast) -> Series:
    series = had(cast, two_phases(cast))
    watch_all(now=OVER)
    return series


def test_of_an_open_ended_phase_the_first_session_is_proposed_at_the_usual_hour(ended):
    assert open_tasks(ended) == [("phase_finished", None, DUE)]
    assert ended.tasks.get().proposal == {
        "moves": [{"number": 1, "from": None, "to": "2026-04-16T14:00:00+00:00"}],
        "phase": "maintenance",
    }


def test_of_a_phase_of_fixed_length_all_sessions_are_proposed(cast, transactional_db):
    series = had(cast, two_phases(cast, sessions=3))

    watch_all(now=OVER)

    assert proposed(series) == [at(16), at(23), at(30)]


@pytest.mark.parametrize(
    ("closed", "expected"),
    [((16, 22), [at(23)]), ((16, 23), [at(14)])],
    ids=["just inside the longest gap", "just outside"],
)
def test_the_longest_gap_of_the_new_phase_counts_from_the_last_session_of_the_old(
    cast, transactional_db, closed, expected
):
    series = had(cast, two_phases(cast))
    first, last = closed
    shut(cast, at(first, 0), at(last, 23))

    watch_all(now=OVER)

    assert proposed(series) == expected


def test_where_no_place_keeps_every_rule_the_task_says_why(cast, transactional_db):
    series = had(cast, two_phases(cast))
    shut(cast, at(10, 0), at(23, 23))

    watch_all(now=OVER)

    assert series.tasks.get().proposal == {"moves": [], "reason": "Session 1 cannot be placed."}


# The clearance


def cleared(cast: Cast, *, sessions: int, expires: date, phase: int | None = None) -> Series:
    """Ada's induction under a clearance of so many sessions."""
    protocol = two_phases(cast, sessions=phase, needs_clearance=True)
    clear(cast, protocol, sessions=sessions, expires=expires, now=NOW)
    return had(cast, protocol)


def test_whoever_is_not_cleared_is_to_be_cleared_first_and_nothing_is_proposed(cast, transactional_db):
    series = cleared(cast, sessions=2, expires=date(2026, 5, 1))

    watch_all(now=OVER)

    assert open_tasks(series) == [("phase_finished", None, f"{DUE} {FIRST}")]
    assert series.tasks.get().proposal is None
    with pytest.raises(WrongState):
        begin_next_phase(series, starts=[at(16)], actor=cast.as_desk, now=OVER)


def test_it_is_proposed_when_a_prescriber_has_cleared_the_patient(cast, transactional_db):
    series = cleared(cast, sessions=2, expires=date(2026, 5, 1))
    watch_all(now=OVER)
    protocol = series.protocol_version.protocol

    clear(cast, protocol, sessions=1, expires=date(2026, 4, 30), now=at(9, 14))
    watch_all(now=at(9, 15))

    assert open_tasks(series) == [("phase_finished", None, DUE)]
    assert proposed(series) == [at(16)]


@pytest.mark.parametrize(("sessions", "detail"), [(5, DUE), (4, f"{DUE} {FIRST}")])
def test_a_clearance_covers_the_whole_phase_or_is_none(cast, transactional_db, sessions, detail):
    series = cleared(cast, sessions=sessions, expires=date(2026, 5, 1), phase=3)

    watch_all(now=OVER)

    assert [task[2] for task in open_tasks(series)] == [detail]


@pytest.mark.parametrize(("expires", "detail"), [(9, DUE), (8, f"{DUE} {FIRST}")])
def test_a_clearance_that_is_over_is_none(cast, transactional_db, expires, detail):
    series = cleared(cast, sessions=3, expires=date(2026, 4, 9))
    Clearance.objects.update(expires=date(2026, 4, expires))

    watch_all(now=OVER)

    assert [task[2] for task in open_tasks(series)] == [detail]


# One press


def test_one_press_books_the_next_phase_and_the_task_is_done(cast, transactional_db):
    series = cleared(cast, sessions=3, expires=date(2026, 5, 1))
    watch_all(now=OVER)

    following = begin_next_phase(
        series, starts=proposed(series), if_version=series.version, actor=cast.as_desk, now=OVER
    )
    watch_all(now=OVER)

    assert (following.phase, following.status) == ("maintenance", "active")
    assert following.clearance_id == series.clearance_id
    assert [(one.start, one.status) for one in following.sessions.all()] == [(at(16), "booked")]
    assert open_tasks(series) == []
    assert JournalEntry.objects.filter(verb="series_booked", series=following).count() == 1
    series.refresh_from_db()
    assert series.status == "completed"


def test_the_second_of_two_who_press_is_refused(cast, ended):
    begin_next_phase(ended, starts=[at(16)], actor=cast.as_desk, now=OVER)

    with pytest.raises(WrongState):
        begin_next_phase(ended, starts=[at(23)], actor=cast.as_desk, now=OVER)

    assert Series.objects.filter(phase="maintenance").count() == 1


def test_whoever_saw_the_series_before_it_changed_is_told(cast, ended):
    with pytest.raises(Stale):
        begin_next_phase(ended, starts=[at(16)], if_version=ended.version + 1, actor=cast.as_desk, now=OVER)


def test_a_place_that_is_gone_is_refused_with_what_is_possible(cast, ended):
    for number in (1, 2):
        book(cast, patient=make_patient("Quick", f"Person {number}", number=30 + number), starts=LATER)

    with pytest.raises(Taken) as refused:
        begin_next_phase(ended, starts=[at(16)], actor=cast.as_desk, now=OVER)

    others = [one["sessions"][0]["start"] for one in refused.value.facts["alternatives"]]
    assert len(others) == 3
    begin_next_phase(ended, starts=others[:1], actor=cast.as_desk, now=OVER)


def test_a_place_beyond_the_longest_gap_is_refused(cast, ended):
    with pytest.raises(SpacingBroken):
        begin_next_phase(ended, starts=[at(24)], actor=cast.as_desk, now=OVER)

    begin_next_phase(ended, starts=[at(23)], actor=cast.as_desk, now=OVER)


def test_a_phase_of_fixed_length_begins_whole_or_not_at_all(cast, transactional_db):
    series = had(cast, two_phases(cast, sessions=3))

    with pytest.raises(Invalid):
        begin_next_phase(series, starts=[at(16), at(23)], actor=cast.as_desk, now=OVER)

    begin_next_phase(series, starts=[at(16), at(23), at(30)], actor=cast.as_desk, now=OVER)


def test_a_patient_does_not_begin_it(cast, ended):
    with pytest.raises(NotAllowed):
        begin_next_phase(ended, starts=[at(16)], actor=cast.as_ada, now=OVER)
