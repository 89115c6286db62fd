"""The same POST twice is one POST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from bookings.commands.book import book_series
from bookings.models import AccessToken, IdempotencyKey, Series
from tests.api.conftest import Caller, caller_for
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, Cast, make_cast, new_york
from tests.threads import at_once

BODY = {
    "clinic": "north",
    "protocol": "ket6",
    "sessions": [{"start": at.isoformat()} for at in MONDAYS_AND_THURSDAYS],
}


def single(at: str) -> dict[str, Any]:
    return {
        "clinic": "north",
        "protocol": "booster",
        "sessions": [{"start": new_york(at).isoformat()}],
    }


def test_a_repeated_post_gets_the_first_answer_and_changes_nothing(cast: Cast, ada: Caller):
    first = ada.post("series/", BODY, Idempotency_Key="k1")
    again = ada.post("series/", BODY, Idempotency_Key="k1")

    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert [again[name] for name in ("ETag", "Content-Type")] == [
        first[name] for name in ("ETag", "Content-Type")
    ]
    assert Series.objects.count() == 1


def test_a_refusal_is_repeated_too(cast: Cast, ada: Caller):
    first = ada.post("series/", single("2026-04-04 10:00"), Idempotency_Key="k1")
    again = ada.post("series/", single("2026-04-04 10:00"), Idempotency_Key="k1")

    assert (again.status_code, again.content) == (422, first.content)
    assert (again["Content-Type"], again["Idempotent-Replayed"]) == ("application/problem+json", "true")


def test_an_answer_without_a_body_is_repeated(cast: Cast, anyone: Caller):
    answers = [
        anyone.post("login-codes/", {"contact": "nell@mail.example"}, Idempotency_Key="k1") for _ in range(2)
    ]

    assert [(one.status_code, one.content) for one in answers] == [(202, b""), (202, b"")]


def test_the_key_with_another_body_is_refused(cast: Cast, ada: Caller):
    ada.post("series/", BODY, Idempotency_Key="k1")
    other = ada.post("series/", single("2026-04-30 10:00"), Idempotency_Key="k1")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert Series.objects.count() == 1


def test_the_key_at_another_address_is_refused(cast: Cast, ada: Caller):
    ada.post("plans/", {"clinic": "north", "protocol": "ket6"}, Idempotency_Key="k1")
    other = ada.post("holds/", {"clinic": "north", "protocol": "ket6"}, Idempotency_Key="k1")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_a_key_belongs_to_one_caller(cast: Cast, ada: Caller, bea: Caller):
    first = ada.post("series/", single("2026-04-06 10:00"), Idempotency_Key="same")
    other = bea.post("series/", single("2026-04-06 10:00"), Idempotency_Key="same")

    assert (first.status_code, other.status_code) == (201, 201)
    assert {first.json()["patient"], other.json()["patient"]} == {str(cast.ada.id), str(cast.bea.id)}


@pytest.mark.parametrize(("length", "status"), [(255, 201), (256, 400)])
def test_a_key_has_at_most_255_characters(cast: Cast, ada: Caller, length: int, status: int):
    assert ada.post("series/", single("2026-04-06 10:00"), Idempotency_Key="k" * length).status_code == status


def test_a_twin_that_is_still_running_is_told_to_wait(cast: Cast, ada: Caller, clock):
    ada.post("series/", BODY, Idempotency_Key="k1")
    IdempotencyKey.objects.update(finished_at=None, status=None, body=None)  # as while the first is at work

    clock.forward(seconds=60)
    twin = ada.post("series/", BODY, Idempotency_Key="k1")

    assert (twin.status_code, twin.json()["code"]) == (409, "idempotency-key-in-use")
    assert twin["Retry-After"] == "1"


def test_a_key_whose_first_request_died_is_taken_over_after_a_minute(cast: Cast, ada: Caller, clock):
    question = {"clinic": "north", "protocol": "ket6"}
    ada.post("plans/", question, Idempotency_Key="k1")
    IdempotencyKey.objects.update(finished_at=None, status=None, body=None)

    clock.forward(seconds=61)
    second, third = [ada.post("plans/", question, Idempotency_Key="k1") for _ in range(2)]

    assert (second.status_code, third.status_code) == (200, 200)
    assert "Idempotent-Replayed" not in second
    assert (third["Idempotent-Replayed"], third.content) == ("true", second.content)


def test_an_answer_is_kept_for_a_day(cast: Cast, ada: Caller, clock):
    ada.post("series/", BODY, Idempotency_Key="k1")

    clock.set(NOW + timedelta(hours=24))

    assert ada.post("series/", BODY, Idempotency_Key="k1")["Idempotent-Replayed"] == "true"


def test_too_many_requests_are_not_kept(cast: Cast, anyone: Caller, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login-codes of a contact": (0, 900)}
    blocked = anyone.post("login-codes/", {"contact": "nell@mail.example"}, Idempotency_Key="k1")
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login-codes of a contact": (5, 900)}

    assert blocked.status_code == 429
    assert (
        anyone.post("login-codes/", {"contact": "nell@mail.example"}, Idempotency_Key="k1").status_code == 202
    )


def test_a_fault_is_not_kept(cast: Cast, ada: Caller, monkeypatch):
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("bookings.api.series.book_series", fails)
    ada.client.raise_request_exception = False
    broken = ada.post("series/", BODY, Idempotency_Key="k1")
    monkeypatch.undo()

    assert (broken.status_code, broken.json()["code"]) == (500, "internal")
    assert b"out of order" not in broken.content
    assert not IdempotencyKey.objects.exists()


def test_the_database_does_not_know_a_token_from_a_kept_answer(cast: Cast, anyone: Caller):
    body = {"email": "desk@north.example", "password": "correct horse battery"}
    first = anyone.post("tokens/", body, Idempotency_Key="k1")
    again = anyone.post("tokens/", body, Idempotency_Key="k1")

    row = IdempotencyKey.objects.get()
    assert again.json()["token"] == first.json()["token"]
    assert first.json()["token"].encode() not in bytes(row.body)
    assert b"token" not in bytes(row.body)
    assert AccessToken.objects.count() == 1


def test_twins_that_arrive_at_once_book_once(transactional_db, clock):
    """Eight copies of one request, really at the same time: one books, the others wait or get its answer."""
    cast = make_cast()
    ada = caller_for(cast.ada)

    twins = [lambda: ada.post("series/", single("2026-04-06 10:00"), Idempotency_Key="twin")] * 8
    answers = at_once(twins)

    booked = [one for one in answers if one.status_code == 201]
    others = {(one.status_code, one.json()["code"]) for one in answers if one.status_code != 201}
    assert Series.objects.count() == 1
    assert len([one for one in booked if "Idempotent-Replayed" not in one]) == 1
    assert len({one.content for one in booked}) == 1
    assert others <= {(409, "idempotency-key-in-use")}


def test_without_a_key_twins_are_two_requests(transactional_db, clock):
    """The same again without the key, so that the test above is known to be about the key."""
    cast = make_cast()
    desk = caller_for(cast.desk)
    person = {"first_name": "Nell", "last_name": "Vance", "email": "nell@mail.example"}

    answers = at_once([lambda: desk.post("patients/", person)] * 4)

    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["id"] for one in answers}) == 4


#: Stands for a process that dies after the work and before its answer is kept: the answer cannot be written.
CANNOT_KEEP = """
CREATE FUNCTION cannot_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the process is dead'; END $$;
CREATE TRIGGER cannot_keep BEFORE UPDATE OF finished_at ON bookings_idempotencykey
    FOR EACH ROW EXECUTE FUNCTION cannot_keep();
