"""A manager adds and changes members of staff."""

from datetime import timedelta

import pytest

from bookings.commands.staff import add_staff, change_staff
from bookings.errors import Invalid, NotAllowed, Stale
from bookings.models import AccessToken, JournalEntry, StaffMember
from tests.cast import NOW

NEL = {"email": "nel@north.example", "first_name": "Nel", "last_name": "Fox", "role": "nurse"}


@pytest.fixture
def token_of_ana(cast):
    return AccessToken.objects.create(
        digest=b"0" * 32, staff=cast.ana, created_at=NOW, expires_at=NOW + timedelta(hours=8)
    )


def test_somebody_without_a_password_cannot_sign_in(cast):
    member = add_staff(details=NEL, clinics=[cast.north], actor=cast.as_manager, now=NOW)

    assert not member.has_usable_password()
    assert list(member.clinics.all()) == [cast.north]
    row = JournalEntry.objects.get()
    assert (row.verb, row.after["staff"], row.after["clinics"]) == ("staff_added", str(member.id), ["north"])


def test_a_password_is_kept_as_a_hash_and_not_written_down(cast):
    member = add_staff(
        details=NEL, clinics=[], password="a long and private one", actor=cast.as_manager, now=NOW
    )

    assert member.check_password("a long and private one")
    assert "a long and private one" not in str(JournalEntry.objects.values_list("after"))


def test_an_address_is_given_once(cast):
    with pytest.raises(Invalid) as refusal:
        add_staff(details={**NEL, "email": "ana@north.example"}, clinics=[], actor=cast.as_manager, now=NOW)

    assert [error["field"] for error in refusal.value.facts["errors"]] == ["email"]


def test_a_change_is_a_version_and_a_row(cast):
    member = change_staff(
        cast.ana, changes={"last_name": "Rey"}, if_version=1, actor=cast.as_manager, now=NOW
    )

    assert (member.last_name, member.version) == ("Rey", 2)
    row = JournalEntry.objects.get()
    assert (row.verb, row.before["last_name"], row.after["last_name"]) == ("staff_changed", "Reyes", "Rey")
    with pytest.raises(Stale):
        change_staff(cast.ana, changes={"last_name": "Ray"}, if_version=1, actor=cast.as_manager, now=NOW)


def test_clinics_of_others_are_left_as_they_are(cast):
    cast.ana.clinics.set([cast.north, cast.west])
    cast.manager.clinics.set([cast.north])

    change_staff(cast.ana, changes={}, clinics=[], actor=cast.as_manager, now=NOW)

    assert list(cast.ana.clinics.all()) == [cast.west]


@pytest.mark.parametrize(
    "change",
    [{"changes": {"is_active": False}}, {"changes": {}, "password": "another long and private one"}],
)
def test_who_leaves_or_has_a_new_password_is_signed_out(cast, token_of_ana, change):
    change_staff(cast.ana, **change, actor=cast.as_manager, now=NOW)

    token_of_ana.refresh_from_db()
    assert token_of_ana.revoked_at == NOW


def test_another_name_signs_nobody_out(cast, token_of_ana):
    change_staff(cast.ana, changes={"first_name": "Anna"}, actor=cast.as_manager, now=NOW)

    token_of_ana.refresh_from_db()
    assert token_of_ana.revoked_at is None


@pytest.mark.parametrize("changes", [{"role": "nurse"}, {"is_active": False}])
def test_no_manager_locks_themselves_out(cast, changes):
    with pytest.raises(NotAllowed):
        change_staff(cast.manager, changes=changes, actor=cast.as_manager, now=NOW)

    member = StaffMember.objects.get(id=cast.manager.id)
    assert (member.role, member.is_active) == ("manager", True)
