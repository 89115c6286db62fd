"""The one door for locks. docs/locking.md says why it is built this way.

Whoever writes into the diary holds the lock of each patient and of each clinic-day concerned, and shares
the lock of the clinic's roster, which a change of the roster takes alone. Locks are PostgreSQL advisory
locks of the transaction: taken in one statement, in one order, waited for no longer than `lock_timeout`,
and gone with the transaction, whatever becomes of the process. Read what you decide by after the lock is
taken, not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import blake2b
from uuid import UUID

import psycopg
from django.db import Error, IntegrityError, connection, transaction
from psycopg_pool import PoolTimeout

from bookings import counters
from bookings.errors import Busy, Refused, SpacingBroken, Taken
from bookings.models import MINIMUM_GAP, ONE_CHAIR_ONE_CLAIM, ONE_PATIENT_ONE_PLACE
from scheduler.violations import Rule, Violation

ClinicDay = tuple[UUID, date]

# Unnest yields its rows in the order of the array, and everybody asks in one order: rosters, patients,
# days, each by id and date.
_LOCK = """
    SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END
    FROM unnest(%s::bigint[], %s::bool[]) AS wanted(key, shared)
"""
# In the order of ids: two transactions that clear away the same claims wait for one another, never in a
# ring. The bounds are those of the local date in the zones farthest east and west, with the longest visit
# before it. The same round trip brings the rosters' versions, read after the lock was taken.
_CLEAR_AND_READ = """
    WITH cleared AS (
        DELETE FROM bookings_claim WHERE id IN (
            SELECT claim.id FROM bookings_claim claim JOIN bookings_hold hold ON hold.id = claim.hold_id
            WHERE claim.patient_id = ANY (%(giving_up)s) OR hold.expires_at <= %(now)s AND (
                claim.patient_id = ANY (%(patients)s)
                OR EXISTS (
                    SELECT FROM unnest(%(clinics)s::uuid[], %(days)s::date[]) AS wanted(clinic_id, day)
                    WHERE claim.clinic_id = wanted.clinic_id
                      AND claim.start >= wanted.day::timestamp AT TIME ZONE 'UTC' - interval '38 hours'
                      AND claim.start < wanted.day::timestamp AT TIME ZONE 'UTC' + interval '36 hours'
                )
            )
            ORDER BY claim.id FOR UPDATE OF claim
        )
    )
    SELECT id, roster_version FROM bookings_clinic WHERE id = ANY (%(clinics)s::uuid[])
"""
_WAITED_TOO_LONG = frozenset({
    psycopg.errors.LockNotAvailable.sqlstate,
    psycopg.errors.DeadlockDetected.sqlstate,  # never by our own locks; but somebody may run SQL by hand
})  # fmt: skip


@contextmanager
def diary_lock(
    clinic_days: Iterable[ClinicDay],
    patients: Iterable[UUID],
    *,
    now: datetime,
    giving_up_holds: bool = False,
) -> Iterator[dict[UUID, int]]:
    """One transaction that may change the diary of those clinic-days and patients; it commits at the end.

    Inside, nobody else changes them, and no expired hold has a claim there; with `giving_up_holds` no other
    hold of those patients either. It yields the roster version of each clinic, which nobody changes
    meanwhile. Refuses with `Busy` when the locks are not to be had in time, and as `recognise` says when
    the database itself finds a rule broken.
    """
    days, patients = sorted(set(clinic_days)), sorted(set(patients))
    # Rosters and patients first, so that nobody who waits for one of those keeps a day from others meanwhile.
    keys = [(_key("roster", clinic_id), True) for clinic_id in sorted({clinic_id for clinic_id, _ in days})]
    keys += [(_key("patient", patient_id), False) for patient_id in patients]
    keys += [(_key("day", clinic_id, day.isoformat()), False) for clinic_id, day in days]
    with _refusing(), transaction.atomic(durable=True):
        _take(keys)
        with connection.cursor() as cursor:
            cursor.execute(
                _CLEAR_AND_READ,
                {
                    "now": now,
                    "giving_up": patients if giving_up_holds else [],
                    "patients": patients,
                    "clinics": [clinic for clinic, _ in days],
                    "days": [day for _, day in days],
                },
            )
            rosters = dict(cursor.fetchall())
        yield rosters


@contextmanager
def roster_lock(clinic_id: UUID) -> Iterator[None]:
    """One transaction that may change the clinic's roster; nobody books there meanwhile. Refuses with
    `Busy`.
    """
    with _refusing(), transaction.atomic(durable=True):
        _take([(_key("roster", clinic_id), False)])
        yield


def recognise(error: IntegrityError) -> Refused | None:
    """The refusal that one of the diary's own constraints stands for; None for any other error.

    Under the lock these rules have been judged already, so this speaks only where somebody went past it.
    """
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if name == ONE_CHAIR_ONE_CLAIM:
        detail = "The chair was taken a moment ago."
        return Taken(sessions=[], violations=[Violation(Rule.CHAIR, (), "free", "taken", detail)])
    if name == ONE_PATIENT_ONE_PLACE:
        detail = "The patient has another visit at that time."
        return Taken(sessions=[], violations=[Violation(Rule.PATIENT_OVERLAP, (), "free", "taken", detail)])
    if name == MINIMUM_GAP:
        detail = "Another session of the patient is closer than the minimum gap."
        return SpacingBroken([Violation(Rule.MIN_GAP, (), None, None, detail)])
    return None


def waited_too_long(error: Error) -> bool:
    """Whether a database error only says that others were in the way for too long."""
    cause = error.__cause__
    return isinstance(cause, PoolTimeout) or getattr(cause, "sqlstate", None) in _WAITED_TOO_LONG


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        refusal = recognise(error)
        if refusal is None:
            raise
        raise refusal from error
    except Error as error:
        if waited_too_long(error):
            counters.BUSY.inc()
            raise Busy from error
        raise


def _take(keys: Sequence[tuple[int, bool]]) -> None:
    """Take those keys in their order, shared where the second value says so."""
    with connection.cursor() as cursor, counters.waiting_for_locks():
        cursor.execute(_LOCK, [[key for key, _ in keys], [shared for _, shared in keys]])


def _key(*parts: object) -> int:
    """A 64-bit number for a thing. If two ever share one, they only wait for one another needlessly."""
    digest = blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
