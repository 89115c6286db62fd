"""Chairs and shifts change; who is booked stays, and is named where they no longer fit."""

from datetime import UTC, time, timedelta

import pytest

from bookings import snapshot
from bookings.commands import roster
from bookings.errors import Invalid
from bookings.models import Clinic, JournalEntry, Shift
from scheduler.spans import minute
from scheduler.violations import Rule
from tests.bookings.scenes import named, version
from tests.cast import NOW, make_staff, new_york, phoenix

WEEKDAYS = {weekday: [(time(8), time(17))] for weekday in range(1, 6)}


class TestChairs:
    def test_a_chair_is_added_with_its_features(self, cast):
        chair = roster.add_chair(
            cast.north, name="N4", features=["bed", "bed", "window"], actor=cast.as_manager, now=NOW
        )

        assert (chair.name, chair.features) == ("N4", ["bed", "window"])
        assert version(cast.north) == 2
        assert JournalEntry.objects.get().verb == "chair_added"

    def test_a_name_is_given_once_in_a_clinic(self, cast):
        roster.add_chair(cast.west, name="N1", actor=cast.as_manager, now=NOW)

        with pytest.raises(Invalid):
            roster.add_chair(cast.north, name="N1", actor=cast.as_manager, now=NOW)

        assert version(cast.north) == 1

    def test_a_retired_chair_names_who_is_booked_in_it_and_can_come_back(self, cast, ada_is_booked):
        used = ada_is_booked[0].chair

        chair, displaced = roster.change_chair(used, retired=True, actor=cast.as_manager, now=NOW)

        assert chair.retired_at == NOW
        assert named(displaced) == [(number, [Rule.CHAIR]) for number in range(1, 7)]

        chair, displaced = roster.change_chair(used, retired=False, actor=cast.as_manager, now=NOW)

        assert chair.retired_at is None
        assert displaced == ()

    def test_a_chair_that_is_retired_twice_was_retired_the_first_time(self, cast):
        roster.change_chair(cast.n1, retired=True, actor=cast.as_manager, now=NOW)

        chair, _ = roster.change_chair(
            cast.n1, retired=True, actor=cast.as_manager, now=NOW + timedelta(days=1)
        )

        assert chair.retired_at == NOW


class TestShifts:
    def test_a_shift_is_written_down(self, cast):
        shift = roster.add_shift(
            cast.north,
            nurse=cast.ana,
            starts=new_york("2026-06-01 08:00"),
            ends=new_york("2026-06-01 16:30"),
            actor=cast.as_desk,
            now=NOW,
        )

        row = JournalEntry.objects.get()
        assert (row.verb, row.after["shift"], row.after["nurse"]) == (
            "shift_added",
            str(shift.id),
            str(cast.ana.id),
        )
        assert version(cast.north) == 2

    def test_shifts_of_one_nurse_may_meet(self, cast):
        first = roster.Duty(cast.ana, new_york("2026-06-01 08:00"), new_york("2026-06-01 12:00"))
        second = roster.Duty(cast.ana, new_york("2026-06-01 12:00"), new_york("2026-06-01 16:00"))

        assert len(roster.add_shifts(cast.north, duties=[second, first], actor=cast.as_desk, now=NOW)) == 2

    def test_shifts_of_one_nurse_never_overlap(self, cast):
        first = roster.Duty(cast.ana, new_york("2026-06-01 08:00"), new_york("2026-06-01 12:01"))
        second = roster.Duty(cast.ana, new_york("2026-06-01 12:00"), new_york("2026-06-01 16:00"))

        with pytest.raises(Invalid) as refusal:
            roster.add_shifts(cast.north, duties=[first, second], actor=cast.as_desk, now=NOW)

        assert [error["field"] for error in refusal.value.facts["errors"]] == ["1.starts"]
        assert Shift.objects.filter(starts__gte=new_york("2026-06-01 00:00")).count() == 0

    def test_nobody_is_on_duty_in_two_clinics_at_once(self, cast):
        cast.ana.clinics.add(cast.west)

        with pytest.raises(Invalid):
            roster.add_shift(
                cast.west,
                nurse=cast.ana,
                starts=phoenix("2026-04-06 13:29"),  # 16:29 in New York, a minute before the end of her day
                ends=phoenix("2026-04-06 17:00"),
                actor=cast.as_desk,
                now=NOW,
            )

    def test_only_nurses_who_work_here_are_on_shift(self, cast):
        gone = make_staff("gone@north.example", "Gus", "Old", "nurse", cast.north)
        gone.is_active = False
        gone.save()
        starts = new_york("2026-06-01 08:00")

        for nurse in (cast.desk, cast.cy, gone):
            with pytest.raises(Invalid):
                roster.add_shift(
                    cast.north,
                    nurse=nurse,
                    starts=starts,
                    ends=starts + timedelta(hours=1),
                    actor=cast.as_desk,
                    now=NOW,
                )

    @pytest.mark.parametrize(("days", "minutes", "fits"), [(0, 0, False), (366, 0, True), (366, 1, False)])
    def test_a_shift_lasts_a_year_at_most(self, cast, days, minutes, fits):
        starts = new_york("2026-06-01 08:00")
        duty = roster.Duty(cast.ana, starts, starts + timedelta(days=days, minutes=minutes))

        if fits:
            assert len(roster.add_shifts(cast.north, duties=[duty], actor=cast.as_desk, now=NOW)) == 1
        else:
            with pytest.raises(Invalid):
                roster.add_shifts(cast.north, duties=[duty], actor=cast.as_desk, now=NOW)

    def test_a_shift_may_last_all_of_a_day_of_25_hours(self, cast):
        midnights = (new_york(f"2026-11-0{day} 00:00").astimezone(UTC) for day in (1, 2))
        duty = roster.Duty(cast.ana, *midnights)

        (shift,) = roster.add_shifts(cast.north, duties=[duty], actor=cast.as_desk, now=NOW)

        assert shift.ends - shift.starts == timedelta(hours=25)

    def test_a_nurse_on_duty_for_weeks_counts_on_each_of_their_days(self, cast):
        duty = roster.Duty(cast.ana, new_york("2026-06-01 00:00"), new_york("2026-07-01 00:00"))
        roster.add_shifts(cast.north, duties=[duty], actor=cast.as_desk, now=NOW)

        supply = snapshot.supply_of(Clinic.objects.get(id=cast.north.id))

        on_duty = [
            len(supply.shifts_near(at, at + 1))
            for at in map(
                minute, (new_york(f"{day} 12:00") for day in ("2026-05-31", "2026-06-20", "2026-07-01"))
            )
        ]
        assert on_duty == [0, 1, 0]

    def test_a_removed_shift_names_those_who_now_lack_a_nurse(self, cast, ada_is_booked):
        day = {"clinic": cast.north, "starts__date": "2026-04-06"}
        ana, ben = Shift.objects.get(nurse=cast.ana, **day), Shift.objects.get(nurse=cast.ben, **day)

        assert roster.remove_shift(ana, actor=cast.as_desk, now=NOW) == ()
        displaced = roster.remove_shift(ben, actor=cast.as_desk, now=NOW)

        assert named(displaced) == [(1, [Rule.NURSING])]
        assert version(cast.north) == 3
        assert JournalEntry.objects.filter(verb="shift_removed").count() == 2
