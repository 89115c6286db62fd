"""A database whose disk is full, or that does not come to an end: whoever writes is told so, and nothing is
half done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from bookings.models import Claim, JournalEntry, Series, Session
from bookings.patient.shown import code_of
from tests.api.conftest import caller_for, clock
from tests.cast import MONDAYS_AND_THURSDAYS, Cast
from tests.frontdesk.conftest import at_the_desk

__all__ = ["clock"]
pytestmark = pytest.mark.django_db(transaction=True)
#: What PostgreSQL does at the fourth of six claims, when five tables have been written to already.
FULL = "RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'"
SLOW = "RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014'"
BODY = {
    "clinic": "north",
    "protocol": "ket6",
    "sessions": [{"start": at.isoformat()} for at in MONDAYS_AND_THURSDAYS],
}


@contextmanager
def at_the_fourth_claim(what: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION ill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.number = 4 THEN {what}; END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER ill BEFORE INSERT ON bookings_claim FOR EACH ROW EXECUTE FUNCTION ill()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER ill ON bookings_claim; DROP FUNCTION ill()")


def counts() -> list[int]:
    return [model.objects.count() for model in (Series, Session, Claim, JournalEntry)]


@pytest.mark.parametrize("what", [FULL, SLOW], ids=["full", "slow"])
def test_the_api_says_busy_nothing_is_half_booked_and_later_it_goes_on(cast: Cast, clock, what):
    ada, before = caller_for(cast.ada), counts()
    with at_the_fourth_claim(what):
        told = ada.post("series/", BODY, Idempotency_Key="one")
    assert (told.status_code, told.json()["code"]) == (503, "busy")
    assert told["Retry-After"]
    assert counts() == before

    again = ada.post("series/", BODY, Idempotency_Key="one")
    assert again.status_code == 201
    assert counts()[:3] == [1, 6, 6]


@pytest.mark.parametrize("what", [FULL, SLOW], ids=["full", "slow"])
def test_a_page_of_the_desk_says_that_it_is_back_in_a_moment(cast: Cast, clock, what):
    desk, before = at_the_desk(cast.desk), counts()
    desk.raise_request_exception = False
    form = {"treatment": "ket6/induction", "plan": code_of(MONDAYS_AND_THURSDAYS)}
    with at_the_fourth_claim(what):
        told = desk.post(f"/desk/north/patients/{cast.ada.id}/plan/", form)
    assert told.status_code == 503
    assert counts() == before

    desk.post(f"/desk/north/patients/{cast.ada.id}/plan/", form)
    assert counts()[:3] == [1, 6, 6]
