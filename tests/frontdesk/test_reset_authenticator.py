"""Somebody has lost their authenticator and their recovery codes: a manager lets them in again, once."""

from __future__ import annotations

import pytest
from django.test import Client

from bookings.commands.signing_in import sign_in_staff
from bookings.models import JournalEntry, RecoveryCode, Role, StaffMember
from tests.cast import make_staff
from tests.frontdesk.conftest import at_the_desk, said, words
from tests.frontdesk.test_recovery_codes import PASSWORD, comes_in, set_up
from tests.frontdesk.test_staff_pages import FACTOR, STAFF, digits_of

pytestmark = pytest.mark.django_db(transaction=True)

DAY = "/desk/north/day/"


@pytest.fixture
def manager(cast, clock) -> Client:
    return at_the_desk(cast.manager)


@pytest.fixture
def lost(cast, desk, clock) -> StaffMember:
    """Somebody at the desk with an authenticator, which is lost."""
    set_up(desk, clock)
    cast.desk.refresh_from_db()
    return cast.desk


def address(member: StaffMember) -> str:
    return f"{STAFF}{member.id}/second-factor/reset/"


def again(email: str) -> Client:
    """A browser in which that member of staff comes in by the password alone."""
    client = Client()
    assert client.post("/desk/login/", {"username": email, "password": PASSWORD}).status_code == 302
    return client


def test_the_password_is_enough_again_and_leads_nowhere_but_to_another_authenticator(
    cast, manager, lost, clock
):
    assert not comes_in(lost.email, "")

    answer = manager.post(address(lost))
    theirs = again(lost.email)

    assert said(answer) == [
        "Dee Alvarez is signed out everywhere, and sets up another authenticator at the next sign-in."
    ]
    for path in (DAY, "/desk/", f"/desk/north/patients/{cast.ada.id}/"):
        assert theirs.get(path).headers["Location"] == FACTOR
    assert theirs.get("/desk/north/day.json", headers={"Accept": "application/json"}).status_code == 403
    assert theirs.post("/desk/north/undo/").headers["Location"] == FACTOR
    assert "Set up another one before you go on." in words(theirs.get(FACTOR))

    secret, _codes = set_up(theirs, clock)

    assert theirs.get(DAY).status_code == 200
    assert [comes_in(lost.email, otp) for otp in ("", digits_of(secret, clock))] == [False, True]


def test_their_browsers_tokens_and_codes_end_and_nobody_elses(cast, desk, manager, clock):
    secret, _codes = set_up(desk, clock)
    own, _plain = sign_in_staff(
        cast.desk.email, password=PASSWORD, otp=digits_of(secret, clock), now=clock.now
    )
    other, _plain = sign_in_staff(cast.ana.email, password=PASSWORD, now=clock.now)
    nurse = at_the_desk(cast.ana)

    manager.post(address(cast.desk))

    assert desk.get(DAY).status_code == 302
    assert desk.get(DAY).headers["Location"].startswith("/desk/login/")
    assert (nurse.get(DAY).status_code, manager.get(DAY).status_code) == (200, 200)
    for token in (own, other):
        token.refresh_from_db()
    assert (own.revoked_at, other.revoked_at) == (clock.now, None)
    assert RecoveryCode.objects.count() == 0


def test_the_journal_says_who_did_it(cast, manager, lost):
    manager.post(address(lost))

    row = JournalEntry.objects.get(verb="second_factor_reset")
    assert (row.actor_id, row.after) == (cast.manager.id, {"staff": str(lost.id)})


def test_nobody_resets_their_own(cast, manager, clock):
    set_up(manager, clock)

    own = manager.get(f"{STAFF}{cast.manager.id}/")
    answer = manager.post(address(cast.manager))

    assert "Your own is reset by another manager." in words(own)
    assert answer.status_code == 403
    assert "Another manager must reset yours." in words(answer)
    cast.manager.refresh_from_db()
    assert cast.manager.otp_secret != ""


def test_another_manager_does(cast, manager, clock):
    set_up(manager, clock)
    second = make_staff("second@north.example", "Sam", "Field", Role.MANAGER, cast.north)

    assert at_the_desk(second).post(address(cast.manager)).status_code == 302
    cast.manager.refresh_from_db()
    assert (cast.manager.otp_secret, cast.manager.owes_second_factor) == ("", True)


def test_where_none_is_set_up_there_is_nothing_to_reset(cast, manager):
    shown = words(manager.get(f"{STAFF}{cast.ana.id}/"))
    answer = manager.post(address(cast.ana))

    assert "None is set up: the password alone is enough." in shown
    assert (answer.status_code, JournalEntry.objects.count()) == (409, 0)


def test_somebody_who_works_elsewhere_is_not_there(cast, clock):
    boss = make_staff("boss@west.example", "Wes", "Hill", Role.MANAGER, cast.west)
    StaffMember.objects.filter(id=cast.ana.id).update(otp_secret="JBSWY3DPEHPK3PXP")

    answer = at_the_desk(boss).post(f"/desk/west/clinic/staff/{cast.ana.id}/second-factor/reset/")

    assert answer.status_code == 404
    cast.ana.refresh_from_db()
    assert cast.ana.otp_secret != ""


def test_whoever_drops_their_own_later_may_go_on(cast, manager, lost, clock):
    manager.post(address(lost))
    theirs = again(lost.email)
    secret, _codes = set_up(theirs, clock)

    theirs.post(f"{FACTOR}drop/", {"otp": digits_of(secret, clock)})

    assert theirs.get(DAY).status_code == 200


def test_the_admin_stays_shut_meanwhile(cast, manager, lost):
    StaffMember.objects.filter(id=lost.id).update(is_staff=True)
    manager.post(address(lost))
    theirs = again(lost.email)

    assert theirs.get("/admin/").status_code == 302
    StaffMember.objects.filter(id=lost.id).update(owes_second_factor=False)
    assert theirs.get("/admin/").status_code == 200
