"""A manager resets somebody's authenticator, over the API."""

from __future__ import annotations

from bookings.commands.signing_in import sign_in_staff
from bookings.models import StaffMember
from tests.api.conftest import Caller, Clock
from tests.api.refusing import refusal
from tests.cast import Cast

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"


def test_tokens_end_and_a_new_one_opens_nothing_but_another_authenticator(
    cast: Cast, desk: Caller, manager: Caller, clock: Clock
):
    StaffMember.objects.filter(id=cast.desk.id).update(otp_secret=SECRET)

    answer = manager.post(f"staff/{cast.desk.id}/second-factor/reset/")

    assert (answer.status_code, answer.json()["email"]) == (200, cast.desk.email)
    assert desk.get("me/").status_code == 401
    _token, plain = sign_in_staff(cast.desk.email, password=PASSWORD, now=clock.now)
    theirs = Caller(plain)
    assert theirs.get("me/").json()["owes_second_factor"] is True
    refusal(theirs.get("patients/"), 403, "forbidden")
    assert theirs.get("clinics/").status_code == 200  # as it is for everybody
    assert theirs.post("me/second-factor/").status_code == 200


def test_nobodys_own_and_only_where_one_is_set_up(cast: Cast, manager: Caller):
    own = manager.post(f"staff/{cast.manager.id}/second-factor/reset/")
    none = manager.post(f"staff/{cast.ana.id}/second-factor/reset/")

    refusal(own, 403, "forbidden")
    refusal(none, 409, "wrong-state")
