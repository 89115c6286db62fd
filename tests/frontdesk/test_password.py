"""Staff change their own password: what it takes, what it ends, and how often one may guess."""

from __future__ import annotations

import pytest
from django.test import Client

from bookings.models import AccessToken, JournalEntry, StaffMember
from tests.api.conftest import caller_for
from tests.frontdesk.conftest import at_the_desk, words
from tests.frontdesk.test_recovery_codes import PASSWORD, comes_in, set_up
from tests.frontdesk.test_staff_pages import digits_of

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/desk/north/clinic/password/"
NEW = "a lantern over four slow rivers"
WRONG = "That does not match. Check what you typed."


def typed(old: str = PASSWORD, new: str = NEW, again: str | None = None, **more: str) -> dict[str, str]:
    return {"old": old, "new": new, "again": new if again is None else again, **more}


def lets_in(password: str) -> bool:
    given = {"username": "desk@north.example", "password": password}
    return Client().post("/desk/login/", given).status_code == 302


def test_the_new_one_holds_and_everything_else_of_the_account_is_signed_out(cast, desk, clock):
    elsewhere, script = at_the_desk(cast.desk), caller_for(cast.desk)
    assert elsewhere.get(PAGE).status_code == 200

    answer = desk.post(PAGE, typed())

    assert answer.url == "/desk/north/clinic/second-factor/"
    assert "Your new password holds." in words(desk.get(answer.url))
    assert (lets_in(NEW), lets_in(PASSWORD)) == (True, False)
    assert elsewhere.get(PAGE).url.startswith("/desk/login/")
    assert script.get("me/").status_code == 401
    rows = JournalEntry.objects.filter(verb="password_changed")
    assert [(row.actor_id, row.after) for row in rows] == [(cast.desk.id, {"staff": str(cast.desk.id)})]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (typed(old="wrong"), WRONG),
        (typed(again="a lantern over four slow river"), "The new passwords differ."),
        (typed(new=PASSWORD), "That is the present password."),
        (typed(new="eleven sign"), "This password is too short."),
        (typed(new="desk@north.example"), "too similar"),
    ],
)
def test_what_will_not_do_is_told_and_changes_nothing(cast, desk, given, said):
    caller_for(cast.desk)
    answer = desk.post(PAGE, given)

    assert answer.status_code == 400
    assert said in words(answer)
    assert StaffMember.objects.get(id=cast.desk.id).password == cast.desk.password
    assert not AccessToken.objects.filter(staff=cast.desk, revoked_at__isnull=False).exists()
    assert not JournalEntry.objects.filter(verb="password_changed").exists()


def test_an_authenticator_is_asked_for_and_its_digits_outlast_a_password_that_will_not_do(cast, desk, clock):
    secret, _codes = set_up(desk, clock)
    digits = digits_of(secret, clock)

    without = desk.post(PAGE, typed())
    unfit = desk.post(PAGE, typed(new="eleven sign", otp=digits))
    wrong = desk.post(PAGE, typed(otp="000000"))
    changed = desk.post(PAGE, typed(otp=digits))

    assert "This field is required." in words(without)
    assert "This password is too short." in words(unfit)
    assert WRONG in words(wrong)
    assert changed.status_code == 302
    clock.forward(seconds=30)
    assert not comes_in("desk@north.example", digits_of(secret, clock))  # by the password of before


def test_two_wrong_guesses_of_three_cost_nothing(desk, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (3, 900)}
    for _ in range(2):
        desk.post(PAGE, typed(old="wrong"))

    assert desk.post(PAGE, typed()).status_code == 302


def test_after_three_even_the_right_one_waits_for_the_next_window(desk, clock, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (3, 900)}
    for _ in range(3):
        desk.post(PAGE, typed(old="wrong"))

    assert "Too many wrong tries. Wait a quarter of an hour." in words(desk.post(PAGE, typed()))
    clock.forward(seconds=900)
    assert desk.post(PAGE, typed()).status_code == 302


@pytest.mark.parametrize("address", ["codes", "drop"])
@pytest.mark.parametrize(
    ("guesses", "said"), [(2, "neither the digits of now"), (3, "Too many wrong tries.")]
)
def test_so_are_guesses_at_digits(desk, clock, settings, address, guesses, said):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (3, 900)}
    set_up(desk, clock)
    for _ in range(guesses):
        desk.post(f"/desk/north/clinic/second-factor/{address}/", {"otp": "000000"})

    answer = desk.post(f"/desk/north/clinic/second-factor/{address}/", {"otp": "000001"})

    assert said in words(answer)


@pytest.mark.parametrize("path", ["me/second-factor/drop/", "me/second-factor/recovery-codes/"])
def test_and_at_the_same_doors_of_the_api(cast, desk, clock, settings, path):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (3, 900)}
    set_up(desk, clock)
    script = caller_for(cast.desk)

    statuses = [script.post(path, {"otp": "000000"}).status_code for _ in range(4)]

    assert statuses == [401, 401, 401, 429]
