"""Signing in for patients: codes, who is behind a contact, and what guessing gets one."""

from __future__ import annotations

from datetime import date

import pytest

from bookings import signals
from bookings.commands.signing_in import issue_code
from bookings.models import AccessToken, LoginCode, Patient
from tests.api.conftest import Caller, Clock
from tests.cast import Cast


def code_for(contact: str, clock: Clock) -> str:
    return issue_code(contact, now=clock.now)[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def refused(response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


# --- codes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", ["ada@mail.example", "stranger@mail.example", "+12025550199"])
def test_a_code_is_on_its_way_whoever_asks(cast: Cast, anyone: Caller, contact: str):
    sent = []
    signals.login_code_issued.connect(receiver := lambda sender, **facts: sent.append(facts))
    answer = anyone.post("login-codes/", {"contact": contact})
    signals.login_code_issued.disconnect(receiver)

    assert (answer.status_code, answer.content) == (202, b"")
    (one,) = sent
    assert (one["contact"], one["language"]) == (contact, "en")
    assert len(one["code"]) == 6
    assert one["code"].isdecimal()
    kept = LoginCode.objects.get()
    assert one["code"].encode() not in bytes(kept.digest)


def test_contacts_are_one_however_they_are_written(cast: Cast, anyone: Caller, clock: Clock):
    code = code_for("+12025550101", clock)

    answer = anyone.post("tokens/", {"contact": "(202) 555-0101", "code": code})

    assert answer.status_code == 201
    assert AccessToken.objects.get().patient == cast.ada


@pytest.mark.parametrize("contact", ["", "ada", "12", "a@b", "ada@", "+1 202 555 0142 0000 00", 12, None, {}])
def test_what_is_no_contact_is_malformed(cast: Cast, anyone: Caller, contact):
    assert refused(anyone.post("login-codes/", {"contact": contact})) == (400, "invalid")
    assert not LoginCode.objects.exists()


def test_a_code_works_once(cast: Cast, anyone: Caller, clock: Clock):
    body = {"contact": "ada@mail.example", "code": code_for("ada@mail.example", clock)}

    assert anyone.post("tokens/", body).status_code == 201
    assert refused(anyone.post("tokens/", body)) == (401, "credentials")


@pytest.mark.parametrize(("minutes", "status"), [(9.99, 201), (10, 401)])
def test_a_code_lives_ten_minutes(cast: Cast, anyone: Caller, clock: Clock, minutes: float, status: int):
    body = {"contact": "ada@mail.example", "code": code_for("ada@mail.example", clock)}
    clock.forward(minutes=minutes)

    assert anyone.post("tokens/", body).status_code == status


def test_a_later_code_ends_the_earlier_one(cast: Cast, anyone: Caller, clock: Clock):
    first, second = code_for("ada@mail.example", clock), code_for("ada@mail.example", clock)
    if first == second:
        pytest.skip("one time in a million")
    early = anyone.post("tokens/", {"contact": "ada@mail.example", "code": first})
    late = anyone.post("tokens/", {"contact": "ada@mail.example", "code": second})

    assert refused(early) == (401, "credentials")
    assert late.status_code == 201


def test_a_code_is_for_its_contact(cast: Cast, anyone: Caller, clock: Clock):
    code = code_for("ada@mail.example", clock)
    answer = anyone.post("tokens/", {"contact": "bea@mail.example", "code": code})

    assert refused(answer) == (401, "credentials")


@pytest.mark.parametrize(("tries", "status"), [(4, 201), (5, 401)])
def test_five_tries_for_a_code(cast: Cast, anyone: Caller, clock: Clock, tries: int, status: int):
    code = code_for("ada@mail.example", clock)
    for _ in range(tries):
        guess = anyone.post("tokens/", {"contact": "ada@mail.example", "code": wrong(code)})
        assert refused(guess) == (401, "credentials")

    assert anyone.post("tokens/", {"contact": "ada@mail.example", "code": code}).status_code == status


def test_codes_of_one_contact_are_limited_and_those_of_others_go_on(cast: Cast, anyone: Caller):
    answers = [anyone.post("login-codes/", {"contact": "ada@mail.example"}) for _ in range(6)]

    assert [one.status_code for one in answers] == [202] * 5 + [429]
    assert refused(answers[5]) == (429, "too-many-requests")
    assert 1 <= int(answers[5]["Retry-After"]) <= 900
    assert anyone.post("login-codes/", {"contact": "bea@mail.example"}).status_code == 202


def test_codes_asked_for_from_one_address_are_limited(cast: Cast, anyone: Caller, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login-codes of an address": (2, 3600)}
    answers = [anyone.post("login-codes/", {"contact": f"p{n}@mail.example"}) for n in range(3)]

    assert [one.status_code for one in answers] == [202, 202, 429]


def test_a_redis_that_is_away_keeps_nobody_out(cast: Cast, anyone: Caller, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}}

    assert anyone.post("login-codes/", {"contact": "ada@mail.example"}).status_code == 202


# --- who is behind a contact ------------------------------------------------------------------------


def sign_in(anyone: Caller, clock: Clock, contact: str, **details):
    return anyone.post("tokens/", {"contact": contact, "code": code_for(contact, clock), **details})


def test_a_known_patient_is_found_and_stays_as_they_are(cast: Cast, anyone: Caller, clock: Clock):
    answer = sign_in(anyone, clock, "ada@mail.example", language="es", time_zone="Asia/Tokyo")

    me = Caller(answer.json()["token"]).get("me/").json()
    assert (me["id"], me["language"], me["time_zone"]) == (str(cast.ada.id), "en", "America/New_York")
    assert (me["role"], me["clinics"]) == ("patient", [])


def test_a_new_patient_can_say_who_they_are_later(cast: Cast, anyone: Caller, clock: Clock):
    sign_in(anyone, clock, "nell@mail.example")
    sign_in(anyone, clock, "nell@mail.example", first_name="Nell", birth_date="1991-05-06")

    nell = Patient.objects.get(email="nell@mail.example")
    assert (nell.first_name, nell.birth_date) == ("Nell", date(1991, 5, 6))


def test_a_family_is_told_apart_by_name_and_birth_date(cast: Cast, anyone: Caller, clock: Clock):
    son = Patient.objects.create(
        first_name="Tom", last_name="Quill", birth_date=date(2005, 1, 1), email="ada@mail.example"
    )

    unclear = sign_in(anyone, clock, "ada@mail.example")
    tom = sign_in(anyone, clock, "ada@mail.example", first_name="tom", last_name="QUILL")

    assert refused(unclear) == (400, "invalid")
    assert tom.status_code == 201
    assert AccessToken.objects.get().patient == son


def test_somebody_else_with_the_same_contact_is_a_new_patient(cast: Cast, anyone: Caller, clock: Clock):
    answer = sign_in(anyone, clock, "ada@mail.example", first_name="Ida", birth_date="2001-02-03")

    assert answer.status_code == 201
    assert AccessToken.objects.get().patient.first_name == "Ida"
    assert Patient.objects.filter(email="ada@mail.example").count() == 2


def test_an_unclear_family_member_keeps_the_code(cast: Cast, anyone: Caller, clock: Clock):
    Patient.objects.create(first_name="Tom", last_name="Quill", email="ada@mail.example")
    code = code_for("ada@mail.example", clock)

    anyone.post("tokens/", {"contact": "ada@mail.example", "code": code})
    again = anyone.post("tokens/", {"contact": "ada@mail.example", "code": code, "first_name": "Tom"})

    assert again.status_code == 201
