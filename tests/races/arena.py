"""Many hands at once: calls from threads with connections of their own, and a diary without its judges."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date, time, timedelta
from threading import Barrier
from typing import Any
from unittest import mock

from django.db import connection

from bookings import locking
from bookings.models import (
    MINIMUM_GAP,
    ONE_CHAIR_ONE_CLAIM,
    ONE_PATIENT_ONE_PLACE,
    Claim,
    Clinic,
    Role,
    StaffMember,
)
from tests.cast import make_chairs, make_clinic, make_shifts, make_staff

SECONDS = float(os.environ.get("RACES_SECONDS", "60"))
ROUNDS = 100 if SECONDS >= 30 else 25
CONSTRAINTS = (ONE_CHAIR_ONE_CLAIM, ONE_PATIENT_ONE_PLACE, MINIMUM_GAP)
FIRST, LAST = date(2026, 4, 1), date(2026, 5, 15)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls answer, or raise, when all begin at the same moment."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(120)
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@contextmanager
def no_lock() -> Iterator[None]:
    """The commands as they are, but nobody waits for anybody."""
    with mock.patch.object(locking, "_take"):
        yield


@contextmanager
def no_constraints() -> Iterator[None]:
    """The database believes everything. Claims are gone afterwards, and the constraints are back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY (%s)",
            [list(CONSTRAINTS)],
        )
        definitions = cursor.fetchall()
        assert len(definitions) == len(CONSTRAINTS)
        for name, _ in definitions:
            cursor.execute(f"ALTER TABLE bookings_claim DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        Claim.objects.all().delete()
        with connection.cursor() as cursor:
            for name, definition in definitions:
                cursor.execute(f"ALTER TABLE bookings_claim ADD CONSTRAINT {name} {definition}")


@contextmanager
def judges(*, lock: bool, constraints: bool) -> Iterator[None]:
    """The diary with those of its judges."""
    with ExitStack() as stack:
        if not lock:
            stack.enter_context(no_lock())
        if not constraints:
            stack.enter_context(no_constraints())
        yield


def make_arena(*, chairs: int, nurses: int) -> tuple[Clinic, StaffMember]:
    """A clinic that is open every day from 8 to 18, with that many chairs and nurses, and its desk."""
    clinic = make_clinic(
        f"arena-{chairs}", time_zone="America/New_York", weekdays=range(1, 8), closes=time(18)
    )
    make_chairs(clinic, *(f"C{number}" for number in range(1, chairs + 1)))
    for number in range(nurses):
        nurse = make_staff(f"nurse{number}@arena.example", "Nurse", str(number), Role.NURSE, clinic)
        make_shifts(
            clinic, nurse, time(8), time(18), first=FIRST, last=LAST + timedelta(days=1), weekdays=range(1, 8)
        )
    return clinic, make_staff("desk@arena.example", "Dee", "Arena", Role.FRONT_DESK, clinic)
