"""A web process is killed by SIGKILL when the work is done and its answer on the way to being kept: who asks
again with the same key is answered as if nothing had happened, and there is one booking.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from bookings.models import Claim, IdempotencyKey, JournalEntry, Role, Series
from tests.cast import make_chairs, make_clinic, make_patient, make_protocol, make_shifts, make_staff
from tests.faults.installation import Installation, _kill_all, installation, wait_for
from tests.faults.test_everything_dies import token_of
from tests.treatments import BOOSTER

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]

#: Whoever keeps an answer waits here with the work done and not committed.
HELD_UP = """
CREATE FUNCTION held_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$;
CREATE TRIGGER held_up BEFORE UPDATE OF finished_at ON bookings_idempotencykey
    FOR EACH ROW EXECUTE FUNCTION held_up();
"""
LET_GO = "DROP TRIGGER held_up ON bookings_idempotencykey; DROP FUNCTION held_up()"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
#: PostgreSQL finds out by itself when it next writes to a client that is gone.
END_THEM = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@pytest.fixture
def here(tmp_path, settings, django_db_blocker) -> Iterator[Installation]:
    with django_db_blocker.unblock(), installation(tmp_path / "faults", settings) as made:
        yield made[0]


@pytest.mark.parametrize("dies", ["before the commit", "after the commit"])
def test_a_repeat_is_answered_with_one_booking_wherever_the_process_died(here: Installation, dies: str):
    ask = booking(here)
    if dies == "before the commit":
        run(HELD_UP)
    first = threading.Thread(target=quietly, args=(ask,))
    first.start()
    if dies == "before the commit":
        assert wait_for(lambda: run(WAITING) == 1, seconds=60)
    else:
        assert wait_for(lambda: IdempotencyKey.objects.filter(status=201).exists(), seconds=60)
    assert here.web
    _kill_all(here.web)
    first.join()
    if dies == "before the commit":
        run(END_THEM)
        assert wait_for(lambda: run(WAITING) == 0, seconds=30)
        run(LET_GO)
        assert Series.objects.count() == 0
        long_ago = timezone.now() - timedelta(minutes=2)
        assert IdempotencyKey.objects.filter(finished_at=None).update(created_at=long_ago) == 1
    here.start_web()
    assert wait_for(lambda: quietly(ask) is not None, seconds=60)

    answers = [ask() for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert {answer.json()["id"] for answer in answers} == {str(Series.objects.get().id)}
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == ["true", "true"]
    assert (Claim.objects.count(), JournalEntry.objects.filter(verb="series_booked").count()) == (1, 1)


def booking(here: Installation) -> Any:
    """How to ask for one visit, always with the same key."""
    day = timezone.now().date() + timedelta(days=7)
    clinic = make_clinic("harbor", time_zone="Etc/UTC", weekdays=range(1, 8))
    make_chairs(clinic, "C1")
    nurse = make_staff("nia@harbor.example", "Nia", "Bell", Role.NURSE, clinic)
    make_shifts(clinic, nurse, time(8), time(17), first=day, last=day, weekdays=range(1, 8))
    make_protocol(BOOSTER, clinic, signed_by=make_staff("pia@harbor.example", "Pia", "Roth", Role.PRESCRIBER))
    desk = make_staff("dee@harbor.example", "Dee", "Alvarez", Role.FRONT_DESK, clinic)
    body = {
        "patient": str(make_patient("Ada", "Quill", number=1, time_zone="Etc/UTC").id),
        "clinic": "harbor",
        "protocol": "booster",
        "sessions": [{"start": f"{day}T10:00:00+00:00"}],
    }
    headers = {"Authorization": f"Bearer {token_of(desk, now=timezone.now())}", "Idempotency-Key": "once"}
    address = f"http://127.0.0.1:{here.port}/api/v1/series/"
    assert wait_for(lambda: quietly(lambda: httpx.get(address)) is not None, seconds=60)
    return lambda: httpx.post(address, json=body, headers=headers, timeout=60)


def quietly(ask: Any) -> httpx.Response | None:
    """The answer; None from a server that is dead."""
    try:
        answer: httpx.Response = ask()
    except httpx.HTTPError:
        return None
    return answer


def run(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None
