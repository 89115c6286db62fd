"""What a clinic would try, with exact times: gaps over a change of clock, a visit missed, a course planned
anew, a chair that breaks.
"""

from datetime import date, time, timedelta

import pytest

from bookings.commands.attend import miss_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.replan import apply_replan, propose_replan
from bookings.commands.roster import close, reopen
from bookings.errors import NotOffered, SpacingBroken
from bookings.models import Claim, JournalEntry, OpeningHours, Series, Session
from bookings.proof import prove
from notifications.commands.react import react
from notifications.models import Message
from scheduler.spans import instant
from tests.bookings.scenes import book_ket6, book_one, session, starts_of
from tests.bookings.watch_scenes import watch_all
from tests.cast import BOOSTER, KET6, MONDAYS_AND_THURSDAYS, NOW, make_protocol, make_version, new_york

SIX = MONDAYS_AND_THURSDAYS


# The weekend on which the clocks go forward: 47 hours from Friday 10:00 to Sunday 10:00


def open_at_weekends(cast):
    OpeningHours.objects.bulk_create(
        OpeningHours(clinic=cast.north, weekday=weekday, opens=time(8), closes=time(17)) for weekday in (6, 7)
    )
    cast.north.shifts.create(
        nurse=cast.ana, starts=new_york("2026-03-08 08:00"), ends=new_york("2026-03-08 17:00")
    )
    cast.north.roster_version += 1
    cast.north.save()


FRIDAY, SUNDAY = new_york("2026-03-06 10:00"), new_york("2026-03-08 10:00")
MARCH = new_york("2026-03-02 08:00")


def test_forty_seven_hours_over_the_change_of_clock_are_enough(cast):
    open_at_weekends(cast)
    book_one(cast, FRIDAY, now=MARCH)

    assert book_one(cast, SUNDAY, now=MARCH).start - FRIDAY == timedelta(hours=47)
    assert prove(now=MARCH) == []


def test_where_forty_eight_are_asked_for_the_refusal_names_eleven_o_clock(cast):
    open_at_weekends(cast)
    phases = [{"name": "maintenance", "sessions": None, "spacing": {"min_gap_minutes": 48 * 60}}]
    strict = make_protocol(
        {**BOOSTER, "slug": "strict", "phases": phases}, cast.north, signed_by=cast.prescriber
    )
    book_one(cast, FRIDAY, now=MARCH, protocol=strict)

    with pytest.raises(SpacingBroken) as refusal:
        book_one(cast, SUNDAY, now=MARCH, protocol=strict)

    assert "earliest Sun 8 March, 11:00" in refusal.value.detail


# Nobody came to session 3


def test_a_missed_session_is_made_up_four_days_after_the_last(cast):
    series = book_ket6(cast)
    late = SIX[2] + timedelta(minutes=15)
    chair = session(series, 3).chair
    series.sessions.filter(number__lt=3).update(status="completed")

    miss_session(session(series, 3), actor=cast.as_desk, now=late)
    assert book_one(cast, late, patient=cast.bea).chair == chair
    assert Series.objects.get(id=series.id).status == "active"
    assert series.sessions.filter(status="booked").count() == 3

    watch_all(now=late)
    assert [(task.kind, task.detail) for task in series.tasks.all()] == [
        ("incomplete", "5 of 6 sessions are done or planned: session 3 was missed.")
    ]

    (move,) = propose_replan(series, actor=cast.as_ada, now=late).found[0].moves
    assert (move.number, move.before, instant(move.after)) == (7, None, new_york("2026-04-27 10:00"))
    assert series.sessions.count() == 6  # until the patient accepts
    apply_replan(series, actor=cast.as_ada, now=late)
    assert series.sessions.get(number=7).start == new_york("2026-04-27 10:00")


# Three times a week from now on


