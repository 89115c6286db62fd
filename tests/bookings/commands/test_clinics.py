"""A manager makes a clinic and changes it."""

import pytest

from bookings.actors import SYSTEM, staff_actor
from bookings.commands.book import book_series
from bookings.commands.clinics import add_clinic, change_clinic
from bookings.errors import Invalid, Stale
from bookings.models import Clinic, JournalEntry
from tests.cast import MONDAYS_AND_THURSDAYS, NOW

EAST = {
    "slug": "east",
    "name": "East",
    "time_zone": "Europe/London",
    "stagger_starts": 2,
    "stagger_minutes": 15,
}


def test_a_new_clinic_is_closed_and_its_maker_works_there(cast):
    clinic = add_clinic(details=EAST, actor=cast.as_manager, now=NOW)

    assert clinic.opening_hours.count() == 0
    assert clinic.id in staff_actor(cast.manager).clinics
    row = JournalEntry.objects.get(clinic=clinic)
    assert (row.verb, row.actor_id, row.after["slug"]) == ("clinic_added", cast.manager.id, "east")


def test_the_service_itself_can_make_a_clinic(db):
    clinic = add_clinic(details=EAST, actor=SYSTEM, now=NOW)

    assert clinic.staff.count() == 0


def test_a_slug_is_given_once(cast):
    with pytest.raises(Invalid) as refusal:
        add_clinic(details={**EAST, "slug": "north"}, actor=cast.as_manager, now=NOW)

    assert refusal.value.facts["errors"] == [{"field": "slug", "detail": "This is taken already."}]
    assert Clinic.objects.count() == 2
    assert JournalEntry.objects.count() == 0


def test_a_change_raises_the_roster_version_and_says_what_changed(cast):
    clinic = change_clinic(
        cast.north, changes={"name": "Nord", "grid_minutes": 15}, actor=cast.as_manager, now=NOW
    )

    assert (clinic.name, clinic.roster_version) == ("Nord", 2)
    row = JournalEntry.objects.get()
    assert (row.verb, row.before, row.after) == ("clinic_changed", {"name": "North"}, {"name": "Nord"})


def test_a_change_that_changes_nothing_leaves_no_trace(cast):
    clinic = change_clinic(cast.north, changes={"name": "North"}, actor=cast.as_manager, now=NOW)

    assert clinic.roster_version == 1
    assert JournalEntry.objects.count() == 0


def test_a_change_on_top_of_an_old_version_is_stale(cast):
    change_clinic(cast.north, changes={"name": "Nord"}, if_version=1, actor=cast.as_manager, now=NOW)

    with pytest.raises(Stale):
        change_clinic(
            cast.north, changes={"phone": "+12025550143"}, if_version=1, actor=cast.as_manager, now=NOW
        )

    assert Clinic.objects.get(id=cast.north.id).phone == ""


def test_the_time_zone_stays_once_sessions_are_booked(cast):
    change_clinic(cast.north, changes={"time_zone": "America/Chicago"}, actor=cast.as_manager, now=NOW)
    change_clinic(cast.north, changes={"time_zone": "America/New_York"}, actor=cast.as_manager, now=NOW)
    cast.north.refresh_from_db()
    book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )

    with pytest.raises(Invalid) as refusal:
        change_clinic(cast.north, changes={"time_zone": "America/Chicago"}, actor=cast.as_manager, now=NOW)

    assert [error["field"] for error in refusal.value.facts["errors"]] == ["time_zone"]
    assert Clinic.objects.get(id=cast.north.id).time_zone == "America/New_York"