"""
CAN_KEEP = "DROP TRIGGER cannot_keep ON bookings_idempotencykey; DROP FUNCTION cannot_keep()"


@pytest.mark.django_db(transaction=True)
def test_work_whose_answer_could_not_be_kept_is_undone_so_that_a_repeat_may_do_it(clock, cast: Cast):
    ada = caller_for(cast.ada)
    ada.client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute(CANNOT_KEEP)
    broken = ada.post("series/", BODY, Idempotency_Key="k1")
    with connection.cursor() as cursor:
        cursor.execute(CAN_KEEP)
    booked = Series.objects.count()

    again = ada.post("series/", BODY, Idempotency_Key="k1")

    assert (broken.status_code, booked) == (500, 0)
    assert (again.status_code, Series.objects.count()) == (201, 1)


@pytest.mark.django_db(transaction=True)
def test_who_was_taken_over_for_being_slow_leaves_the_work_to_the_other(clock, cast: Cast, monkeypatch):
    ada = caller_for(cast.ada)
    rows = IdempotencyKey.objects.filter(key="k1")

    def booked_too_late(*args: Any, **facts: Any) -> Series:
        series = book_series(*args, **facts)
        takes_over = [lambda: rows.update(created_at=NOW + timedelta(minutes=2))]
        at_once(takes_over)
        return series

    monkeypatch.setattr("bookings.api.series.book_series", booked_too_late)
    late = ada.post("series/", BODY, Idempotency_Key="k1")

    assert (late.status_code, late.json()["code"]) == (409, "idempotency-key-in-use")
    assert (Series.objects.count(), rows.count()) == (0, 1)