def test_what_is_left_is_placed_by_the_new_version_in_one_swap(cast):
    series = book_ket6(cast)
    react(now=NOW)
    visits = list(series.sessions.order_by("number").values_list("id", flat=True))
    Session.objects.filter(series=series, number__lte=3).update(status="completed")
    spacing = {**KET6["phases"][0]["spacing"], "target_gap_days": 2}
    rules = {**KET6, "phases": [{**KET6["phases"][0], "spacing": spacing}]}
    version = make_version(cast.ket6, rules, signed_by=cast.prescriber)
    now = new_york("2026-04-13 14:00")

    propose_replan(series, onto=version, actor=cast.as_prescriber, now=now)
    assert starts_of(series) == SIX

    apply_replan(series, onto=version, actor=cast.as_prescriber, now=now)
    assert starts_of(series) == [
        *SIX[:3],
        *(new_york(f"2026-04-{day} 10:00") for day in ("15", "17", "20")),
    ]
    assert list(series.sessions.order_by("number").values_list("id", flat=True)) == visits
    react(now=now)
    assert reminders(series, "planned") == [(4, 1), (5, 1), (5, 3), (6, 1), (6, 3)]  # 4 is in two days
    assert reminders(series, "withdrawn") == [(4, 1), (4, 3), (5, 1), (5, 3), (6, 1), (6, 3)]
    versions = Claim.objects.filter(session__series=series).order_by("number")
    assert [claim.protocol_version.version for claim in versions] == [1, 1, 1, 2, 2, 2]
    switched = JournalEntry.objects.get(verb="series_replanned")
    assert (switched.before["protocol_version"], switched.after["protocol_version"]) == (1, 2)
    assert switched.actor_id == cast.prescriber.id
    assert prove(now=now) == []


def reminders(series, status):
    """Of sessions 4 to 6: their numbers, and how many days before."""
    rows = Message.objects.filter(kind="reminder", status=status, session__series=series)
    rows = rows.filter(session__number__gte=4)
    return sorted(rows.values_list("session__number", "days_before"))


# A chair breaks


def test_a_chair_that_breaks_lets_the_running_visit_end_and_takes_nothing_new(cast):
    running = book_one(cast, new_york("2026-04-15 10:00"), patient=cast.carl)
    later = book_ket6(cast, starts=[start + timedelta(days=1) for start in SIX])  # Tuesdays and Fridays
    fourth = session(later, 4)
    moved = move_session(fourth, start=fourth.start, chair=running.chair, actor=cast.as_desk, now=NOW)
    Session.objects.filter(id=running.id).update(status="infusing")
    noon = new_york("2026-04-15 12:00")

    closure, displaced = close(
        cast.north,
        chair=running.chair,
        starts=noon,
        ends=new_york("2026-04-17 17:00"),
        reason="broken",
        actor=cast.as_desk,
        now=noon,
    )

    assert [one.session.id for one in displaced] == [moved.id]
    other = book_one(cast, new_york("2026-04-16 10:00"), patient=cast.bea)
    with pytest.raises(NotOffered):
        move_session(other, start=other.start, chair=running.chair, actor=cast.as_desk, now=noon)
    apply_replan(later, actor=cast.as_desk, now=noon)
    assert session(later, 4).start == fourth.start
    assert session(later, 4).chair != running.chair
    reopen(closure, actor=cast.as_desk, now=noon)
    assert session(later, 4).chair != running.chair


# A visit must end before the clinic closes


@pytest.mark.parametrize(("start", "offered"), [("14:30", True), ("14:45", False), ("15:00", False)])
def test_esketamine_is_offered_until_half_past_two(cast, start, offered):
    def book():
        return book_one(cast, new_york(f"2026-04-10 {start}"), protocol=cast.esketamine, phase="maintenance")

    if offered:
        assert book().status == "requested"
    else:
        with pytest.raises(NotOffered):
            book()


def test_the_ninth_session_is_offered_weekly(cast):
    starts = [new_york(f"2026-04-{day} 10:00") for day in ("06", "08", "13", "15", "20", "22", "27", "29")]
    book_ket6(cast, protocol=cast.esketamine, starts=starts, phase="induction")

    with pytest.raises(SpacingBroken):
        book_one(cast, new_york("2026-05-01 10:00"), protocol=cast.esketamine)
    assert book_one(cast, new_york("2026-05-06 10:00"), protocol=cast.esketamine).start.date() == date(
        2026, 5, 6
    )


def test_after_the_eighth_session_a_prescriber_looks_again(cast):
    starts = [new_york(f"2026-04-{day} 10:00") for day in ("06", "08", "13", "15", "20", "22", "27", "29")]
    expires = date(2026, 12, 31)
    grant_clearance(
        cast.ada, protocol=cast.esketamine, sessions=8, expires=expires, actor=cast.as_prescriber, now=NOW
    )
    induction = book_ket6(cast, protocol=cast.esketamine, starts=starts, phase="induction", actor=cast.as_ada)
    assert induction.status == "active"

    ninth = book_one(cast, new_york("2026-05-06 10:00"), protocol=cast.esketamine, actor=cast.as_ada)

    assert (ninth.status, ninth.series.status) == ("requested", "requested")
    watch_all(now=NOW)
    assert [task.kind for task in ninth.series.tasks.all()] == ["clearance_needed"]
