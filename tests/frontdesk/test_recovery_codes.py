"""Ways in without an authenticator: ten codes, shown once, each of which works once."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from bookings.commands.signing_in import sign_in_staff
from bookings.errors import WrongCredentials
from bookings.models import JournalEntry, RecoveryCode, StaffMember
from tests.frontdesk.conftest import at_the_desk, words
from tests.frontdesk.test_staff_pages import FACTOR, digits_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CODE = re.compile(r"<code>([A-Z2-7]{5}-[A-Z2-7]{5})</code>")
PASSWORD = "correct horse battery"


def codes_in(answer) -> list[str]:
    return CODE.findall(answer.content.decode())


def set_up(client: Client, clock) -> tuple[str, list[str]]:
    """The secret of an authenticator, and the codes that were shown with it."""
    secret = client.get(FACTOR).context["secret"]
    codes = codes_in(client.post(FACTOR, {"secret": secret, "otp": digits_of(secret, clock)}))
    clock.forward(seconds=30)  # those digits have been used
    return secret, codes


def comes_in(email: str, otp: str) -> bool:
    """Whether the form of the desk lets somebody in, in a browser of their own."""
    given = {"username": email, "password": PASSWORD, "otp": otp}
    return Client().post("/desk/login/", given).status_code == 302


def verbs() -> list[str]:
    rows = JournalEntry.objects.filter(verb__regex="factor|recovery").order_by("id")
    return list(rows.values_list("verb", flat=True))


@pytest.fixture
def mine(cast, desk, clock) -> list[str]:
    return set_up(desk, clock)[1]


def test_ten_are_shown_once_and_kept_as_digests(cast, desk, clock, mine):
    again = desk.get(FACTOR)

    assert len(set(mine)) == 10
    assert codes_in(again) == []
    assert "10 codes are left." in words(again)
    kept = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert not any(code.encode() in kept or code.replace("-", "").encode() in kept for code in mine)


def test_each_stands_once_for_the_digits_and_the_journal_says_so(cast, desk, mine):
    assert [comes_in("desk@north.example", mine[0]) for _ in range(2)] == [True, False]
    assert comes_in("desk@north.example", mine[1])

    rows = JournalEntry.objects.filter(verb="recovery_code_used").order_by("id")
    assert [(row.actor_id, row.after) for row in rows] == [
        (cast.desk.id, {"staff": str(cast.desk.id), "left": left}) for left in (9, 8)
    ]
    assert "8 codes are left." in words(desk.get(FACTOR))


def test_a_code_is_read_as_people_write_it(cast, mine):
    written = [mine[0].lower(), mine[1].replace("-", " "), mine[2].replace("-", ""), f" {mine[3]} "]

    assert [comes_in("desk@north.example", otp) for otp in written] == [True] * 4
    assert [comes_in("desk@north.example", otp) for otp in (mine[4][:-1], "", "-----", mine[4] + "A")] == [
        False
    ] * 4


def test_a_code_opens_nobody_elses_door_and_no_door_without_the_password(cast, desk, clock, mine):
    set_up(at_the_desk(cast.ana), clock)

    assert comes_in(cast.ana.email, mine[0]) is False
    given = {"username": "desk@north.example", "password": "wrong", "otp": mine[0]}
    assert Client().post("/desk/login/", given).status_code == 200
    assert comes_in("desk@north.example", mine[0]) is True


def test_of_two_who_come_with_one_code_at_once_one_is_let_in(cast, clock, mine):
    def come() -> str:
        try:
            sign_in_staff("desk@north.example", password=PASSWORD, otp=mine[0], now=clock.now)
        except WrongCredentials:
            return "refused"
        return "in"

    assert sorted(at_once([come, come])) == ["in", "refused"]


def test_new_ones_end_those_of_before(cast, desk, clock):
    secret, old = set_up(desk, clock)

    new = codes_in(desk.post(f"{FACTOR}codes/", {"otp": digits_of(secret, clock)}))

    assert len(set(new)) == 10
    assert set(new).isdisjoint(old)
    assert (comes_in("desk@north.example", old[0]), comes_in("desk@north.example", new[0])) == (False, True)
    assert verbs() == ["second_factor_set", "recovery_codes_made", "recovery_code_used"]


def test_wrong_digits_make_no_new_ones(cast, desk, mine):
    answer = desk.post(f"{FACTOR}codes/", {"otp": "000000"})

    assert (answer.status_code, codes_in(answer)) == (400, [])
    assert "neither the digits of now nor a code of yours" in words(answer)
    assert comes_in("desk@north.example", mine[0])


def test_without_an_authenticator_there_is_nothing_to_recover(cast, desk, clock):
    answer = desk.post(f"{FACTOR}codes/", {"otp": "000000"})

    assert answer.status_code == 400
    assert (RecoveryCode.objects.count(), verbs()) == (0, [])


def test_whose_telephone_is_lost_comes_in_and_sets_up_another_one(cast, desk, clock, mine):
    dropped = desk.post(f"{FACTOR}drop/", {"otp": mine[0]})
    clock.forward(seconds=30)
    _secret, new = set_up(desk, clock)

    assert dropped.status_code == 302
    assert RecoveryCode.objects.count() == 10
    assert (comes_in("desk@north.example", mine[1]), comes_in("desk@north.example", new[0])) == (False, True)
    assert verbs() == [
        "second_factor_set",
        "recovery_code_used",
        "second_factor_dropped",
        "second_factor_set",
        "recovery_code_used",
    ]


def test_the_journal_holds_neither_secret_nor_code(cast, desk, clock):
    secret, codes = set_up(desk, clock)
    comes_in("desk@north.example", codes[0])

    kept = str([(row.before, row.after, row.reason) for row in JournalEntry.objects.all()])
    assert not any(word in kept for word in (secret, *codes, *(code.replace("-", "") for code in codes)))


def test_the_form_stops_listening_to_whoever_keeps_guessing(cast, desk, clock, mine, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (2, 900)}
    for _ in range(2):
        assert comes_in("desk@north.example", "AAAAA-AAAAA") is False

    answer = Client().post(
        "/desk/login/", {"username": "desk@north.example", "password": PASSWORD, "otp": mine[0]}
    )

    assert "Too many wrong tries." in words(answer)
    assert StaffMember.objects.get(id=cast.desk.id).recovery_codes.filter(used_at__isnull=False).count() == 0
