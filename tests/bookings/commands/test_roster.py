"""Hours and closures change; who is booked stays, and is named where they no longer fit."""

from datetime import time, timedelta

import pytest

from bookings.commands import roster
from bookings.commands.attend import check_in_session, start_session
from bookings.commands.book import book_series
from bookings.errors import Invalid, NotFound, Stale
from bookings.models import JournalEntry, OpeningHours, Session
from scheduler.violations import Rule
from tests.bookings.scenes import named, version
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, PHOENIX, new_york, phoenix

WEEKDAYS = {weekday: [(time(8), time(17))] for weekday in range(1, 6)}


class TestHours:
    def test_new_hours_replace_the_old_ones(self, cast):
        hours = {1: [(time(13), time(0)), (time(8), time(12))], 6: [(time(9), time(12))]}

        roster.change_hours(cast.north, hours=hours, actor=cast.as_manager, now=NOW)

        rows = OpeningHours.objects.filter(clinic=cast.north).values_list("weekday", "opens", "closes")
        assert list(rows) == [
            (1, time(8), time(12)),
            (1, time(13), time(0)),
            (6, time(9), time(12)),
        ]
        assert version(cast.north) == 2
        row = JournalEntry.objects.get(verb="hours_changed")
        assert row.before["1"] == [["08:00", "17:00"]]
        assert row.after == {"1": [["08:00", "12:00"], ["13:00", "00:00"]], "6": [["09:00", "12:00"]]}

    @pytest.mark.parametrize(
        "spans",
        [
            [(time(8), time(12)), (time(11, 59), time(17))],
            [(time(8), time(8))],
            [(time(17), time(8))],
            [(time(8), time(0)), (time(23), time(23, 30))],
        ],
    )
    def test_hours_that_overlap_or_end_before_they_begin_are_refused(self, cast, spans):
        with pytest.raises(Invalid):
            roster.change_hours(cast.north, hours={2: spans}, actor=cast.as_manager, now=NOW)

        assert OpeningHours.objects.filter(clinic=cast.north).count() == 5

    def test_hours_that_meet_are_one_stretch(self, cast, ada_is_booked):
        hours = WEEKDAYS | {1: [(time(8), time(11)), (time(11), time(17))]}

        assert roster.change_hours(cast.north, hours=hours, actor=cast.as_manager, now=NOW) == ()

    def test_sessions_outside_the_new_hours_are_named_and_stay(self, cast, ada_is_booked):
        hours = WEEKDAYS | {1: [(time(10, 15), time(17))]}

        displaced = roster.change_hours(cast.north, hours=hours, actor=cast.as_manager, now=NOW)

        assert named(displaced) == [(1, [Rule.CLOSED]), (3, [Rule.CLOSED]), (5, [Rule.CLOSED])]
        starts = Session.objects.order_by("number").values_list("start", flat=True)
        assert list(starts) == MONDAYS_AND_THURSDAYS

    def test_closing_when_the_last_visit_ends_displaces_nobody(self, cast, ada_is_booked):
        hours = {weekday: [(time(8), time(12, 10))] for weekday in range(1, 6)}

        assert roster.change_hours(cast.north, hours=hours, actor=cast.as_manager, now=NOW) == ()

    def test_closing_a_minute_earlier_displaces_everybody(self, cast, ada_is_booked):
        hours = {weekday: [(time(8), time(12, 9))] for weekday in range(1, 6)}

        displaced = roster.change_hours(cast.north, hours=hours, actor=cast.as_manager, now=NOW)

        assert [number for number, _ in named(displaced)] == [1, 2, 3, 4, 5, 6]

    def test_what_is_over_is_not_displaced(self, cast, ada_is_booked):
        later = new_york("2026-04-13 12:30")

        displaced = roster.change_hours(cast.north, hours={}, actor=cast.as_manager, now=later)

        assert [number for number, _ in named(displaced)] == [4, 5, 6]

    def test_an_old_version_is_stale(self, cast):
        with pytest.raises(Stale):
            roster.change_hours(cast.north, hours={}, if_version=2, actor=cast.as_manager, now=NOW)


