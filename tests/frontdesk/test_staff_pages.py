"""Staff, their roles and their second factor, at the desk."""

from __future__ import annotations

import base64

import pytest

from bookings import second_factor
from bookings.models import JournalEntry, Role, StaffMember
from tests.frontdesk.conftest import at_the_desk, said, words

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = "/desk/north/clinic/staff/"
FACTOR = "/desk/north/clinic/second-factor/"
NADIA = {
    "first_name": "Nadia",
    "last_name": "Okafor",
    "email": "Nadia@North.example",
    "role": "nurse",
    "clinics": ["north"],
    "password": "a long and private sentence",
}


@pytest.fixture
def manager(cast, clock):
    return at_the_desk(cast.manager)


def as_shown(member: StaffMember, **changes: object) -> dict[str, object]:
    """What the form of somebody sends when only `changes` are typed."""
    names = ("first_name", "last_name", "email", "role", "version")
    shown = {name: str(getattr(member, name)) for name in names}
    slugs = list(member.clinics.values_list("slug", flat=True))
    return {**shown, "clinics": slugs, "password": "", "is_active": "on", **changes}


def test_somebody_new_can_sign_in_where_they_were_added(cast, manager):
    answer = manager.post(f"{STAFF}new/", NADIA)

    nadia = StaffMember.objects.get(email="nadia@north.example")
    assert answer.status_code == 302
    assert (nadia.role, list(nadia.clinics.all())) == (Role.NURSE, [cast.north])
    assert nadia.check_password("a long and private sentence")


@pytest.mark.parametrize("password", ["password", "12345678", "short"])
def test_a_password_that_anybody_would_guess_is_refused_as_at_the_api(cast, manager, password):
    answer = manager.post(f"{STAFF}new/", {**NADIA, "password": password})

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["password"])
    assert 'value="Nadia"' in answer.content.decode()


def test_an_address_belongs_to_one_person(cast, manager):
    answer = manager.post(f"{STAFF}new/", {**NADIA, "email": cast.ana.email})

    assert answer.context["form"].errors == {"email": ["This is taken already."]}


def test_whoever_is_sent_away_is_signed_out_at_once(cast, manager):
    ana = at_the_desk(cast.ana)
    assert ana.get("/desk/north/list/").status_code == 200

    typed = as_shown(cast.ana)
    del typed["is_active"]
    answer = manager.post(f"{STAFF}{cast.ana.id}/", typed)

    assert answer.status_code == 302
    assert ana.get("/desk/north/list/").status_code == 302


def test_a_new_password_ends_the_old_session(cast, manager):
    ana = at_the_desk(cast.ana)

    manager.post(f"{STAFF}{cast.ana.id}/", as_shown(cast.ana, password="another long sentence"))

    assert ana.get("/desk/north/list/").status_code == 302
    assert StaffMember.objects.get(id=cast.ana.id).check_password("another long sentence")


def test_clinics_where_the_manager_does_not_work_stay_as_they_are(cast, manager):
    cast.manager.clinics.set([cast.north])
    cast.ana.clinics.set([cast.north, cast.west])

    manager.post(f"{STAFF}{cast.ana.id}/", as_shown(cast.ana, clinics=[]))

    assert list(cast.ana.clinics.all()) == [cast.west]


def test_nobody_takes_their_own_key_away(cast, manager):
    answer = manager.post(f"{STAFF}{cast.manager.id}/", as_shown(cast.manager, role="nurse"))

    assert answer.status_code == 400
    assert "you would lose your own access" in words(answer)
    assert StaffMember.objects.get(id=cast.manager.id).role == Role.MANAGER


def test_two_managers_with_one_person_open_are_told(cast, manager):
    mine = as_shown(cast.ana, last_name="Ruiz")
    manager.post(f"{STAFF}{cast.ana.id}/", as_shown(cast.ana, last_name="Rey"))

    late = manager.post(f"{STAFF}{cast.ana.id}/", mine)
    again = manager.post(
        f"{STAFF}{cast.ana.id}/", {**mine, "version": late.context["form"]["version"].value()}
    )

    assert late.context["form"].errors["last_name"] == ["Saved meanwhile: Rey"]
    assert 'value="Ruiz"' in late.content.decode()
    assert again.status_code == 302
    assert StaffMember.objects.get(id=cast.ana.id).last_name == "Ruiz"


def test_a_manager_of_elsewhere_does_not_find_them(cast, manager):
    cast.manager.clinics.set([cast.north])

    assert manager.get(f"{STAFF}{cast.cy.id}/").status_code == 404


# --- the second factor --------------------------------------------------------------------------------------


def digits_of(secret: str, clock) -> str:
    """What an authenticator with that secret shows now."""
    step = int(clock.now.timestamp()) // second_factor.STEP_SECONDS
    return second_factor.digits(base64.b32decode(secret), step)


def test_looking_at_the_square_keeps_nothing(cast, desk):
    first, second = (desk.get(FACTOR).context["secret"] for _ in range(2))

    assert first != second
    assert StaffMember.objects.exclude(otp_secret="").count() == 0


def test_the_right_digits_set_it_up_and_wrong_ones_keep_the_square(cast, desk, clock):
    secret = desk.get(FACTOR).context["secret"]

    wrong = desk.post(FACTOR, {"secret": secret, "otp": "000000"})
    right = desk.post(FACTOR, {"secret": secret, "otp": digits_of(secret, clock)})

    assert (wrong.status_code, wrong.context["secret"]) == (400, secret)
    assert wrong.context["form"].errors == {"otp": ["These are not the digits of this secret now."]}
    assert right.status_code == 200
    assert StaffMember.objects.get(id=cast.desk.id).otp_secret == secret


def test_another_one_is_not_set_up_over_it(cast, desk, clock):
    set_up = second_factor.new_secret()
    StaffMember.objects.filter(id=cast.desk.id).update(otp_secret=set_up)
    other = second_factor.new_secret()

    answer = desk.post(FACTOR, {"secret": other, "otp": digits_of(other, clock)})

    assert answer.status_code == 400
    assert StaffMember.objects.get(id=cast.desk.id).otp_secret == set_up


def test_it_is_dropped_with_the_digits_of_now_alone(cast, desk, clock):
    secret = second_factor.new_secret()
    StaffMember.objects.filter(id=cast.desk.id).update(otp_secret=secret)

    wrong = desk.post(f"{FACTOR}drop/", {"otp": "000000"})
    right = desk.post(f"{FACTOR}drop/", {"otp": digits_of(secret, clock)})

    assert wrong.status_code == 400
    assert said(right) == ["Your password alone is enough again."]
    assert StaffMember.objects.get(id=cast.desk.id).otp_secret == ""


def test_the_square_holds_nothing_that_the_content_policy_forbids(cast, desk):
    code = desk.get(FACTOR).context["code"]

    assert code.startswith("<svg")
    assert not any(forbidden in code for forbidden in ("style=", "<script", "<style", "http"))


def test_every_change_of_staff_is_in_the_journal_without_the_password(cast, manager):
    manager.post(f"{STAFF}new/", NADIA)

    entry = JournalEntry.objects.get(verb="staff_added")
    assert "private sentence" not in str(entry.after)
