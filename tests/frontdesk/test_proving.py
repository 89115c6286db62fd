"""A fresh proof before what could do most harm, and for how long it holds."""

from __future__ import annotations

import pytest
from django.test import Client

from bookings.models import AccessToken, Patient, StaffMember
from tests.api.conftest import caller_for
from tests.frontdesk.conftest import at_the_desk, words
from tests.frontdesk.test_recovery_codes import PASSWORD, set_up
from tests.frontdesk.test_staff_pages import as_shown, digits_of
from tests.frontdesk.test_tokens import ASKED

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = "/desk/north/clinic/staff/"
NEEDED = "This needs a proof that it is you."


@pytest.fixture
def manager(cast, clock) -> Client:
    """A manager who signed in just now."""
    client = at_the_desk(cast.manager)
    client.get("/desk/north/day/")
    return client


def details(patient: Patient, **changes: str) -> dict[str, str]:
    names = ("first_name", "last_name", "birth_date", "phone", "email", "language", "version")
    return {name: str(getattr(patient, name)) for name in names} | changes


@pytest.fixture
def change(cast, manager):
    """Types Ada's details anew."""
    address = f"/desk/north/patients/{cast.ada.id}/change/"
    return lambda **typed: manager.post(address, details(cast.ada, **typed))


@pytest.mark.parametrize(("minutes", "status"), [(9.98, 302), (10, 200)])
def test_signing_in_is_proof_for_ten_minutes(change, clock, minutes, status):
    clock.forward(minutes=minutes)

    assert change(email="new@mail.example").status_code == status


@pytest.mark.parametrize("typed", [{"email": "new@mail.example"}, {"phone": "+12025550177"}, {"email": ""}])
def test_later_another_contact_takes_a_proof_and_what_was_typed_stays(cast, change, clock, typed):
    clock.forward(minutes=10)

    answer = change(**typed)

    assert NEEDED in words(answer)
    (name, value), *_ = typed.items()
    assert answer.context["form"][name].value() == value
    kept = Patient.objects.get(id=cast.ada.id)
    assert (kept.email, kept.phone) == (cast.ada.email, cast.ada.phone)


def test_the_password_proves_it_and_for_the_next_ten_minutes(cast, change, clock):
    clock.forward(minutes=10)

    assert change(email="new@mail.example", proof=PASSWORD).status_code == 302
    clock.forward(minutes=9)
    cast.ada.refresh_from_db()
    assert change(email="newer@mail.example").status_code == 302
    assert Patient.objects.get(id=cast.ada.id).email == "newer@mail.example"


def test_where_there_is_an_authenticator_the_password_does_not(cast, manager, change, clock):
    secret, _codes = set_up(manager, clock)
    clock.forward(minutes=10)

    assert "That does not match." in words(change(email="new@mail.example", proof=PASSWORD))
    assert change(email="new@mail.example", proof=digits_of(secret, clock)).status_code == 302


def test_a_name_needs_no_proof(cast, change, clock):
    clock.forward(minutes=10)

    assert change(first_name="Adela").status_code == 302


def test_guesses_are_counted_with_those_at_the_door(cast, change, clock, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (2, 900)}
    clock.forward(minutes=10)

    for _ in range(2):
        assert "That does not match." in words(change(email="new@mail.example", proof="guess"))
    assert "Too many wrong tries." in words(change(email="new@mail.example", proof=PASSWORD))


def test_tokens_roles_and_authenticators_take_one_too(cast, manager, clock):
    StaffMember.objects.filter(id=cast.ana.id).update(otp_secret="JBSWY3DPEHPK3PXP")
    clock.forward(minutes=10)

    asked = [
        (f"{STAFF}{cast.manager.id}/tokens/", ASKED),
        (f"{STAFF}programs/new/", {"name": "Tree", "role": "manager", "clinics": ["north"]}),
        (f"{STAFF}{cast.ben.id}/", as_shown(cast.ben, role="manager")),
        (f"{STAFF}{cast.ben.id}/", as_shown(cast.ben, password="another long sentence")),
        (f"{STAFF}{cast.ana.id}/second-factor/reset/", {}),
    ]
    answers = [manager.post(address, typed) for address, typed in asked]

    assert [(answer.status_code, NEEDED in words(answer)) for answer in answers] == [(400, True)] * 5
    assert (AccessToken.objects.count(), StaffMember.objects.filter(is_service=True).count()) == (0, 0)
    assert StaffMember.objects.get(id=cast.ana.id).otp_secret != ""
    proven = {"proof": PASSWORD}
    assert manager.post(asked[4][0], proven).status_code == 302
    assert manager.post(asked[2][0], asked[2][1]).status_code == 302


def test_a_name_of_somebody_who_works_here_takes_none(cast, manager, clock):
    clock.forward(minutes=10)

    answer = manager.post(f"{STAFF}{cast.ben.id}/", as_shown(cast.ben, last_name="Okoye"))

    assert answer.status_code == 302


def test_a_program_with_a_token_goes_on_as_it_did(cast, clock):
    caller = caller_for(cast.desk)
    clock.forward(hours=5)

    answer = caller.patch(f"patients/{cast.ada.id}/", {"email": "new@mail.example"})

    assert (answer.status_code, answer.json()["email"]) == (200, "new@mail.example")
