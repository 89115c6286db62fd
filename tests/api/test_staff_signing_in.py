"""Signing in for staff: passwords, second factors, tokens, and what guessing gets one."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest

from bookings.second_factor import digits, step_of
from tests.api.conftest import Caller, Clock
from tests.cast import Cast

PASSWORD = "correct horse battery"


def refused(response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


# --- staff ------------------------------------------------------------------------------------------


def test_staff_sign_in_and_are_told_where_they_work(cast: Cast, anyone: Caller):
    answer = anyone.post("tokens/", {"email": "Desk@North.example", "password": PASSWORD}).json()

    assert (answer["role"], answer["expires_at"]) == ("front_desk", "2026-04-02T00:00:00+00:00")
    me = Caller(answer["token"]).get("me/").json()
    assert me == {
        "id": str(cast.desk.id),
        "role": "front_desk",
        "first_name": "Dee",
        "last_name": "Alvarez",
        "email": "desk@north.example",
        "second_factor": False,
        "owes_second_factor": False,
        "clinics": [
            {"id": str(cast.north.id), "slug": "north", "name": "North"},
            {"id": str(cast.west.id), "slug": "west", "name": "West"},
        ],
    }


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("desk@north.example", "wrong"),
        ("nobody@north.example", PASSWORD),
        ("not an address", PASSWORD),
        ("ada@mail.example", PASSWORD),
    ],
)
def test_a_wrong_pair_is_a_wrong_pair(cast: Cast, anyone: Caller, email: str, password: str):
    answer = anyone.post("tokens/", {"email": email, "password": password})

    assert refused(answer) == (401, "credentials")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert anyone.post("tokens/", {"email": "a@b.example", "password": "x"}).json() == answer.json()


def test_somebody_who_left_cannot_sign_in_and_their_token_is_dead(cast: Cast, anyone: Caller, desk: Caller):
    cast.desk.is_active = False
    cast.desk.save()

    body = {"email": "desk@north.example", "password": PASSWORD}
    assert refused(anyone.post("tokens/", body)) == (401, "credentials")
    assert refused(desk.get("me/")) == (401, "unauthenticated")


def test_wrong_passwords_are_limited(cast: Cast, anyone: Caller, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (2, 900)}
    for _ in range(2):
        anyone.post("tokens/", {"email": "desk@north.example", "password": "wrong"})

    blocked = anyone.post("tokens/", {"email": "desk@north.example", "password": PASSWORD})
    other = anyone.post("tokens/", {"email": "manager@north.example", "password": PASSWORD})

    assert (blocked.status_code, other.status_code) == (429, 201)


def test_right_passwords_are_not_limited(cast: Cast, anyone: Caller, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (2, 900)}
    body = {"email": "desk@north.example", "password": PASSWORD}

    assert {anyone.post("tokens/", body).status_code for _ in range(5)} == {201}


def test_a_dead_token_does_not_stand_in_the_way_of_a_new_one(cast: Cast):
    stale = Caller("long-gone")

    assert stale.post("tokens/", {"email": "desk@north.example", "password": PASSWORD}).status_code == 201
    assert stale.post("login-codes/", {"contact": "ada@mail.example"}).status_code == 202


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x y", "Bearer \xff", "bearer nonsense"])
def test_no_token_by_any_spelling(cast: Cast, anyone: Caller, header: str):
    answer = anyone.client.get("/api/v1/me/", headers={"Authorization": header})

    assert refused(answer) == (401, "unauthenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_ends(cast: Cast, anyone: Caller, clock: Clock):
    body = {"email": "desk@north.example", "password": PASSWORD}
    desk = Caller(anyone.post("tokens/", body).json()["token"])

    clock.forward(hours=11.99)
    assert desk.get("me/").status_code == 200
    clock.forward(hours=0.02)
    assert desk.get("me/").status_code == 401


def test_who_asks_is_found_in_one_query(cast: Cast, desk: Caller, django_assert_num_queries):
    with django_assert_num_queries(2):  # and the clinics' names
        desk.get("me/")


def test_a_body_that_is_for_nobody(cast: Cast, anyone: Caller):
    assert refused(anyone.post("tokens/", {})) == (400, "invalid")
    mixed = {"email": "desk@north.example", "password": PASSWORD, "contact": "ada@mail.example"}
    assert refused(anyone.post("tokens/", mixed)) == (400, "invalid")


# --- the second factor ------------------------------------------------------------------------------


def otp(secret: str, at: datetime) -> str:
    return digits(base64.b32decode(secret), int(at.timestamp()) // 30)


def test_the_digits_are_those_of_the_standard():
    """RFC 6238, appendix B, cut to six digits."""
    key = b"12345678901234567890"
    known = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}

    assert {at: digits(key, at // 30) for at in known} == known


def test_digits_may_be_one_step_off():
    secret, at = (
        base64.b32encode(b"12345678901234567890").decode(),
        datetime.fromisoformat("2026-04-01T12:00:00Z"),
    )
    step = int(at.timestamp()) // 30
    shown = {drift: digits(b"12345678901234567890", step + drift) for drift in (-2, -1, 0, 1, 2)}

    assert {drift: step_of(secret, code, at=at) for drift, code in shown.items()} == {
        -2: None,
        -1: step - 1,
        0: step,
        1: step + 1,
        2: None,
    }


def test_a_second_factor_is_asked_for_once_it_is_set_up(
    cast: Cast, anyone: Caller, desk: Caller, clock: Clock
):
    body = {"email": "desk@north.example", "password": PASSWORD}
    secret = desk.post("me/second-factor/").json()["secret"]
    assert anyone.post("tokens/", body).status_code == 201  # nothing has changed yet
    assert refused(desk.put("me/second-factor/", {"secret": secret, "otp": "000000"})) == (400, "invalid")

    set_up = desk.put("me/second-factor/", {"secret": secret, "otp": otp(secret, clock.now)})
    missing = anyone.post("tokens/", body)
    replayed = anyone.post("tokens/", {**body, "otp": otp(secret, clock.now)})
    wrong_password = anyone.post("tokens/", {**body, "password": "wrong"})
    clock.forward(seconds=30)
    right = anyone.post("tokens/", {**body, "otp": otp(secret, clock.now)})

    assert set_up.status_code == 200
    assert refused(missing) == (401, "otp-required")
    assert refused(replayed) == (401, "credentials")
    assert refused(wrong_password) == (401, "credentials")
    assert right.status_code == 201


def test_a_stolen_token_cannot_replace_or_drop_the_second_factor(cast: Cast, desk: Caller, clock: Clock):
    secret, other = (desk.post("me/second-factor/").json()["secret"] for _ in range(2))
    desk.put("me/second-factor/", {"secret": secret, "otp": otp(secret, clock.now)})
    clock.forward(seconds=30)

    replaced = desk.put("me/second-factor/", {"secret": other, "otp": otp(other, clock.now)})
    dropped = desk.post("me/second-factor/drop/", {"otp": otp(other, clock.now)})
    mine = desk.post("me/second-factor/drop/", {"otp": otp(secret, clock.now)})

    assert refused(replaced) == (400, "invalid")
    assert refused(dropped) == (401, "credentials")
    assert mine.status_code == 204
    assert desk.get("me/").json()["second_factor"] is False