class TestClosures:
    def test_sessions_within_a_closure_of_the_clinic_are_named(self, cast, ada_is_booked):
        closure, displaced = roster.close(
            cast.north,
            starts=new_york("2026-04-09 12:09"),
            ends=new_york("2026-04-13 10:00"),
            reason="Flood",
            actor=cast.as_desk,
            now=NOW,
        )

        assert named(displaced) == [(2, [Rule.CLOSED])]
        assert version(cast.north) == 2
        row = JournalEntry.objects.get(verb="closure_added")
        assert (row.reason, row.clinic, row.after["closure"]) == ("Flood", cast.north, str(closure.id))
        assert row.after["starts"] == "2026-04-09T16:09:00+00:00"

    def test_a_closure_that_begins_when_the_visit_ends_displaces_nobody(self, cast, ada_is_booked):
        _, displaced = roster.close(
            cast.north,
            starts=new_york("2026-04-09 12:10"),
            ends=new_york("2026-04-13 10:00"),
            actor=cast.as_desk,
            now=NOW,
        )

        assert displaced == ()

    def test_a_closure_of_a_chair_counts_until_turnover_ends(self, cast, ada_is_booked):
        chair = ada_is_booked[1].chair
        ends = new_york("2026-04-10 08:00")
        close = {"chair": chair, "ends": ends, "actor": cast.as_desk, "now": NOW}

        _, just_after = roster.close(cast.north, starts=new_york("2026-04-09 12:30"), **close)
        _, just_before = roster.close(cast.north, starts=new_york("2026-04-09 12:29"), **close)

        assert named(just_after) == []
        assert named(just_before) == [(2, [Rule.CHAIR])]

    def test_another_chair_concerns_nobody_here(self, cast, ada_is_booked):
        used = ada_is_booked[0].chair_id
        other = next(chair for chair in (cast.n1, cast.n2, cast.n3) if chair.id != used)

        _, displaced = roster.close(
            cast.north,
            chair=other,
            starts=new_york("2026-04-06 08:00"),
            ends=new_york("2026-05-06 08:00"),
            actor=cast.as_desk,
            now=NOW,
        )

        assert displaced == ()

    def test_a_patient_in_the_chair_is_not_moved(self, cast, ada_is_booked):
        session, at = ada_is_booked[0], new_york("2026-04-06 10:00")
        check_in_session(session, actor=cast.as_desk, now=at)
        session.refresh_from_db()
        start_session(session, actor=cast.as_nurse, now=at + timedelta(minutes=30))

        _, displaced = roster.close(
            cast.north,
            chair=session.chair,
            starts=new_york("2026-04-06 11:00"),
            ends=new_york("2026-04-09 17:00"),
            actor=cast.as_desk,
            now=new_york("2026-04-06 11:00"),
        )

        assert [number for number, _ in named(displaced)] == [2]

    def test_a_closure_over_midnight_of_the_change_of_clocks_reaches_both_days(self, cast):
        closure, _ = roster.close(
            cast.north,
            starts=new_york("2026-03-07 20:00"),
            ends=new_york("2026-03-08 04:00"),
            actor=cast.as_desk,
            now=NOW,
        )

        closure.refresh_from_db()
        assert closure.ends - closure.starts == timedelta(hours=7)

    def test_it_ends_after_it_starts(self, cast):
        at = new_york("2026-04-09 12:00")

        with pytest.raises(Invalid) as refusal:
            roster.close(cast.north, starts=at, ends=at, actor=cast.as_desk, now=NOW)

        assert [error["field"] for error in refusal.value.facts["errors"]] == ["ends"]
        assert version(cast.north) == 1

    def test_a_chair_of_another_clinic_is_unknown_here(self, cast):
        at = new_york("2026-04-09 12:00")

        with pytest.raises(NotFound):
            roster.close(
                cast.north,
                starts=at,
                ends=at + timedelta(hours=1),
                chair=cast.w1,
                actor=cast.as_desk,
                now=NOW,
            )

    def test_reopening_restores_what_was_closed_and_moves_nobody(self, cast, ada_is_booked):
        closure, _ = roster.close(
            cast.north,
            starts=new_york("2026-04-09 08:00"),
            ends=new_york("2026-04-10 08:00"),
            actor=cast.as_desk,
            now=NOW,
        )

        roster.reopen(closure, actor=cast.as_desk, now=NOW)

        assert cast.north.closures.count() == 0
        assert version(cast.north) == 3
        row = JournalEntry.objects.get(verb="closure_removed")
        assert row.before["starts"] == "2026-04-09T12:00:00+00:00"
        with pytest.raises(NotFound):
            roster.reopen(closure, actor=cast.as_desk, now=NOW)


def test_a_rule_that_was_overridden_is_not_held_against_a_session_again(cast, ada_is_booked):
    session = ada_is_booked[0]
    session.overrides = [{"rule": "closed", "reason": "asked to", "by": None, "at": NOW.isoformat()}]
    session.save()

    displaced = roster.change_hours(cast.north, hours={}, actor=cast.as_manager, now=NOW)

    assert [number for number, _ in named(displaced)] == [2, 3, 4, 5, 6]


def test_the_zone_of_the_clinic_decides_what_is_closed(cast):
    series = book_series(
        cast.ada,
        clinic=cast.west,
        protocol=cast.booster,
        starts=[phoenix("2026-04-06 14:00")],
        actor=cast.as_desk,
        now=NOW,
    )
    hours = {1: [(time(14), time(16, 10))]}

    displaced = roster.change_hours(cast.west, hours=hours, actor=cast.as_manager, now=NOW)

    assert displaced == ()
    assert series.sessions.get().start.astimezone(PHOENIX).hour == 14
